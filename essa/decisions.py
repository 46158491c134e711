"""An analyst's word on a candidate, kept as lines of `HOME/decisions.csv`; the next night honours the latest."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

from essa import mistakes, privacy
from essa.errors import UsageError

STATUSES = ("proposed", "accepted", "rejected", "in_build", "live", "retired")
COLUMNS = ("candidate_id", "status", "note", "decided_by", "decided_on", "live_on")


def decide(
    home: Path, candidate_id: str, status: str, note: str | None, by: str | None, on: date, live_on: date | None
) -> None:
    """Adds one line; UsageError where the status is unknown, a live one has no date or a rejected one no reason."""
    if status not in STATUSES:
        raise UsageError(f"no status is called {status}", do=f"write one of {', '.join(STATUSES)}")
    if (status == "live") != (live_on is not None):
        raise UsageError("live goes with --live-on, the day it went live", do="write both, or neither")
    if status == "rejected" and not (note or "").strip():
        raise UsageError("rejected goes with --note, the reason", do='write why: --note "the supplier insists on it"')
    path = home / "decisions.csv"
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        if is_new:
            lines.writerow(COLUMNS)
        lines.writerow(
            [candidate_id, status, note or "", by or "", on.isoformat(), live_on.isoformat() if live_on else ""]
        )


def read(home: Path, secret: str) -> list[dict[str, Any]]:
    """The latest decision on each candidate, notes redacted and names pseudonymised."""
    path = home / "decisions.csv"
    latest: dict[str, dict[str, Any]] = {}
    for number, line in mistakes.lines_of(path):
        decision = _decision(path, number, line, secret)
        latest[decision["candidate_id"]] = decision
    return [latest[candidate_id] for candidate_id in sorted(latest)]


def _decision(path: Path, number: int, line: dict[str, str], secret: str) -> dict[str, Any]:
    try:
        if line["status"] not in STATUSES:
            raise ValueError(f"no status is called {line['status']}")
        if line["status"] == "live" and not line["live_on"]:
            raise ValueError("live goes with live_on, the day it went live")
        return {
            "candidate_id": line["candidate_id"],
            "status": line["status"],
            "note": privacy.redact(line["note"]) or None,
            "decided_by": privacy.pseudonym(secret, line["decided_by"]) if line["decided_by"] else None,
            "decided_on": date.fromisoformat(line["decided_on"]),
            "live_on": date.fromisoformat(line["live_on"]) if line["live_on"] else None,
        }
    except (KeyError, TypeError, ValueError) as error:
        said = privacy.redact(str(error))
        raise UsageError(f"{path}, line {number}: {said}", do=f"its columns are {', '.join(COLUMNS)}") from None
