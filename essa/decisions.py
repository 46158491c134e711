"""An analyst's word on a candidate, kept as lines of `HOME/decisions.csv`; the next night honours the latest."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from essa import in_words, mistakes, privacy
from essa.errors import UsageError
from essa.national_ids import NationalIds

# A word of two stands with an underscore in files and tables, and may be typed with a blank
STATUSES = ("proposed", "accepted", "rejected", "in_build", "live", "retired")
COLUMNS = ("candidate_id", "status", "note", "decided_by", "decided_on", "live_on")


FIRST_YEAR = 1990
AHEAD = timedelta(days=2 * 366)  # nobody plans further; a later year is mistyped


def decide(
    home: Path,
    candidate_id: str,
    status: str,
    note: str | None,
    by: str | None,
    on: date,
    live_on: date | None,
    is_question: bool = False,
) -> None:
    """Adds one line, in the order of the file's columns.

    UsageError where it or the file would not be read, or where a question is to be live: it claims nothing.
    """
    status = _written(status)
    if is_question and status == "live":
        raise UsageError(
            f"{candidate_id} is a question: it claims no hours that could be seen to go once it is live",
            do=f"answer it, `essa decide {candidate_id} accepted`; what `essa show {candidate_id}` tells as missing,"
            " once delivered, makes it a candidate, and that may go live",
        )
    if mistake := _mistake(candidate_id, status, note or "", on, live_on, on):
        raise UsageError(mistake[0], do=mistake[1])
    path = home / "decisions.csv"
    read(home, "", on)  # what the next night would refuse is told now
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    header = next(filter(None, csv.reader(text.splitlines())), None)
    with path.open("a", newline="", encoding="utf-8") as file:
        if text and not text.endswith("\n"):
            file.write("\r\n")
        lines = csv.DictWriter(file, [name.strip() for name in header or COLUMNS])
        if header is None:
            lines.writeheader()
        said = (candidate_id, status, note or "", by or "", on.isoformat(), live_on.isoformat() if live_on else "")
        lines.writerow(dict(zip(COLUMNS, said, strict=True)))


def _written(status: str) -> str:
    return "_".join(status.split())


def _mistake(
    candidate_id: str, status: str, note: str, on: date, live_on: date | None, today: date
) -> tuple[str, str] | None:
    """What is wrong with one decision and what to do about it."""
    if not candidate_id:
        return "candidate_id is empty", "write the id that `essa top` shows"
    if status not in STATUSES:
        near = mistakes.nearest(status, STATUSES)
        do = f"did you mean `{near}`?" if near else f"write one of {', '.join(STATUSES)}"
        return f"no status is called {in_words.spoken(status)}", in_words.spoken(do)
    if (status == "live") != (live_on is not None):
        return "live goes with the day it went live, and no other status does", "write both, or neither"
    if status == "rejected" and not note.strip():
        return "rejected goes with a note, the reason", 'write why, such as: --note "the supplier insists on it"'
    for name, day in (("decided_on", on), ("live_on", live_on)):
        if day is not None and not date(FIRST_YEAR, 1, 1) <= day <= today + AHEAD:
            return f"{name} is {day}", f"write a day from {FIRST_YEAR} to two years from now"
    return None


def read(home: Path, secret: str, today: date, ids: NationalIds | None = None) -> list[dict[str, Any]]:
    """The latest decision on each candidate, notes redacted and names pseudonymised; of one day the lower line.

    `ids` are the national ids looked for, if others than the shipped ones.
    """
    path = home / "decisions.csv"
    latest: dict[str, dict[str, Any]] = {}
    for number, line in mistakes.lines_of(path, COLUMNS):
        decision = _decision(path, number, line, secret, today)
        decision["note"] = privacy.redact(decision["note"], ids) or None
        before = latest.get(decision["candidate_id"])
        if before is None or before["decided_on"] <= decision["decided_on"]:
            latest[decision["candidate_id"]] = decision
    return [latest[candidate_id] for candidate_id in sorted(latest)]


def _decision(path: Path, number: int, line: dict[str, str], secret: str, today: date) -> dict[str, Any]:
    decided_on, live_on = (_day(path, number, line, name) for name in ("decided_on", "live_on"))
    status = _written(line["status"])
    if decided_on is None:
        raise UsageError(f"{path}, line {number}: decided_on is empty", do="write the day as YYYY-MM-DD")
    if mistake := _mistake(line["candidate_id"], status, line["note"], decided_on, live_on, today):
        raise UsageError(f"{path}, line {number}: {privacy.redact(mistake[0])}", do=mistake[1])
    return {
        "candidate_id": line["candidate_id"],
        "status": status,
        "note": line["note"],
        "decided_by": privacy.pseudonym(secret, line["decided_by"]) if line["decided_by"] else None,
        "decided_on": decided_on,
        "live_on": live_on,
    }


def _day(path: Path, number: int, line: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(line[name]) if line[name] else None
    except ValueError:
        said = privacy.redact(line[name][:40])
        raise UsageError(f"{path}, line {number}: {name} is {said}", do="write the day as YYYY-MM-DD") from None
