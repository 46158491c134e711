"""The cheapest way to tell a log as copies of known routines with noise between them, event by event.

An event either belongs to no routine, or is a step of an instance, or stands inside an instance without being its step.
One pass finds the least bits for all of it: only steps named as the event is are looked at, and what stands inside an
instance is a running total, so that instances that wait cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from essa.routines.profiles import BIT, Log, Profile, bits

START_BITS = 3.0  # one starts to mean something; five takes neighbours for one routine
INSIDE_BITS = 1.0
AGAIN_BITS = 2.5
BACK_REACH = 8  # steps one goes back at most, as where a login fails; but no more than half of them all
FAR = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Decoded:
    """Of each event, the step it is (counted through all profiles) and its instance, -1 for none; of all, the bits.

    `routines`, `firsts`, `lasts` and `saved` are of each instance: its routine, its ends, and the bits it saves.
    """

    step: np.ndarray
    instance: np.ndarray
    routines: np.ndarray
    firsts: np.ndarray
    lasts: np.ndarray
    saved: np.ndarray
    bits: int


def decode(log: Log, profiles: Sequence[Profile], background: np.ndarray, cues: np.ndarray | None = None) -> Decoded:
    """Explains the log by the profiles; `background` is what each label costs alone, `cues` what favours a start."""
    cues = np.zeros(len(log.codes), np.int64) if cues is None else cues
    labels = np.array([step for one in profiles for step in one.steps], dtype=np.int32)
    lengths = np.array([len(one.steps) for one in profiles], dtype=np.int64)
    done = np.clip(np.array([share for one in profiles for share in one.done], dtype=np.float64), 0.05, 0.97)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    routine_of = np.repeat(np.arange(len(profiles)), lengths).astype(np.int32)
    start = np.array([int(bits(-np.log2(max(one.share, 1e-6)) + START_BITS)) for one in profiles], dtype=np.int64)
    back = np.array([int(bits(max(1.5, 1.5 - np.log2(max(one.back_share, 1e-4))))) for one in profiles], dtype=np.int64)
    if len(profiles):
        # no cheaper than a start: else many runs of a routine are told as one that goes back each time
        back = np.maximum(np.minimum(back, int(start.max()) + 3 * BIT), start)
    skipped = np.concatenate([[0], np.cumsum(bits(-np.log2(1 - done)))]).astype(np.int64)
    # the steps of a label, the latest of a routine first, so that none builds on what the same event did to another
    order = np.lexsort((-np.arange(len(labels)), labels)).astype(np.int64)
    by_label = np.searchsorted(labels[order], np.arange(log.label_count + 1)).astype(np.int64)
    return Decoded(
        *_decode(
            log.codes, log.starts, background, cues, order, by_label, routine_of, offsets, bits(-np.log2(done)),
            skipped, start, back, log.weights,
        )
    )  # fmt: skip


@numba.njit(cache=True, nogil=True)
def _decode(
    codes, starts, background, cues, order, by_label, routine_of, offsets, match, skipped, start, back, weights
):
    n = len(codes)
    record_count, widest = _room(codes, by_label)
    before = np.empty(record_count, np.int64)  # the match before this one in its instance; -1 where it begins
    step_at = np.empty(record_count, np.int32)
    event_at = np.empty(record_count, np.int32)
    chosen = np.full(n, -1, np.int64)  # the match an instance closes with here
    best = np.zeros(n + 1, np.int64)
    open_cost = np.full(len(match), FAR, np.int64)  # without what stood inside instances up to then
    open_match = np.full(len(match), -1, np.int64)
    new_cost = np.empty(widest, np.int64)
    inside = np.int64(0)
    used = 0
    for sequence in range(len(starts) - 1):
        open_cost[:] = FAR
        for i in range(starts[sequence], starts[sequence + 1]):
            low, high = by_label[codes[i]], by_label[codes[i] + 1]
            best[i + 1] = best[i] + background[codes[i]]
            for k in range(low, high):
                p = order[k]
                first, end = offsets[routine_of[p]], offsets[routine_of[p] + 1]
                begun = best[i] + start[routine_of[p]] - cues[i] + skipped[p] - skipped[first] + match[p]
                cost, came = _cheapest(
                    p, first, end, begun, inside, open_cost, open_match, match, skipped, back[routine_of[p]]
                )
                before[used + k - low], step_at[used + k - low], event_at[used + k - low] = came, p, i
                new_cost[k - low] = cost
                if cost + skipped[end] - skipped[p + 1] < best[i + 1]:
                    best[i + 1] = cost + skipped[end] - skipped[p + 1]
                    chosen[i] = used + k - low
            inside += background[codes[i]] + np.int64(INSIDE_BITS * BIT)
            for k in range(low, high):
                if new_cost[k - low] - inside <= open_cost[order[k]]:
                    open_cost[order[k]] = new_cost[k - low] - inside
                    open_match[order[k]] = used + k - low
            used += high - low
    total = np.int64(0)
    for sequence in range(len(starts) - 1):
        total += weights[sequence] * (best[starts[sequence + 1]] - best[starts[sequence]])
    return (*_read_back(codes, background, before, step_at, event_at, chosen, best, routine_of), total)


@numba.njit(cache=True, nogil=True)
def _room(codes, by_label):
    """How many matches there can be at most, in all and of one event."""
    record_count, widest = 0, 0
    for code in codes:
        here = by_label[code + 1] - by_label[code]
        record_count += here
        widest = max(widest, here)
    return record_count, widest


@numba.njit(cache=True, nogil=True)
def _cheapest(p, first, end, begun, inside, open_cost, open_match, match, skipped, back):
    """What it costs at least to be at a step now, and the match before it: on, once more, back, or begun here."""
    cost, came = begun, np.int64(-1)
    for q in range(first, min(p + min(BACK_REACH, (end - first) // 2) + 1, end)):
        if open_cost[q] >= FAR:
            continue
        going = open_cost[q] + inside
        if q < p:
            going += skipped[p] - skipped[q + 1] + match[p]
        elif q == p:
            going += np.int64(AGAIN_BITS * BIT)
        else:
            going += back + match[p]
        if going < cost:
            cost, came = going, open_match[q]
    return cost, came


@numba.njit(cache=True, nogil=True)
def _read_back(codes, background, before, step_at, event_at, chosen, best, routine_of):
    n = len(codes)
    step = np.full(n, -1, np.int32)
    instance = np.full(n, -1, np.int32)
    count = 0
    i = n - 1
    while i >= 0:
        if chosen[i] < 0:
            i -= 1
            continue
        k = chosen[i]
        while k >= 0:
            at = event_at[k]
            step[at] = step_at[k]
            instance[at] = count
            k = before[k]
            i = at
        count += 1
        i -= 1
    # counted from the end; turned round so that the first instance is the first in the log
    routines = np.empty(count, np.int32)
    firsts = np.full(count, -1, np.int64)
    lasts = np.empty(count, np.int64)
    saved = np.zeros(count, np.int64)
    for at in range(n):
        if instance[at] >= 0:
            one = count - 1 - instance[at]
            instance[at] = one
            if firsts[one] < 0:
                firsts[one] = at
                routines[one] = routine_of[step[at]]
            lasts[one] = at
    for one in range(count):
        for at in range(firsts[one], lasts[one] + 1):
            saved[one] += background[codes[at]]
        saved[one] -= best[lasts[one] + 1] - best[firsts[one]]
    return step, instance, routines, firsts, lasts, saved
