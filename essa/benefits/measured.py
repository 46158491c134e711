"""What changed since a candidate went live, beside untouched peers: rows of `mart.benefit` and `mart.displacement`.

Difference in differences: the weekly figure a case, over its usual week before, less the peers' own, and the step in
what is left at go-live. It stands for five measures, for a step may get quicker while its case does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

import duckdb
import numpy as np

from essa.benefits import displaced, told
from essa.benefits.estimate import Step, step
from essa.benefits.series import (
    OWN,
    Limits,
    Peers,
    Place,
    Weeks,
    common_weeks,
    is_long_enough,
    logs,
    peers,
    usual,
)


@dataclass(frozen=True)
class Measure:
    """One figure of a week, divided by the cases begun in it."""

    name: str
    scope: str
    column: str
    unit: int  # of the column in one of what is told


HOUR = 3600
MEASURES = (
    Measure("step_handling_h", "step", "handling_s", HOUR),
    Measure("step_executions", "step", "execution_count", 1),
    Measure("step_waiting_h", "step", "waiting_s", HOUR),
    Measure("case_handling_h", "case", "handling_s", HOUR),
    Measure("case_duration_h", "case", "duration_s", HOUR),
)
HANDLING = ("step_handling_h", "case_handling_h")
MOVABLE = ("step_handling_h", "step_executions")
YEAR_WEEKS = 365.25 / 7
Row = dict[str, Any]


def benefit(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Rows of `mart.benefit`, one of each measure for every live candidate."""
    moved: dict[str, list[Row]] = {}
    for row in _rows(connection, "FROM mart.displacement ORDER BY candidate_id, change_per_case DESC, kind, place"):
        moved.setdefault(row["candidate_id"], []).append(row)
    limits = _limits(connection)
    found = []
    for live, weeks in _live(connection):
        gone = moved.get(live["candidate_id"], [])
        found += agreed(measure(live, weeks, gone, limits), gone)
    return found


def displacement(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Rows of `mart.displacement`."""
    limits = _limits(connection)
    lives = list(_live(connection))
    found = [row for live, weeks in lives for row in displaced.rows(live["candidate_id"], weeks, limits)]
    return displaced.told_once([live for live, _ in lives], found, limits)


TABLES = {"mart.displacement": displacement, "mart.benefit": benefit}


def measure(live: Mapping[str, Any], weeks: Weeks, moved: list[Row], limits: Limits) -> Iterator[Row]:
    """Each measure of one live candidate; where it cannot be told, why."""
    taken = frozenset((scope, row["kind"], row["place"]) for row in moved for scope in ("step", "case"))
    elsewhere = [row for row in moved if row["kind"] != "team"]
    for one in MEASURES:
        place = (one.scope, "own", OWN)
        level = weeks.per_case(place, one.column)
        others = peers(weeks, one.scope, one.column, level, limits, taken) if level else None
        because = _why_not(one, weeks, place, level, others, limits, taken)
        if others is not None:
            level = {week: level[week] for week in others.level}
        is_told = weeks.people_count(place) >= limits.people_min
        row = _bare(live, one, level if is_told else {})
        if because or others is None:
            yield row | {"verdict": "abstains", "says": because}
            continue
        found = _step(level, others, limits.benefit_sureness)
        row |= _told(one, weeks, level, found, others)
        if one.name in MOVABLE:
            row["moved_share"] = round(min(sum(other["moved_share"] for other in elsewhere), 1.0), 6)
            for end in ("", "_low", "_high") if one.name in HANDLING else ():  # what was moved is not saved
                row[f"saved_h_per_year{end}"] = round(row[f"saved_h_per_year{end}"] * (1 - row["moved_share"]), 6)
        yield row | {"says": told.change(row, len(others.names), moved if one.name in MOVABLE else [])}


def agreed(rows: Iterable[Row], moved: list[Row]) -> list[Row]:
    """The measures; where work was moved away, no more is saved than the whole case, which holds both, surely shows."""
    told_of = list(rows)
    step_row, case_row = (next((row for row in told_of if row["measure"] == name), {}) for name in HANDLING)
    if all(row["kind"] == "team" for row in moved) or not {"saved_h_per_year"} <= step_row.keys() & case_row.keys():
        return told_of
    usual_h = step_row["saved_h_per_year"]
    is_sure = case_row["verdict"] == "fell"
    for end in ("", "_low", "_high"):
        name = f"saved_h_per_year{end}"
        most = max(case_row[name], 0.0) if is_sure or end == "_high" else 0.0
        step_row[name] = min(step_row[name], most)
    if step_row["saved_h_per_year"] < usual_h:
        step_row["says"] += told.NO_MORE_THAN_CASE if is_sure else told.NO_CASE
    return told_of


def _bare(live: Mapping[str, Any], one: Measure, level: Mapping[int, float]) -> Row:
    before = [week for week in level if week < 0]
    after = {week: value for week, value in level.items() if week >= 0}
    return {
        "candidate_id": live["candidate_id"],
        "process": live["process"],
        "activities": live["activities"],
        "measure": one.name,
        "is_end_to_end": one.scope == "case",
        "live_on": live["live_on"],
        "baseline_from_on": live["live_on"] + timedelta(weeks=min(before)) if before else None,
        "weeks_before": len(before),
        "weeks_after": len(after),
        "per_case_before": round(usual(level) / one.unit, 6) if before else None,
        "per_case_after": round(float(np.mean(list(after.values()))) / one.unit, 6) if after else None,
    }


def _why_not(
    one: Measure,
    weeks: Weeks,
    place: Place,
    level: Mapping[int, float],
    others: Peers | None,
    limits: Limits,
    taken: frozenset[Place],
) -> str | None:
    """The first reason that nothing can be told, in words."""
    own = weeks.rows.get(place, {})
    if not own:
        return told.NO_WORK
    if weeks.people_count(place) < limits.people_min:
        return told.FEW_PEOPLE.format(limits.people_min)
    if not is_long_enough(level, limits):
        return told.few_weeks(level, one.column, limits)
    if np.mean([own[week]["case_count"] for week in level]) < limits.benefit_cases_min:
        return told.FEW_CASES.format(limits.benefit_cases_min)
    if usual(level) <= 0:
        return told.NOTHING_KNOWN
    if others is not None:
        return None
    common = common_weeks(weeks, one.scope, one.column, level, limits, taken)
    return told.few_common_weeks(common, limits) if common and not is_long_enough(common, limits) else told.NO_PEERS


def _step(level: Mapping[int, float], others: Peers, sureness: float) -> Step:
    order = sorted(level)
    own = logs(level)
    return step(np.array(order), np.array([own[week] - others.level[week] for week in order]), sureness)


def _told(one: Measure, weeks: Weeks, level: Mapping[int, float], found: Step, others: Peers) -> Row:
    share, low, high = (float(np.expm1(value)) for value in (found.change, found.low, found.high))
    before = usual(level) / one.unit
    theirs = np.mean([value for week, value in others.level.items() if week >= 0]) - np.mean(
        [value for week, value in others.level.items() if week < 0]
    )
    row: Row = {
        "peer_kind": others.kind,
        "peers": list(others.names),
        "peer_change_share": round(float(np.expm1(theirs)), 6),
        "change_share": round(share, 6),
        "change_share_low": round(low, 6),
        "change_share_high": round(high, 6),
        "change_per_case": round(share * before, 6),
        "has_trend": found.has_trend,
        "week_correlation": round(found.correlation, 6),
        "verdict": "fell" if found.high < 0 else "rose" if found.low > 0 else "unsure",
    }
    if one.name in HANDLING:
        own = weeks.of(one.scope, "own")
        cases = float(np.mean([own[week]["case_count"] for week in level if week >= 0])) * YEAR_WEEKS
        row["saved_h_per_year"] = round(-share * before * cases, 6)
        row["saved_h_per_year_low"] = round(-high * before * cases, 6)
        row["saved_h_per_year_high"] = round(-low * before * cases, 6)
    return row


def _live(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Row, Weeks]]:
    held: dict[str, list[Row]] = {}
    for row in _rows(connection, "FROM mart.live_week ORDER BY ALL"):
        held.setdefault(row["candidate_id"], []).append(row)
    for live in _rows(connection, "FROM mart.live_candidate ORDER BY candidate_id"):
        yield live, Weeks(held.get(live["candidate_id"], []))


def _limits(connection: duckdb.DuckDBPyConnection) -> Limits:
    tonight = _rows(connection, "FROM ops.tonight")[0]
    return Limits(**{field.name: tonight[field.name] for field in fields(Limits)})


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
