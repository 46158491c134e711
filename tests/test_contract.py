"""Contracts: what is refused, what each rule becomes, and that the DDL and comments hold in DuckDB."""

from __future__ import annotations

import duckdb
import pytest

from essa import contract as contracts
from essa.contract import bad_row_sql, comments, ddl, parse
from essa.errors import ContractBroken


def a_contract(**changes):
    return {
        "table": "core.work",
        "description": "One row per time somebody's work was done.",
        "grain": ["work_id"],
        "columns": {
            "work_id": {"type": "UUID", "description": "The work."},
            "handling_s": {"type": "INTEGER", "description": "Seconds of work.", "is_published": False},
        },
    } | changes


def one_rule(expectation, **arguments):
    column = {"type": "INTEGER", "description": "A number.", "expect": {expectation: arguments}}
    table_level = [{expectation: arguments}]
    if expectation.startswith("ExpectColumnValues"):
        return parse(a_contract(grain=[], columns={"n": column})).rules()[0]
    return parse(a_contract(grain=[], expect=table_level)).rules()[0]


def refusal(mapping):
    with pytest.raises(ContractBroken) as caught:
        parse(mapping)
    return str(caught.value)


def test_an_unknown_key_is_refused_with_the_nearest_known_one():
    assert "descripton: unknown; did you mean description?" in refusal(a_contract(descripton="One row."))


def test_an_unknown_key_of_a_column_is_refused_with_the_nearest_known_one():
    column = {"type": "INTEGER", "description": "A number.", "is_requird": True}
    assert "columns.n.is_requird: unknown; did you mean is_required?" in refusal(
        a_contract(grain=[], columns={"n": column})
    )


def test_an_unquoted_comma_in_a_description_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "CONTRACTS", tmp_path)
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "comma.yml").write_text(
        "table: ops.comma\ndescription: One row.\ngrain: []\ncolumns:\n  n: {type: INT, description: Lines, counted.}\n"
        "  m: {type: INT, description: Lines, the header not counted.}\n"
    )
    with pytest.raises(ContractBroken) as caught:
        contracts.load("ops.comma")
    assert "columns.m.the header not counted.: unknown; quote a text that holds a comma" in str(caught.value)


def test_every_mistake_is_named_at_once():
    text = refusal({"table": "work", "columns": {}, "kind": "tabel"})
    assert all(place in text for place in ("table:", "description:", "grain:", "columns:", "kind:"))


def test_a_grain_of_no_column_is_refused():
    assert "did you mean work_id?" in refusal(a_contract(grain=["work_ids"]))


def test_an_unknown_expectation_is_refused_with_the_nearest_known_one():
    rule = {"ExpectColumnValuesToBeBetwen": {"min_value": 0, "meta": {"why": "Time runs forward."}}}
    column = {"type": "INTEGER", "description": "A number.", "expect": rule}
    assert "did you mean ExpectColumnValuesToBeBetween?" in refusal(a_contract(grain=[], columns={"n": column}))


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        (None, "a rule without a reason"),
        ({"severity": "warn"}, "a rule without a reason"),
        ({"why": "Because.", "severity": "fatal"}, "no severity is called fatal"),
        ({"why": "Because.", "sevrity": "warn"}, "meta has no sevrity; did you mean severity?"),
    ],
)
def test_a_rule_without_reason_or_with_a_misspelt_severity_is_refused(meta, said):
    rule = {"ExpectTableRowCountToBeBetween": {"min_value": 1} | ({"meta": meta} if meta else {})}
    assert said in refusal(a_contract(expect=[rule]))


def test_two_rules_of_one_name_are_refused():
    rule = {"UnexpectedRowsExpectation": {"condition": "handling_s < 0", "meta": {"why": "Time runs forward."}}}
    assert "several rules called: unexpected rows" in refusal(a_contract(expect=[rule, rule]))


def test_a_column_written_twice_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "CONTRACTS", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "twice.yml").write_text("table: core.twice\ncolumns:\n  n: {type: INT}\n  n: {type: TEXT}\n")
    with pytest.raises(ContractBroken, match="says n twice"):
        contracts.load("core.twice")


def test_a_table_without_contract_is_refused_with_the_nearest_known_one(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "CONTRACTS", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "trace.yml").write_text("")
    with pytest.raises(ContractBroken, match=r"core\.traces has no contract; did you mean core\.trace\?"):
        contracts.load("core.traces")


def test_all_contracts_reads_every_file_under_its_own_name(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "CONTRACTS", tmp_path)
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "made_up.yml").write_text(
        "table: ops.made_up\ndescription: One row.\ngrain: []\ncolumns:\n  n: {type: INT, description: A number.}\n"
    )
    assert list(contracts.all_contracts()) == ["ops.made_up"]


def test_a_file_that_speaks_of_another_table_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "CONTRACTS", tmp_path)
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "other.yml").write_text(
        "table: ops.one\ndescription: One row.\ngrain: []\ncolumns:\n  n: {type: INT, description: A number.}\n"
    )
    with pytest.raises(ContractBroken, match=r"speaks of ops\.one"):
        contracts.load("ops.other")


@pytest.mark.parametrize(("table", "is_published"), [("mart.a", True), ("ops.a", True), ("core.a", False)])
def test_answers_and_runs_are_published_unless_said_otherwise(table, is_published):
    assert parse(a_contract(table=table)).is_published is is_published
    assert parse(a_contract(table=table, is_published=not is_published)).is_published is not is_published


def test_grain_and_required_columns_become_rules():
    columns = {name: {"type": "TEXT", "description": "A name.", "is_required": True} for name in ("feed", "case_id")}
    rules = parse(a_contract(grain=["feed", "case_id"], columns=columns)).rules()
    assert [(rule.name, rule.severity) for rule in rules] == [
        ("feed, case_id unique", "stop"),
        ("feed not null", "stop"),
        ("case_id not null", "stop"),
    ]
    assert rules[0].arguments == {"column_list": ["feed", "case_id"]}


def test_a_written_not_null_rule_takes_the_place_of_the_made_one():
    written = {"ExpectColumnValuesToNotBeNull": {"meta": {"why": "No case, no process.", "severity": "reject"}}}
    column = {"type": "TEXT", "description": "A name.", "is_required": True, "expect": written}
    (rule,) = parse(a_contract(grain=[], columns={"case_id": column})).rules()
    assert (rule.severity, rule.why) == ("reject", "No case, no process.")


def test_a_rule_carries_its_severity_reason_and_arguments():
    rule = one_rule(
        "ExpectColumnValuesToBeBetween", min_value=0, meta={"why": "Time runs forward.", "severity": "warn"}
    )
    assert (rule.table, rule.name, rule.severity, rule.why) == ("core.work", "n between", "warn", "Time runs forward.")
    assert rule.arguments == {"column": "n", "min_value": 0}


def test_a_published_table_takes_its_columns_and_comments_from_the_contract():
    contract = parse(a_contract())
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core")
        for statement in [ddl(contract), *comments(contract, "core.work")]:
            connection.execute(statement)
        columns = connection.execute(
            "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'work'"
        ).fetchall()
        (table,) = connection.execute("SELECT comment FROM duckdb_tables()").fetchall()
    assert columns == [("work_id", "UUID", "The work."), ("handling_s", "INTEGER", None)]
    assert table == ("One row per time somebody's work was done.",)


def test_a_struct_takes_the_type_it_is_given_and_is_refused_without_one():
    contract = parse(a_contract(grain=[], columns={"parts": {"type": "STRUCT", "description": "The parts."}}))
    assert '"parts" STRUCT(a INTEGER)' in ddl(contract, {"parts": "STRUCT(a INTEGER)"})
    with pytest.raises(ContractBroken, match=r"core\.work\.parts is a STRUCT of unknown fields"):
        ddl(contract)


WHY = {"why": "It is so."}


@pytest.mark.parametrize(
    ("expectation", "arguments", "bad", "good"),
    [
        ("ExpectColumnValuesToNotBeNull", {}, ["NULL"], ["0"]),
        ("ExpectColumnValuesToBeBetween", {"min_value": 0, "max_value": 9}, ["-1", "10"], ["0", "9", "NULL"]),
        ("ExpectColumnValuesToBeBetween", {"min_value": 0, "strict_min": True}, ["0"], ["1", "NULL"]),
        ("ExpectColumnValuesToBeBetween", {"max_value": 9, "strict_max": True}, ["9"], ["8", "NULL"]),
        ("ExpectColumnValuesToBeInSet", {"value_set": [1, 2]}, ["3"], ["1", "2", "NULL"]),
    ],
)
def test_a_bad_value_is_told_from_a_good_one(expectation, arguments, bad, good):
    is_bad = bad_row_sql(one_rule(expectation, **arguments, meta=WHY))
    for value in bad + good:
        rows = duckdb.execute(f"SELECT {is_bad} FROM (SELECT {value}::INTEGER AS n)").fetchall()
        assert rows == [(value in bad,)]


@pytest.mark.parametrize(("or_equal", "equal_is_bad"), [(False, True), (True, False)])
def test_a_pair_out_of_order_is_bad_and_an_equal_pair_only_where_said(or_equal, equal_is_bad):
    rule = one_rule(
        "ExpectColumnPairValuesAToBeGreaterThanB", column_A="ended", column_B="started", or_equal=or_equal, meta=WHY
    )
    rows = duckdb.execute(
        f"SELECT {bad_row_sql(rule)} FROM (VALUES (1, 2), (2, 2), (3, 2), (NULL, 2)) AS pair(ended, started)"
    ).fetchall()
    assert rows == [(True,), (equal_is_bad,), (False,), (False,)]


def test_a_condition_is_the_bad_row_itself_and_its_braces_are_doubled_for_the_query():
    rule = one_rule("UnexpectedRowsExpectation", condition="regexp_full_match(n, '[0-9]{2}')", meta=WHY)
    assert rule.arguments == {"unexpected_rows_query": "SELECT * FROM {batch} WHERE regexp_full_match(n, '[0-9]{{2}}')"}
    rows = duckdb.execute(f"SELECT {bad_row_sql(rule)} FROM (VALUES ('12'), ('1'), (NULL)) AS row(n)").fetchall()
    assert rows == [(True,), (False,), (False,)]


@pytest.mark.parametrize(
    "query", ["SELECT 1", "SELECT * FROM {batch} WHERE regexp_full_match(n, '[0-9]{8}')", "SELECT '{' FROM {batch}"]
)
def test_a_query_whose_braces_would_be_misread_is_refused(query):
    with pytest.raises(ContractBroken, match="from nothing else in braces"):
        one_rule("UnexpectedRowsExpectation", unexpected_rows_query=query, meta=WHY)


@pytest.mark.parametrize(
    ("expectation", "arguments", "said"),
    [
        ("ExpectTableRowCountToBeBetween", {"min_value": 1}, "nothing about a single row"),
        ("ExpectColumnValuesToBeBetween", {"min_valu": 1}, "uses min_valu"),
        ("ExpectColumnValuesToBeInSet", {"value_set": []}, "lacks value_set"),
        ("UnexpectedRowsExpectation", {"unexpected_rows_query": "SELECT * FROM {batch}"}, "nothing about a single row"),
    ],
)
def test_a_rule_that_cannot_refuse_a_row_may_not_say_reject(expectation, arguments, said):
    with pytest.raises(ContractBroken, match="cannot refuse a row") as caught:
        one_rule(expectation, **arguments, meta=WHY | {"severity": "reject"})
    assert said in str(caught.value)
