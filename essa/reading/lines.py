"""CSV and JSON lines as rows, each with its line; a line that cannot be taken apart is refused alone.

A line break inside quotes begins no line, as in a spreadsheet; blank lines are counted and hold no row.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as pc

from essa import scratch
from essa.errors import FeedError
from essa.feeds import Feed
from essa.reading import csv_dialect
from essa.reading.opened import (
    DELIVERED,
    LINE,
    Source,
    as_wanted,
    is_gzip,
    only_changed,
    quoted_name,
    quoted_text,
    told_apart,
)

# PyArrow shows a traceback of a row it cannot decode, and then refuses the file, which is told in our words.
_shown_before = sys.unraisablehook
sys.unraisablehook = lambda said: None if said.exc_type is UnicodeDecodeError else _shown_before(said)

BLOCK_BYTES = 1 << 22
LONGEST_LINE = 1 << 24
TEXT = "essa:text"
JSON_VALUE = re.compile(r"(:\s*)(?:\"(?:[^\"\\]|\\.)*\"|[^\s,{}\[\]\"]+)")


def open_csv(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    dialect = csv_dialect.understand(path, feed.wanted_columns(), feed.encoding, feed.delimiter)
    if only is None and (line := csv_dialect.broken_quote(path, dialect)) is not None:
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
    taken = {place: name for place, name in named.items() if name and (only is None or name in only)}
    stream = pc.open_csv(
        _unpacked(path),
        read_options=pc.ReadOptions(
            encoding=dialect.encoding,
            column_names=list(named),
            skip_rows=dialect.header_line_count,
            block_size=BLOCK_BYTES,
            use_threads=False,  # a refused row has its number only then
        ),
        parse_options=pc.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=refuse, ignore_empty_lines=False
        ),
        convert_options=pc.ConvertOptions(
            column_types={place: pa.string() for place in taken},
            strings_can_be_null=False,
            include_columns=list(taken),
        ),
    )
    kept = [name for name in named.values() if name]
    called = told_apart(kept, feed.wanted_columns())
    schema = pa.schema([*((called[name], pa.string()) for name in taken.values()), (LINE, pa.int64())])
    batches = _numbered(stream, schema, passed, dialect.header_line_count + 1)
    rows = pa.RecordBatchReader.from_batches(schema, batches)
    held = f"concat_ws(chr(31), {', '.join(quoted_name(called[name]) for name in sorted(kept))})"
    types = dict.fromkeys(called.values(), "VARCHAR")
    return Source(DELIVERED, types, only_changed(called), rows, held_sql=held, refused=refused)


def _unpacked(path: Path) -> pa.NativeFile:
    return pa.input_stream(path, compression="gzip" if is_gzip(path) else None)


def _numbered(
    stream: Iterator[pa.RecordBatch], schema: pa.Schema, passed: list[int], first: int
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
        numbered = pa.RecordBatch.from_arrays([*batch.columns, pa.array(lines)], schema=schema)
        yield _without_blank_lines(numbered)


def _without_blank_lines(batch: pa.RecordBatch) -> pa.RecordBatch:
    *cells, _ = batch.columns
    is_blank = np.ones(batch.num_rows, dtype=bool)
    for cell in cells:
        is_blank &= compute.equal(compute.binary_length(cell), 0).to_numpy(zero_copy_only=False)
        if not is_blank.any():
            return batch
    return batch.filter(pa.array(~is_blank))


def open_jsonl(path: Path, feed: Feed, only: Sequence[str] | None) -> Source:
    wanted = feed.wanted_columns()
    keys = _json_keys(path, feed)
    if not keys and _is_list(path):
        raise FeedError(f"{path.name} is one list in JSON", do="have each of its objects sent on a line of its own")
    seen = dict(zip(as_wanted(keys, wanted), keys, strict=True))
    called = told_apart(list(seen), wanted)
    relation = _json_relation({called.get(name, name): seen.get(name, name) for name in wanted})
    refused: list[tuple[int, str]] = []
    passed: list[int] = []

    def refuse(row: pc.InvalidRow) -> str:
        passed.append(row.number)
        refused.append((row.number, "not a JSON object"))
        return "skip"

    opened = pc.open_csv(
        _unpacked(path),
        read_options=pc.ReadOptions(column_names=[TEXT], block_size=BLOCK_BYTES, use_threads=False),
        # no line of JSON holds this character as it is
        parse_options=pc.ParseOptions(
            delimiter="\x01", quote_char=False, ignore_empty_lines=False, invalid_row_handler=refuse
        ),
        convert_options=pc.ConvertOptions(column_types={TEXT: pa.string()}),
    )
    schema = pa.schema([(TEXT, pa.string()), (LINE, pa.int64())])
    numbered = _numbered(opened, schema, passed, 1)
    rows = pa.RecordBatchReader.from_batches(schema, numbered)
    types = dict.fromkeys(called.values(), "VARCHAR")
    malformed = "CASE WHEN \"essa:is_malformed\" THEN 'not a JSON object' END"
    return Source(
        relation, types, only_changed(called), rows, malformed_sql=malformed, held_sql=quoted_name(TEXT),
        written=_json_written(path), refused=refused,
    )  # fmt: skip


def _is_list(path: Path) -> bool:
    with _unpacked(path) as file:
        return file.read(len(codecs.BOM_UTF8) + 1).removeprefix(codecs.BOM_UTF8).startswith(b"[")


def _json_relation(keys: Mapping[str, str]) -> str:
    """Rows of the lines in `delivered`: our name of each value by its key in the line."""
    line, text = quoted_name(LINE), quoted_name(TEXT)
    rounds: list[list[str]] = []  # one STRUCT cannot hold keys alike but for their case
    for key in dict.fromkeys(keys.values()):
        free = next((held for held in rounds if key.lower() not in map(str.lower, held)), None)
        if free is None:
            rounds.append([key])
        else:
            free.append(key)
    parsed = [
        f"TRY(CASE WHEN starts_with(ltrim({text}), '{{') THEN json_transform({text},"
        f' {quoted_text(json.dumps(dict.fromkeys(held, "VARCHAR")))}) END) AS "essa:parsed{number}"'
        for number, held in enumerate(rounds)
    ]
    place = {key: number for number, held in enumerate(rounds) for key in held}
    taken = ", ".join(
        f'"essa:parsed{place[key]}".{quoted_name(key)} AS {quoted_name(name)}' for name, key in keys.items()
    )
    return f"""(
        SELECT {line}, {text}, "essa:parsed0" IS NULL AS "essa:is_malformed", {taken}
        FROM (SELECT *, {", ".join(parsed)} FROM {DELIVERED} WHERE trim({text}) <> ''))"""


def _json_written(path: Path) -> str:
    """The order of the keys and the blanks between them, as the first line has them: that without its values."""
    with _unpacked(path) as file:
        first = file.read(BLOCK_BYTES).lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    return JSON_VALUE.sub(r"\1", first)


def _json_keys(path: Path, feed: Feed, enough: int = 5_000) -> list[str]:
    """Keys of the first lines, of all lines where a key the feed names is not among them."""
    wanted = set(feed.wanted_columns())
    packed = "gzip" if is_gzip(path) else "none"
    relation = (
        f"read_ndjson_objects({quoted_text(path)}, ignore_errors = true, maximum_object_size = {LONGEST_LINE},"
        f" compression = '{packed}')"
    )
    with scratch.connection() as connection:
        for limit in (f"LIMIT {enough}", ""):
            found = connection.execute(
                f"""SELECT DISTINCT unnest(json_keys(json)) AS name FROM (SELECT json FROM {relation} {limit})
                WHERE json_type(json) = 'OBJECT' ORDER BY name"""
            ).fetchall()
            if wanted <= set(as_wanted([row[0] for row in found], list(wanted))):
                break
    return [row[0] for row in found]
