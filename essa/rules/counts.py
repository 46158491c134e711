"""Rows of `mart.rule_count`: each branch asked of every execution of the log, not of the sample it was learned on."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import duckdb

from essa.rules import sample
from essa.rules.sample import HISTORY, Input, Point
from essa.rules.seen import MODELS, SURE, Asked, before_inputs, choose_sql, chosen_sql, seen_sql
from essa.rules.wording import literal


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One pass over the log a process and kind of decision, then a count for each of its points."""
    by_point = branches(connection)
    groups: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in by_point:
        groups[point.process, point.decides].append(point)
    found: list[dict[str, Any]] = []
    for (process, decides), points in sorted(groups.items()):
        mine = [row for point in points for row in by_point[point]]
        read = {one for row in mine for one in row["reads"]}
        inputs = [one for one in sample.inputs(connection, process) if one.attribute in read]
        before = before_inputs(inputs, decides, mine)
        said = " ".join(row["condition"] or "" for row in mine)
        _see(connection, process, decides, inputs, [own for own in HISTORY if HISTORY[own] in said], before)
        for point in points:
            found += _counted(connection, point, by_point[point], before)
        connection.execute("DROP TABLE essa_seen")
    return found


def branches(connection: duckdb.DuckDBPyConnection) -> dict[Point, list[dict[str, Any]]]:
    found: dict[Point, list[dict[str, Any]]] = defaultdict(list)
    for row in sample.rows(
        connection, "SELECT * FROM mart.rule_branch ORDER BY process, activity, decides, model, branch_no"
    ):
        found[Point(row["process"], row["activity"], row["decides"])].append(row)
    return found


def picks(connection: duckdb.DuckDBPyConnection, process: str, decides: str) -> list[dict[str, Any]]:
    """The points of a process, with what picks their executions."""
    return sample.rows(
        connection,
        """SELECT point.activity::VARCHAR AS activity, point.censored_at, point.confirm_from_at, point.test_from_at,
            tonight.rule_clock_s_max AS clock_s,
            coalesce(list(pair.next_activity::VARCHAR ORDER BY pair.next_activity::VARCHAR)
                FILTER (pair.next_activity IS NOT NULL AND point.decides = 'next activity'), []) AS side_by_side
        FROM mart.decision_point AS point
        CROSS JOIN ops.tonight
        LEFT JOIN mart.concurrent_pair AS pair ON pair.process = point.process AND pair.activity = point.activity
        WHERE point.process = ? AND point.decides = ?
        GROUP BY ALL ORDER BY ALL""",
        [process, decides],
    )


def _see(
    connection: duckdb.DuckDBPyConnection,
    process: str,
    decides: str,
    inputs: list[Input],
    history: list[str],
    before: list[Input],
) -> None:
    found = picks(connection, process, decides)
    asked = [Asked(row["activity"], row["censored_at"], tuple(row["side_by_side"])) for row in found]
    slices = (found[0]["confirm_from_at"], found[0]["test_from_at"])
    seen = seen_sql(process, decides, slices, inputs, asked, "case_key", history, before, found[0]["clock_s"])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE essa_seen AS {seen}")


def _counted(
    connection: duckdb.DuckDBPyConnection, point: Point, branches: list[dict[str, Any]], before: list[Input]
) -> list[dict[str, Any]]:
    conditions: dict[str, dict[int, str]] = {model: {} for model in MODELS}
    for row in branches:
        if row["condition"]:
            conditions[row["model"]][row["branch_no"]] = row["condition"]
    source = f"(SELECT * FROM essa_seen WHERE essa_activity = {literal(point.activity)})"
    chosen = chosen_sql(source, {model: choose_sql(conditions[model]) for model in MODELS}, before)
    found = sample.rows(
        connection,
        f"""SELECT essa_slice AS slice, essa_way AS way, essa_rule, essa_history, essa_sure, count(*) AS event_count,
            min(essa_case_at) AS first_case_at, max(essa_case_at) AS last_case_at
        FROM ({chosen})
        GROUP BY GROUPING SETS ((essa_slice, essa_way, essa_rule), (essa_slice, essa_way, essa_history, essa_sure))
        ORDER BY ALL""",
    )
    foretold = _foretold(found, {row["branch_no"]: row["predicts"] for row in branches if row["model"] == "history"})
    counted: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in found:
        for model in MODELS:
            if (branch_no := row[f"essa_{model}"]) is None:
                continue
            kept = {column: row[column] for column in ("slice", "way", "event_count", "first_case_at", "last_case_at")}
            one = {**point.key, "model": model, "branch_no": branch_no, **kept, "foretold_count": None}
            if model == SURE:
                one["foretold_count"] = round(row["event_count"] * foretold[row["essa_history"]], 6)
            key = (row["slice"], row["way"], model, branch_no)
            counted[key] = _together(counted[key], one) if key in counted else one
    return list(counted.values())


def _foretold(found: list[dict[str, Any]], predicts: dict[int, str]) -> dict[int, Decimal]:
    """By branch of the history, how often it was right in later cases."""
    right, held = Counter[int](), Counter[int]()
    for row in found:
        if row["essa_history"] is not None and row["slice"] != "learn":
            held[row["essa_history"]] += row["event_count"]
            right[row["essa_history"]] += row["event_count"] * (row["way"] == predicts[row["essa_history"]])
    return {branch_no: Decimal(right[branch_no]) / max(held[branch_no], 1) for branch_no in predicts}


def _together(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "event_count": one["event_count"] + other["event_count"],
        "first_case_at": min(one["first_case_at"], other["first_case_at"]),
        "last_case_at": max(one["last_case_at"], other["last_case_at"]),
        "foretold_count": one["foretold_count"] + other["foretold_count"] if one["model"] == SURE else None,
    }
