"""A night in a few words and small tables, from what is published: for the terminal and the Prefect UI."""

from __future__ import annotations

from typing import Any

from essa.in_words import hours, isolated, listed, many, some, spoken, unlinked
from essa.report import candidates, health, providers
from essa.report.asked import Row
from essa.report.worth import costs_more, delays
from essa.warehouse import Warehouse

SHOWN = 20


def in_words(warehouse: Warehouse) -> str:
    """Markdown: what the night rests on, what it found, what needs a person."""
    counts = warehouse.rows(
        """SELECT
            (SELECT count(*) FROM core.activity_instance) AS executions,
            (SELECT count(*) FROM core.trace) AS cases,
            (SELECT count(DISTINCT process) FROM core.trace) AS processes,
            (SELECT count(*) FROM mart.candidate WHERE rank IS NOT NULL) AS candidates,
            (SELECT sum(saving_h_per_year) FROM mart.candidate WHERE rank IS NOT NULL) AS saved,
            (SELECT count(*) FROM mart.candidate WHERE status = 'rejected') AS rejected,
            (SELECT count(*) FROM mart.candidate WHERE status IN ('retired', 'live')) AS settled,
            (SELECT sum(hours) FROM mart.waterfall WHERE step = 'all') AS hours,
            (SELECT coalesce(sum(hours), 0) FROM mart.waterfall WHERE step IN ('live', 'left')) AS hours_left"""
    )[0]
    questions = health.question_count(warehouse.connection)
    lines = [
        f"# {warehouse.night}",
        *([f"**{hours(counts['saved'])} hours a year need not be worked by hand.**"] if counts["saved"] else []),
        f"{many(counts['executions'], 'execution')} in {many(counts['cases'], 'case')} of "
        f"{many(counts['processes'], 'process', 'processes')}; {_hours_of_the_log(counts)}.",
        f"{many(counts['candidates'], 'candidate is', 'candidates are')} ranked, told in hours a year; "
        f"{many(questions, 'more is a question', 'more are questions')} that one witness raises. "
        f"Not ranked: {counts['rejected']:,} rejected, "
        f"{counts['settled']:,} live or retired.",
        _what_changed(warehouse),
        *_first_five(warehouse),
        *_live(warehouse),
        _where_lines_went(warehouse),
        _needs_a_person(warehouse),
    ]
    return "\n\n".join(lines)


def _hours_of_the_log(counts: Row) -> str:
    if counts["hours"] is None:
        return "of no step in this log is it known how long people worked on it"
    claimed = counts["hours"] - counts["hours_left"]
    return (
        f"{counts['hours']:,.0f} hours of handling in the whole log, of which the candidates claim {claimed:,.0f} "
        "before what experience takes off"
    )


def _what_changed(warehouse: Warehouse) -> str:
    last = health.last_night(warehouse.connection)
    if last is None:
        return "The first night, so nothing to compare with."
    told = ", ".join(f"{row['count']:,} {spoken(row['kind'])}" for row in health.changes(warehouse.connection))
    return f"Since {last}: {told or 'nothing ranked then or now'}."


def belief_in_words(warehouse: Warehouse) -> str:
    """One line: how many lines were refused, and the feeds that are blocked or gone from the feeds file."""
    refused = warehouse.value("SELECT count(*) FROM raw.rejected_event")
    told = [f"{many(refused, 'line')} refused"]
    for status in ("blocked", "removed"):
        rows = warehouse.rows(
            "SELECT feed FROM ops.feed WHERE night = ? AND status = ? ORDER BY feed", [warehouse.night, status]
        )
        if rows:
            told.append(f"{status}: {some([row['feed'] for row in rows])}")
    return ", ".join(told if len(told) > 1 else [*told, "every feed believed"])


def _first_five(warehouse: Warehouse) -> list[str]:
    rows = warehouse.rows(
        """SELECT rank, lever, title, activities, process, saving_h_per_year, net_h_per_year,
            delay_h_per_year, late_h_per_year
        FROM mart.candidate WHERE rank <= 5 ORDER BY rank"""
    )
    if not rows:
        return ["Nothing is claimed."]
    listed = [
        f"{row['rank']}. **{row['lever']}**, {hours(row['saving_h_per_year'])} h a year, "
        f"{plain(row['process'])}: {_apart(plain(_title(row)), row)}"
        for row in rows
    ]
    return ["\n".join(listed)]


def _title(one: Row) -> str:
    """Of one that saves no hours, or fewer than it costs, also that, and what it is there for."""
    return "; ".join(filter(None, (one["title"], delays(one), costs_more(one))))


def _apart(told: str, one: Row) -> str:
    """Steps that are read from the right are set apart, for else two in a title would run into each other."""
    return isolated(told, [plain(name) for name in one["activities"]])


def _live(warehouse: Warehouse) -> list[str]:
    """What came of the work on the steps of each live candidate; the page has its other figures."""
    found = candidates.benefits(warehouse.connection).values()
    lines = [f"- {plain(listed(one['activities']))}: {plain(one['says'][0])}" for one in found]
    return ["\n".join(["**Live**\n", *lines])] if lines else []


def _where_lines_went(warehouse: Warehouse) -> str:
    counts = warehouse.rows(
        """SELECT coalesce(sum(received_count), 0) AS received, coalesce(sum(rejected_count), 0) AS rejected,
            coalesce(sum(duplicate_count), 0) AS duplicates, count(*) AS feeds
        FROM ops.feed WHERE night = ? AND status IN ('loaded', 'unchanged')""",
        [warehouse.night],
    )[0]
    return (
        f"{many(counts['received'], 'line')} from the {many(counts['feeds'], 'feed')} believed: "
        f"{counts['rejected']:,} refused, {counts['duplicates']:,} delivered before, the rest counted."
    )


def _needs_a_person(warehouse: Warehouse) -> str:
    needs = health.needs_of(warehouse.connection)
    lines = [
        line for need in needs for line in (f"- {plain(need['what'])}", *(f"  - {plain(why)}" for why in need["why"]))
    ]
    return "\n".join(["**Needs you**\n", *lines]) if needs else "Nothing needs you tonight."


def plain(text: object) -> str:
    """Text from a log with what Markdown or HTML would act on taken out of action, bare addresses too."""
    shown = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    shown = shown.translate({ord(mark): f"\\{mark}" for mark in "\\`*_[]()<>#|!~&@"})
    return unlinked(shown)


def first_candidates(warehouse: Warehouse, page: str | None = None) -> list[dict[str, str]]:
    """The first ranked candidates, a row each; linked to the page where it is served."""
    found = warehouse.rows(
        f"""SELECT *, process::VARCHAR AS process, provider::VARCHAR AS provider FROM mart.candidate
        WHERE rank <= {SHOWN} ORDER BY rank"""
    )
    involved = providers.read(warehouse.connection)
    rows = [
        {
            "rank": one["rank"],
            "candidate": one["candidate_id"],
            "hours a year": hours(one["saving_h_per_year"]),
            "lever": one["lever"],  # early, for the UI cuts a wide table off at the right
            "title": _title(one),
            "score": one["score"],
            "process": one["process"],
            "provider": listed(involved.of(one)["providers"]),
            "executions": one["event_count"],
            "pattern": spoken(one["pattern"]),
        }
        for one in found
    ]
    shown = cells(rows)
    for row, one in zip(shown, found, strict=True):
        row["title"] = _apart(row["title"], one)
    if page:
        for row in shown:
            row["candidate"] = f"[{row['candidate']}]({page}#{row['candidate']})"
    return shown or [{"rank": "nothing is claimed"}]


def feeds(warehouse: Warehouse) -> list[dict[str, str]]:
    """Where every line of each feed went tonight."""
    return cells(
        warehouse.rows(
            """SELECT feed, status, received_count AS received,
                CASE WHEN status = 'blocked' THEN 'held back' ELSE format('{:,}', accepted_count) END AS counted,
                rejected_count AS refused, duplicate_count AS "delivered before",
                coalesce(reason, '') AS reason
            FROM ops.feed WHERE night = ? ORDER BY feed""",
            [warehouse.night],
        )
    )


def blocked_feeds(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Feeds that are not believed tonight, and why."""
    return warehouse.rows(
        "SELECT feed, reason FROM ops.feed WHERE night = ? AND status = 'blocked' ORDER BY feed", [warehouse.night]
    )


def new_candidates(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Those ranked tonight that were not there when last published, the first ones first."""
    return warehouse.rows(
        f"""SELECT candidate_id, rank, process, lever, pattern, title, saving_h_per_year
        FROM mart.candidate JOIN mart.candidate_change USING (candidate_id, rank)
        WHERE change = 'new' AND rank <= {SHOWN} ORDER BY rank"""
    )


def drifted_rules(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Decisions whose rules held when they were learned and no longer do, by process."""
    return warehouse.rows(
        """SELECT process, activity, decides, max(realised_accuracy) AS realised_accuracy
        FROM mart.rule WHERE is_drifted GROUP BY ALL ORDER BY process, activity, decides"""
    )


def broken_rules(warehouse: Warehouse) -> list[dict[str, str]]:
    """The rules that did not hold tonight, the gravest first."""
    rows = [
        {"rule": row["rule"], "table": row["table"], "then": row["then"], "seen": row["observed"], "why": row["why"]}
        for row in health.broken_rules(warehouse.connection)
    ]
    return cells(rows) or [{"rule": "every rule held"}]


def cells(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Rows as a table artifact shows them; Prefect's pages read each cell as Markdown."""
    return [{name: _cell(value) for name, value in row.items()} for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else f"{value:,.0f}"
