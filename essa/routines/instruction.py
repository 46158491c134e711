"""A draft work instruction for each routine, as Markdown, for whoever would follow it or have software do it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from essa import in_words
from essa.warehouse import Warehouse

FOLDER = "routines"
NEVER = "No rule was found in what the log records; ask who does it."


def write(warehouse: Warehouse, folder: Path) -> int:
    """One file a routine into a new folder, named by its id; how many."""
    folder.mkdir(parents=True)
    routines = warehouse.rows("FROM mart.routine ORDER BY routine_id")
    for routine in routines:
        text = _document(
            routine, _steps(warehouse, routine), _decisions(warehouse, routine), _between(warehouse, routine)
        )
        (folder / f"{routine['routine_id']}.md").write_text(text, encoding="utf-8")
    return len(routines)


def show(written: Path, published: Path) -> None:
    """Puts a night's folder, if it wrote one, in place of the last one's beside the publication."""
    if not written.exists():
        return
    part = published.with_name(published.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(written, part)
    shutil.rmtree(published, ignore_errors=True)
    part.rename(published)


def _steps(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    return warehouse.rows(
        """SELECT found.step_no, count(*) AS event_count,
            count(DISTINCT (found.case_key, found.run_no)) AS run_count,
            quantile_disc(instance.handling_s, .5) AS median_s, quantile_disc(instance.handling_s, .9) AS slow_s,
            quantile_disc(instance.waiting_s, .5) AS median_waiting_s,
            list(DISTINCT instance.system::VARCHAR ORDER BY instance.system::VARCHAR)
                FILTER (instance.system IS NOT NULL) AS systems,
            count(*) FILTER (instance.is_robot) AS robot_count
        FROM mart.routine_instance AS found
        JOIN core.activity_instance AS instance USING (activity_instance_id)
        WHERE found.routine_id = ? GROUP BY found.step_no ORDER BY found.step_no""",
        [routine["routine_id"]],
    )


def _decisions(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    return warehouse.rows(
        """SELECT activity::VARCHAR AS activity, condition, predicts, attribute, held_out_accuracy, held_out_count
        FROM mart.rule WHERE is_held AND process = ? AND list_contains(?::VARCHAR[], activity::VARCHAR)
        ORDER BY ALL""",
        [routine["process"], routine["activities"]],
    )


def _between(warehouse: Warehouse, routine: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stands within its runs and is no step of it, the commonest first."""
    return warehouse.rows(
        """WITH run AS (
            SELECT found.case_key, found.run_no, min(instance.position) AS first, max(instance.position) AS last
            FROM mart.routine_instance AS found
            JOIN core.activity_instance AS instance USING (activity_instance_id)
            WHERE found.routine_id = ? GROUP BY ALL
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


def _document(
    routine: Mapping[str, Any],
    steps: list[dict[str, Any]],
    decisions: list[dict[str, Any]],
    between: list[dict[str, Any]],
) -> str:
    names, runs = routine["activities"], routine["support_count"]
    parts = [
        f"# {_plain(names[0])} … {_plain(names[-1])}",
        f"A draft from the log of {_plain(routine['process'])}: what people did, not what they should do."
        f" Routine {routine['routine_id']}; check it with those who do the work before anybody builds on it.",
        "## At a glance",
        "\n".join(_glance(routine)),
        "## Steps",
        "\n".join(_step_rows(routine, steps)),
        "## Decisions",
        "\n".join(_decision_lines(decisions)) or NEVER,
        "## Inputs",
        "\n".join(f"- {_plain(name)}" for name in sorted({row["attribute"] for row in decisions}))
        or "The log names no field that a decision was found to depend on.",
        "## Exceptions",
        "\n".join(_exceptions(routine, steps, between, runs)) or "None were seen.",
    ]
    return "\n\n".join(parts) + "\n"


def _glance(routine: Mapping[str, Any]) -> list[str]:
    runs = routine["support_count"]
    median_s = routine["median_handling_s"]
    return [
        f"- Runs: {runs:,} in {routine['case_count']:,} cases,"
        f" {routine['coverage_share']:.1%} of the process's executions",
        f"- Work: {routine['handling_h']:,.1f} h"
        + (
            f", a median {in_words.span(median_s)} a run" if median_s else "; the log does not say how long a run takes"
        ),
        f"- Delay between its steps: {routine['waiting_h']:,.1f} working hours in all",
        f"- Systems: {', '.join(map(_plain, routine['systems'])) or 'the log names none'}",
        f"- Done by: {', '.join(map(_plain, routine['providers']))}",
        f"- Straight through: {routine['straight_share']:.1%} of the runs;"
        f" by one person without a long wait: {routine['one_go_share']:.1%}",
    ]


def _step_rows(routine: Mapping[str, Any], steps: list[dict[str, Any]]) -> list[str]:
    known = {row["step_no"]: row for row in steps}
    lines = [
        "| # | Step | Done in | System | Usual time | Slow time (1 in 10) | Wait before |",
        "|--:|---|--:|---|--:|--:|--:|",
    ]
    for step_no, (name, is_optional) in enumerate(zip(routine["activities"], routine["is_optional"], strict=True), 1):
        row = known.get(step_no)
        if row is None:
            continue
        systems = ", ".join(map(_plain, row["systems"] or [])) or "-"
        usual, slow = (in_words.span(row[name]) or "-" for name in ("median_s", "slow_s"))
        wait = (in_words.span(row["median_waiting_s"]) if step_no > 1 else "") or "-"
        lines.append(
            f"| {step_no} | {_plain(name)}{' (not always)' if is_optional else ''} |"
            f" {row['run_count'] / routine['support_count']:.0%} | {systems} | {usual} |"
            f" {slow} | {wait} |"
        )
    return lines


def _decision_lines(decisions: list[dict[str, Any]]) -> list[str]:
    return [
        f"- After {_plain(row['activity'])}: if {_plain(row['condition'])}, then {_plain(row['predicts'])}"
        f" (the rules there held in {row['held_out_accuracy']:.1%} of {row['held_out_count']:,} later decisions)"
        for row in decisions
    ]


def _exceptions(
    routine: Mapping[str, Any], steps: list[dict[str, Any]], between: list[dict[str, Any]], runs: int
) -> list[str]:
    names = routine["activities"]
    lines = []
    for row in steps:
        name = _plain(names[row["step_no"] - 1])
        if row["run_count"] < runs and not routine["is_optional"][row["step_no"] - 1]:
            lines.append(f"- {name} is left out in {in_words.many(runs - row['run_count'], 'run')}")
        if row["event_count"] > row["run_count"]:
            lines.append(f"- {name} is done again {in_words.many(row['event_count'] - row['run_count'], 'time')}")
        if row["robot_count"]:
            lines.append(f"- {name} is done by software {in_words.many(row['robot_count'], 'time')}")
    return lines + [
        f"- {_plain(row['activity'])} comes in between in {in_words.many(row['run_count'], 'run')}" for row in between
    ]


def _plain(text: str) -> str:
    """What a log says, so that Markdown takes nothing in it for its own."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|" else sign for sign in " ".join(str(text).split()))
