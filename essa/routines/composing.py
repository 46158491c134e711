"""Routines put together where the log is told in fewer bits so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from essa.routines.decoding import Decoded
from essa.routines.fitting import Fit
from essa.routines.profiles import Log, Profile, like

Refit = Callable[[Iterable[Profile]], Fit]
JOIN_ROUNDS = 4
CLOSED_WORTH = 0.3  # of a fit; what it adds that the step before a start closes, by its words
CLOSED_ALONE = 0.5  # of a fit; what that adds however many rows there are: the first event of a single one may be lost
FAMILY_MIN = 0.4  # likeness of ways of doing the same
SURE_MIN = 0.6  # of the instances; a step at an end done less often may be of the neighbour
BETWEEN_MAX = 2  # events between two routines of which one follows the other
FOLLOWS_MIN, LIFT_MIN = 0.8, 2.5
JOINED_BITS_MAX = 1.01
ROW_SHARE_MIN = 0.5  # of its instances that come right after one of the same


def trimmed(found: Fit, refit: Refit) -> Fit:
    """With what stands at an end of a routine but seldom left to its neighbours, where that takes fewer bits."""
    for _ in range(JOIN_ROUNDS):
        without = refit(_sure_middle(one) for one in found.profiles)
        if without.bits >= found.bits:
            break
        found = without
    return found


def _sure_middle(profile: Profile) -> Profile:
    sure = [place for place, share in enumerate(profile.done) if share >= SURE_MIN]
    if len(sure) < 2:
        return profile
    kept = slice(sure[0], sure[-1] + 1)
    return replace(profile, steps=profile.steps[kept], done=profile.done[kept])


def joined(
    log: Log,
    found: Fit,
    refit: Refit,
    bits_max: float = JOINED_BITS_MAX,
    seams: frozenset[tuple[int, int]] = frozenset(),
) -> Fit:
    """With routines put together that nearly always follow each other, where that tells the log in hardly more bits.

    `bits_max` is what it may take then, times what it takes now; between the steps of a seam nothing is put together.
    """
    for _ in range(JOIN_ROUNDS):
        chains = [
            (one, next_one)
            for one, next_one in _chains(log, found)
            if (_end(found, one, -1), _end(found, next_one, 0)) not in seams
        ]
        if not chains:
            break
        together = refit(_put_together(found.profiles, chains))
        if together.bits > bits_max * found.bits:
            break
        found = together
    return found


def settled(found: Fit, refit: Refit) -> Fit:
    """Mended on as long as that takes fewer bits: what a routine gained last has not gained its own neighbours yet."""
    for _ in range(JOIN_ROUNDS):
        again = refit(found.profiles)
        if again.bits >= found.bits:
            break
        found = again
    return found


def parts(
    profiles: Iterable[Profile], seams: frozenset[tuple[int, int]], in_one_go: frozenset[tuple[int, int]]
) -> list[Profile]:
    """With each part of a routine that is done in one go, and ends at a seam, as a routine of its own."""
    return [part for profile in profiles for part in _parts_of(profile, seams, in_one_go)]


def _parts_of(
    profile: Profile, seams: frozenset[tuple[int, int]], in_one_go: frozenset[tuple[int, int]]
) -> Iterable[Profile]:
    pairs = list(itertools.pairwise(profile.steps))
    cuts = [
        place + 1
        for place, pair in enumerate(pairs)
        if pair in seams and not in_one_go.isdisjoint(pairs[max(place - 1, 0) : place + 2])
    ]
    for low, high in itertools.pairwise([0, *cuts, len(profile.steps)]):
        yield replace(profile, steps=profile.steps[low:high], done=profile.done[low:high])


def closed(found: Fit, refit: Refit, closing: np.ndarray) -> Fit:
    """With steps that close by their words put from the front of routines to the ends, where that takes no more bits.

    Where all routines end alike, that end fits as well before the next one, whichever that is.
    """
    fronts: Counter[int] = Counter()
    for one in found.profiles:
        if closing[one.steps[0]]:
            fronts[one.steps[0]] += round(one.share * 1_000_000)
    if not fronts:
        return found
    last = max(sorted(fronts), key=lambda step: fronts[step])
    moved = [_closed_by(_without_front(one, closing), last) for one in found.profiles]
    without = refit(one for one in moved if len(one.steps) > 1)
    return without if without.bits <= found.bits else found


def _without_front(profile: Profile, closing: np.ndarray) -> Profile:
    count = next((place for place, step in enumerate(profile.steps) if not closing[step]), 0)
    return replace(profile, steps=profile.steps[count:], done=profile.done[count:])


def _closed_by(profile: Profile, last: int) -> Profile:
    """With this step at its end, beside another that closes too: what is confirmed by some is cancelled by others."""
    if profile.steps[-1:] == (last,):
        return profile
    return replace(profile, steps=(*profile.steps, last), done=(*profile.done, 0.5))


def _end(found: Fit, routine: int, place: int) -> int:
    profile = found.profiles[routine]
    sure = [step for step, done in zip(profile.steps, profile.done, strict=True) if done >= SURE_MIN]
    return (sure or profile.steps)[place]


def _chains(log: Log, found: Fit) -> list[tuple[int, int]]:
    """Pairs of routines, the second of which follows the first; no routine in two pairs."""
    routines, decoded = found.decoded.routines, found.decoded
    count = len(found.profiles)
    sequence = log.sequence_of_event[decoded.firsts]
    is_next = (sequence[1:] == sequence[:-1]) & (decoded.firsts[1:] - decoded.lasts[:-1] - 1 <= BETWEEN_MAX)
    pairs = np.zeros((count, count), np.int64)
    weight = log.weight_of_event[decoded.firsts]
    np.add.at(pairs, (routines[:-1][is_next], routines[1:][is_next]), weight[1:][is_next])
    instances = np.zeros(count, np.int64)
    np.add.at(instances, routines, weight)
    chosen: list[tuple[int, int]] = []
    order = sorted(itertools.permutations(range(count), 2), key=lambda pair: (-pairs[pair], pair))
    for k, l in order:  # noqa: E741
        n = pairs[k, l]
        if not n or any({k, l} & {*pair} for pair in chosen):
            continue
        lift = n * int(weight.sum()) / max(instances[k] * instances[l], 1)
        follows = max(pairs[k].sum(), 1), max(pairs[:, l].sum(), 1)
        is_sure = n >= FOLLOWS_MIN * instances[k] or n >= FOLLOWS_MIN * instances[l]
        if is_sure or (lift >= LIFT_MIN and n >= FOLLOWS_MIN * min(follows)):
            chosen.append((k, l))
    return chosen


def _put_together(profiles: tuple[Profile, ...], chains: list[tuple[int, int]]) -> list[Profile]:
    """The two of each pair as one routine, in the place of both; the others as they are."""
    taken = {place for pair in chains for place in pair}
    kept = [one for place, one in enumerate(profiles) if place not in taken]
    for k, l in chains:  # noqa: E741
        one, other = profiles[k], profiles[l]
        kept.append(Profile(one.steps + other.steps, one.done + other.done, max(one.share, other.share)))
    return kept


def turned(log: Log, profiles: tuple[Profile, ...], decoded: Decoded, closing: np.ndarray) -> tuple[Profile, ...]:
    """Routines that mostly follow their like, begun where rows of those begin: within a row every start fits alike.

    Of ways of doing the same, the commonest is turned so; the others are turned to be most like it.
    """
    families = np.array(_families(profiles), np.int64)
    family = families[decoded.routines]
    sequence = log.sequence_of_event[decoded.firsts]
    is_row = np.zeros(len(family), bool)
    is_row[1:] = (family[1:] == family[:-1]) & (sequence[1:] == sequence[:-1])
    # what stands free before a row may be the front of its first instance, put at the end of all others
    free = np.maximum(np.concatenate([[0], decoded.lasts[:-1] + 1]), log.starts[sequence])
    instances = np.bincount(decoded.routines, minlength=len(profiles))
    in_row = np.bincount(decoded.routines[is_row], minlength=len(profiles))
    found = list(profiles)
    for number in dict.fromkeys(families.tolist()):
        own = np.flatnonzero((families == number) & (in_row >= ROW_SHARE_MIN * instances) & (instances > 0))
        if not len(own):
            continue
        main = own[np.argmax(instances[own])]
        begins = np.maximum(free, decoded.firsts - len(profiles[main].steps) // 2)[(family == number) & ~is_row]
        found[main] = _turned(log, profiles[main], begins, closing)
        for other in own[own != main]:
            found[other] = _turned_like(profiles[other], found[main])
    return tuple(found)


def _families(profiles: tuple[Profile, ...]) -> list[int]:
    """Of each routine, the first that is like it."""
    return [
        next(place for place, other in enumerate(profiles) if like(one.steps, other.steps) >= FAMILY_MIN)
        for one in profiles
    ]


def _turned(log: Log, profile: Profile, begins: np.ndarray, closing: np.ndarray) -> Profile:
    length = len(profile.steps)
    half = max(2, length // 2)
    ends = log.starts[log.sequence_of_event[begins] + 1]
    rows = [tuple(log.codes[low : min(low + half, end)].tolist()) for low, end in zip(begins, ends, strict=True)]
    closes = closing[np.array(profile.steps)]
    # of closing steps one after the other the last one closes; where there are few rows its word is the better witness
    is_end = closes & ~np.roll(closes, -1)

    def fits(turn: int) -> tuple[float, int]:
        steps = (profile.steps[turn:] + profile.steps[:turn])[:half]
        after = (CLOSED_ALONE + CLOSED_WORTH * len(rows)) * bool(is_end[turn - 1])
        return round(after + sum(like(steps, row) for row in rows), 6), -turn

    return _from(profile, max(range(length), key=fits))


def _turned_like(profile: Profile, other: Profile) -> Profile:
    """Begun where it is most like the other; of several such places with the step that one begins with."""

    def fits(turn: int) -> tuple[float, bool, int]:
        steps = _from(profile, turn).steps
        return round(like(steps, other.steps), 6), steps[0] == other.steps[0], -turn

    return _from(profile, max(range(len(profile.steps)), key=fits))


def _from(profile: Profile, turn: int) -> Profile:
    """The same going round, begun at another of its steps."""
    return replace(
        profile, steps=profile.steps[turn:] + profile.steps[:turn], done=profile.done[turn:] + profile.done[:turn]
    )
