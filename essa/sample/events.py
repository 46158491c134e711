"""All cases and their executions before anybody has worked on them: who is to do what, in what order, for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from essa.sample.clock import DAY_COUNT, DAY_S, calendar_day
from essa.sample.paths import DRAWS, Drawn
from essa.sample.processes import BATCHED, PROCESSES, ROBOT_STEP, Process, Step

ROLES = ("front", "clerk", "senior", "strict senior", "expert", "robot")
ROBOT_S = 25
LONGEST_S = 4 * 3600


@dataclass(frozen=True)
class Cases:
    """All cases, process after process; `drawn` holds the columns of each process, `first` where each begins."""

    process: np.ndarray
    provider: np.ndarray
    arrives_s: np.ndarray  # working seconds of the provider
    drawn: list[Drawn]
    first: np.ndarray

    def of(self, process: int, column: str, case: np.ndarray) -> np.ndarray:
        """A drawn column of one process for some of its cases."""
        return self.drawn[process][column][case - self.first[process]]


@dataclass(frozen=True)
class Events:
    """All executions, by case and then in order; `step` is a place in STEPS."""

    case: np.ndarray
    step: np.ndarray
    handling_s: np.ndarray
    wait_s: np.ndarray  # from the end of the one before until it may begin
    pool: np.ndarray  # provider x role
    begins_unit: np.ndarray  # not in one go with the one before
    is_batched: np.ndarray

    def at(self, places: np.ndarray) -> Events:
        return Events(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


def draw_cases(rng: np.random.Generator, case_count: int) -> Cases:
    first = np.round(np.cumsum([0.0] + [process.share for process in PROCESSES]) * case_count).astype(np.int64)
    counts = np.diff(first)
    providers = [rng.choice(3, n, p=process.provider_shares) for process, n in zip(PROCESSES, counts, strict=True)]
    drawn = [DRAWS[process.name](rng, provider) for process, provider in zip(PROCESSES, providers, strict=True)]
    for columns, count in zip(drawn, counts, strict=True):
        columns["is_strict"] = columns.get("is_strict", rng.random(count) < 0.5)
    provider = np.concatenate(providers).astype(np.int8)
    process = np.repeat(np.arange(len(PROCESSES), dtype=np.int8), counts)
    return Cases(process, provider, _arrivals(rng, provider), drawn, first)


def _arrivals(rng: np.random.Generator, provider: np.ndarray) -> np.ndarray:
    """Mondays bring a tenth more than Fridays, the last week of a month a fifth more than the others."""
    days = np.arange(DAY_COUNT)
    date = calendar_day(days)
    day_of_month = (date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    weight = 1.05 - 0.025 * (days % 5) + 0.2 * (day_of_month >= 24)
    day = rng.choice(DAY_COUNT, len(provider), p=weight / weight.sum())
    return ((day + rng.random(len(provider)) * 0.9) * DAY_S[provider]).astype(np.int64)


def draw_events(rng: np.random.Generator, cases: Cases) -> Events:
    parts, first_step = [], 0
    for number, process in enumerate(PROCESSES):
        provider = cases.provider[cases.first[number] : cases.first[number + 1]]
        part = _events_of(rng, process, cases.drawn[number], provider)
        part["case"] += np.int32(cases.first[number])
        part["step"] += np.int16(first_step)
        first_step += len(process.steps)
        parts.append(part)
    return Events(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _events_of(rng: np.random.Generator, process: Process, drawn: Drawn, provider: np.ndarray) -> dict[str, np.ndarray]:
    steps = process.steps
    is_done = np.stack([drawn[step.when] if step.when else np.ones(len(provider), bool) for step in steps], axis=1)
    case, step = _in_order(steps, drawn, *np.nonzero(is_done))

    def of(values: list, kind: type) -> np.ndarray:
        return np.array(values, kind)[step]

    joins = of([one.joins for one in steps], bool)
    is_robot = of([one.activity == ROBOT_STEP[0] for one in steps], bool) & (provider[case] == ROBOT_STEP[1])
    role = of([ROLES.index(one.role) for one in steps], np.int8)
    role[(role == ROLES.index("senior")) & drawn["is_strict"][case]] = ROLES.index("strict senior")
    role[is_robot] = ROLES.index("robot")
    wait_s = of([one.wait_h * 3600 for one in steps], np.float32)
    varies = of([not one.is_timed for one in steps], bool)
    wait_s[varies] *= np.exp(rng.standard_normal(varies.sum(), np.float32) * 0.6 - 0.18)
    return {
        "case": case,
        "step": step,
        "handling_s": _handling(rng, steps, drawn, case, step, is_robot),
        "wait_s": np.where(joins, rng.integers(5, 40, len(step)), wait_s).astype(np.int32),
        "pool": (provider[case] * len(ROLES) + role).astype(np.int8),
        "begins_unit": ~joins,
        "is_batched": of([one.activity == BATCHED[0] for one in steps], bool) & (provider[case] == BATCHED[1]),
    }


def _in_order(
    steps: tuple[Step, ...], drawn: Drawn, case: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The executions of each case in the order it went through them."""
    case, step = case.astype(np.int32), step.astype(np.int16)
    free_at = np.array([one.free_at for one in steps])[step]
    is_free = free_at >= 0
    if not is_free.any():
        return case, step
    position = step.astype(np.float64)
    first_free = min(place for place, one in enumerate(steps) if one.free_at >= 0)
    columns = drawn["free_order"]
    position[is_free] = first_free + columns.shape[1] * columns[case[is_free], free_at[is_free]]
    order = np.lexsort((position, case))
    return case[order], step[order]


def _handling(
    rng: np.random.Generator,
    steps: tuple[Step, ...],
    drawn: Drawn,
    case: np.ndarray,
    step: np.ndarray,
    is_robot: np.ndarray,
) -> np.ndarray:
    """Seconds of work, log-normal about each step's mean."""
    mean_s = np.array([one.minutes * 60 for one in steps], np.float32)[step]
    for place, one in enumerate(steps):
        if one.effort:
            mine = step == place
            mean_s[mine] *= drawn[one.effort][case[mine]]
    mean_s[is_robot] = ROBOT_S
    # What takes a moment takes about the same moment each time.
    spread = np.where(mean_s < 120, np.float32(0.25), np.float32(0.45))
    seconds = mean_s * np.exp(rng.standard_normal(len(step), np.float32) * spread - spread**2 / 2)
    return np.clip(seconds, 6, LONGEST_S).astype(np.int32)
