"""A night in a few words and small tables, from what is published: for the terminal and the Prefect UI."""

from __future__ import annotations

from typing import Any

from essa.warehouse import Warehouse

SHOWN = 20


def in_words(warehouse: Warehouse) -> str:
    """Markdown: what the night rests on, what it found, what needs a person."""
    counts = warehouse.rows(
        """SELECT
            (SELECT count(*) FROM core.activity_instance) AS executions,
            (SELECT count(*) FROM core.trace) AS cases,
            (SELECT count(DISTINCT process) FROM core.trace) AS processes,
            (SELECT count(*) FROM mart.candidate WHERE NOT is_question) AS candidates,
            (SELECT count(*) FROM mart.candidate WHERE is_question) AS questions,
            (SELECT coalesce(sum(hours), 0) FROM mart.waterfall WHERE step = 'all') AS hours,
            (SELECT coalesce(sum(hours), 0) FROM mart.waterfall WHERE step = 'left') AS hours_left"""
    )[0]
    lines = [
        f"# {warehouse.night}",
        f"{counts['executions']:,} executions in {counts['cases']:,} cases of {counts['processes']} processes; "
        f"{counts['hours']:,.0f} hours of handling, of which the candidates claim "
        f"{counts['hours'] - counts['hours_left']:,.0f}.",
        f"{counts['candidates']} candidates, and {counts['questions']} questions one witness alone raises.",
        *_first_five(warehouse),
        *_needs_a_person(warehouse),
    ]
    return "\n\n".join(lines)


def _first_five(warehouse: Warehouse) -> list[str]:
    rows = warehouse.rows(
        """SELECT rank, lever, title, process, saving_h_per_year FROM mart.candidate
        WHERE rank <= 5 ORDER BY rank"""
    )
    if not rows:
        return ["Nothing is claimed."]
    listed = [
        f"{row['rank']}. **{row['lever']}**: {plain(row['title'])}, {plain(row['process'])}, "
        f"{row['saving_h_per_year']:,.0f} h a year"
        for row in rows
    ]
    return ["\n".join(listed)]


def _needs_a_person(warehouse: Warehouse) -> list[str]:
    blocked = warehouse.rows(
        "SELECT feed, reason FROM ops.feed WHERE night = ? AND status = 'blocked' ORDER BY feed", [warehouse.night]
    )
    return [f"**{row['feed']} is blocked**: {plain(row['reason'])}" for row in blocked]


def plain(text: object) -> str:
    """Text from a log with what Markdown or HTML would act on taken out of action."""
    shown = " ".join(str(text).split())
    for mark in "\\`*_[]()<>#|!~":
        shown = shown.replace(mark, f"&#{ord(mark)};")
    return shown


def candidates(warehouse: Warehouse) -> list[dict[str, Any]]:
    """The first ranked candidates, a row each."""
    rows = warehouse.rows(
        f"""SELECT rank, lever, pattern, title, process, coalesce(provider::VARCHAR, 'all') AS provider,
            event_count AS executions, saving_h_per_year AS hours_a_year, score, candidate_id
        FROM mart.candidate WHERE rank <= {SHOWN} ORDER BY rank"""
    )
    return _cells(rows) or [{"rank": "nothing is claimed"}]


def feeds(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Where every line of each feed went tonight."""
    return _cells(
        warehouse.rows(
            """SELECT feed, status, received_count AS received, accepted_count AS accepted, rejected_count AS rejected,
                duplicate_count AS duplicates, identical_count AS identical, coalesce(reason, '') AS reason
            FROM ops.feed WHERE night = ? ORDER BY feed""",
            [warehouse.night],
        )
    )


def broken_rules(warehouse: Warehouse) -> list[dict[str, Any]]:
    """The rules that did not hold tonight, the gravest first."""
    rows = warehouse.rows(
        """SELECT "table", rule, severity, unexpected_count AS rows, coalesce(observed, '') AS observed, why
        FROM ops.expectation WHERE night = ? AND NOT is_met
        ORDER BY list_position(['stop', 'block', 'reject', 'warn'], severity), "table", rule""",
        [warehouse.night],
    )
    return _cells(rows) or [{"rule": "every rule held"}]


def _cells(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value if isinstance(value, int) else _cell(value) for name, value in row.items()} for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return "" if value is None else f"{value:,.1f}"
