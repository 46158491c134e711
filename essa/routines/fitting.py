"""Routines made to fit a log: steps gained and lost, routines dropped that do not pay for being written down."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from essa.routines.decoding import Decoded, decode
from essa.routines.profiles import BIT, Log, Profile, like

ROUNDS = 6
STEP_MIN = 0.10  # a step done less often is noise
GAIN_MIN = 0.25  # what stands there in this part of the instances is a step
INSTANCES_MIN, INSTANCE_SHARE_MIN = 3, 0.01  # of a routine
COVERED_MIN = 0.75  # of a routine that is others one after the other
SURE_MIN = 0.6
FOLDED_MIN, ROUNDS_LIKE = 3, 0.6  # steps of a round; two rounds this much alike are one routine done twice


@dataclass(frozen=True)
class Fit:
    """Routines, the log told by them, and the bits both take."""

    profiles: tuple[Profile, ...]
    decoded: Decoded
    bits: int


@dataclass(frozen=True)
class Shape:
    """What can be read of the instances: where each routine's steps begin, and how often each routine stands there."""

    offsets: np.ndarray
    instances: np.ndarray  # of each routine
    weights: np.ndarray  # of each instance


def fit(log: Log, seeds: Sequence[Profile], cues: np.ndarray | None = None, rounds: int = ROUNDS,
        least: tuple[int, float] = (INSTANCES_MIN, INSTANCE_SHARE_MIN), worth: int = 0,
        seams: frozenset[tuple[int, int]] = frozenset()) -> Fit:  # fmt: skip
    """The seeds after some rounds of telling the log by them and mending them by what was told.

    `worth` is what telling an event as part of a routine is worth beyond the bits of its label; `least` are the
    instances a routine has at least, as a number and as a part of all. Over `seams`, two steps one after the other,
    no routine gains a step.
    """
    background = log.background + worth
    profiles = tuple(seeds)
    decoded = shape = told = None  # of the routines `told`, which a round often leaves as they were
    for number in range(rounds):
        if profiles != told:
            decoded = decode(log, profiles, background, cues)
            shape = _shape(log, profiles, decoded)
            as_told = [_mended(log, decoded, shape, routine, profile) for routine, profile in enumerate(profiles)]
            told = profiles
        mended = list(as_told)
        kept = _paying(log, profiles, decoded, shape, least if number >= 2 else (least[0], 0.0))
        is_after = number % 2 == 0
        for routine, label in _free_neighbours(log, decoded, shape, len(profiles), seams, is_after):
            mended[routine] = _longer(mended[routine], label, is_after)
        profiles = _without_chains(_distinct([_folded(mended[routine]) for routine in kept]), background)
    if profiles != told:
        decoded = decode(log, profiles, background, cues)
        shape = _shape(log, profiles, decoded)
    kept = _paying(log, profiles, decoded, shape, least)
    if len(kept) < len(profiles):
        profiles = tuple(profiles[routine] for routine in kept)
        decoded = decode(log, profiles, background, cues)
        shape = _shape(log, profiles, decoded)
    known = tuple(
        replace(profile, done=_done(log, decoded, shape, routine, profile), share=_share(shape, routine))
        for routine, profile in enumerate(profiles)
    )
    return Fit(known, decoded, decoded.bits + sum(model_bits(one, log.label_count) for one in known))


def model_bits(profile: Profile, label_count: int) -> int:
    """What it takes to write a routine down."""
    return int((len(profile.steps) * (np.log2(label_count + 1) + 3) + 4) * BIT)


def _shape(log: Log, profiles: Sequence[Profile], decoded: Decoded) -> Shape:
    offsets = np.concatenate([[0], np.cumsum([len(one.steps) for one in profiles])]).astype(np.int64)
    weights = log.weight_of_event[decoded.firsts]
    instances = _counted(decoded.routines, weights, len(profiles))
    return Shape(offsets, instances, weights)


def _counted(keys: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    counts = np.zeros(size, np.int64)
    np.add.at(counts, keys, weights)
    return counts


def _paying(
    log: Log, profiles: Sequence[Profile], decoded: Decoded, shape: Shape, least: tuple[int, float]
) -> list[int]:
    saved = _counted(decoded.routines, decoded.saved * shape.weights, len(profiles))
    instances_min = max(least[0], least[1] * int(shape.instances.sum()))
    return [
        routine
        for routine, profile in enumerate(profiles)
        if saved[routine] > model_bits(profile, log.label_count) and shape.instances[routine] >= instances_min
    ]


def _share(shape: Shape, routine: int) -> float:
    return max(int(shape.instances[routine]), 1) / max(int(shape.instances.sum()), 1)


def _done(log: Log, decoded: Decoded, shape: Shape, routine: int, profile: Profile) -> tuple[float, ...]:
    """How often each step is done, an instance that does it again counted once."""
    first, end = shape.offsets[routine], shape.offsets[routine + 1]
    events = np.flatnonzero((decoded.step >= first) & (decoded.step < end))
    pairs, at = np.unique(decoded.instance[events].astype(np.int64) * len(profile.steps) + decoded.step[events] - first,
                          return_index=True)  # fmt: skip
    counts = _counted(pairs % len(profile.steps), log.weight_of_event[events[at]], len(profile.steps))
    return tuple(float(count) / max(int(shape.instances[routine]), 1) for count in counts)


def _mended(log: Log, decoded: Decoded, shape: Shape, routine: int, profile: Profile) -> Profile:
    """Its steps as often as they are done; those hardly ever done are left out, what often stands between is put in."""
    done = _done(log, decoded, shape, routine, profile)
    missing = _stands_between(log, decoded, shape, routine)
    steps: list[int] = []
    shares: list[float] = []
    for place, (step, share) in enumerate(zip(profile.steps, done, strict=True)):
        if share >= STEP_MIN:
            steps.append(step)
            shares.append(share)
        if place in missing and missing[place] not in (step, *profile.steps[place + 1 : place + 2]):
            steps.append(missing[place])
            shares.append(0.5)
    backwards = _goes_back(log, decoded, shape, routine)
    return Profile(tuple(steps), tuple(shares), _share(shape, routine), backwards)


def _inside(log: Log, decoded: Decoded, shape: Shape, routine: int) -> tuple[np.ndarray, np.ndarray]:
    """Events of its instances one after the other, and whether the next is of the same instance."""
    first, end = shape.offsets[routine], shape.offsets[routine + 1]
    events = np.flatnonzero((decoded.step >= first) & (decoded.step < end))
    return events, decoded.instance[events[1:]] == decoded.instance[events[:-1]]


def _goes_back(log: Log, decoded: Decoded, shape: Shape, routine: int) -> float:
    events, is_same = _inside(log, decoded, shape, routine)
    is_back = is_same & (decoded.step[events[1:]] < decoded.step[events[:-1]])
    instances, at = np.unique(decoded.instance[events[1:][is_back]], return_index=True)
    weight = log.weight_of_event[events[1:][is_back][at]].sum() if len(instances) else 0
    return float(weight) / max(int(shape.instances[routine]), 1)


def _stands_between(log: Log, decoded: Decoded, shape: Shape, routine: int) -> dict[int, int]:
    """After which of its steps another label stands often enough to be a step, and which."""
    events, is_same = _inside(log, decoded, shape, routine)
    left, right = events[:-1][is_same], events[1:][is_same]
    gaps = right - left - 1
    left, gaps = left[gaps > 0], gaps[gaps > 0]
    if not len(left):
        return {}
    between = np.repeat(left + 1 - np.cumsum(gaps) + gaps, gaps) + np.arange(gaps.sum())
    place = np.repeat(decoded.step[left] - shape.offsets[routine], gaps).astype(np.int64)
    keys = place * log.label_count + log.codes[between]
    # an instance in which it stands there twice says it once
    _, at = np.unique(np.stack([np.repeat(decoded.instance[left], gaps), keys]), axis=1, return_index=True)
    found, inverse = np.unique(keys[at], return_inverse=True)
    counts = _counted(inverse, log.weight_of_event[between[at]], len(found))
    missing: dict[int, tuple[int, int]] = {}
    for key, count in zip(found.tolist(), counts.tolist(), strict=True):
        if count >= GAIN_MIN * shape.instances[routine]:
            missing[key // log.label_count] = max(
                missing.get(key // log.label_count, (0, 0)), (count, -(key % log.label_count))
            )
    return {place: -label for place, (_, label) in missing.items()}


def _free_neighbours(
    log: Log, decoded: Decoded, shape: Shape, routine_count: int, seams: frozenset[tuple[int, int]], is_after: bool
) -> list[tuple[int, int]]:
    """Routines beside which one label often stands that belongs to none, and that label.

    The label must belong to this side more than to the other: else one step would be put at the end of one instance
    and at the front of the next. It belongs where it stands beside all instances of few routines.
    """
    after, before = (_beside(log, decoded, shape, routine_count, seams, side) for side in (True, False))
    here, there = (after, before) if is_after else (before, after)
    each = np.maximum(shape.instances, 1)[:, None]
    belongs = np.round((here * here / each).sum(axis=0) - (there * there / each).sum(axis=0), 6)
    found = []
    for routine in range(routine_count):
        if shape.instances[routine] == 0:
            continue
        label = int(here[routine].argmax())
        is_often = here[routine, label] >= GAIN_MIN * shape.instances[routine]
        if is_often and (belongs[label] > 0 or (belongs[label] == 0 and is_after)):
            found.append((routine, label))
    return found


def _beside(
    log: Log, decoded: Decoded, shape: Shape, routine_count: int, seams: frozenset[tuple[int, int]], is_after: bool
) -> np.ndarray:
    places = decoded.lasts + 1 if is_after else decoded.firsts - 1
    own = decoded.lasts if is_after else decoded.firsts
    is_there = (places >= 0) & (places < len(log.codes))
    safe = np.where(is_there, places, 0)
    sequence = log.sequence_of_event
    is_free = is_there & (decoded.instance[safe] < 0) & (sequence[safe] == sequence[own])
    one, other = (own, safe) if is_after else (safe, own)
    pairs = log.codes[one].astype(np.int64) * log.label_count + log.codes[other]
    is_free &= ~np.isin(pairs, [before * log.label_count + after for before, after in seams])
    keys = decoded.routines[is_free].astype(np.int64) * log.label_count + log.codes[safe[is_free]]
    counts = _counted(keys, shape.weights[is_free], routine_count * log.label_count)
    return counts.reshape(routine_count, log.label_count)


def _longer(profile: Profile, label: int, is_after: bool) -> Profile:
    steps, done = profile.steps, profile.done
    if not steps or steps[-1 if is_after else 0] == label:  # a step done again is the same step
        return profile
    return replace(
        profile,
        steps=(*steps, label) if is_after else (label, *steps),
        done=(*done, 0.5) if is_after else (0.5, *done),
    )


def _folded(profile: Profile) -> Profile:
    """The first time round of a routine that does the same twice, told by the steps it does most of the time."""
    for place, once, twice in rounds(profile):
        if like(once, twice) >= ROUNDS_LIKE:
            return replace(profile, steps=profile.steps[:place], done=profile.done[:place])
    return profile


def rounds(profile: Profile) -> Iterator[tuple[int, list[int], list[int]]]:
    """Where a routine comes to its first step again, what it mostly does before, and up to the next such place."""
    sure = [place for place, share in enumerate(profile.done) if share >= SURE_MIN]
    again = [place for place in sure[1:] if profile.steps[place] == profile.steps[sure[0]]]
    for place, end in itertools.pairwise([*again, len(profile.steps)]):
        once = [profile.steps[at] for at in sure if at < place]
        twice = [profile.steps[at] for at in sure if place <= at < end]
        if min(len(once), len(twice)) >= FOLDED_MIN:
            yield place, once, twice


def _distinct(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    first: dict[tuple[int, ...], Profile] = {}
    for profile in profiles:
        if len(profile.steps) >= 2:
            first.setdefault(profile.steps, profile)
    return tuple(first.values())


def _without_chains(profiles: tuple[Profile, ...], background: np.ndarray) -> tuple[Profile, ...]:
    """Without routines that are two or more instances of others, one after the other."""
    kept = list(profiles)
    for profile in sorted(profiles, key=lambda one: (-len(one.steps), one.steps)):
        others = [one for one in kept if one is not profile]
        there = {step for one in others for step in one.steps}
        if not others or sum(step in there for step in profile.steps) < COVERED_MIN * len(profile.steps):
            continue
        told = decode(Log.of([profile.steps], label_count=len(background)), others, background)
        covered = float((told.step >= 0).sum()) / len(profile.steps)
        if len(told.routines) >= 2 and covered >= COVERED_MIN:
            kept = others
    return tuple(kept)
