"""A log of screens taken through a night as far as its routines, and those read back as they would be published."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import yaml

from essa import feeds as feeds_file
from essa import night as nights
from essa import order, pulling, warehouse
from essa.naming.names_file import NamesFile
from essa.routines.decoding import Decoded
from essa.settings import Settings

NIGHT, FIRST = date(2026, 11, 21), datetime(2026, 3, 2, 9, tzinfo=UTC)
COLUMNS = ("application", "window", "element", "action")
FEED = {
    "kind": "desktop", "provider": "Alpha", "process": "Desk", "files": "screens.csv", "timezone": "UTC",
    "columns": {name: name for name in ("user", "occurred_at", *COLUMNS)},
}  # fmt: skip
TABLES = order.MART[: order.MART.index("mart.routine") + 1]


def published(seen: Sequence[Sequence[str | None]]) -> Decoded:
    """Which step of which run of `mart.routine` each event is; one event a second, all by one user."""
    with tempfile.TemporaryDirectory(prefix="essa-bench-") as place:
        folder = Path(place)
        _write(folder, seen)
        tonight = warehouse.begin(folder / "home", Settings(), NIGHT)
        try:
            known = feeds_file.read(folder / "feeds.yaml")
            tonight.open_night(str(NIGHT))
            pulling.describe_feeds(known, tonight)
            pulling.settle([pulling.pull(feed, folder, tonight) for feed in known], tonight)
            nights.name_activities(tonight, NamesFile())
            nights.make_vocabularies(tonight)
            for table in (*order.CORE, *TABLES):
                nights.make(tonight, table, lambda name: None)
            rows = tonight.rows(
                """SELECT date_diff('second', TIMESTAMP '2026-03-02 09:00:00', instance.ended_at) AS place,
                    (dense_rank() OVER (ORDER BY routine_id) - 1)::INTEGER AS routine,
                    (dense_rank() OVER (ORDER BY routine_id, step_no) - 1)::INTEGER AS step,
                    (dense_rank() OVER (ORDER BY found.case_key, found.run_no) - 1)::INTEGER AS instance
                FROM mart.routine_instance AS found
                JOIN core.activity_instance AS instance USING (activity_instance_id)"""
            )
        finally:
            warehouse.end(folder / "home")
    return _told(rows, len(seen))


def _write(folder: Path, seen: Sequence[Sequence[str | None]]) -> None:
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": {"screens": FEED}}), encoding="utf-8")
    with (folder / "screens.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "occurred_at", *COLUMNS])
        for place, event in enumerate(seen):
            rows.writerow(["u1", f"{FIRST + timedelta(seconds=place):%Y-%m-%dT%H:%M:%SZ}", *event])


def _told(rows: Sequence[dict[str, int]], count: int) -> Decoded:
    step, instance = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    instances = 1 + max((row["instance"] for row in rows), default=-1)
    firsts, lasts = np.full(instances, count, np.int64), np.full(instances, -1, np.int64)
    routines = np.zeros(instances, np.int32)
    for row in rows:
        place, number = row["place"], row["instance"]
        step[place], instance[place], routines[number] = row["step"], number, row["routine"]
        firsts[number], lasts[number] = min(firsts[number], place), max(lasts[number], place)
    return Decoded(step, instance, routines, firsts, lasts, np.zeros(instances, np.int64), 0)
