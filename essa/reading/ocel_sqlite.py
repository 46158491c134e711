"""An OCEL 2.0 log in SQLite, read from its tables and changing nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from essa.errors import FeedError
from essa.reading.ocel import Declared, Event, Log, Value
from essa.reading.opened import quoted_name

NEEDED = ("event", "object", "event_object", "event_map_type", "object_map_type")
NOT_ATTRIBUTES = {"ocel_id", "ocel_time", "ocel_changed_field"}


def log(path: Path) -> Log:
    with _open(path) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if lacking := [name for name in NEEDED if name not in tables]:
            raise FeedError(
                f"{path.name} is SQLite but not an OCEL 2.0 log: it lacks the tables {', '.join(lacking)}",
                do="have the log exported as OCEL 2.0 and sent again",
            )
        kinds = {one: _tables_of(database, one, tables) for one in ("object", "event")}
        declared = Declared(
            {kind: _attributes(database, table) for kind, table in kinds["object"].items()},
            [name for table in kinds["event"].values() for name in _attributes(database, table)],
        )
    return Log(declared, lambda: _objects(path, kinds["object"]), lambda: _events(path, kinds["event"]))


@contextlib.contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda held: held.decode("utf-8", "replace")
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        yield database
    except sqlite3.Error:
        raise FeedError(
            f"{path.name} cannot be read", because="it is damaged, cut off or locked", do="ask the sender for it again"
        ) from None
    finally:
        database.close()


def _tables_of(database: sqlite3.Connection, of: str, tables: set[str]) -> dict[str, str]:
    """By type the table that holds what is said of its events or objects."""
    rows = database.execute(f"SELECT ocel_type, ocel_type_map FROM {of}_map_type ORDER BY 1").fetchall()
    return {str(kind): f"{of}_{mapped}" for kind, mapped in rows if f"{of}_{mapped}" in tables}


def _attributes(database: sqlite3.Connection, table: str) -> list[str]:
    rows = database.execute(f"PRAGMA table_info({quoted_name(table)})").fetchall()
    return [row[1] for row in rows if row[1] not in NOT_ATTRIBUTES]


def _objects(path: Path, kinds: dict[str, str]) -> Iterator[tuple[str, str, list[Value]]]:
    with _open(path) as database:
        for kind, table in kinds.items():
            names = _attributes(database, table)
            listed = ", ".join(quoted_name(name) for name in names)
            rows = database.execute(
                f"""SELECT ocel_id, ocel_time, ocel_changed_field{", " + listed if names else ""}
                FROM {quoted_name(table)} ORDER BY ocel_id, ocel_time"""
            )
            for object_id, held in groupby(rows, key=lambda row: row[0]):
                values = [
                    (name, as_text(row[1]) or "", as_text(cell))
                    for row in held
                    for name, cell in zip(names, row[3:], strict=True)
                    if cell is not None and row[2] in (None, "", name)
                ]
                yield str(object_id), kind, values


def _events(path: Path, kinds: dict[str, str]) -> Iterator[Event]:
    with _open(path) as database:
        for kind, table in kinds.items():
            names = _attributes(database, table)
            listed = "".join(f", said.{quoted_name(name)}" for name in names)
            rows = database.execute(
                f"""SELECT said.ocel_id, said.ocel_time, touched.ocel_object_id{listed}
                FROM {quoted_name(table)} AS said
                LEFT JOIN event_object AS touched ON touched.ocel_event_id = said.ocel_id
                ORDER BY said.ocel_time, said.ocel_id, touched.ocel_object_id"""
            )
            for event_id, held in groupby(rows, key=lambda row: row[0]):
                first, *others = held
                attributes = {name: as_text(cell) for name, cell in zip(names, first[3:], strict=True)}
                touches = [str(row[2]) for row in (first, *others) if row[2] is not None]
                yield Event(str(event_id), kind, as_text(first[1]) or "", attributes, touches)


def as_text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    return cell.hex() if isinstance(cell, bytes) else str(cell)
