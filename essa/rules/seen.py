"""SQL over a log for one process's executions: what happened, in which slice, and what was known by then, typed.

The same text counts every execution tonight and stands in a rule's evidence, where it reads the published file alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from essa.rules import reading
from essa.rules.sample import HISTORY, OWN, Input
from essa.rules.wording import literal, name

SURE = "sure"
MODELS = ("rule", "history", SURE)
BEGAN, ENDED = "coalesce(started_at, ended_at)", "coalesce(ended_at, started_at)"


@dataclass(frozen=True)
class Asked:
    """One point as its executions are picked."""

    activity: str
    censored_at: datetime
    side_by_side: tuple[str, ...]  # what follows it in either order, and so is no decision


def seen_sql(
    process: str,
    decides: str,
    slices: tuple[datetime, datetime],
    inputs: Sequence[Input],
    asked: Sequence[Asked],
    case_column: str = "case_id",
    only: Collection[str] = (*HISTORY,),
    before: Sequence[Input] = (),
    clock_s: int = 0,
) -> str:
    """One row an execution: essa_activity, essa_way, essa_slice, essa_case_at, the inputs and the history asked for.

    Those of the inputs that are in `before` stand there once more, as they were when the step began. Rows that overlap
    by `clock_s` seconds at most were one after the other.
    """
    own = {
        "previous": "coalesce(previous_activity::VARCHAR, '(start of case)')",
        "last_way": f"coalesce(lag({_way(decides)}) OVER (PARTITION BY {case_column}, activity ORDER BY position),"
        f" '(first visit)')",
        "position": "position",
        "visit_no": f"row_number() OVER (PARTITION BY {case_column}, activity ORDER BY position)",
    }
    columns = [
        # tonight's tables compare codes
        f"{'activity' if case_column == 'case_key' else 'activity::VARCHAR'} AS essa_activity",
        f"{_way(decides)} AS essa_way",
        "coalesce(ended_at, started_at) AS essa_at",
        f"min(coalesce(started_at, ended_at)) OVER (PARTITION BY {case_column}) AS essa_case_at",
        *(f"{own[column]} AS {HISTORY[column]}" for column in only),
        *(f"{_recorded(one, decides, clock_s)} AS {name(one.attribute)}" for one in inputs),
        *(f"{_recorded(one, 'outcome', clock_s)} AS {_before(one)}" for one in before),
    ]
    confirm_from, test_from = slices
    read = [
        f"{reading.sql(one.read_as, said)} AS {said}"
        for one, said in (*((one, name(one.attribute)) for one in inputs), *((one, _before(one)) for one in before))
        if one.unit != reading.TEXT
    ]
    typed = f"* REPLACE ({', '.join(read)})" if read else "*"
    return (
        f"SELECT {typed}, CASE WHEN essa_case_at < TIMESTAMP '{confirm_from}' THEN 'learn'"
        f" WHEN essa_case_at < TIMESTAMP '{test_from}' THEN 'confirm' ELSE 'test' END AS essa_slice"
        f" FROM (SELECT {', '.join(columns)} FROM core.activity_instance WHERE process = {literal(process)}"
        f"{_windows(case_column, inputs, clock_s)})"
        f" WHERE essa_way IS NOT NULL AND ({' OR '.join(map(_picked, asked))})"
    )


def choose_sql(conditions: Mapping[int, str]) -> str:
    """The number of the first branch that holds, 0 where none does."""
    listed = " ".join(f"WHEN {condition} THEN {number}" for number, condition in sorted(conditions.items()))
    return f"CASE {listed} ELSE 0 END" if listed else "0"


def chosen_sql(source: str, chosen: Mapping[str, str], before: Sequence[Input]) -> str:
    """The rows of `source` with the branch each model chooses; what is sure is asked of what was known before."""
    replaced = ", ".join(f"{_before(one)} AS {name(one.attribute)}" for one in before)
    known = ", ".join(f"{chosen[model]} AS essa_{model}" for model in MODELS if model != SURE)
    as_before = f"SELECT *{f' REPLACE ({replaced})' if replaced else ''} FROM (SELECT *, {known} FROM {source})"
    return f"SELECT *, {chosen[SURE]} AS essa_{SURE} FROM ({as_before})"


def before_inputs(inputs: Sequence[Input], decides: str, branches: Sequence[Mapping[str, Any]]) -> list[Input]:
    """Those that what is sure reads, and that the step itself may have recorded."""
    read = {one for row in branches if row["model"] == SURE and row["condition"] for one in row["reads"]}
    return [one for one in inputs if decides != "outcome" and not one.is_known_at_start and one.attribute in read]


def _way(decides: str) -> str:
    return "outcome" if decides == "outcome" else "coalesce(next_activity::VARCHAR, '(end of case)')"


def _windows(case_column: str, inputs: Sequence[Input], clock_s: int) -> str:
    """Rows of the case in the order of their ends: what had ended when a step began, and what ended after."""
    told = f"PARTITION BY {case_column} ORDER BY epoch_us({ENDED}) + position RANGE BETWEEN"
    took = f"greatest(epoch_us({ENDED}) - epoch_us({BEGAN}) - {1_000_000 * clock_s}, 0)"
    windows = [f"essa_before AS ({told} UNBOUNDED PRECEDING AND {took} + 1 PRECEDING)"]
    if any(one.is_known_at_start for one in inputs):
        windows.append(f"essa_after AS ({told} {took} PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW)")
    if not all(one.is_known_at_start for one in inputs):
        windows.append(f"essa_case AS (PARTITION BY {case_column} ORDER BY position)")
    return f" WINDOW {', '.join(windows)}"


def _recorded(one: Input, decides: str, clock_s: int) -> str:
    """As mart.choice has it: what the step records itself before the next begins, else what was there when it began."""
    own = 'attributes."' + one.attribute.replace('"', '""') + '"'
    before = f"last_value({own} IGNORE NULLS) OVER essa_before"
    if one.is_known_at_start:
        return f"coalesce({own}, {before}, first_value({own} IGNORE NULLS) OVER essa_after)"
    if decides == "outcome":
        return before
    is_late = f"epoch_us({ENDED}) > epoch_us(lead({BEGAN}) OVER essa_case) + {1_000_000 * clock_s}"
    return f"coalesce(CASE WHEN {is_late} THEN NULL ELSE {own} END, {before})"


def _before(one: Input) -> str:
    return name(f"{OWN}before {one.attribute}")


def _picked(one: Asked) -> str:
    picked = f"essa_activity = {literal(one.activity)} AND essa_at <= TIMESTAMP '{one.censored_at}'"
    if one.side_by_side:
        picked += f" AND essa_way NOT IN ({', '.join(map(literal, one.side_by_side))})"
    return f"({picked})"
