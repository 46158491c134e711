"""Why work waits, minute by minute in plain Python, against the tables, on random days of a few workers."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import contract
from essa.settings import Settings

SQL = Path(__file__).parent.parent / "sql"
ENUMS = {
    "feed_t": "'f'",
    "provider_t": "'x'",
    "process_t": "'p'",
    "activity_t": "'A', 'B'",
    "resource_t": "'u', 'v'",
    "system_t": "'s'",
}
MIDNIGHT = dt.datetime(2026, 1, 5)
CAUSES = ("batching", "prioritisation", "contention", "unavailability", "extraneous")
QUARTERS = 40
OPEN = [quarter % 5 != 3 for quarter in range(QUARTERS)]


@dataclass(frozen=True)
class Turn:
    """One execution, in minutes from midnight."""

    number: int
    worker: str
    activity: str
    ready: int | None
    start: int
    end: int


@st.composite
def days(draw):
    """Executions of up to two workers; a worker may do two things at once."""
    turns = []
    for number in range(draw(st.integers(1, 9))):
        start = draw(st.integers(0, 300))
        ready = draw(st.none() | st.integers(0, 300))
        end = start + draw(st.integers(0, 120))
        ready = None if ready is None else min(ready, start)
        turns.append(Turn(number, draw(st.sampled_from("uv")), draw(st.sampled_from("AB")), ready, start, end))
    return turns


def expected_waits(turns):
    """Minutes by execution and cause."""
    waits = {}
    for worker in "uv":
        mine = sorted((one for one in turns if one.worker == worker), key=lambda one: (one.start, one.end, one.number))
        sitting = {}
        for place, one in enumerate(mine):
            before = mine[place - 1] if place else None
            goes_on = before and before.activity == one.activity and one.start <= before.end + 1
            sitting[one.number] = sitting[before.number] if goes_on else one.number
        members = defaultdict(list)
        for one in mine:
            members[sitting[one.number]].append(one)
        batch = {
            number: [one for one in run if one.ready is not None and one.ready <= run[0].start]
            for number, run in members.items()
        }
        for place, one in enumerate(mine):
            if one.ready is not None and one.ready < one.start:
                waits[one.number] = causes_of(one, mine[:place], batch[sitting[one.number]])
    return waits


def causes_of(one, earlier, batch):
    batch = batch if one in batch else [one]
    ready = max(other.ready for other in batch)
    minutes = Counter()
    for minute in range(one.ready, one.start):
        open_now = [other for other in earlier if other.start <= minute < other.end]
        later = [
            other for other in open_now
            if (other.start if other.ready is None else other.ready) > (one.ready if other in batch else ready)
        ]  # fmt: skip
        if minute < ready:
            minutes["batching"] += 1
        elif later:
            minutes["prioritisation"] += 1
        elif open_now:
            minutes["contention"] += 1
        else:
            minutes["extraneous" if OPEN[minute // 15] else "unavailability"] += 1
    return minutes


def at(minute):
    return None if minute is None else MIDNIGHT + dt.timedelta(minutes=minute)


def waits_of(turns):
    """The same from the tables."""
    instances = [
        {"activity_instance_id": UUID(int=one.number), "provider": "x", "feed": "f", "process": "p",
         "is_robot": False, "activity": one.activity, "resource": one.worker,
         "enabled_at": at(one.ready), "started_at": at(one.start), "ended_at": at(one.end)}
        for one in turns
    ]  # fmt: skip
    quarters = [
        {"feed": "f", "quarter_at": at(15 * number), "is_working": OPEN[number],
         "worked_before_ms": 900_000 * sum(OPEN[:number])}
        for number in range(QUARTERS)
    ]  # fmt: skip
    with duckdb.connect() as connection:
        for layer in ("core", "mart", "ops"):
            connection.execute(f"CREATE SCHEMA {layer}")
        for name, values in ENUMS.items():
            connection.execute(f"CREATE TYPE {name} AS ENUM ({values})")
        connection.execute("CREATE TYPE handling_method_t AS ENUM ('measured')")
        known = Settings().model_dump()
        tonight = ", ".join(f"? AS {name}" for name in known)
        connection.execute(f"CREATE TABLE ops.tonight AS SELECT {tonight}", list(known.values()))
        fill(connection, "core.activity_instance", instances)
        fill(connection, "core.working_hour", quarters)
        for table in ("mart.sampled_worker", "mart.worker_turn", "mart.turn_wait"):
            connection.execute(contract.ddl(contract.load(table)))
            select = (SQL / f"{table.replace('.', '/')}.sql").read_text(encoding="utf-8")
            connection.execute(f"INSERT INTO {table} BY NAME {select}")
        listed = ", ".join(f"{cause}_ms // 60000" for cause in CAUSES)
        rows = connection.execute(f"SELECT activity_instance_id, {listed} FROM mart.turn_wait").fetchall()
    return {
        identity.int: Counter({cause: spent for cause, spent in zip(CAUSES, minutes, strict=True) if spent})
        for identity, *minutes in rows
    }


def fill(connection, table, rows):
    """A table made from its contract with these rows, and what they leave out empty."""
    columns = contract.load(table).columns
    listed = ", ".join(
        f"{name} {'INTEGER' if column.type == 'STRUCT' else column.type}" for name, column in columns.items()
    )
    connection.execute(f"CREATE TABLE {table} ({listed})")
    names = list(rows[0])
    values = ", ".join(f"(row->>'{name}')::{columns[name].type}" for name in names)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
        " FROM (SELECT unnest(from_json(?, '[\"JSON\"]')) AS row)",
        [json.dumps(rows, default=str)],
    )


@settings(max_examples=40)
@given(days())
def test_each_minute_of_a_wait_has_the_cause_a_minute_by_minute_reading_gives_it(turns):
    assert waits_of(turns) == expected_waits(turns)


def test_a_pile_done_in_one_sitting_waits_for_its_last_and_then_for_one_another():
    turns = [
        Turn(0, "u", "A", 0, 60, 70),
        Turn(1, "u", "A", 30, 70, 80),
        Turn(2, "u", "B", None, 40, 60),
    ]
    assert waits_of(turns) == {
        0: Counter(batching=30, prioritisation=20, extraneous=10),
        1: Counter(contention=10, prioritisation=20, extraneous=10),
    }
