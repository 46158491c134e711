"""Lines past their feed's `keep:` are taken out of what is kept of its deliveries, for good."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from essa import delivery
from essa.pulled import Pulled
from essa.reading.opened import quoted_text
from essa.warehouse import Warehouse

AT = "coalesce(ended_at, started_at)"  # a line without a time is refused, and holds nobody's work


def expire(
    warehouse: Warehouse, pulled: Sequence[Pulled], remembered: Sequence[dict[str, Any]]
) -> tuple[list[Pulled], list[dict[str, Any]]]:
    """What was pulled and what is remembered, counted without the lines that are past their days.

    `raw.expired` says how many lines of each feed went tonight.
    """
    kept_folder, midnight = warehouse.folder / "deliveries", datetime.combine(warehouse.night, time())
    days = {row["feed"]: row["keep_days"] for row in warehouse.rows("FROM core.feed WHERE keep_days IS NOT NULL")}
    gone = [
        {
            "feed": feed,
            "expired_count": sum(
                _shorten(kept, midnight - timedelta(days=count), warehouse.connection)
                for kept in sorted((kept_folder / feed).glob("*.parquet"))
            ),
        }
        for feed, count in sorted(days.items())
    ]
    warehouse.fill("raw.expired", gone)

    def count(kept: Path) -> int:
        return warehouse.value(f"SELECT count(*) FROM read_parquet({quoted_text(kept)})")

    counted = [
        replace(one, files=tuple((found, count(found.kept)) for found, _ in one.files)) if one.feed in days else one
        for one in pulled
    ]
    known = [
        {**row, "line_count": count(kept)}
        if row["feed"] in days
        and (kept := delivery.kept_place(kept_folder, row["feed"], row["content_hash"], row["reading"])).exists()
        else row
        for row in remembered
    ]
    return counted, known


def _shorten(kept: Path, before: datetime, connection: duckdb.DuckDBPyConnection) -> int:
    """Writes a kept delivery without what ended before; how many lines went."""
    whole = f"read_parquet({quoted_text(kept)})"
    (counts,) = connection.execute(f"SELECT count(*) FILTER ({AT} < ?) FROM {whole}", [before]).fetchall()
    if counts[0]:
        part = kept.with_suffix(".part")
        connection.execute(
            f"COPY (FROM {whole} WHERE coalesce({AT} >= {quoted_text(before)}::TIMESTAMP, true))"
            f" TO {quoted_text(part)} ({delivery.KEPT_AS})"
        )
        os.replace(part, kept)
    return counts[0]
