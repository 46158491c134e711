"""A new key for a home: what the old one told apart is forgotten, and the next night reads every file again."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from essa import delivery, memory
from essa.errors import FeedError, UsageError
from essa.feeds import Feed
from essa.in_words import many

KEYED = ("deliveries", "names", "remote")  # in `HOME/warehouse`, all of it made anew from the files


def rotate(home: Path, feeds: tuple[Feed, ...], is_forgetting: bool) -> int:
    """Writes a new `HOME/key`; how many deliveries were forgotten because their files are gone.

    UsageError where there are such and they are not to be forgotten, or where the key is not the home's to change.
    Killed half-way it leaves the old key and files to be read again, which any night does.
    """
    if os.environ.get("ESSA_KEY"):
        raise UsageError("the key stands in ESSA_KEY", do="unset it, and set the new one when this is done")
    place = home / "key"
    if not place.exists():
        raise UsageError(f"{home} has no key yet", do="its first night makes one")
    kept = memory.place_of(home)
    try:
        connection = duckdb.connect(str(kept))
    except duckdb.Error as error:
        raise memory.unopened(home, error) from None
    with connection, memory.read_whole(home):
        gone = _gone(connection, feeds)
        if gone and not is_forgetting:
            raise UsageError(
                f"{many(len(gone), 'delivery is', 'deliveries are')} gone and cannot be read again under a new key",
                first=", ".join(f"{feed}: {name}" for feed, name, _ in gone[:3]),
                do="put them back, or forget what they held with --forget-gone",
            )
        if _knows(connection, "delivery"):
            _put_aside(connection, gone)
    for name in KEYED:
        held = home / "warehouse" / name
        shutil.rmtree(held) if held.is_dir() else held.unlink(missing_ok=True)
    part = home / "key.part"
    with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, place)
    return len(gone)


def _put_aside(connection: duckdb.DuckDBPyConnection, gone: Sequence[tuple[str, str, str]]) -> None:
    """Forgets all deliveries, but not which a night has to read again: until then one of them may yet go."""
    if not _knows(connection, memory.TO_READ):
        connection.execute(f"CREATE TABLE raw.{memory.TO_READ} AS FROM raw.delivery LIMIT 0")
    connection.execute(f"INSERT INTO raw.{memory.TO_READ} BY NAME FROM raw.delivery")
    for one in gone:
        connection.execute(
            f"DELETE FROM raw.{memory.TO_READ} WHERE feed = ? AND source_file = ? AND content_hash = ?", one
        )
    connection.execute("DELETE FROM raw.delivery")


def _gone(connection: duckdb.DuckDBPyConnection, feeds: tuple[Feed, ...]) -> list[tuple[str, str, str]]:
    """Deliveries whose bytes are in no file of their feed now; those of servers and queries can be had again."""
    if not _knows(connection, "delivery"):
        return []
    there = {feed.name: _contents(feed) for feed in feeds if feed.files}
    elsewhere = {feed.name for feed in feeds} - there.keys()
    listed = " UNION ".join(
        f"SELECT feed, source_file, content_hash FROM raw.{table}"
        for table in ("delivery", memory.TO_READ)
        if _knows(connection, table)
    )
    rows = connection.execute(f"{listed} ORDER BY ALL").fetchall()
    return [
        (feed, name, content_hash)
        for feed, name, content_hash in rows
        if feed not in elsewhere and content_hash not in there.get(feed, ())
    ]


def _contents(feed: Feed) -> set[str]:
    try:
        return {delivery.content_hash(path) for path in delivery.files(feed)}
    except FeedError:
        return set()


def _knows(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = ?", [table]
    )
    return found.fetchall()[0][0] > 0
