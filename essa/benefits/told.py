"""What `mart.benefit` says in words: where the work went, the change with its interval, whom it was set against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from essa import in_words
from essa.benefits.series import Limits

NO_WORK = "Nothing to measure: the log has no whole week of the work it is about."
FEW_PEOPLE = (
    "Not told: fewer than {} people did this work before go-live, or have since;"
    " what came of it would be a figure about them."
)
FEW_CASES = "Not told: fewer than {} cases are begun in the usual week, and so few scatter too far."
NOTHING_KNOWN = "Not told: the log records none of it before go-live."
NO_PEERS = "Not told: nobody untouched was at work in every one of these weeks, so a change may be the season's."
NO_CASE = " Of the rest nothing is counted as saved, as the whole case did not surely take less work."
NO_MORE_THAN_CASE = " Of the rest, no more is counted as saved than the whole case shows."
SUBJECTS = {
    "step_handling_h": "Work on these steps",
    "step_executions": "How often these steps are done",
    "step_waiting_h": "Waiting before these steps",
    "case_handling_h": "Work on the whole case",
    "case_duration_h": "The time a case takes from end to end",
}
EACH = {True: "", False: " a case"}
PEERS = {
    "provider": ("{} that does the same", "{} that do the same", "other provider"),
    "label": ("{} of the process", "{} of the process", "other step"),
    "process": ("{}", "{}", "other process"),
}


def few_weeks(level: Iterable[int], column: str, limits: Limits) -> str:
    what = "weeks whose cases could be watched to their end" if column == "duration_s" else "whole weeks"
    return _too_few(level, what, limits)


def few_common_weeks(level: Iterable[int], limits: Limits) -> str:
    return _too_few(level, "weeks in which somebody untouched could be watched as well", limits)


def _too_few(level: Iterable[int], what: str, limits: Limits) -> str:
    held = list(level)
    before = sum(week < 0 for week in held)
    return (
        f"Not told yet: {before} {what} before go-live and {len(held) - before} since; it takes "
        f"{limits.benefit_weeks_before_min} and {limits.benefit_weeks_after_min}."
    )


def change(row: Mapping[str, Any], peer_count: int, moved: list[Mapping[str, Any]]) -> str:
    """A sentence on where work went, if it was moved, one on the change, one on whom it was set against."""
    subject = f"{SUBJECTS[row['measure']]}, {_amount(row['per_case_before'], row)}{EACH[row['is_end_to_end']]} before,"
    low, high = row["change_share_low"], row["change_share_high"]
    if row["verdict"] == "unsure":
        said = f"{subject} did not surely change ({_signed(low)} to {_signed(high)})"
    else:
        ends = sorted((abs(low), abs(high)))
        span = f"{in_words.share(ends[0])} to {in_words.share(ends[1])}"
        said = f"{subject} {row['verdict']} by {in_words.share(abs(row['change_share']))} ({span})"
    return " ".join([*_moved(moved), f"{said}.", _against(row, peer_count)])


def _amount(value: float, row: Mapping[str, Any]) -> str:
    if row["measure"] == "step_executions":
        return f"{value:,.2f} times"
    return in_words.span(3600 * value)


def _signed(part: float) -> str:
    return f"{in_words.share(abs(part))} {'less' if part < 0 else 'more'}"


def _against(row: Mapping[str, Any], peer_count: int) -> str:
    one, more, noun = PEERS[row["peer_kind"]]
    who = (one if peer_count == 1 else more).format(
        in_words.many(peer_count, noun, "other processes" if noun == "other process" else None)
    )
    trend = ", which already drifted apart before and are followed on that way" if row["has_trend"] else ""
    theirs = _signed(row["peer_change_share"])
    after, before = (in_words.many(row[f"weeks_{side}"], "week") for side in ("after", "before"))
    return f"Measured over {after} against {before} before and {who} ({theirs} there meanwhile){trend}."


NEARLY_ALL = 0.8  # of what went; the rest is within the noise of both
TO = {"label": 'under "{}"', "provider": "at {}", "team": "in team {}"}


def _moved(moved: list[Mapping[str, Any]]) -> list[str]:
    said = []
    if away := [row for row in moved if row["kind"] != "team"]:
        share = min(sum(row["moved_share"] for row in away), 1)
        how = "The work was moved, not saved" if share >= NEARLY_ALL else "Part of the work was moved, not saved"
        said.append(f"{how}: {in_words.share(share)} of what went is done {_places(away)} since.")
    if teams := [row for row in moved if row["kind"] == "team"]:
        said.append(f"What some teams no longer do is done {_places(teams)}.")
    return said


def _places(rows: list[Mapping[str, Any]]) -> str:
    return " and ".join(TO[row["kind"]].format(row["place"]) for row in rows)
