"""Whatever stands in a feeds file or a delivery, it is read or refused in words: no other error comes out.

200 feeds files, and 60 files of each format, each a sound one that was spoilt in a few places.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from essa import delivery, feeds, looks, people, warehouse
from essa.errors import FeedError, UsageError
from essa.settings import Settings

FEW = settings(derandomize=True, database=None, suppress_health_check=list(HealthCheck))
COLUMNS = {"case_id": "Ref", "activity": "Step", "ended_at": "End", "resource": "Agent"}
FEED: dict[str, Any] = {"provider": "P", "process": "X", "files": "*.csv", "timezone": "UTC", "columns": COLUMNS,
                        "attributes": ["Note"]}  # fmt: skip
WHOLE = {
    "feeds": {
        "alpha": {
            **FEED, "country": "DE", "encoding": "utf-8", "delimiter": ";", "datetime_format": "%d/%m/%Y %H:%M",
            "known_at_start": ["Note"], "robots": ["bot"], "roles": ["desk"], "event_id": "Id", "keep": "400 days",
            "contract": {"kind": "per_hour", "cost_per_hour": 20, "currency": "EUR"},
            "calendar": {"days": "mon-fri", "hours": "09:00-18:00", "holidays": "DE-BY"},
        },
        "beta": {**FEED, "files": None, "database": "sqlite:///work.sqlite", "query": "SELECT 1", "watermark": "at"},
        "gamma": {**FEED, "files": None, "url": "https://x.invalid/*.csv", "process": {"column": "Kind"}},
    }
}  # fmt: skip

# What may stand anywhere in a YAML file
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=12),
    st.sampled_from(["*", "../..", "%d", "mon", "sqlite:///", "env X", "{", "[a", "s3://", "\x00", "400 days", "csv"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(LEAVES, one, max_size=3), max_leaves=5
)
KEYS = st.sampled_from(sorted(feeds.Feed.model_fields)) | LEAVES


def places(held: Any, way: tuple = ()) -> Iterator[tuple]:
    yield way
    for key in held if isinstance(held, dict) else range(len(held)) if isinstance(held, list) else ():
        yield from places(held[key], (*way, key))


def changed(held: Any, way: tuple, put: Any, key: Any) -> Any:
    """With something else at a place, or beside it."""
    if not way:
        return {**held, key: put} if isinstance(held, dict) and key is not None else put
    copy = held.copy()
    copy[way[0]] = changed(held[way[0]], way[1:], put, key)
    return copy


@settings(FEW, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(list(places(WHOLE))), VALUES, st.none() | KEYS), min_size=1, max_size=2))
def test_a_feeds_file_with_anything_in_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, changes: list):
    held: Any = WHOLE
    for way, put, key in changes:
        if way in set(places(held)):
            held = changed(held, way, put, key)
    read_or_refused(tmp_path_factory, yaml.dump(held, allow_unicode=True).encode("utf-8", "surrogatepass"))


SOUND = yaml.safe_dump(WHOLE).encode()
MARKS = (b"\0", b"&a ", b"*a", b"!!python/object:os.system ", b"<<: ", b"\t", b"? ", b"- ", b": ", b"{", b"]", b"'",
         b'"', b"\xff\xfe", b"%")  # fmt: skip
PIECES = st.binary(max_size=4) | st.sampled_from(MARKS)
SPOILT = st.lists(st.tuples(st.floats(0, 1), PIECES, st.integers(0, 40)), min_size=1, max_size=4)


def spoilt(held: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """With other bytes in some places."""
    for share, piece, gone in changes:
        at = int(share * len(held))
        held = held[:at] + piece + held[at + gone :]
    return held


@settings(FEW, max_examples=100)
@given(SPOILT)
def test_a_feeds_file_with_other_bytes_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, changes: list):
    read_or_refused(tmp_path_factory, spoilt(SOUND, changes))


def read_or_refused(factory: pytest.TempPathFactory, held: bytes) -> None:
    path = factory.getbasetemp() / "feeds.yaml"
    path.write_bytes(held)
    try:
        assert feeds.read(path)
    except UsageError as refused:
        assert str(path) in str(refused)


# Deliveries

ROWS = [{"Ref": f"c{n % 9}", "Step": "Check", "End": f"2026-01-05 09:{n:02}:00", "Agent": "Asha Rao", "Note": f"x{n}"}
        for n in range(30)]  # fmt: skip
CSV = ("\n".join([",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]) + "\n").encode()


def as_parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink)
    return sink.getvalue()


def as_xlsx() -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate([list(ROWS[0]), *(list(row.values()) for row in ROWS)]):
            sheet.write_row(place, 0, line)
    return sink.getvalue()


def as_xes() -> bytes:
    events = "".join(
        f'<event><string key="concept:name" value="{row["Step"]}"/><string key="Note" value="{row["Note"]}"/>'
        f'<date key="time:timestamp" value="{row["End"].replace(" ", "T")}Z"/></event>'
        for row in ROWS
    )
    trace = f'<trace><string key="concept:name" value="c1"/>{events}</trace>'
    return f'<?xml version="1.0" encoding="UTF-8"?><log xes.version="1.0">{trace}</log>'.encode()


def as_ocel() -> bytes:
    events = [
        {"id": f"e{n}", "type": row["Step"], "time": row["End"].replace(" ", "T") + "Z",
         "attributes": [{"name": "Note", "value": row["Note"]}],
         "relationships": [{"objectId": row["Ref"], "qualifier": ""}]}
        for n, row in enumerate(ROWS)
    ]  # fmt: skip
    return json.dumps({
        "objectTypes": [{"name": "order", "attributes": []}],
        "eventTypes": [{"name": "Check", "attributes": [{"name": "Note", "type": "string"}]}],
        "objects": [{"id": case, "type": "order"} for case in sorted({row["Ref"] for row in ROWS})],
        "events": events,
    }).encode()  # fmt: skip


def as_ocel_sqlite() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.executescript("""
            CREATE TABLE event (ocel_id TEXT, ocel_type TEXT); CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);
            CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);
            CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);
            CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);
            CREATE TABLE event_Check (ocel_id TEXT, ocel_time TEXT, Note TEXT);
            CREATE TABLE object_Order (ocel_id TEXT, ocel_time TEXT, ocel_changed_field TEXT);
            INSERT INTO event_map_type VALUES ('Check', 'Check'); INSERT INTO object_map_type VALUES ('order', 'Order');
        """)
        for n, row in enumerate(ROWS):
            database.execute("INSERT INTO event VALUES (?, 'Check')", [f"e{n}"])
            database.execute("INSERT INTO event_Check VALUES (?, ?, ?)", [f"e{n}", row["End"], row["Note"]])
            database.execute("INSERT INTO event_object VALUES (?, ?, '')", [f"e{n}", row["Ref"]])
        for case in sorted({row["Ref"] for row in ROWS}):
            database.execute("INSERT INTO object VALUES (?, 'order')", [case])
            database.execute("INSERT INTO object_Order VALUES (?, '1970-01-01T00:00:00Z', NULL)", [case])
        database.commit()
        return database.serialize()


NO_COLUMNS = {"columns": None}
OCEL = {"format": "ocel", "columns": {"case_id": {"object_type": "order"}, "activity": "ocel:activity",
                                      "ended_at": "ocel:timestamp"}}  # fmt: skip
FORMATS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "csv": (CSV, {}),
    "csv.gz": (gzip.compress(CSV, mtime=0), {}),
    "jsonl": ("".join(json.dumps(row) + "\n" for row in ROWS).encode(), {}),
    "parquet": (as_parquet(), {}),
    "xlsx": (as_xlsx(), {}),
    "xes": (as_xes(), NO_COLUMNS),
    "json": (as_ocel(), OCEL),
    "sqlite": (as_ocel_sqlite(), OCEL),
}


@pytest.fixture(scope="module")
def tonight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[warehouse.Warehouse]:
    home = tmp_path_factory.mktemp("fuzz") / "home"
    yield warehouse.begin(home, Settings(), date(2026, 11, 21))
    warehouse.end(home)


@pytest.mark.parametrize("ending", FORMATS)
def test_a_spoilt_delivery_is_read_or_refused(
    ending: str, tonight: warehouse.Warehouse, tmp_path: Path, write_feeds: Callable
) -> None:
    whole, more = FORMATS[ending]
    block = {key: held for key, held in {**FEED, "files": f"*.{ending}", **more}.items() if held is not None}
    (feed,) = feeds.read(write_feeds(tmp_path, {"a": block}))
    path, outcomes = tmp_path / f"one.{ending}", []

    @settings(FEW, max_examples=60)
    @given(SPOILT)
    def spoil(changes: list) -> None:
        path.write_bytes(spoilt(whole, changes))
        outcomes.append(read(feed, path, tonight))

    path.write_bytes(whole)
    assert read(feed, path, tonight) == len(ROWS)
    spoil()
    assert len(outcomes) >= 60


def read(feed: feeds.Feed, path: Path, tonight: warehouse.Warehouse) -> int | None:
    """How many lines the door takes of a delivery, as a night would; None where it is refused."""
    connection = tonight.reader()
    try:
        workers = people.workers(delivery.names(path, feed, connection), (), tonight.secret)
        one = delivery.arrived(feed, path, path.name, tonight.folder / "deliveries", "as-fuzzed")
        with tonight.reader() as door:
            ids, longest = tonight.settings.ids_looked_for(), tonight.settings.longest_text_length
            look = looks.Look(people.people_called([]), ids, longest, door)
            return delivery.keep(one, feed, look, workers, connection)
    except FeedError as refused:
        assert "\n  do" in str(refused) or "\n  1 " in str(refused), refused
        return None
    finally:
        connection.close()
