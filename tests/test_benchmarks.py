"""The benchmark measures a whole night, and its ratios are what they are called."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa import contract, feeds, order

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def module() -> Iterator[Callable[[str], ModuleType]]:
    """Imports a module of the benchmarks by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield import_module


@pytest.fixture(scope="module")
def report(module) -> ModuleType:
    return module("report")


def stage(name: str, wall_s: float) -> dict[str, Any]:
    return {"stage": name, "wall_s": wall_s, "cpu_s": wall_s, "peak_mb": 100.0}


def size(event_count: int, night_s: float, **others: Any) -> dict[str, Any]:
    """A size whose night is one table and a check of a tenth of it."""
    checks = [stage("core.event", night_s / 10)]
    stages = [stage("core.event", night_s * 0.9), stage("checks", night_s / 10)]
    return {
        "deliveries": "all as CSV",
        "limit": "3GB",
        "load_at_start": 0.5,
        "sample": {"event_count": event_count, "case_count": 10, "file_count": 3, "size_mb": 1.0},
        "night": {
            "start_up": stage("start-up", 1.0),
            "stages": stages,
            "mart": [],
            "checks": checks,
            "night": stage("night", night_s),
            "until_rework": stage("until rework", night_s / 4),
            "found": {"event_count": event_count, "pair_count": 4, "variant_count": 2},
        },
        **others,
    }


def figure(text: str, label: str) -> str:
    """What stands after a label, on the one line that begins with it."""
    (line,) = [line for line in text.splitlines() if line.startswith(label)]
    return line.removeprefix(label).strip()


def lines_of(path: Path) -> list[dict[str, str]]:
    """A delivery's lines in their order, all as text."""
    if path.suffix == ".parquet":
        lines = pq.read_table(path).to_pylist()
    elif path.suffix == ".jsonl":
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        with path.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file, delimiter=";" if path.parent.name == "alpha" else ","))
    return [{name: "" if value is None else str(value) for name, value in line.items()} for line in lines]


@pytest.mark.slow
def test_a_tiny_benchmark_times_every_stage_of_a_night_that_publishes(tmp_path):
    done = run("night.py", "--events", "1e3", "--csv", "--home", tmp_path, "--save", tmp_path / "kept")
    assert done.returncode == 0, done.stderr
    for name in ("pull", "settle", "names", "types", *order.CORE, f"mart ({len(order.MART)} tables)", "publish"):
        assert figure(done.stdout, f"{name} ")
    (kept,) = (tmp_path / "kept").glob("*.json")
    (measured,) = json.loads(kept.read_text())["sizes"]
    night = measured["night"]
    assert night["night"]["wall_s"] == pytest.approx(sum(one["wall_s"] for one in night["stages"]))
    assert [one["stage"] for one in night["mart"]] == list(order.MART)
    tables = {table for table in ("raw.event", *order.CORE, *order.MART) if contract.load(table).kind == "table"}
    assert {"raw.event", "ops.feed"} | tables == {one["stage"] for one in night["checks"]}
    last = [one["stage"] for one in night["mart"]].index("mart.rework") + 1
    assert night["until_rework"]["wall_s"] == pytest.approx(
        night["night"]["wall_s"]
        - sum(one["wall_s"] for one in night["mart"][last:])
        - sum(one["wall_s"] for one in night["checks"] if one["stage"] in order.MART[last:])
        - next(one["wall_s"] for one in night["stages"] if one["stage"] == "publish")
    )
    assert night["found"]["event_count"] == measured["sample"]["event_count"]
    assert measured["sort"]["stages"][0]["stage"] == "wide sort"
    assert (tmp_path / "1000-events" / "home" / "published" / "essa.duckdb").exists()
    with duckdb.connect(str(tmp_path / "1000-events" / "sorted.duckdb"), read_only=True) as connection:
        (received,) = connection.execute("SELECT count(*) FROM sorted").fetchall()[0]
    assert received >= measured["sample"]["event_count"]  # lines sent again and bad lines are sorted too


def test_deliveries_as_csv_hold_what_the_mixed_ones_hold(module, tmp_path):
    for name in ("mixed", "csv"):
        module("deliveries").write(tmp_path / name / "sample", 1000, name == "csv")
    mixed, as_csv = (tmp_path / name / "sample" / "landing" for name in ("mixed", "csv"))
    assert {path.suffix for path in as_csv.rglob("*") if path.is_file()} == {".csv"}
    files = [path for path in mixed.rglob("*") if path.is_file()]
    for path in files:
        assert lines_of(as_csv / path.parent.name / f"{path.stem}.csv") == lines_of(path)
    assert sum(len(lines_of(path)) for path in files) >= 1000
    known = feeds.read(tmp_path / "csv" / "sample" / "feeds.yaml")
    assert [(feed.file_format, Path(feed.files).name) for feed in known] == [("csv", "*.csv")] * 3


def test_too_few_events_are_refused_before_anything_starts():
    done = run("night.py", "--events", "10")
    assert done.returncode == 2
    assert "too few" in done.stderr


def test_ratios_are_the_night_s_seconds_over_the_other_s(report):
    pm4py = {
        "stages": [stage("read", 1.0), stage("variants", 4.0)],
        "found": {"event_count": 500_000, "pair_count": 4, "variant_count": 3},
    }
    text = report.of_size(size(500_000, 10.0, sort={"stages": [stage("wide sort", 2.0)]}, pm4py=pm4py))
    assert figure(text, "seconds per million events") == "20.00"
    assert figure(text, "checks / night") == "0.10"
    assert figure(text, "night / one wide sort") == "5.00"
    assert figure(text, "night / PM4Py") == "2.00"
    assert figure(text, "night until rework / PM4Py") == "0.50"
    assert figure(text, "variants, the night and PM4Py").split() == ["2", "3"]


def test_an_opponent_that_fell_is_said_and_has_no_ratio(report):
    text = report.of_size(size(1_000, 1.0, sort={"stages": [stage("wide sort", 2.0)]}, pm4py=None))
    assert "PM4Py: did not finish" in text
    assert "night / PM4Py" not in text


def test_growth_is_told_between_neighbouring_sizes_only(report):
    sizes = [size(1_000, 1.0, sort=None), size(10_000, 10.0, sort=None), size(100_000, 1_000.0, sort=None)]
    assert [line.split()[-1] for line in report.growth(sizes).splitlines()] == ["1.00", "2.00"]


@given(st.floats(0.1, 3), st.integers(1_000, 10**6), st.integers(2, 100), st.floats(1e-6, 1e-3))
def test_seconds_that_grow_as_a_power_of_the_events_give_that_power(report, power, events, times, unit_s):
    more = events * times
    assert report.growth_exponent(events, unit_s * events**power, more, unit_s * more**power) == pytest.approx(power)


def test_names_are_measured_over_pairs_of_labels_and_over_events(module):
    names = module("names")
    rows = [("a", "a", 90), ("A", "a", 5), ("aa", "a", 5), ("b", "b", 60), ("c", "c", 40)]
    found = {"a": "a", "A": "a", "aa": "aa", "b": "b", "c": "b"}
    precision, recall, _, repair, harm = names.measured(rows, found)
    assert (precision, recall) == (1 / 2, 1 / 3)
    assert (repair, harm) == (5 / 10, 40 / 190)
    assert names.fingerprint("Check, order") == names.fingerprint("order CHECK")


def test_a_made_up_vocabulary_is_the_same_each_time_and_mostly_dirty(module):
    vocabulary = module("vocabulary")
    rows = vocabulary.made_up(200)
    assert rows == vocabulary.made_up(200) != vocabulary.made_up(200, seed=2)
    assert len(rows) == len({label for label, _, _ in rows}) == 200
    assert sum(label == means for label, means, _ in rows) == 80


# Planted decisions


def test_planted_decisions_are_the_same_for_a_seed_and_four_steps_a_case(module, tmp_path):
    assert run("planted.py", tmp_path / "one", 60, 7).returncode == 0
    planted = module("planted")
    planted.write(tmp_path / "other", 60, 7, more=planted.MORE)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    with duckdb.connect() as connection:
        made = connection.execute(
            f"""SELECT process, count(*), count(DISTINCT "case"), count("Amount"), count("Stock")
            FROM read_parquet('{tmp_path / "one"}') GROUP BY process"""
        ).fetchall()
    assert len(made) == 8
    assert {tuple(row[1:]) for row in made} == {(240, 60, 60, 60)}
