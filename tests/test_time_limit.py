"""A step that takes longer than its limit ends, says so, and leaves a home that goes on."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import duckdb
import pytest

from essa import time_limit, warehouse
from essa.errors import FeedError, TookTooLong
from essa.order import STAGES, Stage
from tasks.build import build
from tasks.publish import publish

FOR_EVER = "(SELECT count(*) FROM range(10_000_000) AS a(x), range(10_000_000) AS b(y) WHERE (x * y) % 10_007 = 1)"
LINES = "Ref,Step,End\nc1,Check,2026-01-05 09:00:00\nc1,Close,2026-01-05 10:00:00\n"
FEED = {"provider": "P", "process": "X", "timezone": "UTC", "files": "*.csv",
        "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"}}  # fmt: skip


def test_a_stage_ends_when_its_time_is_up_and_the_night_after_it_is_whole(folder, night_of, monkeypatch, tmp_path):
    (folder / "a.csv").write_text(LINES)
    slow = tmp_path / "sql"
    shutil.copytree(warehouse.SQL, slow)
    place = slow / "mart" / "process_span.sql"
    place.write_text(f"{place.read_text()}\nWHERE {FOR_EVER} >= 0")
    stage = Stage(STAGES[-1].name, ("mart.process_span",), {})
    with night_of(folder, {"x": FEED}, "core", step_s_max=1) as tonight:
        with (
            monkeypatch.context() as patch,
            pytest.raises(TookTooLong, match=f"`{STAGES[-1].name}` took longer") as said,
        ):
            patch.setattr(warehouse, "SQL", slow)
            build.fn(stage, tonight.home)
        assert "step_s_max" in str(said.value) and "the last publication stands" in str(said.value)
    with night_of(folder, {"x": FEED}, "core", step_s_max=0) as tonight:
        build.fn(stage, tonight.home)
        assert tonight.value("SELECT count(*) FROM mart.process_span") == 1


def test_a_file_that_takes_too_long_is_its_feeds_own_trouble():
    with duckdb.connect() as connection:
        with (
            pytest.raises(FeedError, match=r"longer than 0\.1 seconds"),
            time_limit.of_file("a.csv", connection, 0.1),
        ):
            connection.execute(f"SELECT {FOR_EVER}").fetchall()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_what_fails_in_time_fails_as_it_is():
    with duckdb.connect() as one, pytest.raises(ValueError, match="own"), time_limit.of_file("a.csv", one, 60):
        raise ValueError("its own")


@pytest.mark.parametrize(("trouble", "is_tried_again"), [(TookTooLong("four hours"), False), (OSError(), True)])
def test_a_publishing_that_took_too_long_is_not_tried_again(trouble, is_tried_again):
    ended = SimpleNamespace(result=lambda raise_on_failure: trouble)
    assert publish.retry_condition_fn(publish, None, ended) is is_tried_again
