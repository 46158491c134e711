"""What a recorded event is called: so much of where and what was done as tells the log in the fewest bits."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from essa.routines import search
from essa.routines.decoding import Decoded, decode
from essa.routines.profiles import BIT, Log, Profile

COLUMNS = ("application", "window", "element", "action")
ALWAYS, MAYBE = ("application", "action"), ("window", "element")
VALUES_MAX, VALUES_SHARE_MAX = 20, 0.2  # more different texts than this, in number and of those filled, are values
RARE = 3  # events; a rarer label is told without its element, then without its window
URL = re.compile(r"^(?:[a-z][a-z+.-]*://|www\.)")
CELL = re.compile(r"\b\$?([a-z]{1,3})\$?[0-9]+\b")
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


def found(columns: Mapping[str, Sequence[str]], starts: np.ndarray) -> Found:
    """The routines of a log, `starts` being where its sequences begin and the last ends."""
    tidied = {name: _tidied(columns[name]) for name in COLUMNS}
    kept = [name for name in COLUMNS if name in ALWAYS or not _are_values(tidied[name])]
    chosen: tuple[int, Found] | None = None
    finest = _named(tidied, kept)
    for names in _choices(kept):
        codes, texts = _named(tidied, names)
        log = Log(codes, starts, np.ones(len(starts) - 1, np.int64), len(texts))
        closing = np.array([bool(CLOSING.search(text)) for text in texts])
        part = search.sample(log)
        best = search.best(part, closing)
        total = best.bits * len(codes) // max(len(part.codes), 1) + _left_to_say(codes, finest[0])
        if chosen is None or total < chosen[0]:
            told = decode(log, best.profiles, log.background, search.start_cues(log, closing))
            chosen = total, Found(best.profiles, told, codes, texts)
    assert chosen is not None
    return chosen[1]


def _choices(kept: Sequence[str]) -> list[list[str]]:
    """Every way to leave out what may be left out, the finest first."""
    maybe = [name for name in MAYBE if name in kept]
    sets = [subset for size in range(len(maybe), -1, -1) for subset in itertools.combinations(maybe, size)]
    return [[name for name in COLUMNS if name in ALWAYS or name in subset] for subset in sets]


def _tidied(texts: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Numbers for texts, and the tidied texts."""
    different, inverse = np.unique(np.asarray(texts, dtype=object).astype(str), return_inverse=True)
    tidied, again = np.unique(np.array([tidy(text) for text in different.tolist()], dtype=object).astype(str),
                              return_inverse=True)  # fmt: skip
    return again[inverse], tidied.tolist()


def _are_values(column: tuple[np.ndarray, list[str]]) -> bool:
    codes, texts = column
    filled = sum(1 for text in texts if text)
    events = int(np.isin(codes, [place for place, text in enumerate(texts) if text]).sum())
    return filled > VALUES_MAX and filled > VALUES_SHARE_MAX * events


def _named(tidied: Mapping[str, tuple[np.ndarray, list[str]]], names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Each event's label as a number; a rare one is told without its element, then without its window."""
    codes, texts = _joined(tidied, names)
    for left_out in ("element", "window"):
        if left_out in names:
            counts = np.bincount(codes, minlength=len(texts))
            is_rare = counts[codes] < RARE
            if is_rare.any():
                coarse, coarse_texts = _joined(tidied, [name for name in names if name != left_out])
                codes, texts = _merged(np.where(is_rare, coarse + len(texts), codes), texts + coarse_texts)
    return codes.astype(np.int32), texts


def _joined(tidied: Mapping[str, tuple[np.ndarray, list[str]]], names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    keys = np.zeros(len(tidied[names[0]][0]), np.int64)
    for name in names:
        codes, texts = tidied[name]
        _, keys = np.unique(keys * len(texts) + codes, return_inverse=True)
    _, first = np.unique(keys, return_index=True)
    parts = [[tidied[name][1][tidied[name][0][place]] for name in names] for place in first.tolist()]
    return keys, [" | ".join(filter(None, one)) for one in parts]


def _merged(codes: np.ndarray, texts: list[str]) -> tuple[np.ndarray, list[str]]:
    """Numbers for the texts that are left, equal ones being one."""
    used = np.unique(codes)
    names = sorted({texts[code] for code in used.tolist()})
    place = {name: number for number, name in enumerate(names)}
    now = np.zeros(len(texts), np.int64)
    now[used] = [place[texts[code]] for code in used.tolist()]
    return now[codes], names


def _left_to_say(codes: np.ndarray, finest: np.ndarray) -> int:
    """Bits that tell the finest label of each event where this one is known, and to write those down."""
    pairs, counts = np.unique(codes.astype(np.int64) * (int(finest.max()) + 1) + finest, return_counts=True)
    whole = np.bincount(codes)
    of_pair = whole[(pairs // (int(finest.max()) + 1)).astype(np.int64)]
    told = float((counts * np.log2(of_pair / counts)).sum())
    return int((told + 0.5 * np.log2(len(codes) + 1) * (len(pairs) - len(whole[whole > 0]))) * BIT)
