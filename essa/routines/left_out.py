"""Routines that are another with some steps left out: told by that one, where the log takes no more bits so."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from essa.routines.composing import Refit
from essa.routines.fitting import Fit
from essa.routines.profiles import Profile, stands_in

LEFT_OUT_MAX = 3  # steps that one routine may have beside another's to be a way of doing the same


def thinned(found: Fit, refit: Refit) -> Fit:
    """Without routines that are another with some steps left out, where that one with optional steps tells no less."""
    tried: set[tuple[int, ...]] = set()
    while True:
        part = next((one for one in _parts(found.profiles) if one.steps not in tried), None)
        if part is None:
            return found
        tried.add(part.steps)
        without = refit(one for one in found.profiles if one is not part)
        if without.bits <= found.bits:
            found = without


def with_optional(found: Fit, told: Refit) -> Fit:
    """With routines put into others that have some steps more, as optional ones, where that takes fewer bits.

    `told` tells the log by routines as they are: mending would leave out again what is done by a few.
    """
    while True:
        rarest = sorted(found.profiles, key=lambda it: (it.share, it.steps))
        pairs = [pair for pair in itertools.permutations(rarest, 2) if _is_part(*pair)]
        fits = (told([*(one for one in rarest if one not in pair), _as_one(*pair)]) for pair in pairs)
        fewer = next((fit for fit in fits if fit.bits < found.bits), None)
        if fewer is None:
            return found
        found = fewer


def _as_one(one: Profile, whole: Profile) -> Profile:
    """The longer of two, each step as often as both do it together."""
    own = one.share / (one.share + whole.share)
    left = list(zip(one.steps, one.done, strict=True))
    shares = []
    for step, done in zip(whole.steps, whole.done, strict=True):
        here = left.pop(0)[1] if left and left[0][0] == step else 0.0
        shares.append(own * here + (1 - own) * done)
    back_share = own * one.back_share + (1 - own) * whole.back_share
    return Profile(whole.steps, tuple(shares), one.share + whole.share, back_share)


def _parts(profiles: tuple[Profile, ...]) -> Iterable[Profile]:
    """The rarest first."""
    for one in sorted(profiles, key=lambda it: (it.share, it.steps)):
        if any(_is_part(one, other) for other in profiles):
            yield one


def _is_part(one: Profile, other: Profile) -> bool:
    return 0 < len(other.steps) - len(one.steps) <= LEFT_OUT_MAX and stands_in(one.steps, other.steps)
