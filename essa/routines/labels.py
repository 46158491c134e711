"""What a recorded event is called: so much of where and what was done as tells the log in the fewest bits."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from essa.routines import search
from essa.routines.decoding import Decoded, decode
from essa.routines.profiles import BIT, Log, Profile

PLACES_MAX = 3  # columns beside application and action that a label may hold; with each there are twice as many ways
VALUES_MAX, VALUES_SHARE_MAX = 20, 0.2  # more different texts than this, in number and of those filled, are values
RARE = 3  # events; a rarer label is told without its element, then without its window
URL = re.compile(r"^(?:[a-z][a-z+.-]*://|www\.)")
CELL = re.compile(r"\$?\b([a-z]{1,3})\$?[0-9]+\b")
CLOSING = re.compile(r"\b(?:ok|submit|save|send|confirm|cancel|close|finish|done|speichern|senden|opslaan|guardar)\b")
DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True)
class Found:
    """Routines over labels, the whole log told by them, and the label of each event."""

    profiles: tuple[Profile, ...]
    decoded: Decoded
    codes: np.ndarray
    labels: list[str]


def tidy(text: str) -> str:
    """A text without what changes from one time to the next: case, digits, a cell's row, what an address asks for."""
    text = text.strip().lower()
    if URL.match(text):
        text = re.split(r"[?#]", URL.sub("", text), maxsplit=1)[0].rstrip("/")
    return DIGITS.sub("#", CELL.sub(r"\1", text))


def found(kinds: Sequence[Sequence[str | None]], events: np.ndarray, starts: np.ndarray) -> Found:
    """The routines of a log: `events` are numbers of its kinds, `starts` where sequences begin and the last one ends.

    A kind is its application, where in it, the widest place first, and what was done. Columns of values are left out.
    """
    columns = [_tidied(texts) for texts in zip(*kinds, strict=True)]
    times = np.bincount(events, minlength=len(kinds))
    inner = [place for place in range(1, len(columns) - 1) if not _are_values(columns[place], times)][:PLACES_MAX]
    finest = _named(columns, inner, times)[0][events]
    best: tuple[int, Found] | None = None
    for places in _choices(inner):
        named, texts = _named(columns, places, times)
        codes = named[events]
        log = Log(codes, starts, np.ones(len(starts) - 1, np.int64), len(texts))
        closing = np.array([bool(CLOSING.search(text)) for text in texts])
        part = search.sample(log)
        fit = search.best(part, closing)
        total = fit.bits * len(codes) // max(len(part.codes), 1) + _left_to_say(codes, finest)
        if best is None or total < best[0]:
            told = decode(log, fit.profiles, log.background, search.start_cues(log, closing))
            best = total, Found(fit.profiles, told, codes, texts)
    assert best is not None
    return best[1]


def _choices(inner: Sequence[int]) -> list[list[int]]:
    """Every way to leave out what may be left out, the finest first."""
    return [[*some] for size in range(len(inner), -1, -1) for some in itertools.combinations(inner, size)]


def _tidied(texts: Sequence[str | None]) -> tuple[np.ndarray, list[str]]:
    """Of each kind, the number of its tidied text; and those texts."""
    tidied = [tidy(text or "") for text in texts]
    different = sorted(set(tidied))
    number = {text: place for place, text in enumerate(different)}
    return np.array([number[text] for text in tidied], dtype=np.int64), different


def _are_values(column: tuple[np.ndarray, list[str]], times: np.ndarray) -> bool:
    codes, texts = column
    filled = [place for place, text in enumerate(texts) if text]
    events = int(times[np.isin(codes, filled)].sum())
    return len(filled) > VALUES_MAX and len(filled) > VALUES_SHARE_MAX * events


def _named(
    columns: Sequence[tuple[np.ndarray, list[str]]], places: Sequence[int], times: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Of each kind, its label as a number; a rare one is told without its narrowest places."""
    texts = _joined(columns, places)
    for left_out in range(len(places) - 1, -1, -1):
        counts: Counter[str] = Counter()
        for text, count in zip(texts, times.tolist(), strict=True):
            counts[text] += count
        coarse = _joined(columns, places[:left_out])
        texts = [other if counts[text] < RARE else text for text, other in zip(texts, coarse, strict=True)]
    different = sorted(set(texts))
    number = {text: place for place, text in enumerate(different)}
    return np.array([number[text] for text in texts], dtype=np.int32), different


def _joined(columns: Sequence[tuple[np.ndarray, list[str]]], places: Sequence[int]) -> list[str]:
    parts = [[texts[code] for code in codes.tolist()] for codes, texts in (columns[it] for it in (0, *places, -1))]
    return [" | ".join(filter(None, one)) for one in zip(*parts, strict=True)]


def _left_to_say(codes: np.ndarray, finest: np.ndarray) -> int:
    """Bits that tell the finest label of each event where this one is known, and to write those down."""
    pairs, counts = np.unique(codes.astype(np.int64) * (int(finest.max()) + 1) + finest, return_counts=True)
    whole = np.bincount(codes)
    of_pair = whole[(pairs // (int(finest.max()) + 1)).astype(np.int64)]
    told = float((counts * np.log2(of_pair / counts)).sum())
    return int((told + 0.5 * np.log2(len(codes) + 1) * (len(pairs) - len(whole[whole > 0]))) * BIT)
