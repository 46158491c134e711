"""One delivered file, opened by its format; refused where it lacks what the feed names."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from essa import privacy
from essa.errors import FeedError
from essa.feeds import Feed
from essa.reading import csv_dialect, lines
from essa.reading.opened import BROKEN_FILE, LINE, Source, quoted_name, quoted_text, unreadable

__all__ = ["BROKEN_FILE", "Source", "missing_columns", "open_source", "unreadable"]

CALENDAR = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")


def open_source(path: Path, feed: Feed, is_glance: bool = False) -> Source:
    """Opens one file of a feed; FeedError where a column the feed names is missing or the file cannot be read.

    A glance, at the first lines alone, reads little and leaves out the checks of the whole file.
    """
    opener = {"csv": lines.open_csv, "parquet": _parquet, "jsonl": lines.open_jsonl, "xlsx": _xlsx, "xes": _xes}[
        feed.file_format or "csv"
    ]
    if path.stat().st_size == 0:
        raise FeedError(f"{path.name} is empty", do="ask the sender to deliver it again")
    try:
        source = opener(path, feed, is_glance)
    except BROKEN_FILE as error:
        raise unreadable(path, error) from None
    except FeedError as error:
        raise _redacted(error) from None
    missing = [name for name in feed.wanted_columns() if name not in source.types]
    if missing:
        raise missing_columns(path, missing, feed.wanted_columns(), list(source.types))
    if twins := _twins(feed.wanted_columns(), list(source.types)):
        raise FeedError(
            f"{path.name} has columns alike but for upper and lower case: {privacy.redact(', '.join(twins))}",
            because="the warehouse cannot tell them apart",
            do="ask the sender to name them differently",
        )
    return source


def _twins(wanted: Sequence[str], seen: Sequence[str]) -> list[str]:
    folded = Counter(name.lower() for name in seen)
    return [name for name in wanted if folded[name.lower()] > 1]


def _redacted(error: FeedError) -> FeedError:
    """What a reader said; a header that is no header may name people."""
    return FeedError(privacy.redact(error.what), **{name: privacy.redact(text) for name, text in error.details.items()})


def missing_columns(path: Path, missing: Sequence[str], wanted: Sequence[str], seen: Sequence[str]) -> FeedError:
    told = []
    for name in missing:
        near = difflib.get_close_matches(name, seen, 1, 0.6)
        told.append(f"`{name}`" + (f"; did you mean `{privacy.redact(near[0])}`?" if near else ""))
    is_foreign = not set(seen) & set(wanted)  # then the first line may be data, and data may name people
    return FeedError(
        f"{path.name} lacks {'a column' if len(missing) == 1 else f'{len(missing)} columns'} the feed names",
        missing="\n".join(told),
        seen=None if is_foreign else privacy.redact(", ".join(seen[:40])),
        do="mend `columns:` or `attributes:` of the feed, or ask the sender for the column",
    )


def _parquet(path: Path, feed: Feed, is_glance: bool) -> Source:
    relation = f"read_parquet({quoted_text(path)}, file_row_number = true)"
    with duckdb.connect(config={"threads": 1}) as connection:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    if kept := [
        f"{_in_four_digits(name, types[name])} AS {quoted_name(name)}" for name in types if types[name] in CALENDAR
    ]:
        relation = f"(SELECT * REPLACE ({', '.join(kept)}) FROM {relation})"
    return Source(relation, types, line_sql="file_row_number + 1")


def _in_four_digits(name: str, kind: str) -> str:
    """Years 1 to 9999: DuckDB breaks on writing out what lies further away."""
    x = quoted_name(name)
    return f"CASE WHEN {x} BETWEEN '0001-01-02'::{kind} AND '9999-12-31'::{kind} THEN {x} END"


def _xlsx(path: Path, feed: Feed, is_glance: bool) -> Source:
    from essa.reading import xlsx

    table = xlsx.read(path, feed.sheet, None)
    names = table.column_names[:-1]
    csv_dialect.check_header(path, names, feed.wanted_columns(), setting="`sheet:`")
    return Source("delivered", dict.fromkeys(names, "VARCHAR"), table.rename_columns([*names, LINE]).to_reader())


def _xes(path: Path, feed: Feed, is_glance: bool) -> Source:
    from essa.reading import xes

    wanted = feed.wanted_columns()
    seen = xes.columns(path)  # of the first events; an attribute may be rarer than that
    needed = [feed.columns.case_id, feed.columns.activity, feed.columns.ended_at or feed.columns.occurred_at]
    if missing := [name for name in needed if name not in seen]:
        raise missing_columns(path, missing, wanted, seen)
    schema = pa.schema([*((name, pa.string()) for name in wanted), (LINE, pa.int64())])
    rows = pa.RecordBatchReader.from_batches(schema, _told_apart(xes.read(path, wanted), schema))
    return Source("delivered", dict.fromkeys(wanted, "VARCHAR"), rows)


def _told_apart(rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Each event on a line of its own; where several stand on one, the later ones count on from it."""
    last = 0
    for batch in rows:
        ahead = np.arange(batch.num_rows)
        places = np.maximum.accumulate(np.maximum(batch.column(-1).to_numpy() - ahead, last + 1)) + ahead
        last = int(places[-1]) if len(places) else last
        yield pa.RecordBatch.from_arrays([*batch.columns[:-1], pa.array(places)], schema=schema)
