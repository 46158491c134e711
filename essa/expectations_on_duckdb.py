"""Which rules of a contract a table meets, judged by Great Expectations on the connection that built the table.

Importing Great Expectations takes seconds, so it happens with the first table, or earlier in a thread of its own.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from essa.contract import Contract
from essa.contract_rule import (
    Rule,
    bad_row_sql,
    broken_query,
    is_about_keys,
    is_about_rows,
    nearest,
    only_rows_break,
)
from essa.errors import ContractBroken

# Only the count is kept: listing bad values would take a second pass, and they may be personal data.
BROKEN = "broken_row"
QUESTION = "any row"  # stands where a rule's place would
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
    """One verdict a rule, in the contract's order. An open transaction stays open; its rows are seen.

    Of a table without rows only those rules are asked about that it could break.
    """
    rules = contract.rules()
    name = qualified_name or contract.table
    try:
        ((row_count,),) = connection.execute(f"SELECT count(*) FROM {name}").fetchall()
    except duckdb.Error:
        raise ContractBroken(f"{name} is not there to be judged", do="build the table first") from None
    asked = {place: rule for place, rule in enumerate(rules) if row_count or not only_rows_break(rule)}
    results = {}
    if asked:
        with _lent(connection):
            results = _results(connection, name, asked, contract.kind == "view")
    return [_verdict(contract, rule, results.get(place), row_count) for place, rule in enumerate(rules)]


def _expectation(rule: Rule, place: int) -> Any:
    kind = getattr(import_great_expectations().expectations, rule.expectation)
    if rule.expectation == "UnexpectedRowsExpectation":
        kind = _counted_rows()
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


def _results(
    connection: duckdb.DuckDBPyConnection, name: str, rules: Mapping[int, Rule], is_view: bool
) -> dict[int, Any]:
    """Results by the rule's place; a rule that nothing breaks, as one question of all of them says, has none.

    An expectation costs Great Expectations 4 to 8 ms however small the table, and nearly all are met. So the rules
    about single rows and those about rows that are alike are put as one question, and asked one by one, the first of
    the rows that break some of them, only where it finds any. A view would be worked out twice for that question, so
    its broken rows are taken from it at once.
    """
    by_row = [place for place, rule in rules.items() if is_about_rows(rule)]
    alike = [place for place, rule in rules.items() if is_about_keys(rule)]
    others = [_expectation(rule, place) for place, rule in rules.items() if place not in {*by_row, *alike}]
    if len(by_row) + len(alike) < 2:
        return _asked(name, [_expectation(rule, place) for place, rule in rules.items()])
    is_any_broken = " OR ".join(bad_row_sql(rules[place]) for place in by_row)
    if is_view and by_row:
        with suppress(duckdb.Error):  # what cannot be asked says why below
            broken = _of_broken_rows(connection, name, is_any_broken, {place: rules[place] for place in by_row})
            return broken | _asked(name, [*others, *(_expectation(rules[place], place) for place in alike)])
    question = _counted_rows()(
        unexpected_rows_query=broken_query(is_any_broken, [rules[place] for place in alike]), meta={"place": QUESTION}
    )
    results = _asked(name, [*others, question])
    answer = results.pop(QUESTION)
    if answer.success:
        return results
    if _is_aborted(connection):
        return results | dict.fromkeys([*by_row, *alike], answer)
    if _exception_message(answer.exception_info):
        return results | _asked(name, [_expectation(rules[place], place) for place in [*by_row, *alike]])
    results |= _asked(name, [_expectation(rules[place], place) for place in alike])
    if not by_row:
        return results
    return results | _of_broken_rows(connection, name, is_any_broken, {place: rules[place] for place in by_row})


def _of_broken_rows(
    connection: duckdb.DuckDBPyConnection, name: str, is_any_broken: str, rules: Mapping[int, Rule]
) -> dict[int, Any]:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {BROKEN} AS SELECT * FROM {name} WHERE {is_any_broken}")
    try:
        ((broken_count,),) = connection.execute(f"SELECT count(*) FROM {BROKEN}").fetchall()
        asked = rules if broken_count else {}
        return _asked(BROKEN, [_expectation(rule, place) for place, rule in asked.items()])
    finally:
        connection.execute(f"DROP TABLE {BROKEN}")


def _asked(name: str, expectations: Sequence[Any]) -> dict[int, Any]:
    if not expectations:
        return {}
    datasource = _datasource()
    suite = import_great_expectations().ExpectationSuite(name, expectations=expectations)
    try:
        asset = datasource.add_table_asset(name, table_name=name)
        validated = asset.get_batch(asset.build_batch_request()).validate(suite, result_format=RESULT_FORMAT)
    finally:
        datasource.assets = []
    return {result.expectation_config.meta["place"]: result for result in validated.results}


def _is_aborted(connection: duckdb.DuckDBPyConnection) -> bool:
    """An error inside a transaction leaves every later statement refused, and more questions unanswered."""
    try:
        connection.execute("SELECT 1").fetchall()
    except duckdb.TransactionException:
        return True
    return False


def _verdict(contract: Contract, rule: Rule, result: Any, row_count: int) -> Verdict:
    found = result.result if result else {"unexpected_count": 0}
    count = found.get(
        "observed_value" if rule.expectation == "UnexpectedRowsExpectation" and result else "unexpected_count"
    )
    return Verdict(
        table=rule.table,
        rule=rule.name,
        severity=rule.severity,
        is_met=result is None or bool(result.success),
        unexpected_count=None if count is None else int(count),
        observed=_observed(contract, rule, result) if count is None else f"{int(count):,} of {row_count:,} rows",
        why=rule.why,
    )


def _observed(contract: Contract, rule: Rule, result: Any) -> str:
    """What was seen where rows are not counted: numbers and times, for a value of a text column may name a person."""
    if message := _exception_message(result.exception_info):
        return f"could not be checked: {message}"
    value = result.result.get("observed_value")
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
def _counted_rows() -> Any:
    """UnexpectedRowsExpectation, which puts its query twice, for the count and the rows: here for the count alone."""

    class CountedRowsExpectation(import_great_expectations().expectations.UnexpectedRowsExpectation):
        metric_dependencies = ("unexpected_rows_query.row_count",)

        def _validate(self, metrics: dict, *how: Any, **named: Any) -> Any:
            return super()._validate({"unexpected_rows_query.table": [], **metrics}, *how, **named)

    return CountedRowsExpectation


@cache
def _datasource() -> Any:
    """One data source a process, in a context that lives in memory, sends nothing and draws no progress bars."""
    gx = import_great_expectations()
    from great_expectations.data_context.types import base
    from sqlalchemy.dialects import registry

    from essa.duckdb_dialect import LiveConnection

    registry.register("duckdb.gx", "essa.duckdb_dialect", "LiveDialect")
    context = gx.get_context(
        project_config=base.DataContextConfig(
            store_backend_defaults=base.InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=base.ProgressBarsConfig(globally=False, metric_calculations=False),
        ),
        mode="ephemeral",
    )
    # Each table that is named to it would have it write itself out as YAML, 8 ms, to a store nobody reads.
    context._save_project_config = lambda *_: None
    return context.data_sources.add_sql(
        "duckdb", connection_string="duckdb+gx:///:memory:", kwargs={"creator": lambda: LiveConnection(_live[-1])}
    )


@contextmanager
def _lent(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _live.append(connection)
        try:
            yield
        finally:
            _live.clear()


_one_at_a_time = threading.Lock()
_live: list[duckdb.DuckDBPyConnection] = []
