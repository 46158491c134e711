"""The events of an XES log, one row each, with the attributes of the event and of its trace as they are written.

An attribute of the trace is named with `case:` before its key (`case:concept:name`), one of the event by its key. Only
the outermost value of a nested attribute is read. Every value is text; an attribute that an event lacks is null.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

import pyarrow as pa

from essa.errors import FeedError
from essa.reading.opened import is_gzip

CHUNK_BYTES = 1 << 18
BATCH_ROWS = 50_000
SAMPLE_EVENTS = 2_000
DO_EXPORT = "have the log exported and sent again"

CHILDREN = {
    None: {"log": "log"},
    "log": {"trace": "trace", "event": "stray event", "global": "global"},
    "trace": {"event": "event"},
}
VALUES = {"event": "event value", "trace": "trace value", "global": "declared"}

Element = tuple[str, str, str | int | None]


def columns(path: Path) -> list[str]:
    """The columns this log declares as global or carries in its first 2,000 events; `read` takes rarer ones too."""
    seen: dict[str, None] = {}  # a set that keeps the file's order
    scope, event_count = "", 0
    for kind, key, value in _elements(path):
        if kind == "global":
            scope = "case:" if value == "trace" else ""
        elif kind == "declared":
            seen[scope + key] = None
        elif kind == "trace value":
            seen["case:" + key] = None
        elif kind == "event value":
            seen[key] = None
        elif kind == "event":
            event_count += 1
            if event_count > SAMPLE_EVENTS:
                break
    return list(seen)


def read(path: Path, wanted: Sequence[str]) -> pa.RecordBatchReader:
    """The wanted columns of every event as text, and `source_line`, the line its element begins on."""
    schema = pa.schema([*((name, pa.string()) for name in wanted), ("source_line", pa.int64())])
    return pa.RecordBatchReader.from_batches(schema, _batches(path, wanted, schema))


def _batches(path: Path, wanted: Sequence[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    held: list[list] = [[] for _ in schema]
    for rows in _traces(path, wanted):
        # Columns at once, and not when the batch is full: many small lists alive cost a third of the time.
        for column, values in zip(held, zip(*rows, strict=True), strict=False):
            column.extend(values)
        if len(held[-1]) >= BATCH_ROWS:
            yield _batch(held, schema)
            held = [[] for _ in schema]
    if held[-1]:
        yield _batch(held, schema)


def _batch(held: list[list], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array(values, type=field.type) for field, values in zip(schema, held, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _traces(path: Path, wanted: Sequence[str]) -> Iterator[list[list]]:
    """The rows of one trace after the other: the wanted values, then the line."""
    in_event = {name: place for place, name in enumerate(wanted)}
    in_trace = {name.removeprefix("case:"): place for name, place in in_event.items() if name.startswith("case:")}
    rows: list[list] = []
    shared: dict[int, str | None] = {}
    for kind, key, value in _elements(path):
        if kind == "event value":
            if key in in_event:
                rows[-1][in_event[key]] = value
        elif kind == "event":
            rows.append([None] * len(wanted) + [value])
        elif kind == "trace value":
            if key in in_trace:
                shared[in_trace[key]] = value
        elif kind == "trace":
            yield _shared_out(rows, shared)
            rows, shared = [], {}
    yield _shared_out(rows, shared)


def _shared_out(rows: list[list], shared: dict[int, str | None]) -> list[list]:
    for place, value in shared.items():
        for row in rows:
            row[place] = value
    return rows


def _elements(path: Path) -> Iterator[Element]:
    """Every element that means something: its kind, its key, its value (an event's line, a global's scope)."""
    found: list[Element] = []
    parser = _parser(path, found)
    stray_count = 0
    try:
        with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                parser.Parse(chunk, False)
                stray_count += sum(kind == "stray event" for kind, _, _ in found)
                yield from found
                found.clear()
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise _cut(path, error.lineno, expat.ErrorString(error.code)) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _cut(path, parser.CurrentLineNumber, "the gzip file is not whole") from None
    if stray_count:
        raise FeedError(
            f"{path.name} has {stray_count:,} events outside any trace",
            because="an event without a case cannot be ordered or counted",
            do="have the log exported with each event inside its trace",
        )


def _parser(path: Path, found: list[Element]) -> expat.XMLParserType:
    # Not a tree of lxml: beyond line 65,535 its line numbers are off, and it is slower.
    parser = expat.ParserCreate()
    kinds: list[str | None] = [None]

    def start(tag: str, attributes: dict[str, str]) -> None:
        above = kinds[-1]
        key = attributes.get("key")
        kind = VALUES.get(above) if key is not None else None
        if above in CHILDREN:
            kind = CHILDREN[above].get(tag.rpartition(":")[2], kind)
            if len(kinds) == 1 and kind != "log":
                raise FeedError(f"{path.name} is XML but not an XES log: it begins with <{tag}>", do=DO_EXPORT)
        kinds.append(kind)
        if kind in ("event", "stray event"):
            found.append((kind, "", parser.CurrentLineNumber))
        elif kind:
            found.append((kind, key or "", attributes.get("scope" if kind == "global" else "value")))

    def refuse_doctype(*_: object) -> None:
        raise FeedError(
            f"{path.name} carries a document type declaration",
            because="it could name other files or grow without end while it is read; an XES log needs none",
            do="have the log exported without <!DOCTYPE ...>",
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: kinds.pop()
    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def _cut(path: Path, line: int, reason: str) -> FeedError:
    return FeedError(f"{path.name} cannot be read beyond line {line:,}", because=reason, do=DO_EXPORT)
