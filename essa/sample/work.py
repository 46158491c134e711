"""Who worked on what when: every execution handed to a worker of its provider, who does one thing at a time.

In slices of half an hour, whatever has become ready is handed out at once to whoever is free first. No slice knows more
than the slices before it, so what waits has really waited, and nobody is in two places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from essa.sample.clock import DAY_COUNT, DAY_S
from essa.sample.events import ROLES, Cases, Events

BUSY_SHARE = 0.82  # pools are made so large that nobody is busier than this on average
IDLE_SHARE = 0.6  # a desk with less work than this for one person is minded by another
SLICE_S = 1800
BATCH_SIZE = 12
FEWEST_AT_A_DESK = 5
FEWEST_LENIENT = 2  # beside a strict one: of fewer than five who decide in all nothing is told
LATE_S, BREATH_S = 600, 40
KEPT_IN_ONE_DAY_S = 7200  # shorter work is not begun when the day would end in the middle of it


@dataclass(frozen=True)
class Work:
    """By execution: whose, by whom, when in working seconds. Workers count through the providers, the robot last."""

    provider: np.ndarray
    worker: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    is_robot: np.ndarray
    people_counts: tuple[int, ...]  # of each provider


@dataclass(frozen=True)
class _Units:
    """What is handed out as one: an execution, or several done in one go."""

    pool: np.ndarray
    span_s: np.ndarray
    wait_s: np.ndarray
    is_batched: np.ndarray
    is_last: np.ndarray  # of its case
    day_s: np.ndarray


def work(cases: Cases, events: Events) -> tuple[Events, Work]:
    """The executions finished when the weeks are over, and how they were done."""
    pool, sizes = _staff(events)
    worker, start_s, end_s = _schedule(cases, events, pool, sizes)
    provider = (pool // len(ROLES)).astype(np.int8)
    done = np.flatnonzero(end_s <= DAY_COUNT * DAY_S[provider])
    is_robot_pool = np.arange(len(sizes)) % len(ROLES) == ROLES.index("robot")
    is_person = np.repeat(~is_robot_pool, sizes)
    number = np.where(is_person, np.cumsum(is_person) - 1, is_person.sum())
    people_counts = np.where(is_robot_pool, 0, sizes).reshape(-1, len(ROLES)).sum(axis=1)
    columns = (provider, number[worker], start_s, end_s, is_robot_pool[pool])
    return events.at(done), Work(*(column[done] for column in columns), tuple(people_counts.tolist()))


def _staff(events: Events) -> tuple[np.ndarray, np.ndarray]:
    """The pool that does each execution, and how many work in each pool (provider x role)."""
    demand_s = np.bincount(events.pool, events.handling_s, minlength=3 * len(ROLES)).reshape(3, -1)
    wanted = demand_s / (BUSY_SHARE * DAY_COUNT * DAY_S[:, None])
    minded_by = np.arange(3 * len(ROLES)).reshape(3, -1)
    for role, other in (("front", "clerk"), ("expert", "strict senior")):
        desk, hat = ROLES.index(role), ROLES.index(other)
        is_idle = wanted[:, desk] < IDLE_SHARE
        minded_by[is_idle, desk] = minded_by[is_idle, hat]
        wanted[is_idle, hat] += wanted[is_idle, desk]
        wanted[is_idle, desk] = 0
    sizes = np.ceil(wanted).astype(np.int64)
    sizes[:, ROLES.index("clerk")] = np.maximum(sizes[:, ROLES.index("clerk")], FEWEST_AT_A_DESK)
    lenient = ROLES.index("senior")
    sizes[:, lenient] = np.where(sizes[:, lenient] > 0, np.maximum(sizes[:, lenient], FEWEST_LENIENT), 0)
    front = ROLES.index("front")
    sizes[:, front] = np.where(sizes[:, front] > 0, np.maximum(sizes[:, front], FEWEST_AT_A_DESK), 0)
    return minded_by.ravel()[events.pool], sizes.ravel()


def _schedule(
    cases: Cases, events: Events, pool: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Worker, start and end of each execution."""
    first = np.flatnonzero(events.begins_unit)
    breath_s = np.where(events.begins_unit, 0, events.wait_s)
    case, unit_pool = events.case[first], pool[first]
    begins_case = np.append(True, case[1:] != case[:-1])
    units = _Units(
        unit_pool,
        np.add.reduceat(events.handling_s + breath_s, first),
        events.wait_s[first],
        events.is_batched[first],
        np.append(begins_case[1:], True),
        DAY_S[unit_pool // len(ROLES)],
    )
    opening = np.flatnonzero(begins_case)
    worker, unit_start_s = _hand_out_all(units, opening, cases.arrives_s[case[opening]], sizes)
    unit = np.cumsum(events.begins_unit) - 1
    through_s = np.cumsum(events.handling_s + breath_s, dtype=np.int64)
    end_s = unit_start_s[unit] + through_s - (through_s[first] - events.handling_s[first])[unit]
    return worker[unit], end_s - events.handling_s, end_s


def _hand_out_all(
    units: _Units, unit: np.ndarray, arrives_s: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Worker and start of each unit; `unit` are those that open a case. What never comes to its turn starts never."""
    first_worker = np.cumsum(sizes) - sizes
    pool_of_worker = np.repeat(np.arange(len(sizes)), sizes)
    free_s = np.zeros(sizes.sum(), np.int64)
    worker, start_s = np.zeros(len(units.pool), np.int32), np.full(len(units.pool), np.iinfo(np.int64).max // 2)
    ready_s = _when_ready(units, unit, arrives_s)
    for until_s in range(SLICE_S, DAY_COUNT * int(DAY_S.max()) + 1, SLICE_S):
        is_now = ready_s < until_s
        if not is_now.any():
            continue
        now, now_ready_s = unit[is_now], ready_s[is_now]
        order = np.lexsort((now_ready_s, units.is_batched[now], units.pool[now]))
        now, now_ready_s = now[order], now_ready_s[order]
        by_free = np.lexsort((free_s, pool_of_worker))
        taken = _taken_by(units, now, first_worker, sizes, by_free)
        worker[now] = taken
        start_s[now] = _one_after_the_other(units, now, now_ready_s, taken, free_s)
        then = now[~units.is_last[now]] + 1
        then_ready_s = _when_ready(units, then, start_s[then - 1] + units.span_s[then - 1])
        unit, ready_s = np.append(unit[~is_now], then), np.append(ready_s[~is_now], then_ready_s)
    return worker, start_s


def _when_ready(units: _Units, unit: np.ndarray, before_s: np.ndarray) -> np.ndarray:
    ready_s = before_s + units.wait_s[unit]
    # What is laid aside is taken up on Thursday, five hours into the day.
    day_s = units.day_s[unit]
    sitting_s = 3 * day_s + 5 * 3600
    next_sitting_s = sitting_s + -((sitting_s - ready_s) // (5 * day_s)) * 5 * day_s
    return np.where(units.is_batched[unit], next_sitting_s, ready_s)


def _taken_by(
    units: _Units, now: np.ndarray, first_worker: np.ndarray, sizes: np.ndarray, by_free: np.ndarray
) -> np.ndarray:
    """Whoever of the pool is free first takes the next; of a pile laid aside, a dozen."""
    pool, is_batched = units.pool[now], units.is_batched[now]
    place = _place_in_run(pool * 2 + is_batched)
    turn = np.where(is_batched, place // BATCH_SIZE, place)
    return by_free[first_worker[pool] + turn % sizes[pool]]


def _one_after_the_other(
    units: _Units, now: np.ndarray, ready_s: np.ndarray, taken: np.ndarray, free_s: np.ndarray
) -> np.ndarray:
    """When each begins, given who takes it; `free_s` moves on."""
    order = np.argsort(taken, kind="stable")
    turn = np.empty(len(now), np.int64)
    turn[order] = _place_in_run(taken[order])
    start_s, span_s, day_s = np.empty(len(now), np.int64), units.span_s[now], units.day_s[now]
    for number in range(turn.max() + 1):
        mine = np.flatnonzero(turn == number)
        begin_s = np.maximum(ready_s[mine], free_s[taken[mine]])
        left_s = day_s[mine] - begin_s % day_s[mine]
        is_too_late = (span_s[mine] > left_s) & (span_s[mine] <= KEPT_IN_ONE_DAY_S)
        # Nobody starts on the stroke of nine or without a breath; the odd seconds of the work serve as chance.
        start_s[mine] = begin_s + np.where(is_too_late, left_s + span_s[mine] * 7 % LATE_S, 0)
        free_s[taken[mine]] = start_s[mine] + span_s[mine] + 5 + span_s[mine] % BREATH_S
    return start_s


def _place_in_run(sorted_keys: np.ndarray) -> np.ndarray:
    """0, 1, 2 ... within each run of equal keys."""
    begins = np.append(True, sorted_keys[1:] != sorted_keys[:-1])
    first = np.flatnonzero(begins)
    return np.arange(len(sorted_keys)) - first[np.cumsum(begins) - 1]
