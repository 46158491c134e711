"""Where work went that left a live candidate's steps: under another label, to another provider, to another team.

A place has taken it if its own work a case stepped up at go-live, surely even among all the places looked at, against
peers that are not it, and by enough of what went. What is the same seconds elsewhere was moved and not saved. Of places
at which few people work it is told by how often they do it, which is no figure of how they work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from essa.benefits.estimate import Step, step
from essa.benefits.series import OWN, Limits, Place, Row, Weeks, is_long_enough, logs, peers, usual


def rows(candidate_id: str, weeks: Weeks, limits: Limits) -> list[dict[str, Any]]:
    """Where work of one candidate went, and how much left it a case (`left_per_case`)."""
    own = ("step", "own", OWN)
    if weeks.people_count(own) < limits.people_min:
        return []
    is_timed = usual(weeks.per_case(own, "handling_s")) > 0
    found = []
    for column, places in _looked_at(weeks, is_timed, limits).items():
        level = weeks.per_case(own, column)
        if not is_long_enough(level, limits) or usual(level) == 0:
            continue
        fell = _against_peers(weeks, level, column, limits)
        if fell is not None and fell.high < 0:
            found += _risen(weeks, places, column, usual(level) * (1 - float(np.exp(fell.change))), limits)
    found.sort(key=lambda row: (-row["moved_share"], row["kind"], row["place"]))
    column = "handling_s" if is_timed else "execution_count"
    teams = [place for place in _places(weeks, ("team",)) if weeks.people_count(place) >= limits.people_min]
    if len(teams) > 1:
        steps = {team: _rise(weeks, team, column, len(teams), limits) for team in teams}
        left = -sum(one.change for one in steps.values() if one is not None and one.high < 0)
        found += _risen(weeks, teams, column, left, limits) if left > 0 else []
    return [{"candidate_id": candidate_id, **row} for row in found]


def told_once(lives: Sequence[Mapping[str, Any]], found: Sequence[Row], limits: Limits) -> list[dict[str, Any]]:
    """What rose at one place as several of a process went live came from who lost most, the rest from the next."""
    named = {live["candidate_id"]: live for live in lives}
    near = timedelta(weeks=limits.benefit_weeks_after_min)
    told: list[tuple[int, dict[str, Any]]] = []
    taken: list[tuple[Row, float]] = []
    for number, row in sorted(enumerate(found), key=lambda each: (-each[1]["left_per_case"], each[0])):
        live = named[row["candidate_id"]]
        before = sum(
            amount for other, amount in taken
            if all(other[name] == row[name] for name in ("kind", "place", "measure"))
            and named[other["candidate_id"]]["process"] == live["process"]
            and abs(named[other["candidate_id"]]["live_on"] - live["live_on"]) < near
        )  # fmt: skip
        left = row["left_per_case"]
        share = min((row["change_per_case"] - before) / left, 1)
        if before and share < limits.displaced_share_min:
            continue
        taken.append((row, share * left))
        kept = {name: value for name, value in row.items() if name != "left_per_case"}
        told.append((number, kept | {"moved_share": round(share, 6)}))
    return [row for _, row in sorted(told, key=lambda each: each[0])]


def _looked_at(weeks: Weeks, is_timed: bool, limits: Limits) -> dict[str, list[Place]]:
    """What is counted at which places: how long it took, but of few people only how often it was done."""
    places = _places(weeks, ("label", "provider"))
    many = [place for place in places if weeks.people_count(place) >= limits.people_min]
    few = [place for place in places if place not in many]
    return {"handling_s": many, "execution_count": few} if is_timed else {"execution_count": places}


def _places(weeks: Weeks, kinds: tuple[str, ...]) -> list[Place]:
    return [("step", kind, name) for kind in kinds for name in weeks.places("step", kind)]


def _against_peers(weeks: Weeks, level: Mapping[int, float], column: str, limits: Limits) -> Step | None:
    others = peers(weeks, "step", column, level, limits)
    if others is None:
        return None
    order = sorted(others.level)
    own = logs(level)
    return step(np.array(order), np.array([own[week] - others.level[week] for week in order]), limits.benefit_sureness)


def _risen(weeks: Weeks, places: list[Place], column: str, left: float, limits: Limits) -> list[dict[str, Any]]:
    """The places that took enough of what left, and how much; the most first."""
    found = []
    for place in places:
        rise = _rise(weeks, place, column, len(places), limits)
        if rise is None or rise.low <= 0 or rise.change < limits.displaced_share_min * left:
            continue
        unit = 3600 if column == "handling_s" else 1
        found.append(
            {
                "kind": place[1],
                "place": place[2],
                "measure": "handling_h" if column == "handling_s" else "executions",
                "per_case_before": round(max(rise.before, 0) / unit, 6),
                "change_per_case": round(rise.change / unit, 6),
                "change_per_case_low": round(rise.low / unit, 6),
                "change_per_case_high": round(rise.high / unit, 6),
                "moved_share": round(min(rise.change / left, 1), 6),
                "left_per_case": left / unit,
            }
        )
    return sorted(found, key=lambda row: (-row["change_per_case"], row["kind"], row["place"]))


def _rise(weeks: Weeks, place: Place, column: str, looked_at: int, limits: Limits) -> Step | None:
    """The step of a place's work by each of the candidate's own cases, the peers' own changes taken out."""
    own = weeks.of("step", "own")
    level = {}
    for week in own:
        row = weeks.rows[place].get(week)
        if row is not None:
            # another provider's cases are others: of two sides that share the work, both count
            cases = own[week]["case_count"] + (row["case_count"] if place[1] == "provider" else 0)
            level[week] = row[column] / cases
    if not is_long_enough(level, limits):
        return None
    if place[1] == "provider":
        both = sum(own[week]["case_count"] + weeks.rows[place][week]["case_count"] for week in level)
        share = sum(own[week]["case_count"] for week in level) / both
        level = {week: value / share for week, value in level.items()}
    others = peers(weeks, "step", column, level, limits, frozenset({place}))
    order = sorted(others.level if others else level)
    values = [level[week] / float(np.exp(others.level[week] if others else 0)) for week in order]
    sureness = 1 - (1 - limits.benefit_sureness) / looked_at
    return step(np.array(order), np.array(values), sureness)
