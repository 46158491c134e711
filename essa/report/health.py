"""What the night says of itself: the first screen's figures, feeds, refused lines, broken rules, what the log lacks."""

from __future__ import annotations

import duckdb

from essa import in_words
from essa.report.asked import Row, by, listed, rows
from essa.report.candidates import SETTLED

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
    "due_at": "due date",
}
STANDING = ("candidate_id", "is_known")
REVIEWED = 10


def night(connection: duckdb.DuckDBPyConnection) -> Row:
    """The run, and how much it rests on."""
    found = rows(
        connection,
        """SELECT run.night, run.run_id, run.event_count,
            (SELECT max(night) FROM ops.run AS earlier WHERE earlier.night < run.night) AS last_night,
            (SELECT count(*) FROM core.trace) AS case_count,
            (SELECT count(DISTINCT process) FROM core.trace) AS process_count,
            (SELECT min(first_event_at) FROM ops.feed WHERE night = run.night) AS first_event_at,
            (SELECT max(last_event_at) FROM ops.feed WHERE night = run.night) AS last_event_at
        FROM ops.run AS run ORDER BY run.night DESC LIMIT 1""",
    )[0]
    first, last = found["first_event_at"], found["last_event_at"]
    return found | {"day_count": (last.date() - first.date()).days + 1 if first and last else 0}


def waterfall(connection: duckdb.DuckDBPyConnection) -> Row:
    """Hours of the log by step, over the processes whose hours are known, and how many those are."""
    found = rows(
        connection,
        """SELECT step, sum(hours) AS hours, count(DISTINCT process) FILTER (hours IS NOT NULL) AS known_count,
            count(DISTINCT process) AS process_count
        FROM mart.waterfall GROUP BY step ORDER BY min(step_order)""",
    )
    total = next((row["hours"] for row in found if row["step"] == "all"), None)
    steps = [
        {"step": row["step"], "label": STEPS[row["step"]], "hours": row["hours"], "part": row["hours"] / total}
        for row in found
        if total
    ]
    known, processes = (found[0]["known_count"], found[0]["process_count"]) if found else (0, 0)
    return {"steps": steps, "known_count": known, "process_count": processes, "is_empty": not total}


def saving(candidates: list[Row]) -> Row:
    """What the ranked candidates save in a year, low to high, and the money of each currency."""
    ranked = [one for one in candidates if one["rank"]]
    paid: dict[str, float] = {}
    for one in ranked:
        if one["saving_per_year"] is not None:
            paid[one["currency"]] = paid.get(one["currency"], 0) + one["saving_per_year"]
    return {
        "base": sum(one["saving_h_per_year"] for one in ranked),
        "low": sum(one["saving_h_per_year_low"] for one in ranked),
        "high": sum(one["saving_h_per_year_high"] for one in ranked),
        "money": [in_words.money(amount, currency) for currency, amount in sorted(paid.items())],
        "count": len(ranked),
    }


def changes(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """How many candidates are new, moved, kept, gone or decided on; questions, which have no rank, apart."""
    return rows(
        connection,
        """SELECT
            CASE WHEN candidate.status IN (SELECT unnest(?)) THEN candidate.status ELSE change.change END AS kind,
            count(*) AS count, bool_and(candidate.status IN (SELECT unnest(?))) IS TRUE AS is_decided
        FROM mart.candidate_change AS change
        LEFT JOIN mart.candidate AS candidate ON candidate.candidate_id = change.candidate_id
        WHERE coalesce(change.rank, change.previous_rank) IS NOT NULL
        GROUP BY kind ORDER BY is_decided, kind""",
        [SETTLED, SETTLED],
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


def broken_rules(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    return rows(
        connection,
        """SELECT rule, "table", severity, coalesce(observed, unexpected_count || ' rows') AS observed, why
        FROM ops.expectation WHERE night = (SELECT max(night) FROM ops.run) AND NOT is_met
        ORDER BY list_position(['stop', 'block', 'reject', 'warn'], severity), "table", rule""",
    )


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


def needs(connection: duckdb.DuckDBPyConnection, candidates: list[Row], told: list[Row], review: Row) -> list[Row]:
    """What waits for a person, each with the part of the page that tells more."""
    blocked = [row["feed"] for row in told if row["status"] == "blocked"]
    broken = [row for row in broken_rules(connection) if row["severity"] != "reject"]
    questions = sum(one["is_question"] and not one["is_settled"] and not one["folded_into"] for one in candidates)
    unasked = [row for row in listed(connection, "mart.rule_input", ("is_read",), ()) if row["is_read"] is False]
    strangers = [
        row["candidate_id"] for row in listed(connection, "mart.standing", STANDING, ()) if not row["is_known"]
    ]
    found = []
    if strangers:
        what = f"decisions.csv names {', '.join(sorted(strangers)[:5])}, which no night found"
        found.append({"what": what, "where": "candidates"})
    if blocked:
        are = "is" if len(blocked) == 1 else "are"
        found.append({"what": f"{', '.join(blocked)} {are} blocked", "where": "feeds"})
    if broken:
        found.append({"what": f"{in_words.many(len(broken), 'rule')} broke", "where": "rules"})
    if questions:
        found.append({"what": f"{in_words.many(questions, 'question')} to answer", "where": "questions"})
    if unasked:
        found.append({"what": f"{in_words.many(len(unasked), 'attribute')} to declare", "where": "sufficiency"})
    if review["count"]:
        found.append({"what": f"{in_words.many(review['count'], 'pair')} of names to tell apart", "where": "names"})
    return found


def needs_of(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The same, of all that is published."""
    sql = "SELECT is_question, folded_into, status FROM mart.candidate"
    found = [row | {"is_settled": row["status"] in SETTLED} for row in rows(connection, sql)]
    return needs(connection, found, feeds(connection), names_to_review(connection))
