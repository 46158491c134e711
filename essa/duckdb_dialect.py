"""Lets Great Expectations read a live DuckDB connection; SQLAlchemy knows it as `duckdb+gx`.

As shipped every expectation over DuckDB fails: Great Expectations gives the connection back before it fetches, and the
rollback that follows drops DuckDB's result. Here rows are fetched inside `execute`, and transactions are left to their
owner, so uncommitted rows can be judged too. This file can go when Great Expectations brings its own DuckDB engine (its
pull request 12084); a test tells when it works without.

Import it only where a table is about to be judged: loaded beside Great Expectations and never used, duckdb_engine makes
DuckDB report leaks at exit.
"""

from __future__ import annotations

from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import pool
from sqlalchemy.types import NullType

# Great Expectations looks at 200 rows at most where it does not need them all.
ROWS_HELD = 10_000


class LiveConnection:
    """The pipeline's own connection as SQLAlchemy wants one; it never begins, ends or closes anything."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.duckdb = connection
        self.notices: list[str] = []

    def cursor(self) -> HeldCursor:
        return HeldCursor(self)

    def close(self) -> None:
        pass


class HeldCursor:
    """Holds a statement's rows from `execute` on, so that whatever runs in between cannot take them away."""

    rowcount = -1

    def __init__(self, connection: LiveConnection) -> None:
        self.connection = connection
        self.description = None

    def execute(self, statement: str, parameters: Any = None) -> None:
        live = self.connection.duckdb
        live.execute(statement, parameters or None)
        # The names alone: DuckDB's type objects, kept in SQLAlchemy's caches, would be reported as leaks at exit.
        self.description = [(name, *[None] * 6) for name, *_ in live.description or []]
        self.rows = live.fetchmany(ROWS_HELD) if self.description else []
        self.is_cut = len(self.rows) == ROWS_HELD
        if self.is_cut:
            # A result read in part would keep its tables busy.
            live.execute("SELECT 1").fetchall()

    def fetchone(self) -> tuple | None:
        return next(iter(self.fetchmany(1)), None)

    def fetchmany(self, size: int = 1) -> list[tuple]:
        taken, self.rows = self.rows[:size], self.rows[size:]
        return taken

    def fetchall(self) -> list[tuple]:
        if self.is_cut:
            raise duckdb.OperationalError(f"Out of Range Error: more than {ROWS_HELD} rows for one rule")
        return self.fetchmany(len(self.rows))

    def close(self) -> None:
        pass


class LiveDialect(duckdb_engine.Dialect):
    """DuckDB as Great Expectations needs it; a type is asked for nowhere, so every column's is left open."""

    driver = "gx"
    supports_statement_cache = False

    def do_begin(self, connection: Any) -> None:
        pass

    do_rollback = do_commit = do_begin

    @classmethod
    def get_pool_class(cls, url: Any) -> type[pool.Pool]:
        return pool.NullPool

    def has_table(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> bool:
        return True

    def get_pk_constraint(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> dict:
        return {"constrained_columns": [], "name": None}

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[dict]:
        described = connection.exec_driver_sql(f"DESCRIBE {table_name}").fetchall()
        return [{"name": name, "type": NullType(), "nullable": True, "default": None} for name, *_ in described]
