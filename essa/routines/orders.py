"""Routines that are one task, whose steps are done in one order by some and in another by others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from essa.routines.decoding import Decoded
from essa.routines.profiles import Log, Profile

USUAL_MIN = 0.5  # of the runs; a step of another order that is done less often is not carried over
ALIKE_MIN = 0.8  # of the steps of two, each as far as it is done, those that both have
EITHER_MAX = 1.2  # times a run; what is done no oftener in two places together is done in one of them
BESIDE_MIN = 0.5  # of the runs of two, those that come after the same, and those before the same


@dataclass(frozen=True)
class Way:
    """One order of a task's steps, and which step of the task each of them is, from 0."""

    profile: Profile
    step_of: tuple[int, ...]


def one_task(
    profiles: Sequence[Profile], stand_alike: Callable[[int, int], bool] = lambda one, other: True
) -> list[int]:
    """Of each routine, the commonest one it is another order of; itself where there is none."""
    found = list(range(len(profiles)))
    done = [_done(profile) for profile in profiles]
    heads: list[int] = []
    for one in sorted(found, key=lambda it: (-profiles[it].share, profiles[it].steps)):
        head = next(
            (it for it in heads if _are_alike(done[one], done[it]) and stand_alike(one, it)),
            one,
        )
        found[one] = head
        if head == one:
            heads.append(one)
    return found


def _done(profile: Profile) -> dict[int, float]:
    """How often each of its steps is done, whatever its place."""
    found: dict[int, float] = {}
    for step, done in zip(profile.steps, profile.done, strict=True):
        found[step] = max(done, found.get(step, 0.0))
    return found


def _are_alike(one: dict[int, float], other: dict[int, float]) -> bool:
    steps = sorted(one.keys() | other.keys())
    shared, held = (sum(which(one.get(step, 0.0), other.get(step, 0.0)) for step in steps) for which in (min, max))
    return round(shared, 6) >= round(ALIKE_MIN * held, 6)


def beside(log: Log, told: Decoded) -> Callable[[int, int], bool]:
    """Whether two routines stand at the same place of cases: what undoes a task has its steps at another."""
    before, after = (_neighbours(log, told, side) for side in (-1, 1))

    def stand_alike(one: int, other: int) -> bool:
        return all(_shared(held[one], held[other]) >= BESIDE_MIN for held in (before, after))

    return stand_alike


def _neighbours(log: Log, told: Decoded, side: int) -> defaultdict[int, Counter[int]]:
    """Of each routine, how often each label stands right before or after its runs; -1 where the case begins or ends."""
    places = told.firsts - 1 if side < 0 else told.lasts + 1
    sequence = log.sequence_of_event[told.firsts]
    is_inside = (places >= log.starts[sequence]) & (places < log.starts[sequence + 1])
    labels = np.where(is_inside, log.codes[np.where(is_inside, places, 0)], -1)
    held: defaultdict[int, Counter[int]] = defaultdict(Counter)
    weights = log.weight_of_event[told.firsts].tolist()
    for routine, label, weight in zip(told.routines.tolist(), labels.tolist(), weights, strict=True):
        held[routine][label] += weight
    return held


def _shared(one: Counter[int], other: Counter[int]) -> float:
    """The part of both that is the same, 0 to 1."""
    total, others = max(one.total(), 1), max(other.total(), 1)
    return sum(min(count / total, other[label] / others) for label, count in one.items())


def ways(profiles: Sequence[Profile]) -> list[Way]:
    """The orders of one task, the commonest first, which gets what is usual in the others only as steps of its own."""
    first, *others = [one for profile in profiles for one in _in_one_place(profile)]
    for other in others:
        first = _with_usual(first, other)
    return [_way(first, profile) for profile in (first, *others)]


def _in_one_place(profile: Profile) -> list[Profile]:
    """A routine with a step done in either of two places as several: with it at the commoner, and at the other."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place, step in enumerate(profile.steps):
        places[step].append(place)
    done = {step: sum(profile.done[place] for place in held) for step, held in places.items()}
    either = {step: held for step, held in places.items() if len(held) > 1 and done[step] <= EITHER_MAX}
    usual = {step: max(held, key=lambda place: (profile.done[place], -place)) for step, held in either.items()}
    others = [(step, place) for step, held in either.items() for place in held if place != usual[step]]
    left = max(1 - sum(profile.done[place] for _, place in others), 0.5)
    chosen = [(usual, left), *((usual | {step: place}, profile.done[place]) for step, place in others)]
    return [_with_places(profile, at, {step: min(done[step], 1.0) for step in at}, share) for at, share in chosen]


def _with_places(profile: Profile, at: dict[int, int], done: dict[int, float], share: float) -> Profile:
    kept = [
        (step, done.get(step, profile.done[place]))
        for place, step in enumerate(profile.steps)
        if at.get(step, place) == place
    ]
    steps, shares = zip(*kept, strict=True)
    return replace(profile, steps=steps, done=shares, share=profile.share * share)


def _with_usual(first: Profile, other: Profile) -> Profile:
    steps, done = list(first.steps), list(first.done)
    for place, step in enumerate(other.steps):
        if other.done[place] >= USUAL_MIN and steps.count(step) < other.steps[: place + 1].count(step):
            at = steps.index(other.steps[place - 1]) + 1 if place and other.steps[place - 1] in steps else place
            steps.insert(at, step)
            done.insert(at, 0.0)
    return replace(first, steps=tuple(steps), done=tuple(done))


def _way(first: Profile, profile: Profile) -> Way:
    """An order without what is no step of the task; what stands in it twice are the first such step and the second."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    for place, step in enumerate(first.steps):
        places[step].append(place)
    kept = [
        (step, done, places[step].pop(0))
        for step, done in zip(profile.steps, profile.done, strict=True)
        if places[step]
    ]
    steps, done, step_of = zip(*kept, strict=True)
    return Way(replace(profile, steps=steps, done=done), step_of)
