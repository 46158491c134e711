"""How firm a rank is: against a plain reading in Python, and what must hold of any draw."""

from __future__ import annotations

import json
import random
from pathlib import Path
from statistics import median

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import contract
from essa.settings import Settings

SQL = Path(__file__).parent.parent / "sql"
POISSON = (24109, 48219, 60273, 64292, 65296, 65497, 65531)
SURE = {"realised_low": 1, "realised_high": 1, "exception_share": 0, "cost_low": 1, "cost_high": 1}
HOUR_MS = 3_600_000


def draws(parts, shuffled=None, threads=2, **chosen):
    """Rows of mart.candidate_draw, of savings by candidate and case: `parts` is (candidate, case, ms, estimated ms)."""
    total = {name: sum(part[2] for part in parts if part[0] == name) for name, *_ in parts}
    names = sorted(total, key=lambda name: (-total[name], name))
    cases = [
        {"candidate_id": name, "case_unit": case, "quarter": 1, "saved_ms": saved, "estimated_ms": estimated}
        for name, case, saved, estimated in parts
    ]
    if shuffled is not None:
        random.Random(shuffled).shuffle(cases)
    tables = {
        "mart.finding": [
            {"candidate_id": name, "candidate_no": no, "lever": "simplify", "process": "p"}
            for no, name in enumerate(names)
        ],
        "mart.candidate_rank": [{"candidate_id": name, "rank": no} for no, name in enumerate(names, 1)],
        "mart.candidate_year": [
            {"candidate_id": name, "log_to_year": 1, "realised_share": 1, "build_h": 0, "run_h_per_year": 0}
            for name in names
        ],
        "mart.candidate_score": [{"candidate_id": name, "criterion_count": 0} for name in names],
        "mart.candidate_case": cases,
        "mart.process_span": [{"process": "p", "started_at": "2026-01-01", "ended_at": "2026-12-31"}],
    }
    with duckdb.connect(config={"threads": threads}) as connection:
        prepare(connection, tables, Settings(**{**SURE, **chosen}))
        return (
            made(connection, "mart.candidate_draw"),
            {row["candidate_id"]: row for row in made(connection, "mart.candidate_firmness")},
        )


def prepare(connection, tables, chosen):
    connection.execute("CREATE SCHEMA mart; CREATE SCHEMA ops")
    for name in ("process_t", "provider_t", "activity_t"):
        connection.execute(f"CREATE TYPE {name} AS ENUM ('p')")
    columns = ", ".join(f"? AS {name}" for name in chosen.model_dump())
    connection.execute(f"CREATE TABLE ops.tonight AS SELECT {columns}", list(chosen.model_dump().values()))
    for table, rows in tables.items():
        promise = contract.load(table)
        connection.execute(contract.ddl(promise))
        for row in rows[:1]:
            values = ", ".join(f"(row->>'{name}')::{promise.columns[name].type}" for name in row)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) SELECT {values}"
                " FROM (SELECT unnest(from_json(?, '[\"JSON\"]')) AS row)",
                [json.dumps(rows)],
            )


def made(connection, table):
    """A table's rows as its own SQL makes them."""
    connection.execute(contract.ddl(contract.load(table)))
    select = (SQL / f"{table.replace('.', '/')}.sql").read_text(encoding="utf-8")
    connection.execute(f"INSERT INTO {table} BY NAME {select}")
    found = connection.execute(f"FROM {table} ORDER BY ALL")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def hashes(pairs):
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT hash(xor(pair.unit, hash(pair.draw::USMALLINT))) >> 48 FROM"
            """ (SELECT unnest(from_json(?, '[{"unit":"UBIGINT","draw":"INTEGER"}]')) AS pair)""",
            [json.dumps([{"unit": unit, "draw": draw} for unit, draw in pairs])],
        )
        return [row[0] for row in found.fetchall()]


parts = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.integers(1, 9).map(lambda n: n * HOUR_MS // 7), st.just(0)),
    min_size=1,
    max_size=12,
    unique_by=lambda part: part[:2],
)


@settings(max_examples=15)
@given(parts)
def test_each_draw_counts_a_case_as_often_as_its_hash_says(given_parts):
    found, _ = draws(given_parts, draw_count=20)
    pairs = [(case, draw) for draw in range(20) for case in range(1, 7)]
    times = {pair: sum(bits >= edge for edge in POISSON) for pair, bits in zip(pairs, hashes(pairs), strict=True)}
    for draw in range(20):
        worth = {
            name: round(
                0.5 * sum(ms * times[case, draw] for one, case, ms, _ in given_parts if one == name) / HOUR_MS, 6
            )
            for name in {part[0] for part in given_parts}
        }
        order = sorted(worth, key=lambda name: (-worth[name], name))
        assert {row["candidate_id"]: row["rank"] for row in found if row["draw_no"] == draw} == {
            name: place for place, name in enumerate(order, 1)
        }
        for row in (row for row in found if row["draw_no"] == draw):
            assert row["worth_h_per_year"] == pytest.approx(worth[row["candidate_id"]], abs=1e-6)


@settings(max_examples=8)
@given(parts, st.integers(0, 99))
def test_neither_the_order_of_rows_nor_threads_change_a_draw(given_parts, shuffled):
    loose = {"realised_low": 0.5, "realised_high": 1.3, "draw_count": 20}
    assert draws(given_parts, threads=1, **loose) == draws(given_parts, shuffled=shuffled, threads=2, **loose)


def spread(case_count):
    """Between the 5th and 95th of what a candidate of so many equal cases of one hour in all is worth."""
    found, _ = draws([("a", case, HOUR_MS // case_count, 0) for case in range(case_count)])
    worth = sorted(row["worth_h_per_year"] for row in found)
    return worth[int(0.95 * len(worth))] - worth[int(0.05 * len(worth))]


def test_more_cases_make_a_narrower_interval_as_their_root_grows():
    few, more, many = spread(16), spread(256), spread(4096)
    assert few > 2.5 * more > 2.5 * 2.5 * many
    assert many == pytest.approx(2 * 1.645 * 0.5 / 64, rel=0.25)  # half an hour is worth as much as its score says


def test_a_saving_that_is_one_case_is_not_firm_and_one_of_many_is():
    one = [("single", 10_000, 40 * HOUR_MS, 0)]
    many = [("spread", case, 40 * HOUR_MS // 1000, 0) for case in range(1000)]
    rivals = [
        (f"r{rival}", 2000 + 1000 * rival + case, (20 + rival) * HOUR_MS // 1000, 0)
        for rival in range(5)
        for case in range(500)
    ]
    _, firm = draws(one + many + rivals)
    assert firm["spread"]["rank_high"] <= 2
    assert (firm["single"]["rank_low"], firm["single"]["rank_high"]) == (1, 7)


def test_assumptions_alone_make_a_rank_less_firm_and_their_middle_is_the_base():
    work = [("a", case, HOUR_MS // 50, 0) for case in range(5000)]
    sure, _ = draws(work)
    loose, _ = draws(work, realised_low=0.5, realised_high=1.3)
    worth = [row["worth_h_per_year"] for row in loose]
    assert max(worth) - min(worth) > 3 * (
        max(row["worth_h_per_year"] for row in sure) - min(row["worth_h_per_year"] for row in sure)
    )
    assert median(worth) == pytest.approx(median(row["worth_h_per_year"] for row in sure), rel=0.15)


def test_estimated_seconds_are_shaken_by_their_factor_and_a_process_s_alike():
    work = [(name, case, HOUR_MS // 50, HOUR_MS // 50) for name in ("a", "b") for case in range(5000)]
    found, _ = draws(work, estimate_factor=2.5)
    worth = {(row["candidate_id"], row["draw_no"]): row["worth_h_per_year"] for row in found}
    assert max(worth.values()) > 1.8 * min(worth.values())
    assert all(worth["a", draw] == pytest.approx(worth["b", draw], rel=1e-6) for draw in range(200))


def test_no_draw_asks_the_clock_or_chance():
    sql = (SQL / "mart" / "candidate_draw.sql").read_text(encoding="utf-8")
    assert "random()" not in sql
    assert "setseed" not in sql
