"""Homes of a tiny office, and nights in them that may be killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from essa import publication

Ask = Callable[..., dict[str, Any]]
COLUMNS = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent"}
FEED = {"process": "Claims", "timezone": "UTC", "columns": COLUMNS, "attributes": ["Note"]}
FEEDS = {"a": {**FEED, "provider": "P", "files": "a*.csv"}, "b": {**FEED, "provider": "Q", "files": "b*.csv"}}
FIRST, SECOND = "2026-02-01", "2026-02-02"


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """`ask(home, feeds, night)` runs a night in a process of its own and tells how it ended."""
    script = Path(__file__).with_name("nights.py")
    running = subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def put(home: Path, feeds: Path, night: str, **more: Any) -> dict[str, Any]:
        running.stdin.write(json.dumps({"home": str(home), "feeds": str(feeds), "night": night, **more}) + "\n")
        running.stdin.flush()
        return json.loads(running.stdout.readline())

    try:
        yield put
    finally:
        running.stdin.close()
        running.wait(30)
        running.stdout.close()


def lines(first: int, count: int, provider: str, note: str = "") -> list[str]:
    """Cases of three steps, the second of which comes twice in every fourth."""
    told = ["Ref,Step,Start,End,Agent,Note"]
    for case in range(first, first + count):
        steps = ("Open", "Check", "Check", "Close") if case % 4 == 0 else ("Open", "Check", "Close")
        for place, step in enumerate(steps):
            at = f"2026-01-{case % 27 + 1:02}T{9 + place:02}"
            told.append(f"{provider}{case},{step},{at}:00:00,{at}:1{case % 7}:00,Asha Rao{case % 3},{note}{place}")
    return told


def deliver(landing: Path, name: str, rows: list[str]) -> None:
    (landing / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def office(ask: Ask, tmp_path_factory: pytest.TempPathFactory, write_feeds: Callable) -> tuple[Path, Path]:
    """A home whose first night is published, and the feeds file, beside which lies what the second night reads."""
    place = tmp_path_factory.mktemp("office")
    landing, home = place / "landing", place / "home"
    landing.mkdir()
    feeds = write_feeds(landing, FEEDS)
    deliver(landing, "a1.csv", lines(0, 40, "p"))
    deliver(landing, "a2.csv", lines(40, 12, "p"))
    deliver(landing, "b1.csv", lines(0, 40, "q"))
    assert ask(home, feeds, FIRST, is_here=True) == {"code": 0}
    deliver(landing, "a2.csv", lines(40, 12, "p", "mended "))
    deliver(landing, "a3.csv", lines(52, 10, "p"))
    deliver(landing, "b2.csv", lines(40, 15, "q"))
    (landing / "b1.csv").unlink()
    return home, feeds


@pytest.fixture
def home_of(office: tuple[Path, Path], tmp_path: Path) -> Callable[[], Path]:
    """A copy of the home in which one night is published, times kept."""

    def make() -> Path:
        return Path(shutil.copytree(office[0], tmp_path / "home"))

    return make


def tables(home: Path) -> dict[str, Any]:
    """Every published table by its rows, and what stands beside the file by its bytes."""
    place = home / "published"
    with duckdb.connect(str(place / publication.FILE_NAME), read_only=True) as connection:
        found: dict[str, Any] = {
            promise.table: connection.execute(f"FROM {promise.table} ORDER BY ALL").fetchall()
            for promise in publication.published_contracts()
        }
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place)
        if path.is_file() and name.parts[0] in ("history", "routines"):
            found[str(name)] = path.read_bytes()
    return found


@pytest.fixture(scope="session")
def told_by() -> Callable[[Path], dict[str, Any]]:
    return tables


@pytest.fixture(scope="session")
def standing(office: tuple[Path, Path]) -> Mapping[str, Any]:
    """What is published of the first night."""
    return tables(office[0])


@pytest.fixture(scope="session")
def undisturbed(ask: Ask, office: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """How the second night goes when nothing happens, and when it is run again: its moments, and what it publishes."""
    home = Path(shutil.copytree(office[0], tmp_path_factory.mktemp("undisturbed") / "home"))
    told = []
    for _ in range(2):
        ended = ask(home, office[1], SECOND)
        assert (ended["code"], ended["trouble"]) == (0, None)
        told.append({**ended, "tables": tables(home)})
    return told
