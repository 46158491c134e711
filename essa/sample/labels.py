"""How an activity's name is really typed: every spelling with the activity it means, and who got which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from essa.sample.clock import DAY_COUNT, calendar_day
from essa.sample.processes import ALPHA, BETA, GAMMA, PROCESSES

UNTIDY_SHARE = 0.34
# Where names are typed by hand rather than picked from a list.
TYPED_BY_HAND = (
    ("Purchase requests", "Check completeness", (ALPHA,)),
    ("Purchase requests", "Create purchase order", (ALPHA, BETA)),
    ("Purchase requests", "Close request", (BETA,)),
    ("Payroll changes", "Enter change in Workday", (BETA, GAMMA)),
    ("Payroll changes", "Notify employee", (GAMMA,)),
    ("Customer complaints", "Register complaint", (ALPHA, GAMMA)),
    ("Customer complaints", "Investigate complaint", (GAMMA,)),
    ("Supplier master data", "Receive supplier request", (BETA,)),
    ("Supplier master data", "Create supplier record", (ALPHA, GAMMA)),
)


@dataclass(frozen=True)
class Labels:
    """The vocabulary of labels and each execution's place in it; `canonical` is the place of the proper name."""

    process: list[str]
    label: list[str]
    activity: list[str]
    place: np.ndarray
    canonical: np.ndarray


def spellings(activity: str) -> tuple[list[str], list[float]]:
    """Untidy spellings of one activity, and how common each is among the untidy ones."""
    words = activity.split()
    plain = [
        activity.upper(),
        activity.lower(),
        activity.title(),
        "  ".join(words),
        f" {activity} ",
        "_".join(words).lower(),
        "-".join(words),
        f"{activity}.",
    ]
    dated = [f"{activity} {day}" for day in calendar_day(np.arange(0, DAY_COUNT, 5))]
    numbered = [f"{activity} #{number}" for number in range(40213, 40713, 10)]
    requested = [f"{activity} - REQ-{number}" for number in range(118204, 118704, 10)]
    middle = len(words[0]) // 2
    typos = [
        f"{words[0][:middle]}{words[0][middle + 1 :]} {' '.join(words[1:])}",
        f"{' '.join(words[:-1])} {words[-1][:-2]}{words[-1][-1]}{words[-1][-2]}",
        f"{''.join(word[0] for word in words).upper()} - {activity}",
    ]
    # Swapping two like letters changes nothing.
    typos = [typo for typo in typos if typo != activity]
    groups = ((plain, 0.76), (dated, 0.07), (numbered, 0.07), (requested, 0.07), (typos, 0.03))
    shares = [share / len(group) for group, share in groups for _ in group]
    return [spelling for group, _ in groups for spelling in group], shares


def draw_labels(rng: np.random.Generator, step: np.ndarray, provider: np.ndarray) -> Labels:
    steps = [(process.name, one.activity) for process in PROCESSES for one in process.steps]
    names = list(dict.fromkeys(steps))
    vocabulary = [(process, activity, activity) for process, activity in names]
    canonical = np.array([names.index(one) for one in steps], np.int32)[step]
    place = canonical.copy()
    for process, activity, providers in TYPED_BY_HAND:
        typed, shares = spellings(activity)
        mine = np.flatnonzero((canonical == names.index((process, activity))) & np.isin(provider, providers))
        mine = mine[rng.random(len(mine)) < UNTIDY_SHARE]
        place[mine] = len(vocabulary) + rng.choice(len(typed), len(mine), p=shares)
        vocabulary += [(process, label, activity) for label in typed]
    return Labels(*(list(column) for column in zip(*vocabulary, strict=True)), place, canonical)
