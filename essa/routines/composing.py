"""Routines put together or left out where the log is told in fewer bits so."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from essa.routines.fitting import Fit
from essa.routines.profiles import Profile

Refit = Callable[[Iterable[Profile]], Fit]
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


def _parts(profiles: tuple[Profile, ...]) -> Iterable[Profile]:
    """The rarest first."""
    for one in sorted(profiles, key=lambda it: (it.share, it.steps)):
        if any(0 < len(other.steps) - len(one.steps) <= LEFT_OUT_MAX and _stands_in(one, other) for other in profiles):
            yield one


def _stands_in(one: Profile, other: Profile) -> bool:
    left = iter(other.steps)
    return all(step in left for step in one.steps)
