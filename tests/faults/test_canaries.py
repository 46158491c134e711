"""Names, addresses and numbers in every text column of every format are nowhere in what a night leaves behind.

What was delivered itself may hold them: files beside the feeds file, and `HOME/landed`, the rows of a database's feed.
The night is run by `essa run`, and Prefect's server is killed in the midst of it.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

pytestmark = pytest.mark.slow
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
    "database": (as_database, {"database": "sqlite:///work.sqlite", "query": "SELECT * FROM work", "files": None}),
    "screens": (as_screens, {"files": "screens.csv", "kind": "desktop", "columns": SCREENS, "attributes": None}),
}
FILES = {"csv": f"{PEOPLE[0]} 1.csv", "database": "work.sqlite"}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, write_feeds: Callable) -> tuple[Path, Path]:
    """A home after one night over all of them, and the folder of what was delivered."""
    place = tmp_path_factory.mktemp("canaries")
    landing, home, feeds = place / "landing", place / "home", {}
    landing.mkdir()
    for number, (name, (write, more)) in enumerate(WRITERS.items()):
        plain = {"provider": f"P{number}", "process": {"column": "Kind"} if name == "csv" else "Claims",
                 "timezone": "UTC", "columns": COLUMNS, "attributes": ["Note", "Kind"]}  # fmt: skip
        feeds[name] = {key: held for key, held in {**plain, **more}.items() if held is not None}
        write(landing / FILES.get(name, more["files"]), rows(number))
    write_feeds(landing, feeds)
    home.mkdir()
    (home / "settings.yaml").write_text("threads: 1\n", encoding="utf-8")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [
        sys.executable,
        "-c",
        "from flows.cli import main; main()",
        "run",
        "--home",
        home,
        "--night",
        "2026-02-01",
    ]
    with (place / "said").open("w+") as said:
        running = subprocess.Popen(
            [*command, "--feeds", landing / "feeds.yaml"], stdout=said, stderr=subprocess.PIPE, text=True, env=own
        )
        for line in running.stderr:
            said.write(line)
            if "gather names" in line:
                for server in servers_of(home):
                    os.kill(server, signal.SIGKILL)
        assert running.wait(240) == 0, (place / "said").read_text()
    (place / "said").replace(home / "said")  # searched like the rest
    return home, landing


def servers_of(home: Path) -> list[int]:
    """Prefect's servers that live with this home's folder."""
    mark, found = f"PREFECT_HOME={(home / 'prefect').resolve()}".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (place / "environ").read_bytes().split(b"\0") and b"uvicorn" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return found


def test_a_run_whose_server_is_killed_goes_on_with_another(night: tuple[Path, Path]) -> None:
    home, _ = night
    said = (home / "said").read_text()
    assert "Prefect's server ended; this run goes on with a server of its own" in said
    assert "Traceback" not in said
    with contextlib.closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT name, state_type FROM flow_run").fetchall() == [("2026-02-01", "COMPLETED")]
        assert database.execute("SELECT count(*) FROM artifact").fetchone()[0] >= 4


def test_every_format_was_taken_with_its_canaries(night: tuple[Path, Path]) -> None:
    home, landing = night
    with duckdb.connect(str(home / "published" / "essa.duckdb"), read_only=True) as connection:
        counts = dict(connection.execute("SELECT feed, accepted_count FROM ops.feed").fetchall())
    assert counts == dict.fromkeys(WRITERS, 60)
    assert sorted({canary for held in texts(landing) for canary in found_in(held)}) == sorted(
        canary for canary in CANARIES if canary not in ("1712345678", "4111111111111111", "DE89370400440532013000")
    )


def test_no_canary_is_left_anywhere(night: tuple[Path, Path]) -> None:
    home, _ = night
    looked_at, left = 0, {}
    for path in sorted(path for path in home.rglob("*") if path.is_file() and "landed" not in path.parts):
        looked_at += 1
        if found := {canary for held in contents(path) for canary in found_in(held)} | set(
            found_in(os.fsencode(path.name))
        ):
            left[str(path.relative_to(home))] = found
    assert looked_at > 20
    assert left == {}


def found_in(held: bytes) -> Iterator[str]:
    """The canaries that stand in some bytes, in one byte a letter or in two."""
    lower = held.lower()
    for canary in CANARIES:
        text = canary.lower()
        if any(text.encode(encoding) in lower for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
            yield canary


def texts(folder: Path) -> Iterator[bytes]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from contents(path)


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what they say where they are packed."""
    held = path.read_bytes()
    yield held
    if held.startswith(b"\x1f\x8b"):
        yield gzip.decompress(held)
    elif held.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield said(connection, f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')")
    elif held[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute(
                """SELECT format('"{}"."{}"', schema_name, table_name) FROM duckdb_tables()"""
            ).fetchall():
                yield said(connection, table)
            yield str(connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()).encode()
            yield str(connection.execute("SELECT labels FROM duckdb_types() WHERE NOT internal").fetchall()).encode()


def said(connection: duckdb.DuckDBPyConnection, relation: str) -> bytes:
    return "\n".join(map(str, connection.execute(f"FROM {relation}").fetchall())).encode()
