"""The ledger against a plain reading of its rules in Python, on random executions and claims."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import UUID

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import contract

SQL = Path(__file__).parent.parent / "sql"
LEVERS = ("eliminate", "simplify", "standardize", "automate")
MILLI = Decimal("0.001")
ENUMS = {"feed_t": "f", "provider_t": "v", "process_t": "p", "activity_t": "a", "resource_t": "r", "system_t": "s"}


@st.composite
def nights(draw):
    """Executions (seconds or None, robot or not), candidates, and who claims what; robots are never claimed."""
    processes = st.sampled_from(["p", "p", "p", "p", "other"])
    seconds = st.integers(0, 200).map(lambda n: n * 97 or None)
    activities = st.sampled_from(["a", "other"])
    robots = st.integers(0, 5).map(lambda n: n == 1)
    executions = draw(st.lists(st.tuples(seconds, robots, processes, activities), min_size=2, max_size=6))
    rungs = draw(st.lists(st.sampled_from([4, 3, 1, 2, 3, 4]), min_size=3, max_size=7))
    candidates = []
    for number, rung in enumerate(rungs, 1):
        share = 1.0 if rung <= 2 else draw(st.sampled_from([0.5, 0.333333, 0.1, 1.0, 0.0]))
        about = draw(st.sampled_from([["a"], ["other"], ["a", "other"]]))
        candidates.append((number, f"c{number}", rung, draw(st.integers(1, 2)), share, draw(processes), about))
    is_claimed = st.sampled_from([True, True, True, False])
    claims = [
        (place, number)
        for place, (_, is_robot, process, activity) in enumerate(executions)
        for number, *_, of_process, about in candidates
        if not is_robot and process == of_process and activity in about and draw(is_claimed)
    ]
    return executions, candidates, claims


def expected_savings(executions, candidates, claims):
    """Seconds by execution and candidate, one execution at a time, rung by rung."""
    claimed_s = defaultdict(int)
    for place, number in claims:
        claimed_s[number] += executions[place][0] or 0
    savings = {}
    for place, (handling_s, *_) in enumerate(executions):
        left = Decimal(handling_s or 0)
        for rungs in ((1, 2), (3,), (4,)):
            wanting = [one for one in candidates if (place, one[0]) in claims and one[2] in rungs]
            if not wanting or left == 0:
                continue
            # round() in SQL rounds half away from zero; these are never negative
            totals_s = {
                one[1]: (claimed_s[one[0]] * share_of(one)).quantize(Decimal(1), ROUND_HALF_UP) for one in wanting
            }
            winner = min(wanting, key=lambda one: (one[2], one[3], -totals_s[one[1]], one[1]))
            taken = left if winner[2] <= 2 else (left * share_of(winner)).quantize(MILLI, ROUND_HALF_UP)
            if taken:
                savings[place, winner[1]] = taken
            left -= taken
    return savings


def share_of(candidate):
    return Decimal(str(candidate[4]))


def run_ledger(executions, candidates, claims):
    """What the SQL makes of the same: savings, waterfall rows and losses."""
    claimed_s = {
        number: sum(executions[place][0] or 0 for place, by in claims if by == number) for number, *_ in candidates
    }
    volumes = [{"candidate_id": name, "handling_s": claimed_s[number]} for number, name, *_ in candidates]
    findings = [
        {"candidate_no": number, "candidate_id": name, "process": process, "activities": about,
         "lever": LEVERS[rung - 1],
         "lever_rank": rung, "pattern_rank": rank, "claim_share": share, "is_question": False}
        for number, name, rung, rank, share, process, about in candidates
    ]  # fmt: skip
    done = [
        {"activity_instance_id": str(UUID(int=place)), "process": process, "handling_s": handling_s,
         "activity": activity, "is_robot": robot, "resource": "r"}
        for place, (handling_s, robot, process, activity) in enumerate(executions)
    ]  # fmt: skip
    claimed = [
        {"activity_instance_id": str(UUID(int=place)), "candidate_no": number, "handling_s": executions[place][0],
         "feed": "f", "is_estimated": False}
        for place, number in claims
    ]  # fmt: skip
    with duckdb.connect() as connection:
        for layer in ("core", "mart"):
            connection.execute(f"CREATE SCHEMA {layer}")
        for name, value in ENUMS.items():
            connection.execute(f"CREATE TYPE {name} AS ENUM ('{value}', 'other')")
        connection.execute("CREATE TYPE handling_method_t AS ENUM ('measured')")
        given_tables = {
            "mart.standing": [],
            "core.activity_instance": done,
            "mart.finding": findings,
            "mart.finding_volume": volumes,
        }
        for table, rows in {**given_tables, "mart.claim": claimed}.items():
            promise = contract.load(table)
            connection.execute(contract.ddl(promise, {"attributes": 'STRUCT("x" VARCHAR)'}))
            kinds = {name: column.type for name, column in promise.columns.items() if rows and name in rows[0]}
            values = ", ".join(
                f"(row->'{name}')::{kind}" if kind.endswith("[]") else f"(row->>'{name}')::{kind}"
                for name, kind in kinds.items()
            )
            if kinds:
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(kinds)}) SELECT {values}"
                    " FROM (SELECT unnest(from_json(?, '[\"JSON\"]')) AS row)",
                    [json.dumps(rows)],
                )
        for table in ("mart.saving", "mart.waterfall", "mart.loss"):
            connection.execute(contract.ddl(contract.load(table)))
            select = (SQL / f"{table.replace('.', '/')}.sql").read_text(encoding="utf-8")
            connection.execute(f"INSERT INTO {table} BY NAME {select}")
        return tuple(
            connection.execute(query).fetchall()
            for query in (
                "SELECT activity_instance_id, candidate_id, saved_s FROM mart.saving",
                "SELECT process::VARCHAR, step, hours FROM mart.waterfall ORDER BY process, step_order",
                "SELECT candidate_id, sum(lost_s) FROM mart.loss GROUP BY candidate_id",
            )
        )


@settings(max_examples=60)
@given(nights())
def test_the_ledger_gives_each_second_to_whom_its_rules_name(night):
    saved, _, _ = run_ledger(*night)
    assert {(identity.int, name): seconds for identity, name, seconds in saved} == expected_savings(*night)


@settings(max_examples=30)
@given(nights())
def test_nothing_is_saved_twice_and_the_waterfall_adds_up(night):
    executions, _, _ = night
    saved, waterfall, _ = run_ledger(*night)
    by_execution = defaultdict(Decimal)
    for identity, _, seconds in saved:
        by_execution[identity.int] += seconds
    for place, seconds in by_execution.items():
        handling_s, is_robot, *_ = executions[place]
        assert not is_robot
        assert seconds <= handling_s
    for process in {row[0] for row in waterfall}:
        hours = {step: value for of_process, step, value in waterfall if of_process == process}
        known = [one for one, is_robot, where, _ in executions if one and where == process and not is_robot]
        if not known:
            assert set(hours.values()) == {None}
            continue
        assert abs(hours["all"] - Decimal(sum(known)) / 3600) < Decimal("0.00001")
        assert abs(hours["all"] - sum(value for step, value in hours.items() if step != "all")) < Decimal("0.00001")
        assert all(value >= 0 for value in hours.values())


@settings(max_examples=30)
@given(nights())
def test_a_candidate_gets_what_it_claims_less_what_it_loses_to_others(night):
    executions, candidates, claims = night
    saved, _, losses = run_ledger(*night)
    lost = dict(losses)
    for number, name, rung, _, share, *_ in candidates:
        claimed = sum(executions[place][0] or 0 for place, claimer in claims if claimer == number) * share
        got = sum(seconds for _, winner, seconds in saved if winner == name)
        left = Decimal(claimed) - got - lost.get(name, 0)
        assert left > Decimal("-0.01")
        rivals = [one for one in candidates if one[2] == rung > 2 and one[0] != number]
        if not rivals:  # one of the same rung that wants nothing goes first all the same, and takes nothing
            assert left < Decimal("0.01")
