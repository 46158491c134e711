"""Routines whose steps follow one another more often than chance would have it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import numpy as np

from essa.routines.fitting import Fit
from essa.routines.profiles import Log, Profile

Refit = Callable[[Iterable[Profile]], Fit]
SURE_MIN = 0.5  # of the runs; only between steps done that often is a link looked at
LIFT_MIN = 1.5  # times as often as if any step came after any; busy days put the same few steps beside each other
FOLLOWS_MIN = 0.5  # of the times a step is done; what then follows is no chance, whatever else there is


def linked(log: Log, found: Fit, worth: int, refit: Refit) -> Fit:
    """Without runs of steps that come about because both are frequent.

    The surest routine is judged in the whole log, each later one in what the surer leave: beside a routine that never
    has a stranger within, strangers stand together more often than chance however they are mixed.
    """
    told = found.decoded
    weights = log.weight_of_event[told.firsts]
    saved = np.zeros(len(found.profiles), np.int64)
    np.add.at(saved, told.routines, (told.saved - worth * (told.lasts - told.firsts + 1)) * weights)
    is_left = np.ones(len(log.codes), bool)
    kept: list[int] = []
    for routine in np.lexsort((np.arange(len(saved)), -saved)).tolist():
        if _is_linked(log, is_left, found.profiles[routine]):
            kept.append(routine)
            is_left[np.append(told.routines, -1)[told.instance] == routine] = False
    if len(kept) == len(found.profiles):
        return found
    return refit(found.profiles[routine] for routine in sorted(kept))


def _is_linked(log: Log, is_left: np.ndarray, profile: Profile) -> bool:
    sure = [step for step, done in zip(profile.steps, profile.done, strict=True) if done >= SURE_MIN]
    links = [(one, other) for one, other in itertools.pairwise(sure) if one != other]
    before, after, weight = _neighbours(log, is_left)
    leaving = np.bincount(before, weight, minlength=log.label_count)
    coming = np.bincount(after, weight, minlength=log.label_count)
    seen = sum(int(weight[(before == one) & (after == other)].sum()) for one, other in links)
    by_chance = sum(int(leaving[one] * coming[other]) for one, other in links) / max(int(weight.sum()), 1)
    left = sum(int(leaving[one]) for one, _ in links)
    return seen > 0 and (seen >= LIFT_MIN * by_chance or seen >= FOLLOWS_MIN * left)


def _neighbours(log: Log, is_left: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of different labels one after the other among the events left, and how often each pair is."""
    places = np.flatnonzero(is_left)
    codes, sequence = log.codes[places], log.sequence_of_event[places]
    is_new = np.ones(len(codes), bool)
    is_new[1:] = (codes[1:] != codes[:-1]) | (sequence[1:] != sequence[:-1])
    codes, sequence, weight = codes[is_new], sequence[is_new], log.weight_of_event[places][is_new]
    is_same = sequence[1:] == sequence[:-1]
    return codes[:-1][is_same], codes[1:][is_same], weight[1:][is_same]
