"""One delivered file, opened by its format; refused where it lacks what the feed names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from essa import privacy, scratch
from essa.errors import ColumnsMissing, FeedError
from essa.feeds import Feed
from essa.mistakes import nearest
from essa.reading import csv_dialect, lines
from essa.reading.opened import (
    BROKEN_FILE,
    DELIVERED,
    LINE,
    Source,
    as_wanted,
    only_changed,
    quoted_name,
    quoted_text,
    shown_names,
    told_apart,
    unreadable,
)  # fmt: skip

__all__ = ["BROKEN_FILE", "Source", "missing_columns", "open_source", "unreadable"]

CALENDAR, BYTES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"), "BLOB"


def open_source(path: Path, feed: Feed, only: Sequence[str] | None = None) -> Source:
    """Opens one file of a feed; FeedError where a column the feed names is missing or the file cannot be read.

    With `only`, what reads its first lines or these of the feed's columns alone: without the checks of the whole file.
    """
    opener = OPENERS[feed.file_format or "csv"]
    if path.stat().st_size == 0:
        raise FeedError(f"{path.name} is empty", do="ask the sender for it again; if nothing was done, take it away")
    try:
        source = opener(path, feed, only)
    except BROKEN_FILE as error:
        raise unreadable(path, error) from None
    except FeedError as error:
        raise _redacted(error) from None
    missing = [name for name in feed.wanted_columns() if source.called(name) not in source.types]
    if missing:
        raise missing_columns(path, missing, feed.wanted_columns(), list(source.types))
    return source


def _redacted(error: FeedError) -> FeedError:
    """What a reader said; a header that is no header may name people."""
    told = type(error)(
        privacy.redact(error.what), **{name: privacy.redact(text) for name, text in error.details.items()}
    )
    return told.lacking(error.columns) if isinstance(error, ColumnsMissing) else told


def missing_columns(path: Path, missing: Sequence[str], wanted: Sequence[str], seen: Sequence[str]) -> ColumnsMissing:
    told = []
    for name in missing:
        near = nearest(name, seen)
        told.append(f"`{name}`" + (f"; did you mean `{privacy.redact(near)}`?" if near else ""))
    is_foreign = not set(seen) & set(wanted)  # then the first line may be data, and data may name people
    return ColumnsMissing(
        f"{path.name} lacks {'a column' if len(missing) == 1 else f'{len(missing)} columns'} the feed names",
        missing="\n".join(told),
        seen=None if is_foreign else shown_names(seen),
        do="mend `columns:` or `attributes:` of the feed, or ask the sender for the column",
    ).lacking(missing)


def _parquet(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    relation = f"read_parquet({quoted_text(path)}, file_row_number = true)"
    with scratch.connection() as connection:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
    wanted = feed.wanted_columns()
    written = as_wanted(pq.read_schema(path).names, wanted)  # DuckDB has told apart what differs by case alone
    called = told_apart(written, wanted)
    taken = {called[name]: (row[0], row[1]) for name, row in zip(written, described, strict=True)}
    if any(kind in (*CALENDAR, BYTES) or name != found for name, (found, kind) in taken.items()):
        listed = ", ".join(f"{_cell(found, kind)} AS {quoted_name(name)}" for name, (found, kind) in taken.items())
        relation = f"(SELECT {listed}, file_row_number FROM {relation})"
    types = {name: "VARCHAR" if kind == BYTES else kind for name, (_, kind) in taken.items()}
    cells = ", ".join(f"coalesce({quoted_name(called[name])}::VARCHAR, chr(0))" for name in sorted(called))
    held = f"concat_ws(chr(31), {cells})"
    return Source(relation, types, only_changed(called), line_sql="file_row_number + 1", held_sql=held)


def _cell(name: str, kind: str) -> str:
    """A column as it is taken: of times years 1 to 9999, of bytes the text.

    DuckDB breaks on writing out what lies further away; and some programs write text without saying that it is.
    """
    x = quoted_name(name)
    if kind == BYTES:
        return f"coalesce(TRY(decode({x})), {x}::VARCHAR)"
    return (
        f"CASE WHEN {x} BETWEEN '0001-01-02'::{kind} AND '9999-12-31'::{kind} THEN {x} END" if kind in CALENDAR else x
    )


def _xlsx(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    from essa.reading import xlsx

    table = xlsx.read(path, feed.sheet, None)
    names = as_wanted(table.column_names[:-1], feed.wanted_columns())
    csv_dialect.check_header(path, names, feed.wanted_columns(), setting="`sheet:`")
    called = told_apart(names, feed.wanted_columns())
    rows = table.rename_columns([*(called[name] for name in names), LINE]).to_reader()
    cells = ", ".join(f"coalesce({quoted_name(called[name])}, chr(0))" for name in sorted(names))
    types, held = dict.fromkeys(called.values(), "VARCHAR"), f"concat_ws(chr(31), {cells})"
    return Source(DELIVERED, types, only_changed(called), rows, held_sql=held)


def _xes(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    from essa.reading import xes

    wanted = feed.wanted_columns()
    seen = xes.columns(path)  # of the first events; an attribute may be rarer than that
    needed = [feed.columns.case_id, feed.columns.activity, feed.columns.ended_at or feed.columns.occurred_at]
    if missing := [name for name in needed if name and name not in seen]:
        raise missing_columns(path, missing, wanted, seen)
    called = told_apart(wanted, wanted)
    schema = pa.schema([*((called[name], pa.string()) for name in wanted), (LINE, pa.int64())])
    rows = pa.RecordBatchReader.from_batches(schema, _on_own_lines(xes.read(path, wanted), schema))
    return Source(DELIVERED, dict.fromkeys(called.values(), "VARCHAR"), only_changed(called), rows)


def _ocel(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    from essa.reading import ocel

    wanted = feed.wanted_columns()
    log = ocel.opened(path)
    seen = log.declared.columns()
    if missing := [name for name in wanted if name not in seen]:
        raise missing_columns(path, missing, wanted, seen)
    case_type = feed.columns.case_id  # None where a look left out what the file lacks
    if case_type is not None and case_type not in log.declared.object_attributes:
        raise FeedError(
            f"{path.name} declares no type of objects called `{case_type}`",
            seen=shown_names(list(log.declared.object_attributes)),
            do="name the type whose objects are the cases, for example `case_id: {object_type: order}`",
        )
    called = told_apart(wanted, wanted)
    schema = pa.schema([*((called[name], pa.string()) for name in wanted), (LINE, pa.int64())])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema)
               for batch in ocel.read(log, wanted, case_type))  # fmt: skip
    rows = pa.RecordBatchReader.from_batches(schema, batches)
    return Source(DELIVERED, dict.fromkeys(called.values(), "VARCHAR"), only_changed(called), rows)


OPENERS = {
    "csv": lines.open_csv, "parquet": _parquet, "jsonl": lines.open_jsonl, "xlsx": _xlsx, "xes": _xes, "ocel": _ocel,
}  # fmt: skip


def _on_own_lines(rows: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Each event on a line of its own; where several stand on one, the later ones count on from it."""
    last = 0
    for batch in rows:
        ahead = np.arange(batch.num_rows)
        places = np.maximum.accumulate(np.maximum(batch.column(-1).to_numpy() - ahead, last + 1)) + ahead
        last = int(places[-1]) if len(places) else last
        yield pa.RecordBatch.from_arrays([*batch.columns[:-1], pa.array(places)], schema=schema)
