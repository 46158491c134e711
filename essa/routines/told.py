"""What the log says of a routine, for its work instruction: its steps, decisions, what comes between, and fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from essa.routines.fitting import stands_in
from essa.warehouse import Warehouse

# what is done to a button, a window or a list, and not to a field
PRESSED = re.compile(r"(?:click|press|tap|open|close|submit|save|send|switch|scroll|navigate)", re.IGNORECASE)
ORDERS_MAX = 3  # of a routine; rarer ones are said by no one who does it


def routines(warehouse: Warehouse) -> list[dict[str, Any]]:
    """All, those that hold most work first."""
    return warehouse.rows("FROM mart.routine ORDER BY handling_h DESC, support_count DESC, routine_id")


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
        """WITH turn AS (
            SELECT found.case_key, found.run_no, found.step_no, min(instance.position) AS position
            FROM mart.routine_instance AS found
            JOIN core.activity_instance AS instance USING (activity_instance_id)
            WHERE found.routine_id = ? GROUP BY ALL
        )
        SELECT steps, count(*) AS run_count
        FROM (SELECT list(step_no ORDER BY position) AS steps FROM turn GROUP BY case_key, run_no)
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
        """SELECT found.routine_id, found.step_no, count(*) AS event_count,
            count(DISTINCT (found.case_key, found.run_no)) AS run_count,
            count(DISTINCT (found.case_key, found.run_no)) FILTER (is_again) AS again_run_count,
            count(DISTINCT instance.resource) FILTER (NOT instance.is_robot) BETWEEN 1 AND any_value(people_min) - 1
                AS is_small,
            CASE WHEN NOT is_small THEN quantile_disc(instance.handling_s, .5) END AS median_s,
            CASE WHEN NOT is_small THEN quantile_disc(instance.handling_s, .9) END AS slow_s,
            CASE WHEN NOT is_small THEN quantile_disc(instance.waiting_s, .5) END AS median_waiting_s,
            list(DISTINCT instance.system::VARCHAR ORDER BY instance.system::VARCHAR)
                FILTER (instance.system IS NOT NULL) AS systems,
            count(*) FILTER (instance.is_robot) AS robot_count
        FROM (
            SELECT *, count(*) OVER (PARTITION BY routine_id, case_key, run_no, step_no) > 1 AS is_again
            FROM mart.routine_instance
        ) AS found
        JOIN core.activity_instance AS instance USING (activity_instance_id)
        CROSS JOIN ops.tonight
        GROUP BY found.routine_id, found.step_no ORDER BY found.routine_id, found.step_no"""
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
            SELECT found.case_key, found.run_no, min(instance.position) AS first, max(instance.position) AS last
            FROM mart.routine_instance AS found
            JOIN core.activity_instance AS instance USING (activity_instance_id)
            WHERE found.routine_id = ? GROUP BY ALL HAVING count(*) < last - first + 1
        )
        SELECT instance.activity::VARCHAR AS activity, count(*) AS event_count,
            count(DISTINCT (run.case_key, run.run_no)) AS run_count
        FROM run
        JOIN core.activity_instance AS instance
            ON instance.case_key = run.case_key AND instance.position BETWEEN run.first AND run.last
        ANTI JOIN mart.routine_instance AS own ON own.activity_instance_id = instance.activity_instance_id
        GROUP BY instance.activity ORDER BY run_count DESC, activity LIMIT 8""",
        [routine["routine_id"]],
    )


def elements(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is worked on at its steps and not pressed, as seen at a screen: narrowest place, the others, how often."""
    feeds = warehouse.rows("SELECT feed, recorded_names AS places FROM core.feed WHERE is_desktop ORDER BY feed")
    found: dict[tuple[int, str, str], int] = {}
    for feed in feeds:
        rows = warehouse.rows(
            """SELECT found.step_no, instance.system::VARCHAR AS system, instance.attributes, count(*) AS event_count
            FROM mart.routine_instance AS found
            JOIN core.activity_instance AS instance USING (activity_instance_id)
            WHERE found.routine_id = ? AND instance.feed::VARCHAR = ? GROUP BY ALL ORDER BY ALL""",
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
