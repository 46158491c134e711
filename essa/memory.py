"""What outlives a night, kept in `past`, the attached `HOME/warehouse/memory.duckdb`; never ahead of what is published.

A publication is a rename, and the memory another file, the history a folder: whoever is killed between them would leave
a night that no later one knows of. So what the memory is to hold is written down before the rename, with the mark
of the file to be moved; the next to open the home finds that file in place and completes the memory, or finds it not
and forgets.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from essa import contract
from essa.errors import EssaError, HomeBusy, is_damage, is_lock

TO_READ = "delivery_to_read"  # in the layer raw: deliveries that a night has to read again, under a new key
NIGHT = "night"  # the column that says of which night a row tells
STARTED = "started"  # in `HOME/warehouse`, a file as old as the run that holds the home


def place_of(home: Path) -> Path:
    """Where the memory of a home is; EssaError where it is gone, for a night without it would begin everything anew."""
    place = home / "warehouse" / "memory.duckdb"
    if not place.exists() and (home / "published" / "essa.duckdb").exists():
        raise EssaError(
            f"{home}/warehouse/memory.duckdb is gone: ids, first-seen dates and names are kept there",
            do=f"restore it from a backup; to begin without it, move {home}/published away",
        )
    return place


def unopened(home: Path, error: duckdb.Error) -> EssaError:
    """Why the memory of a home cannot be opened; what DuckDB says of it names processes and places of the machine."""
    if not is_lock(error):
        return EssaError(
            f"{home} cannot be opened: warehouse/memory.duckdb is damaged, or may not be read and written",
            do="see that the home is yours and its disk not full; if it is, restore that file from a backup",
        )
    started = home / "warehouse" / STARTED
    at = datetime.fromtimestamp(started.stat().st_mtime, UTC) if started.exists() else None
    return HomeBusy(
        f"{home} is in use by another run" + (f", started {at:%Y-%m-%d %H:%M} UTC" if at else ""),
        do="wait for it to end, or give this run another --home",
    )


@contextlib.contextmanager
def read_whole(home: Path) -> Iterator[None]:
    """EssaError where what is read inside is damaged; DuckDB finds that out by the checksum of each block it reads."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise unopened(home, error) from None
        raise


def recall(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], night: date) -> None:
    """Fills fresh tables with what the memory holds of them, columns of an older version left empty.

    What is told of later nights is left out: the night that runs is then the last one published.
    """
    known = _columns(connection)
    for table in tables:
        promise = contract.load(table)
        if table not in known:
            connection.execute(contract.ddl(promise, qualified_name=f"past.{table}"))
            continue
        until = f"WHERE night <= DATE '{night}'" if NIGHT in promise.columns else ""
        connection.execute(f"INSERT INTO {table} BY NAME {_held_sql(table, known)} {until}")


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The tables of the memory with their columns, in one look: to ask for each took half of opening a night."""
    return dict(connection.execute(
        """SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns()
        WHERE database_name = 'past' GROUP BY ALL ORDER BY 1"""
    ).fetchall())  # fmt: skip


def _held_sql(table: str, known: Mapping[str, Sequence[str]]) -> str:
    """The SELECT of what the memory holds of a table, in columns that there still are."""
    kept = ", ".join(f'"{column}"' for column in contract.load(table).columns if column in known[table])
    return f"SELECT {kept} FROM past.{table}"


def intend(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[str],
    part: Path,
    target: Path,
    beside: Sequence[tuple[Path, Path]],
) -> None:
    """Writes down what the memory will hold as soon as `part` stands at `target`; inside a transaction.

    What it holds of later nights stays there. `beside` are folders that are to follow, each with its place.
    """
    connection.execute(
        "CREATE OR REPLACE TABLE past.pending.night (file VARCHAR, mark VARCHAR, folder VARCHAR, place VARCHAR)"
    )
    for both in beside:
        names = (str(path.relative_to(target.parent)) for path in both)
        connection.execute("INSERT INTO past.pending.night VALUES (?, ?, ?, ?)", [target.name, _mark(part), *names])
    known = _columns(connection)
    for table in tables:
        later = ""
        if NIGHT in contract.load(table).columns:
            later = f"UNION ALL BY NAME {_held_sql(table, known)} WHERE night > (SELECT night FROM ops.tonight)"
        connection.execute(f'CREATE OR REPLACE TABLE past.pending."{table}" AS SELECT * FROM {table} {later}')


def complete(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Makes what was intended the memory, if its file stands in `published`; forgets it if not; in a transaction."""
    known = _columns(connection)
    if "pending.night" not in known:
        return
    pending = connection.execute("FROM past.pending.night").fetchall()
    is_in_place = all(_mark(published / file) == mark for file, mark, *_ in pending)
    for _, _, *beside in pending:
        if is_in_place and beside:  # an older version wrote none down
            _follow(*(published / name for name in beside))
    for table in (name.removeprefix("pending.") for name in known if name.startswith("pending.")):
        if is_in_place and table != "night":
            connection.execute(f'CREATE OR REPLACE TABLE past.{table} AS SELECT * FROM past.pending."{table}"')
        connection.execute(f'DROP TABLE past.pending."{table}"')
    if is_in_place and f"raw.{TO_READ}" in known:
        connection.execute(
            f"""DELETE FROM past.raw.{TO_READ} AS waiting WHERE EXISTS (
                FROM past.raw.delivery AS read WHERE read.feed = waiting.feed
                AND (read.source_file = waiting.source_file OR read.content_hash = waiting.content_hash))"""
        )


def _follow(folder: Path, place: Path) -> None:
    """Puts a folder in place of an older one, unless whoever was killed had got so far."""
    if not folder.exists():
        return
    place.parent.mkdir(exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    os.replace(folder, place)


def _mark(path: Path) -> str | None:
    """Tells a file from another of its name; a rename leaves it as it is, and so does a copy that keeps times."""
    if not path.exists():
        return None
    seen = path.stat()
    return f"{seen.st_size}-{seen.st_mtime_ns}"
