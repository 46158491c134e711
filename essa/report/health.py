"""What the night says of itself: the first screen's figures, feeds, refused lines, broken rules, what the log lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb

from essa import belief, in_words
from essa.report.asked import Row, by, listed, rows
from essa.report.candidates import ASKED, DECIDED

STEPS = {
    "all": "All hours",
    "eliminate": "Eliminate",
    "simplify": "Simplify",
    "standardize": "Standardize",
    "automate": "Automate",
    "live": "Live already",
    "left": "Left",
}
CRITERIA = {
    "start_times": "start times",
    "handling_time": "handling time",
    "calendar": "calendar",
    "waiting": "waiting",
    "resource": "who did it",
    "system": "system",
    "attributes": "attributes",
    "asked_attributes": "attributes asked",
    "known_at_start": "known at start",
    "outcome": "outcome",
    "team": "team",
    "due_at": "due date",
}
STANDING = ("candidate_id", "is_known", "is_unheard")
REVIEWED = 10
NAMED = 2  # broken rules told by name; all of them stand on the page


def night(connection: duckdb.DuckDBPyConnection) -> Row:
    """The run, and how much it rests on."""
    return rows(
        connection,
        """SELECT run.night, run.run_id, run.event_count,
            (SELECT max(night) FROM ops.run AS earlier WHERE earlier.night < run.night) AS last_night,
            (SELECT count(*) FROM core.trace) AS case_count,
            (SELECT count(DISTINCT process) FROM core.trace) AS process_count,
            (SELECT min(first_event_at) FROM ops.feed WHERE night = run.night) AS first_event_at,
            (SELECT max(last_event_at) FROM ops.feed WHERE night = run.night) AS last_event_at
        FROM ops.run AS run ORDER BY run.night DESC LIMIT 1""",
    )[0]


def spans(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Each process, and the days by which its log is made a year."""
    return rows(connection, "SELECT process, span_days FROM mart.process_span ORDER BY process")


def waterfall(connection: duckdb.DuckDBPyConnection) -> Row:
    """Hours of the log by step, over the processes whose hours are known, and how many those are."""
    found = rows(
        connection,
        """SELECT step, sum(hours) AS hours, count(DISTINCT process) FILTER (hours IS NOT NULL) AS known_count,
            count(DISTINCT process) AS process_count
        FROM mart.waterfall GROUP BY step ORDER BY min(step_order)""",
    )
    total = next((row["hours"] for row in found if row["step"] == "all"), None)
    steps = [row | {"label": STEPS[row["step"]]} for row in found if total]
    parts = [float(row["hours"]) for row in steps[1:]]
    hours = in_words.hours_apart(total or 0, parts)
    for row, said, share in zip(steps[1:], hours, in_words.shares(parts), strict=True):
        row |= {"said": said if row["hours"] else "none", "share": share}
    for row in steps[:1]:
        row |= {"said": in_words.hours(total), "share": in_words.share(1)}
    known, processes = (found[0]["known_count"], found[0]["process_count"]) if found else (0, 0)
    return {"steps": steps, "known_count": known, "process_count": processes, "is_empty": not total}


def saving(candidates: list[Row]) -> Row:
    """What the ranked candidates save in a year, low to high, and the money of each currency."""
    ranked = [one for one in candidates if one["rank"]]
    paid: dict[str, float] = {}
    for one in ranked:
        if one["saving_per_year"]:  # hours under an outcome contract are worth nothing yet
            paid[one["currency"]] = paid.get(one["currency"], 0) + one["saving_per_year"]
    return {
        "base": sum(one["saving_h_per_year"] for one in ranked),
        "low": sum(one["saving_h_per_year_low"] for one in ranked),
        "high": sum(one["saving_h_per_year_high"] for one in ranked),
        "money": [in_words.money(amount, currency) for currency, amount in sorted(paid.items())],
        "count": len(ranked),
    }


def realised_share(candidates: list[Row], hours: Row, spans: list[Row]) -> float | None:
    """Of the hours of the log that the levers claim, the share that the ranked save, as experience goes."""
    days = {row["process"]: row["span_days"] for row in spans}
    claimed = sum(row["hours"] for row in hours["steps"] if row["step"] in in_words.LEVERS)
    saved = sum(one["saving_h_per_year"] * days[one["process"]] / 365.25 for one in candidates if one["rank"])
    return saved / claimed if claimed else None


def changes(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many candidates are new, moved, kept, gone, now only asked or decided on; of questions before, only those."""
    return rows(
        connection,
        f"""WITH told AS (
            SELECT
                candidate.status, {DECIDED} IS TRUE AS is_decided,
                if(change = 'moved' AND candidate.is_question IS TRUE, 'only asked now', change) AS change,
                coalesce(change.rank, change.previous_rank) IS NOT NULL AS was_ranked,
                decision.decided_on >= (SELECT night FROM ops.run ORDER BY night DESC LIMIT 1 OFFSET 1) AS is_fresh
            FROM mart.candidate_change AS change
            LEFT JOIN mart.candidate AS candidate ON candidate.candidate_id = change.candidate_id
            LEFT JOIN (SELECT candidate_id, decided_on FROM ops.decision) AS decision
                ON decision.candidate_id = change.candidate_id
        )
        SELECT CASE WHEN is_decided THEN status ELSE change END AS kind, count(*) AS count, is_decided
        FROM told WHERE was_ranked OR is_decided AND is_fresh
        GROUP BY ALL ORDER BY is_decided, kind""",
    )


def feeds(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows(
        connection,
        """SELECT feed.* FROM ops.feed AS feed
        WHERE night = (SELECT max(night) FROM ops.run) ORDER BY feed.feed""",
    )


def refused(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Refused lines by feed and rule, with the first place to look at."""
    return rows(
        connection,
        """SELECT feed, rule, count(*) AS count, arg_min(reason, (source_file, source_line)) AS reason,
            min(source_file) AS source_file, arg_min(source_line, (source_file, source_line)) AS source_line
        FROM raw.rejected_event GROUP BY feed, rule ORDER BY count DESC, feed, rule""",
    )


# What a rule's severity comes to for what broke it
THEN = {"reject": "the line is refused", "block": "the feed is blocked", "stop": "the night ends", "warn": "it is said"}


def broken_rules(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rules that did not hold tonight, the gravest first, each with what followed."""
    found = rows(
        connection,
        """SELECT rule, "table", severity, coalesce(observed, unexpected_count || ' rows') AS observed, why
        FROM ops.expectation WHERE night = (SELECT max(night) FROM ops.run) AND NOT is_met
        ORDER BY list_position(['stop', 'block', 'reject', 'warn'], severity), "table", rule""",
    )
    return [row | {"then": THEN.get(row["severity"], row["severity"])} for row in found]


def rule_count(connection: duckdb.DuckDBPyConnection) -> int:
    sql = "SELECT count(*) AS count FROM ops.expectation WHERE night = (SELECT max(night) FROM ops.run)"
    return rows(connection, sql)[0]["count"]


def sufficiency(connection: duckdb.DuckDBPyConnection) -> Row:
    """What each process's log can answer as a table, and what to deliver, what could change the ranking most first."""
    found = rows(connection, "SELECT * REPLACE (process::VARCHAR AS process) FROM mart.sufficiency ORDER BY ALL")
    processes = by(found, "process")
    present = {row["criterion"] for row in found}
    order = [name for name in CRITERIA if name in present] + sorted(present - CRITERIA.keys())
    lines = [
        {"process": process, "cells": [{row["criterion"]: row for row in held}.get(name) for name in order]}
        for process, held in processes.items()
    ]
    missing = sorted((row for row in found if row["missing"]), key=lambda row: row.get("wanted_rank") or 0)
    gaps = [
        {
            "missing": what,
            "processes": [row["process"] for row in held],
            "stake_h": sum(row.get("stake_h_per_year") or 0 for row in held),
        }
        for what, held in by(missing, "missing").items()
    ]
    return {"criteria": [CRITERIA.get(name, name) for name in order], "lines": lines, "gaps": gaps}


def names_to_review(connection: duckdb.DuckDBPyConnection) -> Row:
    """Spellings left to an analyst, the weightiest first; a row with no line to paste asks nothing."""
    wanted = ("process", "rank", "kind", "label", "other", "event_count", "reason", "if_same", "if_different")
    found = listed(connection, "core.label_review", wanted, ("event_count", "process", "label", "other"))
    asked = [row for row in found if row["if_same"] or row["if_different"]]
    asked.sort(key=lambda row: -(row["event_count"] or 0))
    return {"count": len(asked), "first": asked[:REVIEWED]}


def question_count(connection: duckdb.DuckDBPyConnection) -> int:
    """Questions that wait for an answer."""
    return rows(connection, f"SELECT count(*) AS count FROM mart.candidate WHERE {ASKED}")[0]["count"]


def needs(connection: duckdb.DuckDBPyConnection, told: list[Row], review: Row) -> list[Row]:
    """What waits for a person, each with the part of the page and the command that tell more."""
    broken = [row["rule"] for row in broken_rules(connection) if row["severity"] != "reject"]
    inputs = listed(connection, "mart.rule_input", ("is_read", "is_of_people"), ())
    unasked = [row for row in inputs if row["is_read"] is False and not row["is_of_people"]]
    standing = listed(connection, "mart.standing", STANDING, ())
    strangers = sorted(row["candidate_id"] for row in standing if not row["is_known"])
    unheard = sorted(row["candidate_id"] for row in standing if row["is_unheard"])
    names = "" if len(broken) > NAMED else f": {', '.join(broken)}"
    asked = question_count(connection)
    found = [*_feeds_in_need(told)]
    for count, what, where, do in (
        (len(broken), f"{in_words.many(len(broken), 'rule')} broke{names}", "rules", "report --open"),
        (len(strangers), f"decisions.csv names {', '.join(strangers[:5])}, which no night found", "candidates", "top"),
        (
            len(unheard),
            f"decisions.csv sets live what only asks: {', '.join(unheard[:5])}",
            "questions",
            "top --questions",
        ),
        (asked, f"{in_words.many(asked, 'question')} to answer", "questions", "top --questions"),
        (len(unasked), f"{in_words.many(len(unasked), 'attribute')} to declare", "sufficiency", "report --open"),
        (review["count"], f"{in_words.many(review['count'], 'pair')} of names to tell apart", "names", "report --open"),
    ):
        if count:
            found.append({"what": what, "where": where, "do": do, "why": []})
    return found


def _feeds_in_need(told: list[Row]) -> Iterator[Row]:
    """Feeds that are not believed, gone, or share what they hold with another."""
    for status, one, more, do in (
        ("blocked", "is blocked", "are blocked", "check"),
        ("removed", "is removed", "are removed", "check"),
        # a look at each feed by itself sees nothing of it
        ("shared", "shares files or cases with another feed", "share files or cases with others", "report --open"),
    ):
        held = [row for row in told if _is_in_need(row, status)]
        if held:
            what = f"{in_words.some([row['feed'] for row in held])} {one if len(held) == 1 else more}"
            yield {"what": what, "where": "feeds", "do": do, "why": belief.reasons(held)}


def _is_in_need(row: Row, status: str) -> bool:
    if status == "shared":
        return row["status"] not in ("blocked", "removed") and bool(
            row["shared_file_count"] or row["shared_case_count"]
        )
    return row["status"] == status


def needs_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The same, of all that is published."""
    return needs(connection, feeds(connection), names_to_review(connection))


def last_night(connection: duckdb.DuckDBPyConnection) -> date | None:
    """The night published before this one."""
    found = rows(connection, "SELECT night FROM ops.run ORDER BY night DESC LIMIT 1 OFFSET 1")
    return found[0]["night"] if found else None
