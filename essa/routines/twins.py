"""Routines that are one task, told with less of where it was done in some of its runs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from essa.routines.fitting import SURE_MIN
from essa.routines.profiles import Profile, like

LIKE_MIN = 0.8  # of the steps, told as coarsely; the rest is noise and what is not always done
STEPS_MIN = 3  # fewer, told coarsely, are those of many a task
Parts = tuple[str, ...]


def one_task(profiles: Sequence[Profile], labels: Sequence[str]) -> np.ndarray:
    """Of each routine, the finer told one it is the same as; itself where there is none, or where several could be."""
    parts = [tuple(label.split(" | ")) for label in labels]
    steps = [_sure(profile) for profile in profiles]
    found = np.arange(len(profiles))
    for coarse, told in enumerate(steps):
        if len(told) < STEPS_MIN:
            continue
        finer = [
            fine
            for fine, whole in enumerate(steps)
            if len(set(whole) - set(told)) > len(set(whole)) / 2
            and like(_once([_known(step, told, parts) for step in whole]), told) >= LIKE_MIN
        ]
        if len(finer) == 1:
            found[coarse] = finer[0]
    return found[found]


def _sure(profile: Profile) -> list[int]:
    return _once(step for step, done in zip(profile.steps, profile.done, strict=True) if done >= SURE_MIN)


def _once(steps: Iterable[int]) -> list[int]:
    """A step done again is the same step."""
    return [step for step, _ in itertools.groupby(steps)]


def _known(step: int, told: Sequence[int], parts: Sequence[Parts]) -> int:
    """The step as the coarser telling has it: the same application and action, and no other place."""
    fitting = [one for one in told if _is_within(parts[one], parts[step])]
    return max(fitting, key=lambda one: (len(parts[one]), -one), default=step)


def _is_within(coarse: Parts, fine: Parts) -> bool:
    left = iter(fine[1:-1])
    return coarse[0] == fine[0] and coarse[-1] == fine[-1] and all(place in left for place in coarse[1:-1])
