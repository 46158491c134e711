"""Deliveries with names, addresses and numbers in every text column of every format."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

FOLDER = "canaries"  # beside the feeds file
PEOPLE = ("Annegret Quillfeather", "Tobias Wenzelmann")
TOLD = ("{} called from +49 171 2345678, write annegret.q@canary-mail.example, card 4111 1111 1111 1111, "
        "account DE89 3704 0044 0532 0130 00, DNI 12345678Z")  # fmt: skip
CANARIES = ("quillfeather", "annegret", "wenzelmann", "canary-mail", "171 2345678", "1712345678", "4111 1111",
            "4111111111111111", "3704 0044", "DE89370400440532013000", "12345678z")  # fmt: skip
COLUMNS = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent",
           "system": "App", "team": "Team", "outcome": "Result"}  # fmt: skip
Row = dict[str, str]


def rows(feed: int) -> list[Row]:
    """Sound work, and in every fifth case all that is personal in every column that is text."""
    found = []
    for case in range(20):
        told = TOLD.format(PEOPLE[case % 2]) if case % 5 == 0 else ""
        for place, step in enumerate(("Open", "Check", "Close")):
            at = f"2026-01-{case % 27 + 1:02} {9 + place:02}"
            found.append({
                "Ref": f"f{feed}-{case} {told}".strip(), "Step": f"{step} {told}".strip(),
                "Start": f"{at}:00:00", "End": f"{at}:1{case % 7}:00", "Agent": PEOPLE[(case + place) % 2],
                "App": f"Desk {told}".strip(), "Team": f"Claims {told}".strip(), "Result": f"done {told}".strip(),
                "Note": f"note {told}".strip(), "Kind": f"kind {case % 3} {told}".strip(),
            })  # fmt: skip
    return found


def as_csv(path: Path, held: list[Row]) -> None:
    spoilt = {**held[0], "End": TOLD.format(PEOPLE[0])}  # a line that is refused for what it holds
    lines = [list(held[0]), *(list(row.values()) for row in [*held, spoilt])]
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def as_xlsx(path: Path, held: list[Row]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate([list(held[0]), *(list(row.values()) for row in held)]):
            sheet.write_row(place, 0, line)


def as_parquet(path: Path, held: list[Row]) -> None:
    pq.write_table(pa.Table.from_pylist(held), path)


def as_jsonl(path: Path, held: list[Row]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in held), encoding="utf-8")


def as_xes(path: Path, held: list[Row]) -> None:
    def event(row: Row) -> str:
        texts = {"concept:name": row["Step"], "org:resource": row["Agent"], "Note": row["Note"], "Kind": row["Kind"]}
        listed = "".join(f"<string key={quoteattr(key)} value={quoteattr(text)}/>" for key, text in texts.items())
        return f'<event>{listed}<date key="time:timestamp" value="{row["End"].replace(" ", "T")}Z"/></event>'

    traces: dict[str, list[str]] = {}
    for row in held:
        traces.setdefault(row["Ref"], []).append(event(row))
    cases = (
        f'<trace><string key="concept:name" value={quoteattr(case)}/>{"".join(events)}</trace>'
        for case, events in traces.items()
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><log>{"".join(cases)}</log>', encoding="utf-8")


def as_ocel(path: Path, held: list[Row]) -> None:
    names = ("Note", "Kind")
    people, cases = sorted({row["Agent"] for row in held}), sorted({row["Ref"] for row in held})
    log = {
        "objectTypes": [{"name": name, "attributes": []} for name in ("order", "clerk")],
        "eventTypes": [
            {"name": step, "attributes": [{"name": name, "type": "string"} for name in names]}
            for step in sorted({row["Step"] for row in held})
        ],
        "objects": [{"id": case, "type": "order"} for case in cases]
        + [{"id": one, "type": "clerk"} for one in people],
        "events": [
            {"id": f"e{number}", "type": row["Step"], "time": row["End"].replace(" ", "T") + "Z",
             "attributes": [{"name": name, "value": row[name]} for name in names],
             "relationships": [{"objectId": row["Ref"], "qualifier": ""}, {"objectId": row["Agent"], "qualifier": ""}]}
            for number, row in enumerate(held)
        ],
    }  # fmt: skip
    path.write_text(json.dumps(log), encoding="utf-8")


def as_database(path: Path, held: list[Row]) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute(f"CREATE TABLE work ({', '.join(held[0])})")
        database.executemany(
            f"INSERT INTO work VALUES ({', '.join('?' * len(held[0]))})", [tuple(row.values()) for row in held]
        )


def as_screens(path: Path, held: list[Row]) -> None:
    as_csv(path, [{**row, "Window": row["Note"], "Element": row["Kind"], "Typed": row["Result"]} for row in held])


SCREENS = {"user": "Agent", "occurred_at": "End", "application": "App", "action": "Step", "window": "Window",
           "element": "Element", "value": "Typed"}  # fmt: skip
OCEL = {"case_id": {"object_type": "order"}, "activity": "ocel:activity", "ended_at": "ocel:timestamp",
        "resource": "clerk"}  # fmt: skip
WRITERS: dict[str, tuple[Callable[[Path, list[Row]], None], dict[str, Any]]] = {
    "csv": (as_csv, {"files": f"{PEOPLE[0]} *.csv"}),
    "gz": (as_csv, {"files": "of a server.csv.gz"}),
    "xlsx": (as_xlsx, {"files": "work.xlsx"}),
    "parquet": (as_parquet, {"files": "work.parquet"}),
    "jsonl": (as_jsonl, {"files": "work.jsonl"}),
    "xes": (as_xes, {"files": "work.xes", "columns": None}),
    "ocel": (as_ocel, {"files": "work.json", "format": "ocel", "columns": OCEL}),
    "database": (as_database, {"database": f"sqlite:///{FOLDER}/work.sqlite", "query": "SELECT * FROM work",
                               "files": None}),
    "screens": (as_screens, {"files": "screens.csv", "kind": "desktop", "columns": SCREENS, "attributes": None}),
}  # fmt: skip
FILES = {"csv": f"{PEOPLE[0]} 1.csv", "database": "work.sqlite"}


@dataclass(frozen=True)
class Canaries:
    """The folder they lie in, beside a feeds file; their feeds; what is to be found there and nowhere else."""

    folder: Path
    feeds: dict[str, dict[str, Any]]
    texts: tuple[str, ...]


@pytest.fixture(scope="session")
def canaries() -> Callable[[Path], Canaries]:
    """`canaries(landing)` writes them into a folder of their own."""

    def put(landing: Path) -> Canaries:
        folder, feeds = landing / FOLDER, {}
        folder.mkdir()
        for number, (name, (write, more)) in enumerate(WRITERS.items()):
            plain = {"provider": f"P{number}", "process": {"column": "Kind"} if name == "csv" else "Claims",
                     "timezone": "UTC", "columns": COLUMNS, "attributes": ["Note", "Kind"]}  # fmt: skip
            feeds[name] = {key: held for key, held in {**plain, **more}.items() if held is not None}
            place = FILES.get(name, more["files"])
            if more["files"]:
                feeds[name]["files"] = f"{FOLDER}/{more['files']}"
            write(folder / place, rows(number))
        return Canaries(folder, feeds, CANARIES)

    return put
