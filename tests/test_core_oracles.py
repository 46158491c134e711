"""Core tables against the plainest reckoning of the same small random logs, row by row in Python."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise, product
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from essa import calendars, order

FIRST = datetime(2026, 3, 2, 8)
SPANS = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent"}
STATES = {"case_id": "Ref", "activity": "Step", "occurred_at": "End", "lifecycle": "State", "resource": "Agent"}
ENDS = {ours: theirs for ours, theirs in SPANS.items() if ours != "started_at"}
BASE = {"provider": "P", "process": {"column": "Process"}, "timezone": "UTC", "attributes": ["Amount"]}
FEEDS = {
    "spans": {**BASE, "files": "spans.csv", "columns": SPANS, "robots": ["BOT*"]},
    "other": {**BASE, "files": "other.csv", "columns": SPANS, "robots": ["BOT*"]},
    "ends": {**BASE, "files": "ends.csv", "columns": ENDS, "provider": "R"},
    "states": {**BASE, "files": "states.csv", "columns": STATES, "provider": "S"},
}  # fmt: skip
AGENTS = ("Ann", "Bob", "BOT-1", "")


def minute(rng: random.Random, reach: int) -> datetime:
    """Coarse on purpose, so that times are often equal."""
    return FIRST + timedelta(minutes=rng.randrange(reach))


def random_lines(seed: int) -> dict[str, list[dict[str, str]]]:
    rng = random.Random(seed)
    logs: dict[str, list[dict[str, str]]] = {name: [] for name in FEEDS}
    for name, log in logs.items():
        for number in range(150):
            begun = minute(rng, 400)
            log.append({
                "Process": rng.choice("XY"), "Ref": f"c{rng.randrange(25)}", "Step": rng.choice("ABCD"),
                "Start": str(begun), "End": str(begun + timedelta(minutes=rng.choice((0, 0, 3, 10, 45)))),
                "State": rng.choice(("start", "START", "complete", "suspend")) if name == "states" else "",
                "Agent": rng.choice(AGENTS), "Amount": str(number % 3),
            })  # fmt: skip
    return logs


def write(folder: Path, logs: dict[str, list[dict[str, str]]]) -> None:
    for name, log in logs.items():
        rows = [",".join(row.values()) for row in log]
        (folder / f"{name}.csv").write_text("\n".join([",".join(log[0]), *rows]) + "\n")


# The reckoning


def executions(logs: dict[str, list[dict[str, str]]]) -> list[dict]:
    """One mapping an execution, with its feed and line as tie-breakers; identical lines are all real."""
    found = []
    for number, (name, log) in enumerate(sorted(logs.items())):
        rows = [
            {"feed": name, "process": row["Process"], "case": row["Ref"], "step": row["Step"], "agent": row["Agent"],
             "order": (number, line), "ended": datetime.fromisoformat(row["End"]), "state": row["State"].lower(),
             "started": datetime.fromisoformat(row["Start"]) if "started_at" in FEEDS[name]["columns"] else None}
            for line, row in enumerate(log)
        ]  # fmt: skip
        found += paired(rows) if name == "states" else rows
    return found


def paired(rows: list[dict]) -> list[dict]:
    """First in, first out: a complete row ends the longest open start of its case, step and worker."""
    found, open_starts = [], defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["ended"], row["state"] != "start", row["order"])):
        waiting = open_starts[row["process"], row["case"], row["step"], row["agent"]]
        if row["state"] == "start":
            waiting.append(row)
        elif row["state"] == "complete":
            found.append({**row, "started": waiting.pop(0)["ended"] if waiting else None})
    left = [row for rows in open_starts.values() for row in rows]
    return found + [{**row, "started": row["ended"], "ended": None} for row in left]


def in_cases(rows: Iterable[dict]) -> dict[tuple[str, str], list[dict]]:
    cases = defaultdict(list)
    for row in rows:
        cases[row["process"], row["case"]].append(row)
    for case in cases.values():
        case.sort(key=lambda row: (row["started"] or row["ended"], row["ended"] or datetime.max, row["order"]))
    return cases


def waits(case: list[dict]) -> list[int | None]:
    """Seconds from the latest end before each execution's start; what is still going on enables nothing."""
    found = []
    for place, row in enumerate(case):
        begun = row["started"] or row["ended"]
        ends = [before["ended"] for before in case[:place] if before["ended"] and before["ended"] <= begun]
        found.append(int((begun - max(ends)).total_seconds()) if ends else None)
    return found


def shares(rows: Iterable[dict]) -> dict[tuple, Fraction]:
    """Seconds of each finished span, each second of a provider's worker in equal parts to all that were open."""
    by_worker = defaultdict(list)
    for row in rows:
        is_person = row["agent"] in ("Ann", "Bob") or (row["agent"] and "robots" not in FEEDS[row["feed"]])
        if is_person and row["started"] and row["ended"] and row["ended"] > row["started"]:
            by_worker[FEEDS[row["feed"]]["provider"], row["agent"]].append(row)
    found: dict[tuple, Fraction] = defaultdict(Fraction)
    for spans in by_worker.values():
        edges = sorted({edge for row in spans for edge in (row["started"], row["ended"])})
        for begin, end in pairwise(edges):
            is_open = [row for row in spans if row["started"] <= begin and row["ended"] >= end]
            for row in is_open:
                found[row["order"]] += Fraction(int((end - begin).total_seconds()), len(is_open))
    return found


def discrete_quantile(values: Sequence[int], share: float) -> int | None:
    return sorted(values)[max(0, ceil(len(values) * share) - 1)] if values else None


# The comparison


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_core_tables_equal_their_reckoning(folder, night_of, seed):
    logs = random_lines(seed)
    write(folder, logs)
    rows = executions(logs)
    cases = in_cases(rows)
    with night_of(folder, FEEDS, events_per_bucket=100, coarse_share_max=0) as warehouse:  # no estimates
        assert warehouse.value("SELECT count(*) FROM raw.rejected_event") == 0
        check_order_and_waiting(warehouse, cases)
        check_handling(warehouse, rows)
        check_directly_follows(warehouse, cases)
        check_variants(warehouse, cases)
        check_traces(warehouse, cases)


def check_order_and_waiting(warehouse, cases: dict) -> None:
    found = defaultdict(list)
    for row in warehouse.rows("SELECT * FROM core.activity_instance ORDER BY process, case_id, position"):
        found[row["process"], row["case_id"]].append(row)
    assert found.keys() == cases.keys()
    for key, case in cases.items():
        told = found[key]
        assert [row["position"] for row in told] == list(range(1, len(case) + 1))
        for ours, theirs, waiting in zip(told, case, waits(case), strict=True):
            assert (ours["activity"], ours["feed"]) == (theirs["step"], theirs["feed"])
            assert (ours["started_at"], ours["ended_at"]) == (theirs["started"], theirs["ended"])
            assert ours["waiting_s"] == waiting
        assert [row["previous_activity"] for row in told] == [None, *(row["step"] for row in case[:-1])]
        assert [row["next_activity"] for row in told] == [*(row["step"] for row in case[1:]), None]


def check_handling(warehouse, rows: list[dict]) -> None:
    share = shares(rows)
    expected = {}
    for row in rows:
        if row["ended"] is None:
            expected[row["order"]] = (None, {"unfinished"})
        elif row["started"] is None:
            expected[row["order"]] = (None, {"not_assessable"})
        else:
            elapsed = (row["ended"] - row["started"]).total_seconds()
            seconds = share.get(row["order"], elapsed)
            expected[row["order"]] = (seconds, {"shared"} if seconds != elapsed else {"measured", "shared"})
    found = {}
    for row in warehouse.rows(
        """SELECT handling_s, handling_method::VARCHAR AS method, source_file, instance.event_no % 4294967296 AS line
        FROM core.activity_instance AS instance
        JOIN raw.delivery ON delivery.delivery_no = instance.event_no // 4294967296"""
    ):
        feed_no = sorted(FEEDS).index(row["source_file"].removesuffix(".csv"))
        found[feed_no, row["line"] - 2] = (row["handling_s"], row["method"])
    assert found.keys() == expected.keys()
    for key, (seconds, methods) in expected.items():
        handling_s, method = found[key]
        assert method in methods
        assert (handling_s is None) == (seconds is None)
        assert seconds is None or abs(handling_s - seconds) <= 1


def check_directly_follows(warehouse, cases: dict) -> None:
    expected = defaultdict(list)
    for (process, _), case in cases.items():
        for before, after, waiting in zip(case, case[1:], waits(case)[1:], strict=False):
            expected[process, before["step"], after["step"]].append(waiting)
    found = {
        (row["process"], row["activity"], row["next_activity"]): (row["event_count"], row["median_waiting_s"])
        for row in warehouse.rows("SELECT * FROM core.directly_follows")
    }
    assert found == {
        key: (len(waiting), discrete_quantile([seconds for seconds in waiting if seconds is not None], 0.5))
        for key, waiting in expected.items()
    }


def check_variants(warehouse, cases: dict) -> None:
    expected = Counter((process, tuple(row["step"] for row in case)) for (process, _), case in cases.items())
    rows = warehouse.rows("SELECT * FROM core.variant")
    assert {(row["process"], tuple(row["activities"])): row["case_count"] for row in rows} == expected
    keys = warehouse.value("SELECT count(DISTINCT (process, variant_key)) FROM core.trace")
    assert keys == len(rows) == len({(row["process"], row["variant_id"]) for row in rows}) == len(expected)
    case_count = Counter(process for process, _ in cases)
    for row in rows:
        assert row["case_share"] == pytest.approx(row["case_count"] / case_count[row["process"]])
    steps = warehouse.rows(
        """SELECT process, variant_key, list(activity ORDER BY position) AS activities
        FROM core.variant_step GROUP BY ALL"""
    )
    assert {tuple(row["activities"]) for row in steps} == {activities for _, activities in expected}


def check_traces(warehouse, cases: dict) -> None:
    ended = {key: max(row["ended"] or row["started"] for row in case) for key, case in cases.items()}
    provider_of = {row["feed"]: row["provider"] for row in warehouse.rows("SELECT feed, provider FROM core.feed")}
    gaps, last, count = defaultdict(list), Counter(), Counter()
    for (process, _), case in cases.items():
        for before, after in pairwise(case):
            gap_s = ((after["started"] or after["ended"]) - (before["ended"] or before["started"])).total_seconds()
            gaps[process] += [int(gap_s)] if gap_s > 0 else []
        last[process, case[-1]["step"]] += 1
        count.update((process, row["step"]) for row in case)
    traces = warehouse.rows("SELECT * FROM core.trace")
    assert {(row["process"], row["case_id"]) for row in traces} == cases.keys() and len(traces) == len(cases)
    ends = defaultdict(list)
    for row in traces:
        ends[row["process"], row["provider"]].append(ended[row["process"], row["case_id"]])
    edge_share = warehouse.value("SELECT span_edge_share FROM ops.tonight")
    log_end = {place: sorted(found)[-1 - int(edge_share * len(found))] for place, found in ends.items()}
    for row in traces:
        key = (row["process"], row["case_id"])
        case, ending = cases[key], (row["process"], cases[key][-1]["step"])
        assert row["event_count"] == len(case)
        assert row["started_at"] == min(step["started"] or step["ended"] for step in case)
        assert row["ended_at"] == ended[key]
        assert (row["first_activity"], row["last_activity"]) == (case[0]["step"], case[-1]["step"])
        usual = timedelta(seconds=discrete_quantile(gaps[key[0]], 0.95))
        is_late = ended[key] > log_end[key[0], row["provider"]] - usual
        assert row["is_open"] == (is_late and last[ending] / count[ending] < 0.5)
        assert row["provider_count"] == len({provider_of[step["feed"]] for step in case})


# Calendars

BERLIN = ZoneInfo("Europe/Berlin")


@lru_cache
def is_working(
    quarter: datetime, hours: tuple[int, int], days: frozenset[int], zone: str, holidays: frozenset[date]
) -> bool:
    """Whether the quarter of an hour that begins then, in UTC, is worked."""
    local = quarter.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone))
    now, first, end = local.hour * 4 + local.minute // 15, *hours
    is_shift = local.weekday() in days and first <= now < end
    is_rest_of_the_eve = (local.weekday() - 1) % 7 in days and now + 96 < end
    return (is_shift or is_rest_of_the_eve) and local.date() not in holidays


def worked_s(begin: datetime, end: datetime, *calendar: object) -> int:
    total, at = timedelta(), begin
    while at < end:
        quarter = at - timedelta(minutes=at.minute % 15, seconds=at.second)
        until = min(end, quarter + timedelta(minutes=15))
        total += until - at if is_working(quarter, *calendar) else timedelta()
        at = until
    return int(total.total_seconds())


CALENDARS = [
    ("mon-fri", "09:00-17:30", (36, 70), frozenset(range(5)), "DE"),
    ("mon-fri", "22:00-06:00", (88, 120), frozenset(range(5)), None),
    ("sun-thu", "00:00-24:00", (0, 96), frozenset((6, 0, 1, 2, 3)), "DE-BY"),
]
AROUND = [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2025, 12, 25)]


def random_spans(name: str, around: datetime) -> list[tuple[str, datetime, datetime]]:
    rng = random.Random(f"{name} {around}")
    spans = []
    for number in range(60):
        begun = around + timedelta(seconds=rng.randrange(-5 * 86_400, 5 * 86_400))
        lasting_s = rng.choice((0, 90, 4_000, 90_000, 200_000))
        spans.append((f"{name}-{number // 3}", begun, begun + timedelta(seconds=lasting_s)))
    return sorted(spans, key=lambda span: span[:2])


def test_handling_and_waiting_are_cut_to_the_calendar(folder, night_of):
    """A feed for each calendar around each of some days when clocks are changed or work is off; all in one night."""
    feeds, calendar_of = {}, {}
    for (days, hours, *given, country), around in product(CALENDARS, AROUND):
        name = f"f{len(feeds)}"
        lines = [
            f"{case},A,{begun:%Y-%m-%dT%H:%M:%S}Z,{ended:%Y-%m-%dT%H:%M:%S}Z,{name}w{number},0,,{name}"
            for number, (case, begun, ended) in enumerate(random_spans(name, around))
        ]
        head = "Ref,Step,Start,End,Agent,Amount,State,Process"
        (folder / f"{name}.csv").write_text("\n".join([head, *lines]) + "\n")
        calendar = {"days": days, "hours": hours} | ({"holidays": country} if country else {})
        feeds[name] = {
            **BASE, "provider": name, "files": f"{name}.csv", "columns": SPANS, "timezone": "Europe/Berlin",
            "calendar": calendar,
        }  # fmt: skip
        calendar_of[name] = (*given, "Europe/Berlin", frozenset(calendars.holidays(country, 2026)))
    with night_of(folder, feeds) as warehouse:
        rows = warehouse.rows("SELECT * FROM core.activity_instance ORDER BY case_id, position")
    ends = defaultdict(list)
    assert Counter(row["feed"] for row in rows) == dict.fromkeys(feeds, 60)
    for row in rows:
        case, begun, ended, given = row["case_id"], row["started_at"], row["ended_at"], calendar_of[row["feed"]]
        inside_s = worked_s(begun, ended, *given)
        elapsed_s = int((ended - begun).total_seconds())
        assert row["handling_s"] == own_s(inside_s, elapsed_s)
        done_before = [done for done in ends[case] if done <= begun]
        assert row["waiting_s"] == (worked_s(max(done_before), begun, *given) if done_before else None)
        ends[case].append(ended)


def own_s(inside_s: int, elapsed_s: int) -> int:
    """What one execution takes by itself: ten hours of each 24 at most, and ten in all where it is overtime."""
    return min(inside_s, ceil(elapsed_s / 86_400) * 36_000) if inside_s else min(elapsed_s, 36_000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_minute_of_one_person_is_handed_out_once_whatever_feeds_and_calendars_it_falls_into(folder, night_of, seed):
    rng = random.Random(seed)
    hours = {"early": ("08:00-12:00", (32, 48)), "late": ("10:30-24:00", (42, 96))}
    feeds = {
        name: {**BASE, "files": f"{name}.csv", "columns": SPANS, "calendar": {"days": "mon-sat", "hours": told}}
        for name, (told, _) in hours.items()
    }
    feeds["strangers"] = {**feeds["late"], "provider": "Q", "files": "strangers.csv"}
    spans = {name: [random_span(rng) for _ in range(40)] for name in feeds}
    for name, rows in spans.items():
        lines = [f"c{number},A,{begun},{done},{agent},0,,X" for number, (begun, done, agent) in enumerate(rows)]
        (folder / f"{name}.csv").write_text("\n".join(["Ref,Step,Start,End,Agent,Amount,State,Process", *lines]) + "\n")
    with night_of(folder, feeds) as warehouse:
        rows = warehouse.rows("SELECT feed, case_id, handling_s FROM core.activity_instance")
    found = {(row["feed"], int(row["case_id"][1:])): row["handling_s"] for row in rows}
    for provider in "PQ":
        for agent in ("17", "18"):
            held = {
                (name, number): minutes_at_work(begun, done, hours.get(name, hours["late"])[1])
                for name in feeds if feeds[name]["provider"] == provider
                for number, (begun, done, who) in enumerate(spans[name]) if who == agent
            }  # fmt: skip
            open_count = Counter(minute for inside, outside in held.values() for minute in inside or outside)
            for key, (inside, outside) in held.items():
                received_s = sum(Fraction(60, open_count[minute]) for minute in inside or outside)
                most_s = own_s(len(inside) * 60, (len(inside) + len(outside)) * 60)
                assert abs(found[key] - min(received_s, most_s)) <= 1, key
            assert sum(found[key] for key in held) <= 60 * len(open_count) + len(held) / 2


def random_span(rng: random.Random) -> tuple[datetime, datetime, str]:
    begun = datetime(2026, 3, 6) + timedelta(minutes=rng.randrange(3 * 1_440))  # Friday to Sunday
    return begun, begun + timedelta(minutes=rng.choice((0, 7, 60, 300, 1_000, 2_000))), rng.choice(("17", "18"))


def minutes_at_work(
    begun: datetime, done: datetime, quarters: tuple[int, int]
) -> tuple[list[datetime], list[datetime]]:
    """The minutes of a span inside its calendar, and those outside."""
    parts: dict[bool, list[datetime]] = {True: [], False: []}
    for number in range(int((done - begun).total_seconds()) // 60):
        at = begun + timedelta(minutes=number)
        parts[is_working(quarter_of(at), quarters, frozenset(range(6)), "UTC", frozenset())].append(at)
    return parts[True], parts[False]


def quarter_of(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % 15)


def test_holidays_are_those_of_the_country_and_its_part():
    german, bavarian = calendars.holidays("DE", 2026), calendars.holidays("DE-BY", 2026)
    assert date(2026, 12, 25) in german and date(2026, 8, 15) not in german
    assert date(2026, 1, 6) in set(bavarian) - set(german)
    assert calendars.holidays(None, 2026) == []
    assert min(german).year == 2000 and max(german).year == 2027


# The same, however it is worked out


def test_threads_and_buckets_change_no_byte(tmp_path, night_of, monkeypatch):
    monkeypatch.setenv("ESSA_KEY", "a secret of more than sixteen characters")
    logs, seen = random_lines(4), {}
    for name, settings in {
        "one thread": {"threads": 1},
        "two threads": {"threads": 2},
        "many buckets": {"threads": 2, "events_per_bucket": 50},
    }.items():
        folder = tmp_path / name / "landing"
        folder.mkdir(parents=True)
        write(folder, logs)
        with night_of(folder, FEEDS, **settings) as warehouse:
            if "events_per_bucket" in settings:
                assert len(warehouse._buckets()) > 5
            seen[name] = {table: digest(warehouse, table, tmp_path) for table in order.CORE}
    assert seen["two threads"] == seen["one thread"]
    assert seen["many buckets"] == seen["one thread"]


def digest(warehouse, table: str, folder: Path) -> str:
    target = folder / "table.parquet"
    names = [row["column_name"] for row in warehouse.rows(f"DESCRIBE {table}")]
    ordered = ", ".join(f'"{name}"' for name in names)
    warehouse.connection.execute(
        f"COPY (FROM {table} ORDER BY {ordered}) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE 122880)"
    )
    return hashlib.sha256(target.read_bytes()).hexdigest()
