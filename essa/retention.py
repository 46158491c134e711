"""Lines past their feed's `keep:` are taken out of what is kept of its deliveries and landed of its query, for good.

What is landed is written anew with those rows alone that are still kept, and what is kept of it goes on under the hash
of its new content, so that neither is read as new. A night that is cut short leaves both to the next. What a file
held before it came anew goes too, as soon as nothing counts it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from essa import delivery
from essa.pulled import Pulled
from essa.reading.opened import quoted_text
from essa.warehouse import Warehouse

AT = "coalesce(ended_at, started_at)"  # a line without a time is refused, and holds nobody's work
BEFORE = b"essa:before"  # the hashes that what is landed had while more was in it


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
    now = {feed: _follow(feed, warehouse, pulled, remembered) for feed in days}

    def kept_now(one: delivery.Delivery) -> tuple[delivery.Delivery, int]:
        content = now[one.feed].get(one.content_hash, one.content_hash)
        kept = delivery.kept_place(kept_folder, one.feed, content, one.reading)
        return replace(one, content_hash=content, kept=kept), count(kept)

    def count(kept: Path) -> int:
        return warehouse.value(f"SELECT count(*) FROM read_parquet({quoted_text(kept)})")

    def known_now(row: dict[str, Any]) -> dict[str, Any]:
        content = now[row["feed"]].get(row["content_hash"], row["content_hash"])
        kept = delivery.kept_place(kept_folder, row["feed"], content, row["reading"])
        return {**row, "content_hash": content, "line_count": count(kept)} if kept.exists() else row

    counted = [
        replace(one, files=tuple(kept_now(found) for found, _ in one.files)) if one.feed in days else one
        for one in pulled
    ]
    return counted, [known_now(row) if row["feed"] in days else row for row in remembered]


def drop_replaced(warehouse: Warehouse) -> None:
    """Removes what is kept of files that came again with another content, once a night without it is published.

    What was read of a blocked feed waits for the night that believes it.
    """
    kept_folder = warehouse.folder / "deliveries"
    used = {
        delivery.kept_place(kept_folder, row["feed"], row["content_hash"], row["reading"])
        for row in warehouse.rows("SELECT feed, content_hash, reading FROM past.raw.delivery")
    }
    blocked = "SELECT feed FROM ops.feed WHERE status = 'blocked' AND night = ?"
    waiting = {row["feed"] for row in warehouse.rows(blocked, [warehouse.night])}
    for kept in sorted(kept_folder.glob("*/*.parquet")):
        if kept not in used and kept.parent.name not in waiting:
            kept.unlink()


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


def _follow(
    feed: str, warehouse: Warehouse, pulled: Sequence[Pulled], remembered: Sequence[dict[str, Any]]
) -> dict[str, str]:
    """Takes out of what a feed's query landed what is not kept any more; the hashes of it before and now."""
    readings = {row["content_hash"]: row["reading"] for row in remembered if row["feed"] == feed}
    used = set(readings)
    readings |= {found.content_hash: found.reading for one in pulled if one.feed == feed for found, _ in one.files}
    kept_folder = warehouse.folder / "deliveries"
    now: dict[str, str] = {}
    for path in sorted((warehouse.home / "landed" / feed).glob("*.parquet")):
        content, earlier = delivery.content_hash(path), _earlier(path)
        now |= dict.fromkeys([*earlier, content], content)
        if content not in readings:
            continue
        kept = delivery.kept_place(kept_folder, feed, content, readings[content])
        lines = _lines(kept, warehouse.connection) if kept.exists() else None
        if lines is not None and len(lines) < pq.read_metadata(path).num_rows:
            part = _with_lines(path, lines, [*(one for one in earlier if one in used), content])
            now |= dict.fromkeys([*earlier, content], delivery.content_hash(part))
            _renumber(kept, delivery.kept_place(kept_folder, feed, now[content], readings[content]), warehouse)
            os.replace(part, path)
    for old in now.keys() - now.values() - used - readings.keys():
        for kept in (kept_folder / feed).glob(f"{old[:32]}-*.parquet"):
            kept.unlink()
    return {old: new for old, new in now.items() if old != new and old not in now.values()}


def _earlier(landed: Path) -> list[str]:
    return json.loads(_said(pq.read_metadata(landed).metadata).get(BEFORE, b"[]"))


def _said(metadata: Mapping[bytes, bytes] | None) -> dict[bytes, bytes]:
    """What we wrote beside the rows, and not Arrow."""
    return {name: held for name, held in (metadata or {}).items() if name.startswith(b"essa:")}


def _lines(kept: Path, connection: duckdb.DuckDBPyConnection) -> np.ndarray:
    found = connection.execute("SELECT source_line FROM read_parquet(?) ORDER BY ALL", [str(kept)])
    return found.fetchnumpy()["source_line"]


def _with_lines(landed: Path, lines: np.ndarray, earlier: list[str]) -> Path:
    """A file beside what is landed with these of its rows, by their number from 1, and all that is said of them."""
    part = landed.with_suffix(".part")
    whole = pq.ParquetFile(landed)
    with (
        os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file,
        pq.ParquetWriter(file, whole.schema_arrow.remove_metadata()) as writer,
    ):
        for batch in _taken(whole, lines):
            writer.write_batch(batch)
        said = _said(whole.metadata.metadata) | {BEFORE: json.dumps(earlier).encode()}
        writer.add_key_value_metadata({name.decode(): held.decode() for name, held in said.items()})
    return part


def _taken(whole: pq.ParquetFile, lines: np.ndarray) -> Iterator[pa.RecordBatch]:
    first = 1
    for batch in whole.iter_batches():
        here = lines[np.searchsorted(lines, first) : np.searchsorted(lines, first + batch.num_rows)]
        yield batch.take(pa.array(here - first)).replace_schema_metadata(None)
        first += batch.num_rows


def _renumber(kept: Path, target: Path, warehouse: Warehouse) -> None:
    """What is kept of the same lines in a file that has no others."""
    part = target.with_suffix(".part")
    warehouse.connection.execute(
        f"COPY (SELECT * REPLACE (row_number() OVER (ORDER BY source_line) AS source_line)"
        f" FROM read_parquet({quoted_text(kept)}) ORDER BY source_line) TO {quoted_text(part)} ({delivery.KEPT_AS})"
    )
    os.replace(part, target)
