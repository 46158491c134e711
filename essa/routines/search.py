"""The routines of a log without cases, and the log told by them: cut and clustered at once, by the fewest bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from essa.routines import composing, left_out, seeds
from essa.routines.decoding import START_BITS
from essa.routines.fitting import ROUNDS_LIKE, Fit, fit, rounds
from essa.routines.linked import linked
from essa.routines.profiles import BIT, Log, Profile, like

SAMPLE = 60_000  # events that routines are looked for in; the whole log is told by what is found
BLOCK = 2_000  # events of one sequence taken together
CUE_BITS = 3  # what the label that all sessions begin with is worth as a start
CUE_SESSIONS = 3  # sessions that take half of that away: one alone may begin with anything
TRIED_ROUNDS, PROMISING = 2, 6  # every way of cutting is tried shortly, these are gone on with
CLOSED_BITS = 1
UNION_MAX, UNION_GAIN = 3, 0.97
TAIL_MIN = 0.02  # of the events, told by none, for a second look at those alone


def sample(log: Log, events: int = SAMPLE) -> Log:
    """Stretches of the log from all over it, always the same ones."""
    if len(log.codes) <= events:
        return log
    edges = np.concatenate(
        [np.arange(low, high, BLOCK) for low, high in zip(log.starts[:-1], log.starts[1:], strict=True)]
        + [[log.starts[-1]]]
    )
    blocks = Log(log.codes, edges.astype(np.int64), np.ones(len(edges) - 1, np.int64), log.label_count)
    order = np.random.default_rng(0).permutation(len(edges) - 1)
    enough = int(np.searchsorted(np.cumsum(np.diff(edges)[order]), events)) + 1
    return blocks.part(np.sort(order[:enough]))


def start_cues(log: Log, closing: np.ndarray) -> np.ndarray:
    """Bits off a start at each event: for a label that sessions begin with, and after one that by its words closes."""
    firsts = log.codes[log.starts[:-1][log.starts[:-1] < len(log.codes)]]
    counts = np.bincount(firsts, minlength=log.label_count)
    cues = (counts * (CUE_BITS * BIT) // (int(counts.sum()) + CUE_SESSIONS))[log.codes]
    cues[1:] += np.where(closing[log.codes[:-1]], CLOSED_BITS * BIT, 0)
    return cues


def best(log: Log, closing: np.ndarray) -> Fit:
    """The routines that tell the log in the fewest bits; of some labels it is known that by their words they close."""
    cues = start_cues(log, closing)

    def refit(profiles: Iterable[Profile]) -> Fit:
        return fit(log, tuple(profiles), cues)

    cut = (seeds.gathered(log, begins) for begins in seeds.cuts(log))
    tried = sorted((fit(log, one, cues, TRIED_ROUNDS) for one in cut), key=_order)
    fits = sorted((refit(one.profiles) for one in tried[:PROMISING]), key=_order)
    found = fits[0]
    for count in range(2, UNION_MAX + 1):
        union = refit(profile for one in fits[:count] for profile in one.profiles)
        if union.bits < UNION_GAIN * found.bits:
            found = union
    found = composing.trimmed(found, refit)
    found = left_out.thinned(found, refit)
    found = composing.joined(log, found, refit)
    found = composing.closed(found, refit, closing)
    found = _with_tail(log, found, refit)
    found = _parted(found, refit)
    turned = _turned(log, found, refit, closing)
    return found if turned is found else _parted(turned, refit)  # it may only now begin again as it began


def without_chance(log: Log, found: Fit, closing: np.ndarray) -> Fit:
    """Without steps that come one after the other by chance, as what is done between tasks does."""
    cues = start_cues(log, closing)
    return linked(log, found, 0, lambda profiles: fit(log, tuple(profiles), cues, 0))  # mended, they would grow again


def _turned(log: Log, found: Fit, refit: composing.Refit, closing: np.ndarray) -> Fit:
    """With routines begun where rows of them begin, where that takes hardly more bits."""
    turned = composing.turned(log, found.profiles, found.decoded, closing)
    if turned == found.profiles:
        return found
    again = refit(turned)
    return again if again.bits <= composing.JOINED_BITS_MAX * found.bits else found


def _parted(found: Fit, refit: composing.Refit) -> Fit:
    """With routines that begin again as they began as two, where that takes hardly more bits than their starts.

    Where one task follows another of its like, two runs told as one save a start; which two they are is chance.
    """
    for _ in range(composing.JOIN_ROUNDS):
        apart = (composing.settled(refit(parts), refit) for parts in _begun_again(found.profiles))
        at_most = composing.JOINED_BITS_MAX * _without_starts(found)
        better = next((one for one in apart if _without_starts(one) <= at_most), None)
        if better is None:
            break
        found = better
    return found


def _without_starts(found: Fit) -> int:
    return found.bits - int(START_BITS * BIT) * len(found.decoded.routines)


def _begun_again(profiles: tuple[Profile, ...]) -> Iterator[list[Profile]]:
    """The routines, each time with one as two that begins again mostly as it began."""
    for profile in profiles:
        for place, once, twice in rounds(profile):
            if like(once, twice) * max(len(once), len(twice)) < ROUNDS_LIKE * min(len(once), len(twice)):
                continue
            halves = [
                replace(profile, steps=profile.steps[held], done=profile.done[held])
                for held in (slice(None, place), slice(place, None))
            ]
            yield [*(one for one in profiles if one is not profile), *halves]


def _with_tail(log: Log, found: Fit, refit: composing.Refit) -> Fit:
    """With what a second look finds in the events that no routine tells."""
    is_free = found.decoded.step < 0
    if is_free.sum() < TAIL_MIN * len(log.codes):
        return found
    starts = np.concatenate([[0], np.cumsum(is_free)])[log.starts].astype(np.int64)
    rest = Log(log.codes[is_free], starts, log.weights, log.label_count)
    tail = min((fit(rest, seeds.gathered(rest, begins), None, TRIED_ROUNDS) for begins in seeds.cuts(rest)), key=_order)
    if not tail.profiles:
        return found
    together = refit((*found.profiles, *tail.profiles))
    return together if together.bits < found.bits else found


def _order(found: Fit) -> tuple[int, list[tuple[int, ...]]]:
    return found.bits, [one.steps for one in found.profiles]
