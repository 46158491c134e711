"""One delivered file, opened: its columns, and rows that DuckDB can scan, each with the line it stood on."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc

from essa import privacy
from essa.errors import FeedError
from essa.feeds import Feed
from essa.reading import csv_dialect

BLOCK_BYTES = 1 << 22
GLANCE_BYTES = 1 << 20
LONGEST_LINE = 1 << 24
LINE = "essa:source_line"  # no column of a sender is called so
TEXT = "essa:text"
CALENDAR = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
# What the libraries raise for a file that is not what it should be; anything else is a fault of ours.
BROKEN_FILE = (
    pa.ArrowInvalid, OSError, EOFError, UnicodeError, duckdb.IOException, duckdb.InvalidInputException,
    duckdb.ConversionException,
)  # fmt: skip


@dataclass
class Source:
    """A file's rows. `relation` is what stands after FROM; Arrow rows are known there as `delivered`.

    `types` are the DuckDB types of the columns as the file gives them. `refused` fills while rows are read: the lines
    that could not be taken apart, with the reason.
    """

    relation: str
    types: dict[str, str]
    rows: pa.RecordBatchReader | None = None
    line_sql: str = f'"{LINE}"'
    malformed_sql: str = "NULL::VARCHAR"
    held_sql: str | None = None  # everything a row holds, where there is a shorter way than its columns
    refused: list[tuple[int, str]] = field(default_factory=list)
    trouble: Exception | None = None  # what a reader said while DuckDB, which would garble it, was reading

    def on(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Makes the rows known to a connection; the text that stands after FROM."""
        if self.rows is not None:
            watched = pa.RecordBatchReader.from_batches(self.rows.schema, self._watched(self.rows))
            connection.register("delivered", watched)
        return self.relation

    def _watched(self, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            yield from rows
        except BROKEN_FILE:
            raise
        except Exception as error:
            self.trouble = error
            raise


def open_source(path: Path, feed: Feed, is_glance: bool = False) -> Source:
    """Opens one file of a feed; FeedError where a column the feed names is missing or the file cannot be read.

    A glance, at the first lines alone, reads little and leaves out the checks of the whole file.
    """
    opener = {"csv": _csv, "parquet": _parquet, "jsonl": _jsonl, "xlsx": _xlsx, "xes": _xes}[feed.file_format or "csv"]
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


def unreadable(path: Path, error: Exception) -> FeedError:
    """What a library said of a file it could not read, without the values it quotes."""
    because = privacy.redact((str(error).splitlines() or [type(error).__name__])[0])[:200]
    return FeedError(f"{path.name} cannot be read", because=because, do="ask the sender for it again")


def missing_columns(path: Path, missing: Sequence[str], wanted: Sequence[str], seen: Sequence[str]) -> FeedError:
    lines = []
    for name in missing:
        near = difflib.get_close_matches(name, seen, 1, 0.6)
        lines.append(f"`{name}`" + (f"; did you mean `{privacy.redact(near[0])}`?" if near else ""))
    is_foreign = not set(seen) & set(wanted)  # then the first line may be data, and data may name people
    return FeedError(
        f"{path.name} lacks {'a column' if len(missing) == 1 else f'{len(missing)} columns'} the feed names",
        missing="\n".join(lines),
        seen=None if is_foreign else privacy.redact(", ".join(seen[:40])),
        do="mend `columns:` or `attributes:` of the feed, or ask the sender for the column",
    )


def _csv(path: Path, feed: Feed, is_glance: bool) -> Source:
    dialect = csv_dialect.understand(path, feed.wanted_columns(), feed.encoding, feed.delimiter)
    if not is_glance and (line := csv_dialect.broken_quote(path, dialect)) is not None:
        raise FeedError(
            f"{path.name}: the quotes of the record at line {line} do not hold",
            because="what follows an open quote cannot be told from one long cell",
            do="ask the sender to double every quote inside a quoted cell",
        )
    refused: list[tuple[int, str]] = []
    passed: list[int] = []

    def refuse(row: pc.InvalidRow) -> str:  # row.text holds originals and is not kept
        passed.append(row.number)
        if row.text.strip():
            refused.append((row.number, f"{row.actual_columns} cells where the header has {row.expected_columns}"))
        return "skip"

    named = {f"c{place}": name for place, name in enumerate(dialect.columns)}
    stream = pc.open_csv(
        path,
        read_options=pc.ReadOptions(
            encoding=dialect.encoding,
            column_names=list(named),
            skip_rows=dialect.header_line_count,
            block_size=GLANCE_BYTES if is_glance else BLOCK_BYTES,
            use_threads=False,  # a refused row has its number only then
        ),
        parse_options=pc.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=refuse, ignore_empty_lines=False
        ),
        convert_options=pc.ConvertOptions(
            column_types={name: pa.string() for name in named}, strings_can_be_null=False
        ),
    )
    kept = [name for name in named.values() if name]
    places = [place for place, name in enumerate(named.values()) if name]
    schema = pa.schema([*((name, pa.string()) for name in kept), (LINE, pa.int64())])
    batches = _numbered(stream, schema, places, passed, dialect.header_line_count + 1)
    rows = pa.RecordBatchReader.from_batches(schema, batches)
    held = f"concat_ws(chr(31), {', '.join(map(_name, sorted(kept)))})"
    return Source("delivered", dict.fromkeys(kept, "VARCHAR"), rows, held_sql=held, refused=refused)


def _numbered(
    stream: Iterator[pa.RecordBatch], schema: pa.Schema, places: list[int], passed: list[int], first: int
) -> Iterator[pa.RecordBatch]:
    """The batches with each row's record number, the numbers of rows passed over left out."""
    next_line, seen = first, 0
    for batch in stream:
        gone = np.array(passed[seen:], dtype=np.int64)
        lines = np.arange(next_line, next_line + batch.num_rows + len(gone))
        lines = lines[~np.isin(lines, gone)][: batch.num_rows]
        if len(lines):
            next_line = int(lines[-1]) + 1
        while seen < len(passed) and passed[seen] < next_line:
            seen += 1
        columns = [batch.column(place) for place in places]
        numbered = pa.RecordBatch.from_arrays([*columns, pa.array(lines)], schema=schema)
        yield _without_blank_lines(numbered)


def _without_blank_lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    *cells, _ = batch.columns
    is_blank = np.ones(batch.num_rows, dtype=bool)
    for cell in cells:
        is_blank &= compute.equal(compute.binary_length(cell), 0).to_numpy(zero_copy_only=False)
        if not is_blank.any():
            return batch
    return batch.filter(pa.array(~is_blank))


def _parquet(path: Path, feed: Feed, is_glance: bool) -> Source:
    relation = f"read_parquet({_text(path)}, file_row_number = true)"
    with duckdb.connect(config={"threads": 1}) as connection:
        described = connection.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    if kept := [f"{_in_four_digits(name, types[name])} AS {_name(name)}" for name in types if types[name] in CALENDAR]:
        relation = f"(SELECT * REPLACE ({', '.join(kept)}) FROM {relation})"
    return Source(relation, types, line_sql="file_row_number + 1")


def _in_four_digits(name: str, kind: str) -> str:
    """Years 1 to 9999: DuckDB breaks on writing out what lies further away."""
    return f"CASE WHEN {_name(name)} BETWEEN '0001-01-02'::{kind} AND '9999-12-31'::{kind} THEN {_name(name)} END"


def _jsonl(path: Path, feed: Feed, is_glance: bool) -> Source:
    seen = _json_keys(path, feed)
    fields = _text(json.dumps(dict.fromkeys(feed.wanted_columns(), "VARCHAR")))
    parsed = f"TRY(CASE WHEN json_type({_name(TEXT)}) = 'OBJECT' THEN json_transform({_name(TEXT)}, {fields}) END)"
    relation = f"""(
        SELECT {_name(LINE)}, {_name(TEXT)}, "essa:parsed" IS NULL AS "essa:is_malformed", unnest("essa:parsed")
        FROM (SELECT *, {parsed} AS "essa:parsed" FROM delivered WHERE trim({_name(TEXT)}) <> ''))"""
    refused: list[tuple[int, str]] = []
    passed: list[int] = []

    def refuse(row: pc.InvalidRow) -> str:
        passed.append(row.number)
        refused.append((row.number, "not a JSON object"))
        return "skip"

    opened = pc.open_csv(
        path,
        read_options=pc.ReadOptions(
            column_names=[TEXT], block_size=GLANCE_BYTES if is_glance else BLOCK_BYTES, use_threads=False
        ),
        # no line of JSON holds this character as it is
        parse_options=pc.ParseOptions(
            delimiter="\x01", quote_char=False, ignore_empty_lines=False, invalid_row_handler=refuse
        ),
        convert_options=pc.ConvertOptions(column_types={TEXT: pa.string()}),
    )
    schema = pa.schema([(TEXT, pa.string()), (LINE, pa.int64())])
    numbered = _numbered(opened, schema, [0], passed, 1)
    rows = pa.RecordBatchReader.from_batches(schema, numbered)
    types = {name: "VARCHAR" for name in seen}
    malformed = "CASE WHEN \"essa:is_malformed\" THEN 'not a JSON object' END"
    return Source(relation, types, rows, malformed_sql=malformed, held_sql=_name(TEXT), refused=refused)


def _json_keys(path: Path, feed: Feed, enough: int = 5_000) -> list[str]:
    """Keys of the first lines, of all lines where a key the feed names is not among them."""
    wanted = set(feed.wanted_columns())
    relation = f"read_ndjson_objects({_text(path)}, ignore_errors = true, maximum_object_size = {LONGEST_LINE})"
    with duckdb.connect(config={"threads": 1}) as connection:
        for limit in (f"LIMIT {enough}", ""):
            found = connection.execute(
                f"""SELECT DISTINCT unnest(json_keys(json)) AS name FROM (SELECT json FROM {relation} {limit})
                WHERE json_type(json) = 'OBJECT' ORDER BY name"""
            ).fetchall()
            if wanted <= {row[0] for row in found}:
                break
    return [row[0] for row in found]


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
        lines = np.maximum.accumulate(np.maximum(batch.column(-1).to_numpy() - ahead, last + 1)) + ahead
        last = int(lines[-1]) if len(lines) else last
        yield pa.RecordBatch.from_arrays([*batch.columns[:-1], pa.array(lines)], schema=schema)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
