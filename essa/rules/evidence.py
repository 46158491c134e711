"""Rows of `mart.rule_evidence`: one query a branch that shows its figures again from the published file alone."""

from __future__ import annotations

from typing import Any

import duckdb

from essa.rules import counts, sample
from essa.rules.sample import HISTORY, Point
from essa.rules.seen import MODELS, Asked, before_inputs, choose_sql, chosen_sql, seen_sql
from essa.rules.wording import literal


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Branch 0 stands for the whole point."""
    found: list[dict[str, Any]] = []
    sure = {
        Point(row["process"], row["activity"], row["decides"]): row["branches"]
        for row in sample.rows(connection, "SELECT process, activity, decides, branches FROM mart.sure_share")
    }
    for point, branches in counts.branches(connection).items():
        decision = _decision(connection, point, branches, sure.get(point, []))
        numbers = [row["branch_no"] for row in branches if row["model"] == "rule"]
        found += [
            {
                **point.key,
                "branch_no": number,
                "evidence_sql": decision + (_of_branch(number) if number else _of_point()),
            }
            for number in numbers
        ]
    return found


def _decision(
    connection: duckdb.DuckDBPyConnection, point: Point, branches: list[dict[str, Any]], sure: list[int]
) -> str:
    """The common beginning: every execution with what each model says of it."""
    read = {one for row in branches for one in row["reads"]}
    inputs = [one for one in sample.inputs(connection, point.process) if one.attribute in read]
    before = before_inputs(inputs, point.decides, branches)
    said = " ".join(row["condition"] or "" for row in branches)
    history = [own for own in HISTORY if HISTORY[own] in said]
    picks = counts.picks(connection, point.process, point.decides)
    found = next(row for row in picks if row["activity"] == point.activity)
    asked = [Asked(point.activity, found["censored_at"], tuple(found["side_by_side"]))]
    slices = (found["confirm_from_at"], found["test_from_at"])
    chosen, rightly = {}, []
    for model in MODELS:
        mine = [row for row in branches if row["model"] == model]
        chosen[model] = choose_sql({row["branch_no"]: row["condition"] for row in mine if row["condition"]})
        ways = ", ".join(literal(row["predicts"]) for row in mine)
        rightly.append(f"([{ways}])[essa_{model} + 1] = essa_way AS is_essa_{model}_right")
    confirmed = f"essa_sure IN ({', '.join(map(str, sure))})" if sure else "false"
    return (
        f"WITH seen AS ({seen_sql(point.process, point.decides, slices, inputs, asked, only=history, before=before)}),"
        f" decision AS (SELECT *, {', '.join(rightly)}, {confirmed} AS is_essa_sure,"
        f" essa_slice <> 'learn' AS is_essa_held, essa_slice = 'test' AS is_essa_latest"
        f" FROM ({chosen_sql('seen', chosen, before)})),"
        f" habit AS (SELECT max(n) AS most FROM"
        f" (SELECT count(*) AS n FROM decision WHERE is_essa_held GROUP BY essa_way)),"
        f" test AS (SELECT DATE '{found['confirm_from_at']:%Y-%m-%d}' AS split_on,"
        f" count(*) FILTER (is_essa_held) AS held_out_count,"
        f" round(count(*) FILTER (is_essa_held AND is_essa_rule_right) / held_out_count, 6) AS held_out_accuracy,"
        f" round(max(most) / held_out_count, 6) AS baseline_accuracy,"
        f" round(count(*) FILTER (is_essa_held AND is_essa_history_right) / held_out_count, 6) AS history_accuracy,"
        f" greatest(baseline_accuracy, history_accuracy) AS known_accuracy,"
        f" count(*) FILTER (is_essa_latest) AS latest_count,"
        f" count(*) FILTER (is_essa_latest AND is_essa_sure) AS realised_count,"
        f" round(realised_count / latest_count, 6) AS realised_share,"
        f" round(count(*) FILTER (is_essa_latest AND is_essa_sure AND is_essa_sure_right) / realised_count, 6)"
        f" AS realised_accuracy,"
        f" coalesce(round(realised_share * realised_accuracy, 6), 0) AS handled_share"
        f" FROM decision CROSS JOIN habit)"
    )


def _of_point() -> str:
    return " SELECT * FROM test"


def _of_branch(number: int) -> str:
    return (
        f" SELECT branch.*, test.* FROM (SELECT count(*) AS support_count,"
        f" round(count(*) FILTER (is_essa_held AND is_essa_rule_right) / nullif(count(*) FILTER (is_essa_held), 0), 6)"
        f" AS branch_accuracy FROM decision WHERE essa_rule = {number}) AS branch CROSS JOIN test"
    )
