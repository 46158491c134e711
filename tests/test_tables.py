"""Every table, from rows given to rows then: one small YAML file a claim, `tests/tables/<layer>/<table>/<claim>.yml`.

`given` names tables and their rows; `log` writes whole cases as steps and makes core.activity_instance of them. A table
that is neither is built by its own SQL where the case has a log, and is empty where it has none. `settings` sets
thresholds, `where` narrows the rows looked at, `then` lists them: the columns named must agree, in any order.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
import yaml

from essa import contract, identity, publication, small_groups
from essa.routines import found
from essa.rules import learned
from essa.settings import Settings
from essa.small_groups import NOT_TOLD

ROOT = Path(__file__).parent
SQL = ROOT.parent / "sql"
CASES = sorted((ROOT / "tables").glob("*/*/*.yml"))
NIGHT = dt.date(2026, 11, 21)
FIRST_START = dt.datetime(2026, 1, 5, 9)
DEFAULTS = {
    "BOOLEAN": False, "DOUBLE": 0.0, "DATE": NIGHT, "TIMESTAMP": FIRST_START, "VARCHAR": "x", "UUID": None,
    "feed_t": "f", "provider_t": "alpha", "process_t": "p", "activity_t": "A", "resource_t": "r1", "system_t": "s",
    "handling_method_t": "measured",
}  # fmt: skip
METHODS = ("measured", "shared", "worker_gap", "unfinished", "not_assessable")
LEARNED_FROM = {
    "mart.attribute_reading": ("mart.sampled_case",),
    "mart.known_number": ("mart.case_attribute", "mart.attribute_reading"),
    "mart.routine_step": ("core.variant", "mart.step_worth"),
    "mart.routine_match": ("core.variant", "mart.routine_step"),
    "mart.routine_identity": ("mart.routine_sketch", "ops.routine_work"),
    "mart.rule_branch": ("mart.choice", "mart.rule_input"),
    "mart.rule_count": ("mart.rule_branch", "mart.concurrent_pair"),
    "mart.decision_contrast": ("mart.choice", "mart.rule_input", "mart.recorded_value"),
    "mart.rule_evidence": ("mart.rule_branch", "mart.sure_share"),
    "mart.identity": ("mart.found_sketch", "ops.candidate_work", "ops.decision"),
}
ONE_THREAD = {"threads": 1}  # more have nothing to do here, and cost as much again
NOTHING_KNOWN = {"nothing": None}
FEW_PEOPLE = {"people_min": 1}  # as many as a table one can check by hand has
FEED = {"timezone": "UTC", "identity_rule": "keep", "contract_kind": "fte", "cost_per_hour": 10, "currency": "EUR"}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}.{path.parts[-2]}: {path.stem}")
def test_table(path):
    case = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    assert case.keys() <= {"log", "given", "settings", "where", "then"}
    table = f"{path.parts[-3]}.{path.parts[-2]}"
    with duckdb.connect(config=ONE_THREAD) as connection:
        prepare(connection, case)
        build(connection, table, case, rebuild=True)
        actual = read(connection, table, case.get("where"))
    expected = case["then"] or []
    named = [{name: row.get(name) for name in (expected[0] if expected else row)} for row in actual]
    assert len(actual) == len(expected), f"{len(expected)} rows expected, not {named}"
    left = list(actual)
    for row in expected:
        match = next((one for one in left if agrees(one, row)), None)
        assert match is not None, f"no row like {row} in {[{name: one.get(name) for name in row} for one in left]}"
        left.remove(match)


def test_every_case_names_a_table_that_exists():
    strangers = [path for path in CASES if not (SQL / path.parts[-3] / f"{path.parts[-2]}.sql").exists()]
    assert not strangers


def test_every_table_of_answers_has_a_case():
    tested = {path.parent.name for path in CASES if path.parts[-3] == "mart"}
    assert tested == {path.stem for path in (SQL / "mart").glob("*.sql")}


def test_the_evidence_of_every_candidate_answers_what_the_candidate_says(unshown_figures):
    case = yaml.load((ROOT / "tables" / "office.yml").read_bytes(), Loader=yaml.CSafeLoader)
    with duckdb.connect(config=ONE_THREAD) as connection:
        prepare(connection, case)
        build(connection, "mart.candidate", case)
        for table in ("mart.compared_case", "mart.routine_instance"):
            build(connection, table, case)
        candidates = read(connection, "mart.candidate", None)
        for row in candidates:
            found = connection.execute(row["evidence_sql"])
            answer = dict(zip([column[0] for column in found.description], found.fetchall()[0], strict=True))
            assert unshown_figures(row["reason"], answer) == [], (row["reason"], answer)
            volume_h = (
                read(connection, "mart.finding_volume", f"candidate_id = '{row['candidate_id']}'")[0]["handling_s"]
                / 3600
            )
            counted = (answer["event_count"], answer["case_count"])
            assert counted == (row["event_count"], row["case_count"]), row["title"]
            assert answer["handling_h"] == pytest.approx(volume_h), row["title"]
    found = {(row["pattern"], row["is_question"]) for row in candidates}
    claimed = {
        "rework", "duplicate", "rubber_stamp", "abandoned", "forwarding", "ping_pong", "provider_gap",
        "rule_based_step",
    }  # fmt: skip
    assert found >= {(pattern, False) for pattern in claimed} | {("repetition", True), ("rubber_stamp", True)}


# Of one person's work, and of four people's beside eight, nothing published tells how long it took or how it was done

DECIDED = yaml.safe_load((ROOT / "told_of_few.yml").read_text(encoding="utf-8"))
OFFICE = {"alone": {"alpha": 1}, "together": {"beta": 4, "gamma": 8}}  # people of each provider, by process
NOT_BUILT = ("raw.", "ops.", "core.activity_instance", "core.activity_label", "core.label", "core.calendar",
         "core.handling_trust", "mart.benefit", "mart.displacement")  # fmt: skip
FEW_SETTINGS = {"people_min": 5, "support_min": 4, "question_share_min": 0}


def office_log() -> Iterator[dict[str, Any]]:
    for process, providers in OFFICE.items():
        for provider, people in providers.items():
            for number in range(24):
                who = {"resource": f"{provider}{number % people}", "due_at": "2026-01-05 09:00:00", "outcome": "OK"}
                names = ["Receive request", "Check papers", "Forward to department", "Enter", "Send letter"]
                if number % 3 == 0:
                    names[2:2] = ["Return to sender", "Check papers"]
                if number == 7:
                    names.insert(4, "Enter")
                steps = [who | {"activity": name, "waiting_s": 30 if name == "Enter" else 600} for name in names]
                attributes = {"Amount": str(number * 37 % 24), "Again": str(number * 37 % 24)}
                yield {"process": process, "provider": provider, "steps": steps, "attributes": attributes,
                       "known_at_start": ["Amount"]}  # fmt: skip


@pytest.fixture(scope="module")
def office() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every published table that is made of executions, as it is published."""
    decisions = [{"candidate_id": "c0", "status": "rejected"}]
    with duckdb.connect(config=ONE_THREAD) as connection:
        case = {"log": list(office_log()), "settings": {**FEW_SETTINGS}, "given": {"ops.decision": decisions}}
        prepare(connection, case)
        for table in DECIDED:
            if not table.startswith(NOT_BUILT):
                build(connection, table, case)
        for table in ("core.calendar", "core.handling_trust"):
            build(connection, table, case)
        for feed in (name for providers in OFFICE.values() for name in providers):
            connection.execute(f"INSERT INTO core.calendar VALUES ('{feed}', 1, 36, 'inferred')")
        small_groups.withhold(connection)
        yield connection


def test_it_is_decided_of_every_published_column_whether_it_tells_of_few_people():
    published = {
        promise.table: {name for name, column in promise.columns.items() if column.is_published}
        for promise in publication.published_contracts()
    }
    decided = {
        table: published[table] if said["told"] == "no row" else {*said["told"], *said.get("withheld", ())}
        for table, said in DECIDED.items()
        if table in published
    }
    assert decided == published, "say in tests/told_of_few.yml what is told of fewer than people_min people"
    for table, said in DECIDED.items():
        withheld = {name for name, column in contract.load(table).columns.items() if column.is_withheld}
        assert withheld <= set(said.get("withheld", ())), table


def test_nothing_is_told_of_one_person_nor_of_four_beside_eight(office):
    told, seen = {}, set()
    for table, said in DECIDED.items():
        if table.startswith(NOT_BUILT):
            continue
        rows = read(office, table, few(table))
        if said["told"] == "no row":
            assert rows == [], table
            continue
        seen |= {table} if rows else set()
        if found := {name for row in rows for name in said.get("withheld", ()) if row[name] not in (None, NOT_TOLD)}:
            told[table] = found
    assert told == {}
    assert seen >= {"core.directly_follows", "mart.activity_profile", "mart.candidate", "mart.routine", "mart.sla",
                    "mart.waiting_cause", "mart.waterfall", "mart.corrector"}  # fmt: skip


def few(table: str) -> str:
    """Rows about the work of the one and of the four."""
    promise = contract.load(table)
    if "candidate_id" in promise.columns and "process" not in promise.columns:
        return f"candidate_id IN (SELECT candidate_id FROM mart.candidate WHERE {few('mart.candidate')})"
    grouped = {name for group in promise.people for name in group.values()} & {"process", "provider", "feed"}
    names = sorted(grouped or {"process", "provider", "feed"} & promise.columns.keys())
    return " OR ".join(f"{name}::VARCHAR IN ('alone', 'alpha', 'beta')" for name in names) or "false"


def test_what_enough_people_do_is_told(office):
    for table, name in (
        ("mart.activity_profile", "handling_h"),
        ("mart.waiting_cause", "waiting_h"),
        ("mart.sla", "late_h"),
    ):
        assert read(office, table, f"provider = 'gamma' AND {name} IS NOT NULL"), table
    for table, name in (
        ("mart.waterfall", "hours"),
        ("core.directly_follows", "median_waiting_s"),
        ("mart.routine", "handling_h"),
    ):
        assert read(office, table, f"process = 'together' AND {name} IS NOT NULL"), table


def test_hours_inferred_from_few_are_not_told(office):
    assert [row["feed"] for row in read(office, "core.calendar", "source = 'inferred'")] == ["gamma"]


def test_the_evidence_of_few_peoples_work_counts_and_no_more(office):
    for row in read(office, "mart.candidate", few("mart.candidate")):
        assert row["is_question"] and "so few people" in row["reason"]
        assert [column[0] for column in office.execute(row["evidence_sql"]).description] == [
            "event_count",
            "case_count",
        ]


# From a case to tables


def prepare(connection: duckdb.DuckDBPyConnection, case: dict[str, Any]) -> None:
    """Layers, closed vocabularies of every text in the case, settings, and the tables given."""
    connection.execute("SET TimeZone = 'UTC'")
    for layer in ("raw", "core", "mart", "ops"):
        connection.execute(f"CREATE SCHEMA {layer}")
    given = dict(case.get("given") or {})
    if "log" in case:
        given["core.activity_instance"] = list(instances(case["log"]))
        feeds = {(row["feed"], row["provider"]): None for row in given["core.activity_instance"]}
        known = case["log"][0].get("known_at_start", [])
        made = [{**FEED, "feed": feed, "provider": provider, "known_at_start": known} for feed, provider in feeds]
        given.setdefault("core.feed", made)
        given.setdefault("core.working_hour", [])  # a log of steps is worked around the clock
        given.setdefault("core.desktop_event", [])  # nothing of it was seen at screens
        given.setdefault("core.activity_label", [])  # and its names are those of the steps
    case["given"] = given
    words = sorted({*texts(given), *(value for value in DEFAULTS.values() if isinstance(value, str))})
    listed = ", ".join(contract.literal(word) for word in words)
    for name in (name for name in DEFAULTS if name.endswith("_t") and name != "handling_method_t"):
        connection.execute(f"CREATE TYPE {name} AS ENUM ({listed})")
    connection.execute(f"CREATE TYPE handling_method_t AS ENUM ({', '.join(map(contract.literal, METHODS))})")
    settings = {"run_id": "r", "night": NIGHT, **Settings(**FEW_PEOPLE | (case.get("settings") or {})).model_dump()}
    columns = ", ".join(f"? AS {name}" for name in settings)
    connection.execute(f"CREATE TABLE ops.tonight AS SELECT {columns}", list(settings.values()))
    for table, rows in given.items():
        fill(connection, table, rows)


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """A table made from its contract; what a row leaves out of the required is a small default of its type."""
    promise = contract.load(table)
    fields = sorted({name for row in rows for name in row.get("attributes") or NOTHING_KNOWN}) or list(NOTHING_KNOWN)
    struct = "STRUCT(" + ", ".join(f'"{name}" VARCHAR' for name in fields) + ")"
    connection.execute(contract.ddl(promise, {"attributes": struct, "recorded": struct}))
    if not rows:
        return
    columns, whole = promise.columns.items(), []
    for number, row in enumerate(rows, 1):
        assert row.keys() <= promise.columns.keys(), f"{table} has no {row.keys() - promise.columns.keys()}"
        needed = {name: default(name, column.type, number) for name, column in columns if column.is_required}
        known = {name: (row.get("attributes") or {}).get(name) for name in fields}
        whole.append({**needed, **row, **({"attributes": known} if "attributes" in promise.columns else {})})
    values = [
        f"(row->'{name}')::{struct}" if column.type.upper() == "STRUCT"
        else f"(row->'{name}')::{column.type}" if column.type.endswith("[]")
        else f"(row->>'{name}')::{column.type}"
        for name, column in columns
    ]  # fmt: skip
    connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(values)} FROM (SELECT unnest(from_json(?, '[\"JSON\"]')) AS row)",
        [json.dumps(whole, default=str)],
    )


def default(name: str, kind: str, number: int) -> Any:
    if kind == "UUID":
        return UUID(int=number)
    if kind.endswith("[]"):
        return []
    return number if name == "event_no" else DEFAULTS.get(kind, 0)


def build(connection: duckdb.DuckDBPyConnection, table: str, case: dict[str, Any], rebuild: bool = False) -> None:
    """The table as its SQL makes it, and before it whatever that reads: given, built likewise, or empty."""
    built = case.setdefault("built", {"ops.tonight", *case["given"]})
    if table in built and not rebuild:
        return
    built.add(table)
    made = learned.TABLES | found.TABLES | identity.TABLES
    if table in made and "log" in case:
        for needed in LEARNED_FROM[table]:
            build(connection, needed, case)
        rows = made[table](connection)
        fill(connection, table, rows if isinstance(rows, list) else rows.to_pylist())
        return
    path = SQL / f"{table.replace('.', '/')}.sql"
    if not rebuild and (not table.startswith(("core.", "mart.")) or "log" not in case):
        fill(connection, table, [])
        return
    sql = path.read_text(encoding="utf-8")
    for needed in sorted(set(re.findall(r"(?:FROM|JOIN)\s+((?:raw|core|mart|ops)\.\w+)", without_texts(sql)))):
        build(connection, needed, case)
    if "bucket_low" in sql:
        connection.execute(f"SET VARIABLE bucket_low = 0::UBIGINT; SET VARIABLE bucket_high = {2**64 - 1}::UBIGINT")
    promise, structs = contract.load(table), {}
    if rebuild or any(column.type.upper() == "STRUCT" for column in promise.columns.values()):
        structs = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {sql}").fetchall()}
        assert structs.keys() == promise.columns.keys()
    connection.execute(contract.ddl(promise, structs))
    connection.execute(f"INSERT INTO {table} BY NAME {sql}")


def without_texts(sql: str) -> str:
    return re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", sql))


def instances(log: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Rows of core.activity_instance from cases written as steps: an hour between cases, ten minutes between steps."""
    case_number = event_no = 0
    for kind in log:
        shared = {**STEP_DEFAULTS, **{name: kind[name] for name in STEP_DEFAULTS if name in kind}}
        steps = [{**shared, **({"activity": step} if isinstance(step, str) else step)} for step in kind["steps"]]
        for _ in range(kind.get("cases", 1)):
            case = {"case_key": (case_number := case_number + 1), "case_id": f"c{case_number}"}
            at = FIRST_START + dt.timedelta(hours=kind.get("every_h", 1) * (case_number - 1))
            for place, step in enumerate(steps):
                before = steps[place - 1] if place else {}
                after = steps[place + 1] if place + 1 < len(steps) else {}
                started_at = at + dt.timedelta(seconds=step["waiting_s"] if before else 0)
                at = started_at + dt.timedelta(seconds=step["handling_s"] or 0)
                event_no += 1
                yield {
                    **case,
                    **{name: value for name, value in step.items() if name != "waiting_s"},
                    "activity_instance_id": UUID(int=event_no),
                    "event_no": event_no,
                    "feed": kind.get("feed", step["provider"]),
                    "position": place + 1,
                    "attributes": known(kind, step),
                    "is_robot": str(step["resource"]).startswith("BOT"),
                    "enabled_at": started_at - dt.timedelta(seconds=step["waiting_s"]) if before else None,
                    "started_at": started_at,
                    "ended_at": at,
                    "waiting_s": step["waiting_s"] if before else None,
                    "gap_to_previous_s": step["waiting_s"] if before else None,
                    "is_same_as_previous": before.get("activity") == step["activity"]
                    and known(kind, before) == known(kind, step),
                    "has_new_values": not before or known(kind, before) != known(kind, step),
                    **{f"previous_{name}": before.get(name) for name in ("activity", "resource")},
                    **{f"next_{name}": after.get(name) for name in ("activity", "resource")},
                }


def known(kind: dict[str, Any], step: dict[str, Any]) -> dict[str, str]:
    return {**(kind.get("attributes") or {}), **(step.get("attributes") or {})}


STEP_DEFAULTS = {
    "provider": "alpha", "process": "p", "resource": "r1", "system": "s", "handling_s": 60, "waiting_s": 600,
    "handling_method": "measured", "outcome": None, "attributes": None,
}  # fmt: skip


# From a table to rows


def read(connection: duckdb.DuckDBPyConnection, table: str, where: str | None) -> list[dict[str, Any]]:
    found = connection.execute(f"SELECT * FROM {table} WHERE {where or 'true'}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def agrees(actual: dict[str, Any], expected: dict[str, Any]) -> bool:
    assert expected.keys() <= actual.keys(), f"no column {expected.keys() - actual.keys()}"
    return all(is_same(actual[name], value) for name, value in expected.items())


def is_same(actual: Any, expected: Any) -> bool:
    if isinstance(actual, float | Decimal) and isinstance(expected, int | float) and not isinstance(expected, bool):
        return math.isclose(actual, expected, abs_tol=1e-6)
    if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        return all(map(is_same, actual, expected))
    if isinstance(actual, UUID):
        return actual.int == expected if isinstance(expected, int) else str(actual) == expected
    if isinstance(actual, dt.datetime) and isinstance(expected, str):
        return actual == dt.datetime.fromisoformat(expected)
    return actual == expected


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
