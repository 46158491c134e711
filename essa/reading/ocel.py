"""The events of an OCEL 2.0 log (JSON or SQLite), one row for each object of the case's type that an event touches.

The columns of a row: `ocel:eid`, `ocel:activity`, `ocel:timestamp`, each attribute of the event by its name, each type
of objects by its name (the id of what the event touches; several with ` + ` between them), and `type.attribute`, an
object's attribute as it stood at the time of the event. An event that touches no object of the case's type is no row.
Every value is text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from essa.errors import FeedError

EVENT_ID, ACTIVITY, TIMESTAMP = "ocel:eid", "ocel:activity", "ocel:timestamp"
BATCH_ROWS = 50_000
FIRST = datetime.min.replace(tzinfo=UTC)

Value = tuple[str, str, str | None]  # of an object's attribute: its name, since when, what


@dataclass(frozen=True)
class Declared:
    """What a log says it holds: its types of objects with their attributes, and the attributes of its events."""

    object_attributes: dict[str, list[str]]
    event_attributes: list[str]

    def columns(self) -> list[str]:
        of_objects = [f"{kind}.{name}" for kind, names in self.object_attributes.items() for name in names]
        return list(dict.fromkeys([EVENT_ID, ACTIVITY, TIMESTAMP, *self.object_attributes, *of_objects,
                                   *self.event_attributes]))  # fmt: skip


@dataclass(frozen=True)
class Event:
    event_id: str
    kind: str
    at: str
    attributes: dict[str, str | None]
    touches: list[str]  # ids of objects, in the log's order


@dataclass
class Log:
    """A log as its file gives it, each part read anew when it is asked for."""

    declared: Declared
    objects: Callable[[], Iterable[tuple[str, str, list[Value]]]]
    events: Callable[[], Iterable[Event]]
    kinds: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, list[tuple[datetime, str | None]]]] = field(default_factory=dict)

    def meet_objects(self, attributes: set[str]) -> None:
        """Remembers the type of each object, and of these `type.attribute` what they were when."""
        for object_id, kind, values in self.objects():
            self.kinds[object_id] = kind
            kept: dict[str, list[tuple[datetime, str | None]]] = defaultdict(list)
            for name, since, value in values:
                if f"{kind}.{name}" in attributes:
                    kept[name].append((instant(since), value))
            if kept:
                self.values[object_id] = {name: sorted(held, key=lambda one: one[0]) for name, held in kept.items()}


def opened(path: Path) -> Log:
    """A log by what its file begins with."""
    from essa.reading import ocel_json, ocel_sqlite

    with path.open("rb") as file:
        begin = file.read(16)
    if begin == b"SQLite format 3\0":
        return ocel_sqlite.log(path)
    if begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise FeedError(
            f"{path.name} is XML, which is not read of OCEL",
            do="have the log exported as OCEL 2.0 in JSON or SQLite",
        )
    return ocel_json.log(path)


def read(log: Log, wanted: Sequence[str], case_type: str | None) -> pa.RecordBatchReader:
    """The wanted columns as text, and `source_line`, the number of the row."""
    schema = pa.schema([*((name, pa.string()) for name in wanted), ("source_line", pa.int64())])
    return pa.RecordBatchReader.from_batches(schema, _batches(log, wanted, case_type, schema))


def _batches(log: Log, wanted: Sequence[str], case_type: str | None, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    log.meet_objects(set(wanted))
    rows: list[list[str | None]] = []
    count = 0
    for event in log.events():
        by_kind: dict[str, list[str]] = defaultdict(list)
        for object_id in dict.fromkeys(event.touches):
            by_kind[log.kinds.get(object_id, "")].append(object_id)
        for case in by_kind.get(case_type, ()) if case_type else ():
            touched = {**by_kind, case_type: [case]}
            rows.append([_cell(log, event, touched, name) for name in wanted])
        if len(rows) >= BATCH_ROWS:
            yield _batch(rows, count, schema)
            count, rows = count + len(rows), []
    if rows:
        yield _batch(rows, count, schema)


def _batch(rows: list[list[str | None]], before: int, schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays([*columns, pa.array(range(before + 1, before + len(rows) + 1))], schema=schema)


def _cell(log: Log, event: Event, touched: dict[str, list[str]], name: str) -> str | None:
    if name in (EVENT_ID, ACTIVITY, TIMESTAMP):
        return {EVENT_ID: event.event_id, ACTIVITY: event.kind, TIMESTAMP: event.at}[name]
    if name in log.declared.object_attributes:
        return " + ".join(touched.get(name, ())) or None
    kind, dot, attribute = name.rpartition(".")
    if dot and attribute in log.declared.object_attributes.get(kind, ()):
        objects = touched.get(kind, ())
        return _as_of(log.values.get(objects[0], {}).get(attribute, ()), event.at) if len(objects) == 1 else None
    return event.attributes.get(name)


def _as_of(values: Iterable[tuple[datetime, str | None]], at: str) -> str | None:
    """The value that stood then; the later of two of one time."""
    found, now = None, instant(at)
    for since, value in values:
        if since <= now:
            found = value
    return found


def instant(text: str) -> datetime:
    """A time of the log in UTC; one that cannot be read lies before all others."""
    try:
        at = datetime.fromisoformat(text.strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return FIRST
