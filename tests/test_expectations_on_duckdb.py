"""Judging: every kind of rule broken by one made row and met without it, on the connection that built the table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from essa.contract import bad_row_sql, parse
from essa.duckdb_dialect import ROWS_HELD
from essa.errors import ContractBroken
from essa.expectations_on_duckdb import judge

WHY = {"why": "It is so."}
TYPES = {
    "id": "BIGINT",
    "activity": "activity_t",
    "note": "VARCHAR",
    "started_at": "TIMESTAMP",
    "ended_at": "TIMESTAMP",
    "handling_s": "INTEGER",
}
GOOD_ROWS = [
    "(1, 'post', 'anna', '2026-01-01 09:00', '2026-01-01 09:01', 60)",
    "(2, 'check', 'bert', '2026-01-01 10:00', '2026-01-01 10:00', 0)",
]


@pytest.fixture
def connection():
    with duckdb.connect() as live:
        live.execute("CREATE SCHEMA core")
        live.execute("CREATE TYPE activity_t AS ENUM ('post', 'check', 'pay')")
        live.execute(f"CREATE TABLE core.work ({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})")
        live.execute(f"INSERT INTO core.work VALUES {', '.join(GOOD_ROWS)}")
        yield live


def a_contract(*rules, table="core.work", grain=(), column_rules=None, types=TYPES):
    columns = {name: {"type": kind, "description": "A column."} for name, kind in types.items()}
    for name, expect in (column_rules or {}).items():
        columns[name]["expect"] = expect
    return parse(
        {"table": table, "description": "Work.", "grain": list(grain), "columns": columns, "expect": list(rules)}
    )


def column_rule(column, expectation, **arguments):
    return a_contract(column_rules={column: {expectation: {"meta": WHY} | arguments}})


def table_rule(expectation, **arguments):
    return a_contract({expectation: {"meta": WHY} | arguments})


BROKEN_BY_ONE_ROW = {
    "not null": (
        column_rule("note", "ExpectColumnValuesToNotBeNull"),
        "(3, 'pay', NULL, '2026-01-02', '2026-01-02', 1)",
    ),
    "between": (
        column_rule("handling_s", "ExpectColumnValuesToBeBetween", min_value=0, max_value=60),
        "(3, 'pay', 'carl', '2026-01-02', '2026-01-02', 61)",
    ),
    "between, strictly": (
        column_rule("id", "ExpectColumnValuesToBeBetween", min_value=0, strict_min=True),
        "(0, 'pay', 'carl', '2026-01-02', '2026-01-02', 1)",
    ),
    "not before": (
        column_rule("started_at", "ExpectColumnValuesToBeBetween", min_value="2026-01-01"),
        "(3, 'pay', 'carl', '2025-12-31', '2026-01-02', 1)",
    ),
    "in set": (
        column_rule("note", "ExpectColumnValuesToBeInSet", value_set=["anna", "bert"]),
        "(3, 'pay', 'carl', '2026-01-02', '2026-01-02', 1)",
    ),
    "in set of an enum": (
        column_rule("activity", "ExpectColumnValuesToBeInSet", value_set=["post", "check", "unheard of"]),
        "(3, 'pay', 'carl', '2026-01-02', '2026-01-02', 1)",
    ),
    "in order": (
        table_rule(
            "ExpectColumnPairValuesAToBeGreaterThanB", column_A="ended_at", column_B="started_at", or_equal=True
        ),
        "(3, 'pay', 'carl', '2026-01-02 12:00', '2026-01-02 11:00', 1)",
    ),
    "a condition": (
        table_rule("UnexpectedRowsExpectation", condition="regexp_full_match(note, '[a-z]{3}')"),
        "(3, 'pay', 'eva', '2026-01-02', '2026-01-02', 1)",
    ),
    "a query": (
        table_rule(
            "UnexpectedRowsExpectation",
            unexpected_rows_query="SELECT activity FROM {batch} WHERE activity = 'pay' GROUP BY activity",
        ),
        "(3, 'pay', 'carl', '2026-01-02', '2026-01-02', 1)",
    ),
}


@pytest.mark.parametrize(("contract", "bad_row"), BROKEN_BY_ONE_ROW.values(), ids=BROKEN_BY_ONE_ROW.keys())
def test_one_bad_row_breaks_the_rule_and_without_it_the_rule_is_met(connection, contract, bad_row):
    (met,) = judge(connection, contract)
    connection.execute(f"INSERT INTO core.work VALUES {bad_row}")
    (broken,) = judge(connection, contract)
    assert (met.is_met, met.unexpected_count) == (True, 0)
    assert (broken.is_met, broken.unexpected_count) == (False, 1)


@pytest.mark.parametrize("grain", [["id"], ["id", "activity"]])
def test_a_second_row_of_the_same_grain_breaks_uniqueness_by_both_rows(connection, grain):
    contract = a_contract(grain=grain)
    (met,) = judge(connection, contract)
    connection.execute("INSERT INTO core.work SELECT * FROM core.work WHERE id = 1")
    (broken,) = judge(connection, contract)
    assert (met.is_met, met.unexpected_count) == (True, 0)
    assert (broken.is_met, broken.unexpected_count, broken.observed) == (False, 2, "2 of 3 rows")


def test_a_count_of_rows_is_observed(connection):
    (verdict,) = judge(connection, table_rule("ExpectTableRowCountToBeBetween", min_value=3))
    assert (verdict.is_met, verdict.unexpected_count, verdict.observed) == (False, None, "2")


def test_a_latest_time_is_observed(connection):
    (verdict,) = judge(connection, column_rule("ended_at", "ExpectColumnMaxToBeBetween", max_value="2025-01-01"))
    assert not verdict.is_met
    assert verdict.observed.startswith("2026-01-01")


def test_a_value_of_a_text_column_is_never_observed(connection):
    connection.execute("INSERT INTO core.work VALUES (3, 'pay', 'zoe 2', '2026-01-02', '2026-01-02', 1)")
    contract = a_contract(
        {"UnexpectedRowsExpectation": {"condition": "note::INTEGER > 0", "meta": WHY}},
        column_rules={
            "note": {
                "ExpectColumnMaxToBeBetween": {"max_value": "1900-01-01", "meta": WHY},
                "ExpectColumnMostCommonValueToBeInSet": {"value_set": ["x"], "ties_okay": True, "meta": WHY},
                "ExpectColumnValuesToBeInSet": {"value_set": ["x"], "meta": WHY},
                "ExpectColumnDistinctValuesToBeInSet": {"value_set": ["x"], "meta": WHY},
            }
        },
    )
    verdicts = judge(connection, contract)
    assert [verdict.is_met for verdict in verdicts] == [False] * 5
    assert not [verdict for verdict in verdicts for name in ("anna", "bert", "zoe") if name in verdict.observed]


def test_verdicts_come_in_the_contracts_order_with_severity_and_reason(connection):
    contract = a_contract(
        {"ExpectTableRowCountToBeBetween": {"min_value": 1, "meta": {"why": "A log has rows.", "severity": "block"}}},
        grain=["id"],
        column_rules={
            "handling_s": {
                "ExpectColumnValuesToBeBetween": {
                    "min_value": 0,
                    "meta": {"why": "Time runs forward.", "severity": "reject", "name": "handling is not negative"},
                }
            }
        },
    )
    assert [(each.table, each.rule, each.severity, each.why) for each in judge(connection, contract)] == [
        ("core.work", "id unique", "stop", "One row is one thing; a second row would count it twice."),
        ("core.work", "handling is not negative", "reject", "Time runs forward."),
        ("core.work", "table row count between", "block", "A log has rows."),
    ]


def test_a_rule_the_contract_counts_bad_rows_by_counts_as_many_for_the_judge(connection):
    connection.execute("INSERT INTO core.work SELECT 4, activity, note, NULL, ended_at, NULL FROM core.work")
    connection.execute("INSERT INTO core.work VALUES (-5, NULL, NULL, '2027-01-01', '2026-01-01', 61)")
    for contract, bad_row in BROKEN_BY_ONE_ROW.values():
        (rule,) = contract.rules()
        if rule.expectation == "UnexpectedRowsExpectation" and rule.condition is None:
            continue
        connection.execute(f"INSERT INTO core.work VALUES {bad_row}")
        (verdict,) = judge(connection, contract)
        rows = connection.execute(f"SELECT count(*) FROM core.work WHERE {bad_row_sql(rule)}").fetchall()
        assert rows == [(verdict.unexpected_count,)], rule.name


def test_rules_asked_together_are_told_apart_when_a_row_breaks_one(connection):
    rows = {name: contract.rules()[0] for name, (contract, _) in BROKEN_BY_ONE_ROW.items()}
    written = [
        {rule.expectation: dict(rule.arguments) | {"meta": WHY | {"name": name}}}
        for name, rule in rows.items()
        if rule.condition is None
    ]
    contract = a_contract(*written, grain=["id"])
    assert all(verdict.is_met and verdict.unexpected_count == 0 for verdict in judge(connection, contract))
    connection.execute("INSERT INTO core.work VALUES (3, 'post', 'anna', '2026-01-02', '2026-01-02', 61)")
    broken = [verdict for verdict in judge(connection, contract) if not verdict.is_met]
    assert [(verdict.rule, verdict.unexpected_count, verdict.observed) for verdict in broken] == [
        ("between", 1, "1 of 3 rows")
    ]


@pytest.mark.parametrize(
    ("more", "broken"),
    [
        ("SELECT * FROM core.work WHERE id = 1", {"id, activity unique": 2}),
        ("SELECT 3, 'pay', NULL, '2026-01-02', '2026-01-02', 1", {"note not null": 1}),
        ("SELECT 1, 'post', NULL, '2026-01-02', '2026-01-02', 1", {"id, activity unique": 2, "note not null": 1}),
        ("SELECT NULL, NULL, 'eva', '2026-01-02', '2026-01-02', 1 FROM range(2)", {}),  # unknown keys are not alike
    ],
)
def test_rows_alike_and_bad_rows_are_told_apart_when_asked_together(connection, more, broken):
    not_null = {"ExpectColumnValuesToNotBeNull": {"meta": WHY | {"name": "note not null"}}}
    contract = a_contract(grain=["id", "activity"], column_rules={"note": not_null})
    connection.execute(f"INSERT INTO core.work {more}")
    verdicts = judge(connection, contract)
    assert {said.rule: said.unexpected_count for said in verdicts} == {
        rule.name: broken.get(rule.name, 0) for rule in contract.rules()
    }
    assert {said.rule for said in verdicts if not said.is_met} == broken.keys()


def test_rules_asked_together_say_why_none_could_be_checked(connection):
    contract = a_contract(
        {"UnexpectedRowsExpectation": {"condition": "no_such_column > 0", "meta": WHY}},
        {"ExpectColumnValuesToNotBeNull": {"column": "note", "meta": WHY}},
    )
    missing, note = judge(connection, contract)
    assert (missing.is_met, note.is_met, note.observed) == (False, True, "0 of 2 rows")
    connection.execute("BEGIN")
    verdicts = judge(connection, contract)
    connection.execute("ROLLBACK")
    assert [verdict.is_met for verdict in verdicts] == [False, False]
    assert all('Binder Error: Referenced column "no_such_column"' in verdict.observed for verdict in verdicts)


def test_a_condition_may_hold_braces_and_colons(connection):
    condition = "note IN ('{a} :b', strftime(started_at, '%H :%M')) OR {'a' :id}.a = 2"
    (verdict,) = judge(connection, table_rule("UnexpectedRowsExpectation", condition=condition))
    assert (verdict.unexpected_count, verdict.observed) == (1, "1 of 2 rows")


def test_every_type_of_column_can_stand_in_a_judged_table(connection):
    types = {
        "id": "UUID",
        "activity": "activity_t",
        "parts": "STRUCT(a INTEGER, b VARCHAR[])",
        "steps": "activity_t[]",
        "pseudonym": "UBIGINT",
        "hash": "HUGEINT",
        "due_on": "DATE",
        "seen_at": "TIMESTAMP WITH TIME ZONE",
        "cost": "DECIMAL(18, 2)",
        "attributes": "MAP(VARCHAR, VARCHAR)",
    }
    columns = {name: {"type": kind, "description": "A column.", "is_required": True} for name, kind in types.items()}
    contract = parse({"table": "core.order", "description": "Types.", "grain": list(types), "columns": columns})
    connection.execute(f'CREATE TABLE core."order" ({", ".join(f"{name} {kind}" for name, kind in types.items())})')
    connection.execute(
        """INSERT INTO core."order" VALUES (uuid(), 'pay', {a: 1, b: ['x']}, ['pay', 'post'], 18446744073709551615,
        170141183460469231731687303715884105727, '2026-01-01', '2026-01-01 09:00+00', 1.5, MAP {'k': 'v'})"""
    )
    verdicts = judge(connection, contract)
    assert [(each.is_met, each.observed) for each in verdicts] == [(True, "0 of 1 rows")] * (len(types) + 1)


def test_a_view_is_judged_like_a_table(connection):
    connection.execute("CREATE VIEW core.seen AS SELECT * FROM core.work")
    contract = a_contract(table="core.seen", grain=["note"])
    assert [verdict.is_met for verdict in judge(connection, contract)] == [True]


@pytest.mark.parametrize("column", ["note", "no_such_column"])
def test_the_verdicts_of_a_view_are_those_of_its_rows_as_a_table(connection, column):
    connection.execute("INSERT INTO core.work VALUES (3, 'post', NULL, '2026-01-02', '2026-01-02', 61)")
    contract = a_contract(
        {"UnexpectedRowsExpectation": {"condition": f"{column} IS NULL", "meta": WHY}},
        {"ExpectColumnValuesToBeBetween": {"column": "handling_s", "min_value": 0, "max_value": 60, "meta": WHY}},
        {"ExpectColumnValuesToNotBeNull": {"column": "activity", "meta": WHY}},
        grain=["id"],
    )
    as_a_table = judge(connection, contract)
    assert judge(connection, contract.model_copy(update={"kind": "view"})) == as_a_table
    assert [verdict.is_met for verdict in as_a_table] == [True, False, False, True]


def test_the_rows_of_a_view_are_worked_out_once_for_all_that_is_asked_of_them(connection):
    connection.execute("CREATE SEQUENCE look")
    connection.execute("CREATE VIEW core.seen AS SELECT *, nextval('look') AS look FROM core.work")
    rules = [
        {"UnexpectedRowsExpectation": {"condition": f"look < {least}", "meta": WHY | {"name": f"from {least}"}}}
        for least in (-1, 9)
    ]
    contract = a_contract(*rules, table="core.seen").model_copy(update={"kind": "view"})
    assert [verdict.is_met for verdict in judge(connection, contract)] == [True, False]
    assert connection.execute("SELECT nextval('look')").fetchall() <= [(5,)]  # two rows, counted and taken


def test_a_rule_that_is_a_query_looks_at_each_row_once(connection):
    connection.execute("CREATE SEQUENCE look")
    (verdict,) = judge(connection, table_rule("UnexpectedRowsExpectation", condition="nextval('look') > 1"))
    assert verdict.unexpected_count == 1
    assert connection.execute("SELECT nextval('look')").fetchall() == [(3,)]


def test_a_table_may_be_judged_under_another_name(connection):
    connection.execute("CREATE TEMP TABLE staged AS SELECT * FROM core.work UNION ALL SELECT * FROM core.work")
    (verdict,) = judge(connection, a_contract(grain=["id"]), qualified_name="staged")
    assert (verdict.table, verdict.is_met) == ("core.work", False)


def test_uncommitted_rows_are_judged_and_the_transaction_stays_its_owners(connection):
    connection.execute("CREATE TEMP TABLE mine AS SELECT 1 AS n")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO core.work SELECT * FROM core.work")
    (during,) = judge(connection, a_contract(grain=["id"]))
    connection.execute("ROLLBACK")
    (after,) = judge(connection, a_contract(grain=["id"]))
    connection.execute("BEGIN")
    connection.execute("DELETE FROM core.work WHERE id = 2")
    judge(connection, a_contract(grain=["id"]))
    connection.execute("COMMIT")
    assert (during.is_met, after.is_met) == (False, True)
    assert connection.execute("SELECT id FROM core.work").fetchall() == [(1,)]
    assert connection.execute("SELECT n FROM mine").fetchall() == [(1,)]


def test_another_connection_is_judged_on_its_own_rows(connection):
    contract = a_contract(grain=["id"])
    judge(connection, contract)
    with duckdb.connect() as other:
        other.execute("CREATE SCHEMA core; CREATE TABLE core.work AS SELECT 1 AS id FROM range(3)")
        (verdict,) = judge(other, contract)
    assert verdict.unexpected_count == 3


def test_more_bad_rows_than_are_held_are_still_counted_and_leave_the_connection_free(connection):
    connection.execute(f"INSERT INTO core.work (id) SELECT * FROM range({ROWS_HELD + 1})")
    (verdict,) = judge(connection, table_rule("UnexpectedRowsExpectation", condition="note IS NULL"))
    connection.execute("DROP TABLE core.work")
    assert verdict.unexpected_count == ROWS_HELD + 1


def test_a_rule_that_cannot_be_checked_is_not_met_and_says_why(connection):
    contract = a_contract(
        {"UnexpectedRowsExpectation": {"condition": "no_such_column > 0", "meta": WHY}},
        {"ExpectColumnValuesToNotBeNull": {"column": "nor_this", "meta": WHY}},
        {"ExpectTableRowCountToBeBetween": {"min_value": 1, "meta": WHY}},
    )
    query, column, count = judge(connection, contract)
    assert (query.is_met, column.is_met, count.is_met) == (False, False, True)
    assert (query.unexpected_count, column.unexpected_count) == (None, None)
    assert 'could not be checked: Binder Error: Referenced column "no_such_column"' in query.observed
    assert column.observed == 'could not be checked: The column "nor_this" in BatchData does not exist'


def test_a_table_that_is_not_there_is_refused_by_name(connection):
    with pytest.raises(ContractBroken, match=r"core\.nowhere is not there to be judged"):
        judge(connection, a_contract(table="core.nowhere", grain=["id"]))


def test_a_table_without_rules_has_no_verdicts(connection):
    assert judge(connection, a_contract()) == []


def test_a_misspelt_argument_is_refused_by_name(connection):
    with pytest.raises(ContractBroken, match="the rule 'handling_s between'") as caught:
        judge(connection, column_rule("handling_s", "ExpectColumnValuesToBeBetween", min_valu=0, max_value=9))
    assert "min_valu: extra fields not permitted; did you mean min_value?" in str(caught.value)


def run_alone(program, folder):
    """In a process of its own, for what the first import and the exit say and do."""
    (folder / "scratch").mkdir()
    (folder / "program.py").write_text(program)
    environment = {**os.environ, "TMPDIR": str(folder / "scratch"), "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-W", "default", "program.py"]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


JUDGED = """
import logging, duckdb
logging.basicConfig(level=logging.DEBUG)
from essa.contract import parse
from essa.expectations_on_duckdb import judge

rule = {"UnexpectedRowsExpectation": {"condition": "no_such_column > 0", "meta": {"why": "It is so."}}}
columns = {"id": {"type": "BIGINT", "description": "A number."}}
contract = parse({"table": "main.work", "description": "Work.", "grain": ["id"], "columns": columns, "expect": [rule]})
with duckdb.connect() as live:
    live.execute("CREATE TABLE work AS SELECT 1 AS id")
    live.execute("BEGIN")
    print(all(verdict.is_met for verdict in judge(live, contract)))
"""


UNUSED = """
import duckdb
from essa.expectations_on_duckdb import import_great_expectations

import_great_expectations()
with duckdb.connect() as live:
    live.execute("SELECT 1")
raise SystemExit(1)
"""


def test_a_night_that_ends_before_anything_is_judged_ends_in_silence(tmp_path):
    done = run_alone(UNUSED, tmp_path)
    assert (done.stdout, done.stderr) == ("", "")


def test_nothing_is_printed_logged_or_left_behind(tmp_path):
    done = run_alone(JUDGED, tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("False\n", "", 0)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["program.py", "scratch"]


PLAIN = """
import duckdb, great_expectations as gx

with duckdb.connect("plain.duckdb") as live:
    live.execute("CREATE TABLE work AS SELECT 1 AS id")
source = gx.get_context(mode="ephemeral").data_sources.add_sql("plain", connection_string="duckdb:///plain.duckdb")
batch = source.add_table_asset("work").add_batch_definition_whole_table("whole").get_batch()
result = batch.validate(gx.expectations.ExpectColumnValuesToNotBeNull(column="id"))
print(result.success, "list index out of range" in str(result.exception_info))
"""


def test_great_expectations_still_needs_the_dialect(tmp_path):
    """When this fails, Great Expectations reads DuckDB by itself and the dialect can be deleted."""
    assert run_alone(PLAIN, tmp_path).stdout == "False True\n"


def test_of_a_table_without_rows_only_what_it_could_break_is_asked(connection):
    connection.execute("DELETE FROM core.work")
    unique = {"ExpectColumnValuesToBeUnique": {"meta": WHY}}
    counted = {"ExpectTableRowCountToBeBetween": {"min_value": 1, "meta": WHY}}
    found = judge(connection, a_contract(counted, column_rules={"id": unique}))
    assert {verdict.is_met: verdict.observed for verdict in found} == {True: "0 of 0 rows", False: "0"}
