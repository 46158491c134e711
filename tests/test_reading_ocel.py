"""OCEL 2.0 in JSON and SQLite: the events of one type of objects, the same rows from either file."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa.errors import FeedError
from essa.reading import ocel, ocel_json

# Order o1 has two items; item i3 is of o2. What an order costs changes on the second day.
LOG: dict[str, Any] = {
    "objectTypes": [
        {"name": "order", "attributes": [{"name": "price", "type": "float"}]},
        {"name": "item", "attributes": []},
        {"name": "clerk", "attributes": [{"name": "grade", "type": "string"}]},
    ],
    "eventTypes": [
        {"name": "Place order", "attributes": [{"name": "channel", "type": "string"}]},
        {"name": "Pick item", "attributes": []},
    ],
    "objects": [
        {"id": "o1", "type": "order", "attributes": [
            {"name": "price", "time": "1970-01-01T00:00:00Z", "value": 10.50},
            {"name": "price", "time": "2026-01-06T00:00:00Z", "value": 12},
        ]},
        {"id": "o2", "type": "order", "attributes": [{"name": "price", "time": "1970-01-01T00:00:00Z", "value": 7}]},
        {"id": "i1", "type": "item"},
        {"id": "i2", "type": "item"},
        {"id": "i3", "type": "item"},
        {"id": "anna", "type": "clerk", "attributes": [
            {"name": "grade", "time": "1970-01-01T00:00:00Z", "value": "B"},
        ]},
    ],
    "events": [
        {"id": "e1", "type": "Place order", "time": "2026-01-05T09:00:00Z",
         "attributes": [{"name": "channel", "value": "web"}],
         "relationships": [{"objectId": "o1", "qualifier": "order"}, {"objectId": "anna", "qualifier": "by"}]},
        {"id": "e2", "type": "Place order", "time": "2026-01-05T10:00:00Z",
         "relationships": [{"objectId": "o2", "qualifier": "order"}]},
        {"id": "e3", "type": "Pick item", "time": "2026-01-06T09:00:00Z",
         "relationships": [{"objectId": "i1", "qualifier": ""}, {"objectId": "i2", "qualifier": ""},
                           {"objectId": "o1", "qualifier": ""}, {"objectId": "o2", "qualifier": ""},
                           {"objectId": "o1", "qualifier": "twice"}]},
        {"id": "e4", "type": "Pick item", "time": "2026-01-06T10:00:00Z",
         "relationships": [{"objectId": "i3", "qualifier": ""}]},
    ],
}  # fmt: skip
WANTED = ("order", "ocel:activity", "ocel:timestamp", "clerk", "item", "order.price", "clerk.grade", "channel")
ROWS = [
    ("o1", "Place order", "2026-01-05T09:00:00Z", "anna", None, "10.50", "B", "web"),
    ("o2", "Place order", "2026-01-05T10:00:00Z", None, None, "7", None, None),
    ("o1", "Pick item", "2026-01-06T09:00:00Z", None, "i1 + i2", "12", None, None),
    ("o2", "Pick item", "2026-01-06T09:00:00Z", None, "i1 + i2", "7", None, None),
]


def as_json(path: Path, log: Any = LOG) -> Path:
    text = log if isinstance(log, str) else json.dumps(log).replace("10.5,", "10.50,").replace("10.5}", "10.50}")
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def as_sqlite(path: Path, log: dict[str, Any] = LOG) -> Path:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
    for of, kinds in (("object", "objectTypes"), ("event", "eventTypes")):
        database.execute(f"CREATE TABLE {of} (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)")
        database.execute(f"CREATE TABLE {of}_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)")
        for kind in log[kinds]:
            mapped = kind["name"].title().replace(" ", "")
            names = [one["name"] for one in kind["attributes"]]
            columns = ["ocel_id", "ocel_time", *(["ocel_changed_field"] if of == "object" else []), *names]
            listed = ", ".join(f'"{name}" TEXT' for name in columns)
            database.execute(f"CREATE TABLE {of}_{mapped} ({listed})")
            database.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", [kind["name"], mapped])
            for one in (one for one in log[f"{of}s"] if one["type"] == kind["name"]):
                database.execute(f"INSERT INTO {of} VALUES (?, ?)", [one["id"], one["type"]])
                for line in event_lines(one) if of == "event" else object_lines(one):
                    cells = [line.get(name) for name in columns]
                    database.execute(f"INSERT INTO {of}_{mapped} VALUES ({', '.join('?' * len(cells))})", cells)
    for one in log["events"]:
        for touched in one.get("relationships", ()):
            line = [one["id"], touched["objectId"], touched["qualifier"]]
            database.execute("INSERT INTO event_object VALUES (?, ?, ?)", line)
    database.commit()
    database.close()
    return path


def event_lines(one: dict[str, Any]) -> list[dict[str, Any]]:
    said = {value["name"]: value["value"] for value in one.get("attributes", ())}
    return [{"ocel_id": one["id"], "ocel_time": one["time"], **said}]


def object_lines(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The first line has no changed field, as in the standard's example."""
    changes = one.get("attributes") or [{"name": "", "time": "1970-01-01T00:00:00Z", "value": None}]
    return [
        {
            "ocel_id": one["id"],
            "ocel_time": change["time"],
            "ocel_changed_field": change["name"] if number else None,
            change["name"]: "10.50" if change["value"] == 10.5 else change["value"] and str(change["value"]),
        }
        for number, change in enumerate(changes)
    ]


def rows(path: Path, wanted: tuple[str, ...] = WANTED, case_type: str = "order") -> list[tuple]:
    table = ocel.read(ocel.opened(path), wanted, case_type).read_all()
    assert table["source_line"].to_pylist() == list(range(1, len(table) + 1))
    return list(zip(*(table[name].to_pylist() for name in wanted), strict=True)) if len(table) else []


@pytest.mark.parametrize("name", ["a.jsonocel", "a.jsonocel.gz", "a.sqlite"])
def test_an_event_is_a_row_of_each_case_it_touches(tmp_path, name):
    path = as_sqlite(tmp_path / name) if name.endswith("sqlite") else as_json(tmp_path / name)
    assert sorted(rows(path), key=str) == sorted(ROWS, key=str)
    assert ocel.opened(path).declared.columns() == [
        "ocel:eid", "ocel:activity", "ocel:timestamp", "order", "item", "clerk", "order.price", "clerk.grade",
        "channel",
    ] or name.endswith("sqlite")  # fmt: skip


def test_another_type_of_objects_makes_other_cases(tmp_path):
    found = rows(as_json(tmp_path / "a.json"), ("item", "ocel:eid"), "item")
    assert found == [("i1", "e3"), ("i2", "e3"), ("i3", "e4")]


def test_the_order_of_the_parts_of_a_file_does_not_matter(tmp_path):
    turned = {part: LOG[part] for part in reversed(LOG)}
    assert rows(as_json(tmp_path / "a.json", turned)) == ROWS


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
def test_where_a_file_is_cut_into_pieces_does_not_matter(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(ocel_json, "CHUNK", chunk)
    assert rows(as_json(tmp_path / "a.json")) == ROWS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=200, derandomize=True)
@given(st.dictionaries(st.sampled_from(["events", "objects", "objectTypes", "x"]), json_values), st.integers(1, 9))
def test_any_json_is_a_log_or_is_refused(tmp_path_factory, held, chunk):
    path = tmp_path_factory.mktemp("any") / "a.json"
    path.write_text(json.dumps(held), encoding="utf-8")
    before, ocel_json.CHUNK = ocel_json.CHUNK, chunk
    try:
        found = list(ocel_json._elements(path, "events"))
        assert found == [one for one in _as_read(held.get("events")) if isinstance(one, dict)]
        rows(path, ("ocel:eid",), "order")
    except FeedError:
        pass
    finally:
        ocel_json.CHUNK = before


def _as_read(held: Any) -> list:
    return json.loads(json.dumps(held), parse_int=str) if isinstance(held, list) else []


@settings(max_examples=300, derandomize=True)
@given(st.integers(0, 2_000), st.integers(0, 2**32))
def test_a_damaged_file_is_read_or_refused_in_our_words(tmp_path_factory, place, seed):
    whole = json.dumps(LOG).encode()
    dice = random.Random(seed)
    held = bytearray(whole[: place + 1])
    held[dice.randrange(len(held))] = dice.randrange(256)
    path = tmp_path_factory.mktemp("damaged") / "a.json"
    path.write_bytes(held)
    with contextlib.suppress(FeedError, UnicodeDecodeError):  # the latter is put into words where every reader's is
        rows(path)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("[]", "a { is missing"),
        ("{}", "declares no objectTypes"),
        ('{"objectTypes": [{"name": "order", "attributes": []}], "events": [', "ends too early"),
        ('{"objectTypes": [{"name": "order"}] "events": []}', "a comma is missing"),
        ('{"objectTypes": ' + "[" * 100_000, "nests deeper"),
        ("<log/>", "is XML"),
        ("no log at all", "a { is missing"),
    ],
)
def test_what_is_no_log_is_refused_in_words(tmp_path, held, said):
    with pytest.raises(FeedError, match=said):
        rows(as_json(tmp_path / "a.json", held))


def test_a_part_that_never_ends_is_refused_before_memory_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(ocel_json, "LONGEST", 10_000)
    with pytest.raises(FeedError, match="longer than"):
        rows(as_json(tmp_path / "a.json", '{"objectTypes": [{"name": "' + "x" * (1 << 20)))


@pytest.mark.parametrize("change", ["cut", "no tables", "a view for a table"])
def test_sqlite_that_is_no_log_is_refused_in_words(tmp_path, change):
    path = as_sqlite(tmp_path / "a.sqlite")
    if change == "cut":
        path.write_bytes(path.read_bytes()[:5_000])
    else:
        database = sqlite3.connect(path)
        database.execute("DROP TABLE event_object")
        if change == "a view for a table":
            endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
            database.execute(f"CREATE VIEW event_object AS {endless}")
        database.commit()
        database.close()
    with pytest.raises(FeedError):
        rows(path)


FEED = {"provider": "P", "process": "X", "attributes": ["order.price", "channel"]}


def test_a_night_takes_both_files_and_counts_their_work_once_each(folder, night_of):
    as_json(folder / "a.jsonocel")
    as_sqlite(folder / "b.sqlite")
    feeds = {
        "a": {**FEED, "files": "a.jsonocel", "columns": {"case_id": {"object_type": "order"}, "resource": "clerk"}},
        "b": {**FEED, "files": "b.sqlite", "format": "ocel", "columns": {"case_id": "order", "resource": "clerk"}},
    }
    with night_of(folder, feeds, until="events") as warehouse:
        found = {
            name: warehouse.rows(
                """SELECT case_id, activity, ended_at, resource, attributes."order.price" AS price FROM raw.event
                WHERE feed = ? ORDER BY ALL""",
                [name],
            )
            for name in "ab"
        }
        statuses = {row["status"] for row in warehouse.rows("SELECT status FROM ops.feed")}
    assert len(found["a"]) == 4 and found["a"] == found["b"] and statuses == {"loaded"}


def test_a_type_that_is_not_declared_is_refused_with_those_that_are(folder, night_of):
    as_json(folder / "a.jsonocel")
    as_json(folder / "b.jsonocel")
    feeds = {
        "a": {**FEED, "files": "a.jsonocel", "columns": {"case_id": "channel"}},
        "b": {**FEED, "files": "b.jsonocel", "columns": {"case_id": "order"}},
        "c": {**FEED, "files": "b.jsonocel", "columns": {"case_id": "ordr"}},
    }
    with night_of(folder, feeds, until="pulled") as warehouse:
        told = {row["feed"]: row["reason"] for row in warehouse.rows("SELECT feed, reason FROM ops.feed")}
    assert "no type of objects called `channel`" in told["a"] and "order, item, clerk" in told["a"]
    assert "did you mean `order`?" in told["c"]
