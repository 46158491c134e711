"""Runs of steps that recur in a log's sequences, and the few that together hold the most work."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np

from essa.routines.profiles import Log

LONGEST = 10
KEPT = 3_000  # those worth most; the 25 best come from the first few hundred


@dataclass(frozen=True)
class Gram:
    """A run of steps, where it begins, and what one time of it is worth."""

    steps: tuple[int, ...]
    places: np.ndarray
    worth: int


@dataclass(frozen=True)
class Level:
    """The runs of one length: which begins at each event (-1: none often enough), how often each is, where first."""

    length: int
    ids: np.ndarray
    counts: np.ndarray
    firsts: np.ndarray


def closed(log: Log, own: np.ndarray, leading: np.ndarray, least: int) -> list[Gram]:
    """The runs of 2 to 10 steps found `least` times that do not always stand in a longer one; those worth most.

    `own` is what each event is worth and `leading` what the way to it is worth, which counts inside a run only.
    """
    own, leading = np.concatenate([[0], np.cumsum(own)]), np.concatenate([[0], np.cumsum(leading)])
    found: list[Gram] = []
    for level, longer in _in_pairs(_levels(log, least)):
        starts, ends = level.firsts, level.firsts + level.length
        worth = own[ends] - own[starts] + leading[ends] - leading[starts + 1]
        is_closed = np.ones(len(level.counts), bool)
        if longer is not None:
            for shift in (0, 1):
                inner = level.ids[longer.firsts + shift]
                is_closed[inner[level.counts[inner] == longer.counts]] = False
        number = np.flatnonzero(is_closed & (worth > 0))
        number = number[np.argsort(-worth[number] * level.counts[number], kind="stable")[:KEPT]]
        found += _grams(log, level, number, worth)
    weight = log.weight_of_event
    found.sort(key=lambda gram: (-gram.worth * int(weight[gram.places].sum()), gram.steps))
    return found[:KEPT]


def _grams(log: Log, level: Level, chosen: np.ndarray, worth: np.ndarray) -> Iterator[Gram]:
    is_chosen = np.zeros(len(level.counts) + 1, bool)
    is_chosen[chosen] = True
    places = np.flatnonzero(is_chosen[level.ids])
    by_id = places[np.argsort(level.ids[places], kind="stable")]
    edges = np.searchsorted(level.ids[by_id], [chosen, chosen + 1])
    for number, low, high in zip(chosen.tolist(), *edges.tolist(), strict=True):
        first = level.firsts[number]
        steps = tuple(log.codes[first : first + level.length].tolist())
        yield Gram(steps, by_id[low:high], int(worth[number]))


def _levels(log: Log, least: int) -> Iterator[Level]:
    """Each length in turn; a run can be frequent only if both runs it is made of are."""
    n = len(log.codes)
    ids, count = log.codes.astype(np.int64), log.label_count
    is_last = np.zeros(n, bool)
    is_last[log.starts[1:][np.diff(log.starts) > 0] - 1] = True
    for length in range(2, LONGEST + 1):
        places = np.flatnonzero((ids[:-1] >= 0) & (ids[1:] >= 0) & ~is_last[:-1])
        if not len(places):
            return
        keys, firsts, inverse = np.unique(ids[places] * count + ids[places + 1], return_index=True, return_inverse=True)
        counts = np.zeros(len(keys), np.int64)
        np.add.at(counts, inverse, log.weight_of_event[places])
        is_often = counts >= least
        if not is_often.any():
            return
        number = np.where(is_often, np.cumsum(is_often) - 1, -1)
        ids = np.full(n, -1, np.int64)
        ids[places] = number[inverse]
        count = int(is_often.sum())
        yield Level(length, ids, counts[is_often], places[firsts[is_often]])


def _in_pairs(levels: Iterator[Level]) -> Iterator[tuple[Level, Level | None]]:
    level = next(levels, None)
    while level is not None:
        longer = next(levels, None)
        yield level, longer
        level = longer


def cover(log: Log, grams: list[Gram], limit: int, least: int = 1) -> list[Gram]:
    """The runs that together hold the most work where no event is of two, the best first; fewest where none is left.

    A run's gain only falls as others take its events, so the best of a heap is looked at again until it stays the best.
    """
    is_free = np.ones(len(log.codes), np.bool_)
    weight = log.weight_of_event
    heap = [(-gram.worth * int(weight[gram.places].sum()), gram.steps, place) for place, gram in enumerate(grams)]
    heapq.heapify(heap)
    chosen: list[Gram] = []
    while heap and len(chosen) < limit:
        _, steps, place = heapq.heappop(heap)
        gram = grams[place]
        left = _count_free(gram.places, len(steps), is_free, weight, False)
        now = (-gram.worth * left, steps, place)
        if left < least or now[0] == 0:
            continue
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        _count_free(gram.places, len(steps), is_free, weight, True)
        chosen.append(gram)
    return chosen


@numba.njit(cache=True, nogil=True)
def _count_free(places, length, is_free, weight, is_taken):
    """How often a run finds all of its events free, no two times sharing one; takes them if asked to."""
    count = np.int64(0)
    busy_until = -1
    for place in places:
        if place < busy_until:
            continue
        is_whole = True
        for at in range(place, place + length):
            if not is_free[at]:
                is_whole = False
                break
        if is_whole:
            count += weight[place]
            busy_until = place + length
            if is_taken:
                is_free[place : place + length] = False
    return count
