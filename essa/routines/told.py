"""What the log says of a routine, for its work instruction: its steps, decisions, what comes between, and fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from essa.routines.profiles import stands_in
from essa.warehouse import Warehouse

# what is done to a button, a window or a list, and not to a field
PRESSED = re.compile(r"(?:click|press|tap|open|close|submit|save|send|switch|scroll|navigate)", re.IGNORECASE)
ORDERS_MAX = 3  # of a routine; rarer ones are said by no one who does it


def routines(warehouse: Warehouse) -> list[dict[str, Any]]:
    """All, those that hold most work first."""
    return warehouse.rows(
        """WITH worked AS (
            SELECT routine_id,
                sum(handling_s) FILTER (handling_method = 'worker_gap') / nullif(sum(handling_s), 0) AS estimated_share
            FROM mart.routine_execution WHERE NOT is_robot AND resource IS NOT NULL GROUP BY routine_id
        )
        FROM mart.routine LEFT JOIN worked USING (routine_id)
        ORDER BY handling_h DESC, support_count DESC, routine_id"""
    )


def apart(steps: Sequence[str], known: Iterable[Sequence[str]]) -> list[str | None]:
    """What to add to the first and last of these steps to tell them from those that begin and end alike, best first.

    Nothing where none do; else a step that none of them has, so that no two trade names as the data grow.
    """
    ends = {steps[0], steps[-1]}
    alike = [one for one in known if one is not steps and (one[0], one[-1]) == (steps[0], steps[-1])]
    between = [step for step in steps[1:-1] if step not in ends]
    own = [step for step in between if alike and not any(step in one for one in alike)]
    return [*own, None, *(step for step in between if step not in own)]


def at_screens(warehouse: Warehouse) -> dict[str, int]:
    """Processes that were found in logs of screens, and how many steps those logs have in all."""
    found = warehouse.rows(
        """WITH total AS (SELECT feed, count(*) AS step_count FROM core.activity_instance GROUP BY feed)
        SELECT process, sum(step_count)::BIGINT AS step_count
        FROM (SELECT DISTINCT process::VARCHAR AS process, feed FROM core.activity_instance)
        JOIN total USING (feed)
        SEMI JOIN core.desktop_event USING (process) GROUP BY process"""
    )
    return {row["process"]: row["step_count"] for row in found}


def orders(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The commonest orders of its steps that are not the one listed, and how many runs have each, or a part of it."""
    found = warehouse.rows(
        """SELECT steps, sum(case_count)::BIGINT AS run_count
        FROM (
            SELECT list(step_no ORDER BY position) AS steps, case_count
            FROM mart.routine_turn
            WHERE routine_id = ? GROUP BY process, variant_key, run_no, case_count
        )
        WHERE steps <> list_sort(steps) GROUP BY steps ORDER BY run_count DESC, steps""",
        [routine["routine_id"]],
    )
    kept: list[dict[str, Any]] = []
    for one in found:
        whole = next((it for it in kept if stands_in(one["steps"], it["steps"])), None)
        if whole is not None:
            whole["run_count"] += one["run_count"]
        elif len(kept) < ORDERS_MAX:
            kept.append(one)
    return sorted(kept, key=lambda one: -one["run_count"])


def steps(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    """Of each routine, what is known of each of its steps."""
    found = warehouse.rows(
        """WITH done AS (
            SELECT routine_id, step_no, sum(event_count * case_count)::BIGINT AS event_count,
                sum(case_count)::BIGINT AS run_count,
                coalesce(sum(case_count) FILTER (event_count > 1), 0)::BIGINT AS again_run_count
            FROM mart.routine_turn GROUP BY routine_id, step_no
        ),
        worked AS (
            SELECT routine_id, step_no,
                count(DISTINCT resource) FILTER (NOT is_robot) BETWEEN 1 AND any_value(people_min) - 1 AS is_small,
                CASE WHEN NOT is_small THEN quantile_disc(handling_s, .5) END AS median_s,
                CASE WHEN NOT is_small THEN quantile_disc(handling_s, .9) END AS slow_s,
                CASE WHEN NOT is_small THEN quantile_disc(waiting_s, .5) END AS median_waiting_s,
                list(DISTINCT system ORDER BY system) FILTER (system IS NOT NULL)::VARCHAR[] AS systems,
                count(*) FILTER (is_robot) AS robot_count
            FROM mart.routine_execution
            CROSS JOIN ops.tonight
            GROUP BY routine_id, step_no
        )
        SELECT worked.*, done.* EXCLUDE (routine_id, step_no)
        FROM worked
        JOIN done USING (routine_id, step_no) ORDER BY routine_id, step_no"""
    )
    of_routine: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        of_routine.setdefault(row["routine_id"], []).append(row)
    return of_routine


def decisions(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    return warehouse.rows(
        """SELECT activity::VARCHAR AS activity, condition, predicts, attribute, held_out_accuracy, held_out_count,
            predicts IN (SELECT activity::VARCHAR FROM mart.step_worth WHERE process = rule.process) AS is_step
        FROM mart.rule AS rule WHERE is_held AND process = ? AND list_contains(?::VARCHAR[], activity::VARCHAR)
        ORDER BY ALL""",
        [routine["process"], routine["activities"]],
    )


def typed_again(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What its steps usually record that is known already, and where from that is surest."""
    return warehouse.rows(
        """SELECT to_activity::VARCHAR AS activity, to_attribute AS attribute,
            from_activity::VARCHAR AS from_activity, from_attribute
        FROM mart.copied_value CROSS JOIN ops.tonight
        WHERE kind IN ('copy', 'reformatted copy') AND typed_share >= sufficient_share_min
            AND process = ? AND list_contains(?::VARCHAR[], to_activity::VARCHAR)
        QUALIFY row_number() OVER (PARTITION BY to_attribute ORDER BY score DESC, from_attribute) = 1
        ORDER BY ALL""",
        [routine["process"], routine["activities"]],
    )


def between(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stands within its runs and is no step of it, the commonest first."""
    return warehouse.rows(
        """WITH run AS (
            SELECT process, variant_key, run_no, min(position) AS first, max(last_position) AS last
            FROM mart.routine_turn
            WHERE routine_id = ? GROUP BY process, variant_key, run_no HAVING sum(event_count) < last - first + 1
        )
        SELECT activity::VARCHAR AS activity, sum(case_count)::BIGINT AS run_count
        FROM (
            SELECT DISTINCT process, variant_key, run.run_no, step.activity, step.case_count
            FROM run
            JOIN core.variant_step AS step USING (process, variant_key)
            ANTI JOIN mart.routine_match AS own USING (process, variant_key, position)
            WHERE step.position BETWEEN run.first AND run.last
        ) AS beside
        GROUP BY beside.activity ORDER BY run_count DESC, 1 LIMIT 8""",
        [routine["routine_id"]],
    )


def elements(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is worked on at its steps and not pressed, as seen at a screen: narrowest place, the others, how often."""
    feeds = warehouse.rows("SELECT feed, recorded_names AS places FROM core.feed WHERE is_desktop ORDER BY feed")
    found: dict[tuple[int, str, str], int] = {}
    for feed in feeds:
        rows = warehouse.rows(
            """SELECT step_no, system::VARCHAR AS system, attributes, count(*) AS event_count
            FROM mart.routine_execution
            WHERE routine_id = ? AND feed::VARCHAR = ? GROUP BY ALL ORDER BY ALL""",
            [routine["routine_id"], feed["feed"]],
        )
        for row in rows:
            *wider, element = [row["attributes"].get(name) for name in feed["places"]] or [None]
            if element and not PRESSED.match(routine["activities"][row["step_no"] - 1]):
                where = ", ".join(filter(None, [row["system"], *wider]))
                key = row["step_no"], element, where
                found[key] = found.get(key, 0) + row["event_count"]
    commonest = sorted(found.items(), key=lambda one: (one[0][0], -one[1], one[0]))
    return [{"step_no": no, "element": what, "where": where, "count": count} for (no, what, where), count in commonest]
