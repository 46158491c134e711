"""What each stage of one night takes, without Prefect; and one wide sort of the same events, to hold it against.

Each is run as `python stages.py STEP FOLDER`, in a process of its own, and leaves its figures in `FOLDER/STEP.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import deliveries
import duckdb
from meter import Stage, timed, together

from essa import feeds as feeds_file
from essa import meeting, order, publication, pulling, warehouse
from essa import night as nights
from essa.errors import EssaError
from essa.expectations_on_duckdb import import_great_expectations
from essa.naming.names_file import NamesFile
from essa.settings import Settings
from essa.warehouse import Warehouse

NIGHT = date(2026, 11, 21)  # the sample's last day of work is the day before
FEEDS_AT_ONCE = 2  # as many as the nightly flow pulls side by side


def night(folder: Path, limit: str, events: str = "events.parquet") -> dict[str, Any]:
    """The night's stages in their order; `start_up` and the checks stand apart from the tables they belong to.

    `until_rework` is what had to be done, checks and all, for the four things that PM4Py is asked for.
    """
    opening: list[Stage] = []
    stages: list[Stage] = []
    checks: list[Stage] = []
    with timed(opening, "start-up"):
        import_great_expectations()
        tonight = warehouse.begin(folder / "home", Settings(memory_limit=limit), NIGHT)
    try:
        core, mart = _build_all(folder / "sample" / "feeds.yaml", tonight, stages, checks)
        with timed(stages, "publish"):
            nights.describe_run(tonight, None)
            row_counts = publication.publish(tonight)
        found = _found(tonight)
        _write_events(tonight, folder / events)
        tonight.connection.execute("CHECKPOINT night")  # the sort reads it; a night leaves its file unfinished
    finally:
        warehouse.end(folder / "home")
    judged = together(checks, "checks (Great Expectations)")
    at_first = [*core, *mart[: order.MART.index("mart.rework") + 1]]
    first_names = {"raw.event", "ops.feed", *(stage["stage"] for stage in at_first)}
    first_checks = [check for check in checks if check["stage"] in first_names]
    shown = [*stages[:-1], *core, together(mart, f"mart ({len(mart)} tables)"), judged, stages[-1]]
    return {
        "start_up": opening[0],
        "stages": shown,
        "mart": mart,
        "checks": checks,
        "night": together(shown, "night"),
        "until_rework": together([*stages[:-1], *at_first, *first_checks], "until rework"),
        "found": found | {"row_counts": row_counts},
    }


def _build_all(
    feeds: Path, tonight: Warehouse, stages: list[Stage], checks: list[Stage]
) -> tuple[list[Stage], list[Stage]]:
    """From the deliveries to the mart; the core tables' stages and the mart tables'."""
    known = feeds_file.read(feeds)
    tonight.open_night(str(NIGHT))
    pulling.describe_feeds(known, tonight)
    with timed(stages, "pull"), ThreadPoolExecutor(FEEDS_AT_ONCE) as pool:
        meeting.meet_all(known, feeds.parent, tonight)
        pulled = list(pool.map(lambda feed: pulling.pull(feed, feeds.parent, tonight), known))
    with timed(stages, "settle"):
        blocked = pulling.settle(pulled, tonight)
    if blocked:
        raise EssaError(f"blocked: {', '.join(blocked)}", do="a night on part of the sample measures nothing; mend it")
    for table in ("raw.event", "ops.feed"):
        _check(tonight, table, checks)
    with timed(stages, "names"):
        nights.name_activities(tonight, NamesFile())
    with timed(stages, "types"):
        nights.make_vocabularies(tonight)
    return _build(tonight, order.CORE, checks), _build(tonight, order.MART, checks)


def _build(tonight: Warehouse, tables: Sequence[str], checks: list[Stage]) -> list[Stage]:
    built: list[Stage] = []
    for table in tables:
        before = len(checks)
        with timed(built, table):
            nights.make(tonight, table, lambda name: _check(tonight, name, checks))
        for checked in checks[before:]:
            built[-1]["wall_s"] -= checked["wall_s"]
            built[-1]["cpu_s"] -= checked["cpu_s"]
    return built


def _check(tonight: Warehouse, table: str, checks: list[Stage]) -> None:
    with timed(checks, table):
        nights.check(tonight, table)


def _found(tonight: Warehouse) -> dict[str, int]:
    """What PM4Py should find too; it knows of no processes, but no two of them share a case."""
    return {
        "event_count": tonight.value("SELECT count(*) FROM core.activity_instance"),
        "pair_count": tonight.value("SELECT count(*) FROM core.directly_follows"),
        "variant_count": tonight.value("SELECT count(*) FROM core.variant"),
    }


def _write_events(tonight: Warehouse, path: Path) -> None:
    """The events a process miner reads: whole, cleaned, in the order they were delivered."""
    tonight.connection.execute(
        f"""COPY (
            SELECT process || ':' || case_id AS case_id, process || ': ' || activity AS activity, started_at, ended_at
            FROM core.activity_instance WHERE ended_at IS NOT NULL ORDER BY event_no
        ) TO '{str(path).replace("'", "''")}' (FORMAT {path.suffix[1:]})"""
    )


def sort(folder: Path, limit: str) -> dict[str, Any]:
    """One sort of the typed events with all their columns into a table, as the night just left them."""
    settings = Settings(memory_limit=limit)
    config = {"threads": settings.threads, "memory_limit": limit, "temp_directory": str(folder / "spill")}
    stages: list[Stage] = []
    with duckdb.connect(str(folder / "sorted.duckdb"), config=config) as connection:
        place = str(folder / "home" / "warehouse" / "night.duckdb").replace("'", "''")
        connection.execute(f"ATTACH '{place}' AS night (READ_ONLY)")
        with timed(stages, "wide sort"):
            connection.execute(
                "CREATE TABLE sorted AS SELECT * FROM night.raw.event ORDER BY process, case_id, started_at"
            )
    return {"stages": stages}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["sample", "night", "sort"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--limit", default="3GB")
    parser.add_argument("--csv", action="store_true")
    asked = parser.parse_args()
    try:
        if asked.step == "sample":
            result = deliveries.write(asked.folder / "sample", asked.events, asked.csv)
        elif asked.step == "night":
            result = night(asked.folder, asked.limit, "events.csv" if asked.csv else "events.parquet")
        else:
            result = sort(asked.folder, asked.limit)
    except EssaError as error:
        sys.exit(str(error))
    (asked.folder / f"{asked.step}.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
