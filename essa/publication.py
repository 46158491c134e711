"""The published file: a new DuckDB file with every contract's published columns, moved into place whole.

Readers may keep the old one open. It is written in the storage format of DuckDB 1.4, so that clients from then on
open it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from essa import contract, retention, small_groups
from essa.contract import Contract
from essa.errors import EssaError, UsageError, is_damage, is_lock
from essa.routines import instruction
from essa.warehouse import Warehouse

STORAGE_VERSION = "v1.4.0"  # older ones keep texts apart from their dictionaries: dearer to write, and longer
FILE_NAME = "essa.duckdb"


def folder(home: Path) -> Path:
    return home / "published"


def home_option(home: Path) -> str:
    """What a command that is told ends with, as a shell takes it."""
    return "" if home == Path("data") else f" --home {shlex.quote(str(home))}"


def unknown(candidate: str, home: Path) -> UsageError:
    """What to tell where no candidate has the id that was asked for."""
    return UsageError(
        f"no published candidate is called {candidate}", do=f"see `essa top{home_option(home)}` for the ids"
    )


def published_contracts() -> list[Contract]:
    return [promise for promise in contract.all_contracts().values() if promise.is_published]


def publish(warehouse: Warehouse) -> dict[str, int]:
    """Writes the new file, re-runs every candidate's evidence on it, and moves it into place; rows by table.

    Until that move, which is one rename, whoever opens the published file finds the last good night's. The memory, the
    night's history and its work instructions follow it, if need be when the home is opened next.
    """
    target = folder(warehouse.home) / FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    for left_over in target.parent.glob("*.part*"):
        shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
    part = target.with_suffix(".part")
    small_groups.withhold(warehouse.connection)
    row_counts = _write(warehouse, part)
    _seal_evidence(part, warehouse.settings.threads)
    history = _write_history(warehouse, part, row_counts)
    instruction.write(warehouse, history / instruction.FOLDER)
    routines = shutil.copytree(history / instruction.FOLDER, part.with_name("routines.part"))
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    _check(part, row_counts)
    # Somebody who wrote into the old file and was killed left a log, which DuckDB would replay onto the new one
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    follow = {history: target.parent / "history" / str(warehouse.night), routines: target.parent / instruction.FOLDER}
    warehouse.intend(part, target, list(follow.items()))
    os.replace(part, target)
    warehouse.remember()
    retention.drop_replaced(warehouse)
    return row_counts


def _check(part: Path, row_counts: dict[str, int]) -> None:
    with duckdb.connect(str(part), read_only=True) as connection:
        for table, count in row_counts.items():
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            if found != count:
                raise EssaError(f"{table} has {found:,} rows in {part}, not {count:,}", do="run the night again")


def _write(warehouse: Warehouse, part: Path) -> dict[str, int]:
    connection = warehouse.connection
    unlogged = "RECOVERY_MODE no_wal_writes"  # it counts once it is whole
    connection.execute(f"ATTACH '{_quoted(part)}' AS published (STORAGE_VERSION '{STORAGE_VERSION}', {unlogged})")
    try:
        counts = {}
        for promise in published_contracts():
            layer = promise.table.partition(".")[0]
            name = f"published.{promise.table}"
            columns = _listed(part for part, column in promise.columns.items() if column.is_published)
            is_long = layer == "core" or "activity_instance_id" in promise.grain
            order = f"ORDER BY {_listed(promise.grain)}" if promise.grain and not is_long else ""
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS published.{layer}")
            connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM {promise.table} {order}")
            connection.execute(";".join(["BEGIN", *contract.comments(promise, name), "COMMIT"]))
            counts[promise.table] = warehouse.value(f"SELECT count(*) FROM {name}")
        connection.execute("CHECKPOINT published")
    finally:
        connection.execute("DETACH published")
    return counts


def _seal_evidence(part: Path, threads: int) -> None:
    """Puts beside each candidate's evidence the hash of what it answers in this very file."""
    with duckdb.connect(str(part), config={"threads": threads}) as connection:
        found = connection.execute(
            "SELECT candidate_id, evidence_sql FROM mart.candidate ORDER BY candidate_id"
        ).fetchall()
        hashes = [(answer_hash(connection, sql), candidate_id) for candidate_id, sql in found]
        if hashes:
            connection.executemany("UPDATE mart.candidate SET evidence_hash = ? WHERE candidate_id = ?", hashes)
        connection.execute("CHECKPOINT")  # closing does it too, and is silent where there is no room for it


def answer_hash(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """SHA-256 of a query's column names and rows, the rows in text order."""
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    rows = sorted(json.dumps([str(value) for value in row]) for row in found.fetchall())
    return hashlib.sha256(json.dumps([names, rows]).encode()).hexdigest()


def verify(home: Path) -> tuple[int, list[str]]:
    """Re-runs the evidence of every published candidate; how many, and the ids of those that no longer hold."""
    with open_published(home) as connection:
        found = connection.execute(
            """SELECT candidate_id, evidence_sql, evidence_hash FROM mart.candidate
            ORDER BY rank NULLS LAST, candidate_id"""
        ).fetchall()
        broken = [one for one, sql, was in found if _now(connection, sql) != was]
    return len(found), broken


def _now(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    try:
        return answer_hash(connection, sql)
    except duckdb.Error:
        return ""


@contextlib.contextmanager
def open_published(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, to read from; EssaError where there is none, it is damaged, or another writes into it."""
    path = folder(home) / FILE_NAME
    if not path.exists():
        raise EssaError(f"nothing is published in {home}", do=f"run a night first: essa run{home_option(home)}")
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            yield connection
    except duckdb.Error as error:
        if is_lock(error):
            do = "close it there, or open it read-only"
            raise EssaError(f"{path} is open for writing in another program", do=do) from None
        if is_damage(error):
            do = f"run a night, which makes it anew: essa run{home_option(home)}"
            raise EssaError(f"{path} is damaged", do=do) from None
        raise


def _write_history(warehouse: Warehouse, part: Path, row_counts: dict[str, int]) -> Path:
    history = part.with_name("history.part")
    history.mkdir()
    with duckdb.connect(str(part), read_only=True) as connection:
        connection.execute(
            f"""COPY (FROM mart.candidate ORDER BY candidate_id) TO '{_quoted(history / "candidate.parquet")}'
            (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"""
        )
    manifest = _manifest(warehouse, row_counts)
    (history / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return history


def _manifest(warehouse: Warehouse, row_counts: dict[str, int]) -> dict[str, Any]:
    return {
        "night": str(warehouse.night),
        "row_counts": row_counts,
        "contract_hashes": {
            promise.table: hashlib.sha256(promise.model_dump_json().encode()).hexdigest()[:16]
            for promise in published_contracts()
        },
        "settings": warehouse.settings.model_dump(),
        "versions": {name: version(name) for name in ("essa", "duckdb", "great-expectations", "rapidfuzz")},
    }


def last_night(home: Path) -> date | None:
    """The night of the standing publication, if there is one."""
    if not (folder(home) / FILE_NAME).exists():
        return None
    with open_published(home) as connection:
        found = connection.execute("SELECT max(night) FROM ops.run").fetchall()
    return found[0][0] if found else None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _listed(names: Iterable[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
