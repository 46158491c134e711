"""Weekly figures a case of a live candidate's own work and of the peers it is set against, each named by its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from essa.benefits.estimate import NOTHING, step

Place = tuple[str, str, str]  # scope, kind and name, as in mart.live_week
Row = Mapping[str, Any]
FLOOR_SHARE = 0.01  # of the usual week: a week without any has no logarithm, and 99 % less is gone
OWN = ""


@dataclass(frozen=True)
class Limits:
    """What a comparison asks of its weeks and peers; the settings of the same names."""

    benefit_weeks_before_min: int
    benefit_weeks_after_min: int
    benefit_cases_min: int
    benefit_peers_max: int
    benefit_sureness: float
    displaced_share_min: float
    people_min: int


@dataclass(frozen=True)
class Peers:
    """Who it is set against: their kind, their names, and by week the logarithm of them over their usual week."""

    kind: str
    names: tuple[str, ...]
    level: Mapping[int, float]


class Weeks:
    """One candidate's rows of mart.live_week by place and week."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows: dict[Place, dict[int, Row]] = {}
        for row in rows:
            self.rows.setdefault((row["scope"], row["kind"], row["place"]), {})[row["week_no"]] = row

    def of(self, scope: str, kind: str, place: str = OWN) -> dict[int, Row]:
        return self.rows.get((scope, kind, place), {})

    def places(self, scope: str, kind: str) -> list[str]:
        return sorted(place for one, other, place in self.rows if (one, other) == (scope, kind))

    def people_count(self, place: Place) -> int:
        weeks = self.rows.get(place, {})
        return weeks[max(weeks)]["people_count"] if weeks else 0  # as tonight's log has them

    def per_case(self, place: Place, column: str) -> dict[int, float]:
        """By week, where the column is known and there are cases to divide by."""
        return {
            week: row[column] / row["case_count"]
            for week, row in self.rows.get(place, {}).items()
            if row[column] is not None and row["case_count"]
        }


def usual(level: Mapping[int, float]) -> float:
    """The mean week before go-live."""
    before = [level[week] for week in sorted(level) if week < 0]
    return float(np.mean(before)) if before else 0.0


def logs(level: Mapping[int, float]) -> dict[int, float]:
    """Each week over the usual one, as a logarithm."""
    mean = usual(level)
    return {week: float(np.log(max(value, FLOOR_SHARE * mean) / mean)) for week, value in level.items()}


# Where peers are looked for, the likest first
TIERS = {
    "step": (("step", "provider"), ("step", "label"), ("case", "process")),
    "case": (("case", "provider"), ("case", "process")),
}


def peers(
    weeks: Weeks, scope: str, column: str, asked: Iterable[int], limits: Limits, but: frozenset[Place] = frozenset()
) -> Peers | None:
    """The first kind of peer of which one at least is known in enough of the weeks asked; the largest of them.

    Where no peer is known in all of them, as the last weeks of one whose cases take longer are not yet, the comparison
    is on the weeks of the one that is known in most.
    """
    order = sorted(asked)
    for tier in TIERS[scope]:
        known = _known(weeks, tier, column, order, limits, but)
        common = max((sorted(level) for level in known.values()), key=lambda held: (len(held), held), default=[])
        if not is_long_enough(common, limits):
            continue
        held = _unmoved(_largest(weeks, tier, known, common, limits), common, limits)
        if held:
            mean = np.mean(list(held.values()), axis=0)
            return Peers(tier[1], tuple(held), dict(zip(common, map(float, mean), strict=True)))
    return None


def common_weeks(
    weeks: Weeks, scope: str, column: str, asked: Iterable[int], limits: Limits, but: frozenset[Place] = frozenset()
) -> list[int]:
    """The weeks asked that some peer is known in, of the peer that is known in most."""
    order = sorted(asked)
    found = [level for tier in TIERS[scope] for level in _known(weeks, tier, column, order, limits, but).values()]
    return max((sorted(level) for level in found), key=lambda held: (len(held), held), default=[])


def is_long_enough(level: Iterable[int], limits: Limits) -> bool:
    held = list(level)
    before = sum(week < 0 for week in held)
    return before >= limits.benefit_weeks_before_min and len(held) - before >= limits.benefit_weeks_after_min


def _known(
    weeks: Weeks, tier: tuple[str, str], column: str, order: list[int], limits: Limits, but: frozenset[Place]
) -> dict[str, dict[int, float]]:
    """By name, the weeks asked of those that were at work in each of them that is known."""
    found = {}
    for name in weeks.places(*tier):
        place = (*tier, name)
        level = weeks.per_case(place, column)
        held = {week: level[week] for week in order if week in level}
        if place not in but and held and min(held.values()) > 0 and weeks.people_count(place) >= limits.people_min:
            found[name] = held
    return found


def _largest(
    weeks: Weeks, tier: tuple[str, str], known: Mapping[str, Mapping[int, float]], order: list[int], limits: Limits
) -> dict[str, np.ndarray]:
    """Logarithms of the largest that are known in every week of `order`, by name."""
    found = []
    for name, level in known.items():
        if not all(week in level for week in order):
            continue
        if np.mean([weeks.rows[*tier, name][week]["case_count"] for week in order]) >= limits.benefit_cases_min:
            found.append((-sum(level[week] for week in order), name, level))
    chosen = sorted(found, key=lambda one: one[:2])[: limits.benefit_peers_max]
    return {name: np.array([*logs({week: level[week] for week in order}).values()]) for _, name, level in chosen}


def _unmoved(found: dict[str, np.ndarray], order: list[int], limits: Limits) -> dict[str, np.ndarray]:
    """Those that did not step at go-live surely otherwise than the middle one: the others it reached, it seems."""
    if len(found) < 2 or not order[0] < 0 <= order[-1]:
        return found
    sureness = 1 - (1 - limits.benefit_sureness) / len(found)
    steps = {name: step(np.array(order), level, sureness) for name, level in found.items()}
    middle = float(np.median([one.change for one in steps.values()]))
    return {name: found[name] for name, one in steps.items() if one.low - NOTHING <= middle <= one.high + NOTHING}
