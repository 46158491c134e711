"""What a recorded event is called: so much of where and what was done as tells the log in the fewest bits."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from essa.routines import orders, search, templates, twins
from essa.routines.decoding import Decoded, decode
from essa.routines.fitting import Fit
from essa.routines.profiles import BIT, Log, Profile
from essa.routines.templates import RARE

PLACES_MAX = 3  # columns beside application and action that a label may hold; with each there are twice as many ways
TRIED = 30_000  # events that tell which places a label should hold; half as many have chosen wrongly
VALUES_MAX, VALUES_SHARE_MAX = 20, 0.2  # more different texts than this, in number and of those filled, are values
CLOSING = re.compile(r"\b(?:ok|submit|save|send|confirm|cancel|close|finish|done|speichern|senden|opslaan|guardar)\b")


@dataclass(frozen=True)
class Found:
    """Routines over labels, the whole log told by them, each event's label, and each kind's places without values."""

    profiles: tuple[Profile, ...]
    decoded: Decoded
    codes: np.ndarray
    labels: list[str]
    places: list[tuple[str | None, ...]]


@dataclass(frozen=True)
class _Tried:
    """A choice of places, the log of their labels, and the routines found in a part of it."""

    log: Log
    labels: list[str]
    closing: np.ndarray
    part: Log
    fit: Fit
    bits: int


def found(kinds: Sequence[Sequence[str | None]], events: np.ndarray, starts: np.ndarray) -> Found:
    """The routines of a log: `events` are numbers of its kinds, `starts` where sequences begin and the last one ends.

    A kind is its application, where in it, the widest place first, and what was done. Values are in no label.
    """
    columns = templates.without_values(templates.columns_of(kinds), events, starts)
    times = np.bincount(events, minlength=len(kinds))
    inner = [place for place in range(1, len(columns) - 1) if not _are_values(columns[place], times)][:PLACES_MAX]
    finest = _named(columns, inner, times)[0][events]
    best = min(
        (_tried(*_named(columns, places, times), events, starts, finest) for places in _choices(inner)),
        key=lambda one: one.bits,
    )
    whole = search.sample(best.log)
    fit = best.fit if len(whole.codes) == len(best.part.codes) else search.best(whole, best.closing)
    fit = search.without_chance(whole, fit, best.closing)
    told = decode(best.log, fit.profiles, best.log.background, search.start_cues(best.log, best.closing))
    task = np.array(orders.one_task(fit.profiles), np.int64)[twins.one_task(fit.profiles, best.labels)]
    told = replace(told, routines=task[told.routines])
    return Found(fit.profiles, told, best.log.codes, best.labels, _places(columns, times))


def _tried(named: np.ndarray, texts: list[str], events: np.ndarray, starts: np.ndarray, finest: np.ndarray) -> _Tried:
    log = Log(named[events], starts, np.ones(len(starts) - 1, np.int64), len(texts))
    closing = np.array([bool(CLOSING.search(text)) for text in texts])
    part = search.sample(log, TRIED)
    fit = search.best(part, closing)
    bits = fit.bits * len(log.codes) // max(len(part.codes), 1) + _left_to_say(log.codes, finest)
    return _Tried(log, texts, closing, part, fit, bits)


def _places(columns: Sequence[templates.Column], times: np.ndarray) -> list[tuple[str | None, ...]]:
    """Of each kind, its places; a text seen but once or twice may still be a value, and is left out."""
    held: list[list[str | None]] = []
    for codes, texts in columns[1:-1]:
        seen = np.bincount(codes, times, len(texts))
        kept = [text if text and count >= RARE else None for text, count in zip(texts, seen.tolist(), strict=True)]
        held.append([kept[code] for code in codes.tolist()])
    return list(zip(*held, strict=True)) if held else [()] * len(times)


def _choices(inner: Sequence[int]) -> list[list[int]]:
    """Every way to leave out what may be left out, the finest first."""
    return [[*some] for size in range(len(inner), -1, -1) for some in itertools.combinations(inner, size)]


def _are_values(column: templates.Column, times: np.ndarray) -> bool:
    codes, texts = column
    filled = [place for place, text in enumerate(texts) if text]
    events = int(times[np.isin(codes, filled)].sum())
    return len(filled) > VALUES_MAX and len(filled) > VALUES_SHARE_MAX * events


def _named(
    columns: Sequence[templates.Column], places: Sequence[int], times: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Of each kind, its label as a number; a rare one is told without its narrowest places."""
    texts = _joined(columns, places)
    for left_out in range(len(places) - 1, -1, -1):
        counts: Counter[str] = Counter()
        for text, count in zip(texts, times.tolist(), strict=True):
            counts[text] += count
        coarse = _joined(columns, places[:left_out])
        texts = [other if counts[text] < RARE else text for text, other in zip(texts, coarse, strict=True)]
    codes, different = templates.numbered(texts)
    return codes.astype(np.int32), different


def _joined(columns: Sequence[templates.Column], places: Sequence[int]) -> list[str]:
    parts = [[texts[code] for code in codes.tolist()] for codes, texts in (columns[it] for it in (0, *places, -1))]
    return [" | ".join(filter(None, one)) for one in zip(*parts, strict=True)]


def _left_to_say(codes: np.ndarray, finest: np.ndarray) -> int:
    """Bits that tell the finest label of each event where this one is known, and to write those down."""
    pairs, counts = np.unique(codes.astype(np.int64) * (int(finest.max()) + 1) + finest, return_counts=True)
    whole = np.bincount(codes)
    of_pair = whole[(pairs // (int(finest.max()) + 1)).astype(np.int64)]
    told = float((counts * np.log2(of_pair / counts)).sum())
    return int((told + 0.5 * np.log2(len(codes) + 1) * (len(pairs) - len(whole[whole > 0]))) * BIT)
