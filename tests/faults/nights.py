"""Whole nights on request, each a process that may be killed at a moment: the flow's steps without Prefect.

A line `{"home": ..., "feeds": ..., "night": ...}` is answered by a line: how far it came, at which moments each stage
ended, what went wrong. `at` names the moment of a `kill -9`, `within_s` later; a moment is a statement of a database or
a change to a file. With `file_bytes` no file may grow further. With `unless_found`, a night whose home holds what one
of these homes held goes no further.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from essa import contract, feeds, meeting, night, order, publication, pulling, settings, warehouse
from essa.errors import EssaError, FeedError, of_the_disk
from essa.expectations_on_duckdb import import_great_expectations
from essa.naming import names_file

STAGES = ("open", "pull", "name", "core", "mart", "describe", "remember", "close")
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "shutil.copytree"}
connect = duckdb.connect
contract.comments = lambda *_, **__: []  # a third of a small night, and no reader of these nights asks for them


class Moments:
    """Counts what happens, and ends the process when its time has come."""

    def __init__(self, at: int | None, within_s: float) -> None:
        self.count, self.at, self.within_s = 0, at, within_s
        self.moved_at: int | None = None  # when what is published was moved into place

    def pass_one(self) -> None:
        self.count += 1
        if self.count != self.at:
            return
        if not self.within_s:
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Thread(target=self._end_soon, daemon=True).start()

    def _end_soon(self) -> None:
        time.sleep(self.within_s)
        os.kill(os.getpid(), signal.SIGKILL)

    def of_files(self, event: str, arguments: tuple) -> None:
        if event in CHANGES or (event == "open" and isinstance(arguments[1], str) and arguments[1][0] != "r"):
            self.pass_one()
        if event == "os.rename" and str(arguments[1]).endswith(f"published/{publication.FILE_NAME}"):
            self.moved_at = self.count


class Counted:
    """A connection whose statements are moments."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, moments: Moments) -> None:
        self.held, self.moments = connection, moments

    def execute(self, *arguments: Any) -> Any:
        self.moments.pass_one()
        return self.held.execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        self.moments.pass_one()
        return self.held.executemany(*arguments)

    def cursor(self) -> Counted:
        return Counted(self.held.cursor(), self.moments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.held, name)

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.close()


def go(wanted: dict[str, Any]) -> Iterator[str | None]:
    """A night; what its home held once it is opened, then nothing, at the end of each stage."""
    home, place, on = Path(wanted["home"]), Path(wanted["feeds"]), date.fromisoformat(wanted["night"])
    known = feeds.read(place)
    tonight = warehouse.begin(home, settings.Settings(threads=1), on)
    try:
        tonight.open_night(str(on))
        yield held(tonight)
        pulling.describe_feeds(known, tonight)
        meeting.meet_all(known, place.parent, tonight)
        pulling.settle([pull(feed, place.parent, tonight) for feed in known], tonight)
        yield None
        night.name_activities(tonight, names_file.read(home / "names.yaml"))
        night.make_vocabularies(tonight)
        yield None
        for tables in (order.CORE, order.MART):
            for table in tables:
                night.make(tonight, table, lambda name: None)
            yield None
        night.describe_run(tonight, None)
        yield None
        publication.publish(tonight)
        yield None
    finally:
        warehouse.end(home)
    yield None


def pull(feed: feeds.Feed, base: Path, tonight: warehouse.Warehouse) -> pulling.Pulled:
    try:
        return pulling.pull(feed, base, tonight)
    except FeedError as trouble:
        return pulling.Pulled(feed.name, trouble=trouble)
    except OSError as fault:  # as the flow does
        return pulling.Pulled(feed.name, trouble=FeedError(f"{feed.name}: {type(fault).__name__}", do="run again"))


def held(tonight: warehouse.Warehouse) -> str:
    """A hash of all that a night goes by once its home is open: the memory's rows, and files by their bytes."""
    seen = hashlib.sha256()
    tables = tonight.rows(
        """SELECT schema_name || '."' || table_name || '"' AS name FROM duckdb_tables()
        WHERE database_name = 'past' ORDER BY ALL"""
    )
    for table in (row["name"] for row in tables):
        seen.update(f"{table} {tonight.rows(f'FROM past.{table} ORDER BY ALL')}".encode())
    for path in sorted(path for path in tonight.home.rglob("*") if path.is_file()):
        name = path.relative_to(tonight.home).as_posix()
        if not name.startswith(("warehouse/memory.duckdb", "warehouse/night.duckdb")):
            seen.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()


def answer(wanted: dict[str, Any], write: Callable[[dict[str, Any]], None]) -> None:
    if "file_bytes" in wanted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (wanted["file_bytes"],) * 2)
    moments = Moments(wanted.get("at"), wanted.get("within_s", 0.0))
    duckdb.connect = lambda *arguments, **named: Counted(connect(*arguments, **named), moments)
    sys.addaudithook(moments.of_files)
    told: dict[str, Any] = {"ended": {}, "trouble": None, "is_known": False}
    nights = go(wanted)
    try:
        for stage, found in zip(STAGES, nights, strict=True):
            if stage == "remember":
                told["ended"]["publish"] = moments.moved_at
            told["ended"][stage] = moments.count
            if found is not None:
                told["found"] = found
                told["is_known"] = found in wanted.get("unless_found", ())
            if told["is_known"]:
                nights.close()
                break
    except Exception as fault:
        trouble = fault if isinstance(fault, EssaError) else of_the_disk(fault, Path(wanted["home"]))
        told["trouble"] = str(trouble or f"FAULT {type(fault).__name__}: {fault}")
    write(told)


def in_a_child(wanted: dict[str, Any]) -> dict[str, Any]:
    """What a forked process answers; a killed one answers nothing."""
    near, far = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(near)
        with os.fdopen(far, "w") as way:
            answer(wanted, lambda told: way.write(json.dumps(told)))
        os._exit(0)
    os.close(far)
    with os.fdopen(near) as way:
        said = way.read()
    _, status = os.waitpid(child, 0)
    return {**(json.loads(said) if said else {}), "code": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    import_great_expectations()
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.pop("is_here", False):  # in this process: what is loaded late is loaded for all that come
            list(go(asked))
            print(json.dumps({"code": 0}), flush=True)
        else:
            print(json.dumps(in_a_child(asked)), flush=True)
