"""Rows of `mart.rule_evidence`: one query a branch that shows its figures again from the published file alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from essa.rules import counts, sample
from essa.rules.sample import HISTORY, Point
from essa.rules.seen import MODELS, Asked, before_inputs, choose_sql, chosen_sql, seen_sql
from essa.rules.wording import literal


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Branch 0 stands for the whole point."""
    found: list[dict[str, Any]] = []
    limit_sql = "SELECT rule_net_min, rule_drift_min, rule_listed_min, rule_held_out_min FROM ops.tonight"
    limits = sample.rows(connection, limit_sql)[0]
    sure = {
        Point(row["process"], row["activity"], row["decides"]): row["branches"]
        for row in sample.rows(connection, "SELECT process, activity, decides, branches FROM mart.sure_share")
    }
    for point, branches in counts.branches(connection).items():
        split_on, decision = _decision(connection, point, branches, sure.get(point, []))
        asked = f"WITH {decision}, {figures_sql(branches, split_on, limits)}"
        found += [
            {
                **point.key,
                "branch_no": number,
                "evidence_sql": asked + (_of_branch(number) if number else _of_point()),
            }
            for number in _rule(branches)
        ]
    return found


def _decision(
    connection: duckdb.DuckDBPyConnection, point: Point, branches: list[dict[str, Any]], sure: list[int]
) -> tuple[date, str]:
    """When the later cases begin, and every execution with what each model says of it."""
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
    seen = seen_sql(
        point.process, point.decides, slices, inputs, asked, only=history, before=before, clock_s=found["clock_s"]
    )
    return found["confirm_from_at"].date(), (
        f"seen AS ({seen}),"
        f" decision AS (SELECT *, {', '.join(rightly)}, {confirmed} AS is_essa_sure,"
        f" essa_slice <> 'learn' AS is_essa_held, essa_slice = 'test' AS is_essa_latest"
        f" FROM ({chosen_sql('seen', chosen, before)}))"
    )


def figures_sql(branches: list[dict[str, Any]], split_on: date, limits: dict[str, Any]) -> str:
    """The figures of `mart.decision`, under its guard: rules handle nothing that habit or history know as well.

    `decision` has a row an execution: what each model says, whether it was right, and which slice it is of.
    """
    latest, learned = "count(*) FILTER (is_essa_latest", "count(*) FILTER (NOT is_essa_held"
    latest_upper = _wilson("latest_right_count", "latest_count", "+")
    drifted = (
        f"coalesce({latest_upper} < learned_accuracy - {limits['rule_drift_min']}"
        f" AND learned_accuracy - learned_habit >= {limits['rule_listed_min']} * (1 - learned_habit), false)"
    )
    return (
        "habit AS (SELECT max(held) AS most, max(n - held) AS learned_most FROM"
        " (SELECT count(*) FILTER (is_essa_held) AS held, count(*) AS n FROM decision GROUP BY essa_way)),"
        " past AS (SELECT essa_history, avg(is_essa_history_right::INT) AS right_share"
        " FROM decision WHERE is_essa_held GROUP BY essa_history),"
        f" test AS (SELECT DATE '{split_on}' AS split_on,"
        " count(*) FILTER (is_essa_held) AS held_out_count,"
        " round(count(*) FILTER (is_essa_held AND is_essa_rule_right) / held_out_count, 6) AS held_out_accuracy,"
        " round(max(most) / held_out_count, 6) AS baseline_accuracy,"
        " round(count(*) FILTER (is_essa_held AND is_essa_history_right) / held_out_count, 6) AS history_accuracy,"
        " greatest(baseline_accuracy, history_accuracy) AS known_accuracy,"
        f" {learned} AND is_essa_rule_right) / nullif({learned}), 0) AS learned_accuracy,"
        f" max(learned_most) / nullif({learned}), 0) AS learned_habit,"
        f" {latest}) AS latest_count, {latest} AND is_essa_rule_right) AS latest_right_count,"
        f" {latest} AND is_essa_sure) AS realised_count,"
        f" {latest} AND is_essa_sure AND is_essa_sure_right) AS realised_right_count,"
        " round(realised_count / latest_count, 6) AS realised_share,"
        " round(realised_right_count / nullif(realised_count, 0), 6) AS realised_accuracy,"
        f" round({_wilson('realised_right_count', 'realised_count', '-')}, 6) AS realised_accuracy_lower,"
        " round(avg(right_share) FILTER (is_essa_latest AND is_essa_sure), 6) AS foretold_share,"
        f" {drifted if len(_rule(branches)) > 1 else 'false'} AS is_drifted,"
        " greatest(known_accuracy, foretold_share) AS known_of_them,"
        " CASE WHEN NOT is_drifted AND coalesce(realised_accuracy_lower - known_of_them >="
        f" {limits['rule_net_min']} * (1 - known_of_them), false) AND held_out_count >= {limits['rule_held_out_min']}"
        " THEN round(realised_share * realised_accuracy, 6) ELSE 0 END AS handled_share"
        " FROM decision LEFT JOIN past USING (essa_history) CROSS JOIN habit)"
    )


def _rule(branches: list[dict[str, Any]]) -> list[int]:
    return [row["branch_no"] for row in branches if row["model"] == "rule"]


def _wilson(right: str, count: str, sign: str) -> str:
    """A bound of a share, 95 %."""
    share, count = f"{right} / nullif({count}, 0)", f"nullif({count}, 0)"
    return (
        f"({share} + 1.9208 / {count} {sign} 1.96 * sqrt({share} * (1 - {share}) / {count}"
        f" + .9604 / ({count} * {count}))) / (1 + 3.8416 / {count})"
    )


def _of_point() -> str:
    return " SELECT * FROM test"


def _of_branch(number: int) -> str:
    return (
        f" SELECT branch.*, test.* FROM (SELECT count(*) AS support_count,"
        f" round(count(*) FILTER (is_essa_held AND is_essa_rule_right) / nullif(count(*) FILTER (is_essa_held), 0), 6)"
        f" AS branch_accuracy FROM decision WHERE essa_rule = {number}) AS branch CROSS JOIN test"
    )
