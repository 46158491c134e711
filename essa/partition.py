"""Tables that the rows of each process are filled of alone, and one process's part of what they are made of.

A part is a DuckDB file of its own, so that another Python, with a DuckDB of its own, can fill its share of a table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from essa import contract
from essa.reading.opened import quoted_text
from essa.routines import found
from essa.rules import learned
from essa.warehouse import Warehouse

DECISIONS = {
    "mart.decision_point": "*",
    "mart.rule_input": "*",
    "mart.choice": "*",
    "mart.recorded_value": "process, case_key, attribute, activity",
}
# Those that take longest; the first of the tables each is made of has a row of every process that has any.
MADE_OF = {
    "mart.rule_branch": DECISIONS,
    "mart.decision_contrast": DECISIONS,
    "mart.routine_step": {
        "core.variant": "*",
        "mart.step_worth": "*",
        "core.activity_instance": "process, activity, previous_activity, resource, previous_resource, waiting_s",
        "core.desktop_event": "DISTINCT process",
    },
}


def write(warehouse: Warehouse, table: str, folder: Path) -> list[Path]:
    """A part for each process, in the order in which one Python alone goes through them."""
    first = next(iter(MADE_OF[table]))
    processes = warehouse.rows(f"SELECT DISTINCT process::VARCHAR AS process FROM {first} ORDER BY ALL")
    folder.mkdir(parents=True, mode=0o700)
    return [
        _part(warehouse.connection, table, row["process"], folder / f"{number}.duckdb")
        for number, row in enumerate(processes)
    ]


def _part(connection: duckdb.DuckDBPyConnection, table: str, process: str, place: Path) -> Path:
    connection.execute(f"ATTACH {quoted_text(place)} AS part")
    try:
        for layer in ("core", "mart", "ops"):
            connection.execute(f"CREATE SCHEMA part.{layer}")
        # steps are numbered by their place among all of the night's
        connection.execute("CREATE TYPE part.activity_t AS ENUM (SELECT unnest(enum_range(NULL::activity_t))::VARCHAR)")
        connection.execute("CREATE TABLE part.ops.tonight AS FROM ops.tonight")
        for name, columns in MADE_OF[table].items():
            rows = f"SELECT {columns} FROM {name} WHERE process = {quoted_text(process)}"
            connection.execute(f"CREATE TABLE part.{name} AS {rows}")
    finally:
        connection.execute("DETACH part")
    return place


def fill(table: str, part: Path, memory_limit: str) -> Path:
    """The rows of a table that a part gives, as a Parquet file beside it."""
    make = (learned.TABLES | found.TABLES)[table]
    config: dict[str, Any] = {"threads": 1, "memory_limit": memory_limit}
    with contextlib.closing(duckdb.connect(str(part), read_only=True, config=config)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows: Sequence[dict[str, Any]] = make(connection)  # type: ignore[assignment]
    filled = part.with_suffix(".parquet")
    held = {name: pa.array([row.get(name) for row in rows]) for name in contract.load(table).columns}
    pq.write_table(pa.table(held), filled)
    return filled


def together(filled: Iterable[Path]) -> list[dict[str, Any]]:
    """The rows of all parts, as one Python alone would have made them."""
    return [row for place in filled for row in pq.read_table(place).to_pylist()]
