"""Which rules of a contract a table meets, judged by Great Expectations on the connection that built the table.

Great Expectations reads DuckDB through SQLAlchemy, and as shipped every expectation fails there: it gives the
connection back before it fetches, and the rollback that follows drops DuckDB's result. The dialect here fetches inside
`execute` and leaves transactions to their owner, so uncommitted rows can be judged too. It can go when Great
Expectations brings its own DuckDB engine (its pull request 12084); a test tells when it works without.

Importing Great Expectations takes seconds, so it happens with the first table.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import duckdb_engine
from sqlalchemy import pool
from sqlalchemy.dialects import registry
from sqlalchemy.types import NullType

from essa.contract import Contract
from essa.contract_rule import Rule, nearest
from essa.errors import ContractBroken

# Great Expectations looks at 200 rows at most where it does not need them all.
ROWS_HELD = 10_000
# Only the count is kept: listing bad values would take a second pass, and they may be personal data.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Verdict:
    """Whether one rule holds; `unexpected_count` is None where the rule does not count rows or could not be checked."""

    table: str
    rule: str
    severity: str
    is_met: bool
    unexpected_count: int | None
    observed: str
    why: str


def judge(
    connection: duckdb.DuckDBPyConnection, contract: Contract, qualified_name: str | None = None
) -> list[Verdict]:
    """One verdict a rule, in the contract's order. An open transaction stays open; its rows are seen."""
    rules = contract.rules()
    if not rules:
        return []
    suite = suite_of(contract)
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _live.append(connection)
        try:
            results = _validate(qualified_name or contract.table, suite)
        finally:
            _live.clear()
    by_place = {result.expectation_config.meta["place"]: result for result in results}
    return [_verdict(contract, rule, by_place[place]) for place, rule in enumerate(rules)]


def suite_of(contract: Contract) -> Any:
    """The contract's rules as one expectation suite; refused where Great Expectations knows no such argument."""
    gx = import_great_expectations()
    expectations = [_expectation(gx, rule, place) for place, rule in enumerate(contract.rules())]
    return gx.ExpectationSuite(contract.table, expectations=expectations)


def _expectation(gx: Any, rule: Rule, place: int) -> Any:
    kind = getattr(gx.expectations, rule.expectation)
    try:
        return kind(**rule.arguments, meta={"place": place})
    except ValueError as error:
        mistakes = [
            f"{name}: {said}{nearest(name, kind.__fields__) if 'extra fields' in said else ''}"
            for name, said in _mistakes(error)
        ]
        raise ContractBroken(
            f"{rule.table}: the rule '{rule.name}' is not one {rule.expectation} can read", mistakes="\n".join(mistakes)
        ) from None


def _mistakes(error: ValueError) -> list[tuple[str, str]]:
    found = error.errors() if hasattr(error, "errors") else [{"loc": ("rule",), "msg": str(error)}]
    return [(".".join(map(str, each["loc"])), each["msg"]) for each in found]


def _validate(qualified_name: str, suite: Any) -> list[Any]:
    datasource = _datasource()
    try:
        asset = datasource.add_table_asset(qualified_name, table_name=qualified_name)
    except Exception:
        raise ContractBroken(f"{qualified_name} is not there to be judged", do="build the table first") from None
    try:
        return asset.get_batch(asset.build_batch_request()).validate(suite, result_format=RESULT_FORMAT).results
    finally:
        # delete_asset would write the whole context out as YAML, as naming a batch definition does: 4 ms each.
        datasource.assets = []


def _verdict(contract: Contract, rule: Rule, result: Any) -> Verdict:
    count = result.result.get("unexpected_count")
    if rule.expectation == "UnexpectedRowsExpectation":
        count = result.result.get("observed_value")
    return Verdict(
        table=rule.table,
        rule=rule.name,
        severity=rule.severity,
        is_met=bool(result.success),
        unexpected_count=None if count is None else int(count),
        observed=_observed(contract, rule, result),
        why=rule.why,
    )


def _observed(contract: Contract, rule: Rule, result: Any) -> str:
    """Counts, and single values of numeric and time columns; a value of a text column may name a person."""
    if message := _exception_message(result.exception_info):
        return f"could not be checked: {message}"
    found = result.result
    if "element_count" in found and found.get("unexpected_count") is not None:
        return f"{int(found['unexpected_count']):,} of {found['element_count']:,} rows"
    value = found.get("observed_value")
    if rule.expectation == "UnexpectedRowsExpectation":
        return f"{value:,} rows"
    if isinstance(value, bool | int | float):
        return f"{value:,}"
    if isinstance(value, list | tuple | set):
        return f"{len(value):,} values"
    column = contract.columns.get(rule.arguments.get("column"))
    return str(value) if column and re.match("DATE|TIME", column.type.upper()) else ""


def _exception_message(exception_info: Mapping[str, Any]) -> str:
    """The first error in words that quote names of the schema, never a value that failed to convert."""
    nested = [exception_info] if "exception_message" in exception_info else list(exception_info.values())
    said = [
        each["exception_message"] or "" for each in nested if isinstance(each, Mapping) and each["raised_exception"]
    ]
    for pattern in (
        r"(?:Binder|Catalog|Parser) Error: [^\n]*",
        r'The column "[^"]*" in BatchData does not exist',
        r"Current transaction is aborted",
        r"\w+ Error(?=:)",
    ):
        if matches := [match[0] for text in said if (match := re.search(pattern, text))]:
            return matches[0]
    return "an error" if said else ""


@cache
def import_great_expectations() -> Any:
    """The library, silenced; worth calling early in a thread, for it takes seconds and the first table waits for it."""
    # What it logs is said in the verdicts, and it would divert every warning of the process into the log.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
    logging.captureWarnings(False)
    return gx


@cache
def _datasource() -> Any:
    """One data source a process, in a context that lives in memory, sends nothing and draws no progress bars."""
    gx = import_great_expectations()
    from great_expectations.data_context.types import base

    context = gx.get_context(
        project_config=base.DataContextConfig(
            store_backend_defaults=base.InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=base.ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
        mode="ephemeral",
    )
    return context.data_sources.add_sql(
        "duckdb", connection_string="duckdb+gx:///:memory:", kwargs={"creator": lambda: _Held(_live[-1])}
    )


_one_at_a_time = threading.Lock()
_live: list[duckdb.DuckDBPyConnection] = []


class _Held:
    """The pipeline's own connection as SQLAlchemy wants one; it never begins, ends or closes anything."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.duckdb = connection
        self.notices: list[str] = []

    def cursor(self) -> _Cursor:
        return _Cursor(self)

    def close(self) -> None:
        pass


class _Cursor:
    """Holds a statement's rows from `execute` on, so that whatever runs in between cannot take them away."""

    rowcount = -1

    def __init__(self, connection: _Held) -> None:
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


registry.register("duckdb.gx", __name__, "LiveDialect")
