"""A whole night through the flow, on a server like the one a run of its own has."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from prefect import flow
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, TaskRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from essa import contract, order, publication, warehouse
from essa import feeds as feeds_file
from essa.errors import EssaError, FeedError, UsageError
from essa.fetching import environment
from essa.report import page
from essa.settings import Settings
from flows import leash, serve
from flows.backfill import backfill
from flows.missed import nights_of
from flows.nightly import nightly
from flows.terminal import _hand_over
from flows.weekly import weekly
from tasks.log import passing
from tasks.open_run import open_home
from tasks.pull import _outcome, pull_feed, pull_feeds

pytestmark = pytest.mark.slow
NIGHT = date(2026, 11, 20)


@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Not Prefect's own test server, whose module takes four seconds to import in each worker that looks for tests."""
    home, port = tmp_path_factory.mktemp("server"), serve.free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", dict(os.environ))
        serve.prepare_environment(home)
        child = serve.start(home, port, serve.EMBEDDED)
    address = f"http://127.0.0.1:{port}/api"
    try:
        serve.wait_for(address, child, home)
        with temporary_settings({PREFECT_API_URL: address}):
            yield
            _hand_over()
    finally:
        leash.stop(child)


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory, write_small_sample: Callable[..., None]) -> Path:
    """A made-up office with three providers, one of whom comes without its files."""
    folder = tmp_path_factory.mktemp("office")
    write_small_sample(folder)
    whole = (folder / "feeds.yaml").read_text(encoding="utf-8")
    (folder / "feeds.yaml").write_text(whole.replace("landing/beta/", "landing/nowhere/"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def in_passing() -> Iterator[list[str]]:
    """What a terminal's moving line says, one after the other."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    passing.addHandler(handler)
    yield said
    passing.removeHandler(handler)


@pytest.fixture(scope="module")
def two_nights(
    landing: Path, tmp_path_factory: pytest.TempPathFactory, in_passing: list[str]
) -> tuple[Path, list[dict], list[FlowRun]]:
    """A home after the same night was run twice; what was exported, and the runs.

    First where no page can be, on one thread; then on all of them and, where Dask is installed, by two workers.
    """
    home = tmp_path_factory.mktemp("home")
    exported, runs = [], []
    in_the_way = home / "published" / "report"
    in_the_way.parent.mkdir()
    in_the_way.write_text("a file where a folder should be")
    given = {"night": NIGHT, "home": home, "feeds": landing / "feeds.yaml"}
    for settings in (Settings(threads=1), Settings(workers=2 if find_spec("prefect_dask") else 1)):
        state = nightly(**given, settings=settings, return_state=True)
        assert state.is_completed(), state.message
        if in_the_way.is_file():
            in_the_way.unlink()
        exported.append(
            {
                "candidate.parquet": (home / f"published/history/{NIGHT}/candidate.parquet").read_bytes(),
                **{table: published(home, f"FROM {table} ORDER BY ALL") for table in same_again()},
            }
        )
        runs.append(run_of(state))
    return home, exported, runs


def run_of(state: State) -> FlowRun:
    with get_client(sync_client=True) as client:
        return client.read_flow_run(state.state_details.flow_run_id)


def same_again() -> list[str]:
    """The published tables that a night run again must leave as they were."""
    # The run's own number in Prefect, and whether a feed was read again, are another run's to say
    told_of_the_run = {"ops.run", "ops.feed"}
    return sorted(table.table for table in publication.published_contracts() if table.table not in told_of_the_run)


def published(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "published" / "essa.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_night_publishes_what_it_was_given(two_nights: tuple) -> None:
    home, _, _ = two_nights
    assert published(home, "SELECT DISTINCT feed FROM core.activity_instance ORDER BY feed") == [
        ("alpha_tasks",),
        ("gamma_tasks",),
    ]
    unbalanced = "SELECT feed FROM ops.feed WHERE received_count <> accepted_count + rejected_count + duplicate_count"
    assert published(home, unbalanced) == []


def test_every_contract_is_judged_each_night(two_nights: tuple) -> None:
    home, _, _ = two_nights
    judged = {row[0] for row in published(home, 'SELECT DISTINCT "table" FROM ops.expectation')}
    # Views are judged in the tables built on them, and no table can list what is said of itself
    others = {"core.stint", "core.execution", "mart.finding_execution", "mart.routine_execution", "ops.expectation"}
    assert judged == contract.all_contracts().keys() - others


def test_a_feed_without_files_is_blocked_and_its_neighbours_go_on(two_nights: tuple) -> None:
    home, _, _ = two_nights
    found = dict(published(home, "SELECT feed, status FROM ops.feed"))
    assert found == {"alpha_tasks": "unchanged", "beta_tasks": "blocked", "gamma_tasks": "unchanged"}
    reason = published(home, "SELECT reason FROM ops.feed WHERE feed = 'beta_tasks'")[0][0]
    assert "no file matches" in reason


def test_the_same_night_again_publishes_the_same_rows_and_bytes(two_nights: tuple) -> None:
    _, exported, _ = two_nights
    assert [name for name in exported[0] if exported[0][name] != exported[1][name]] == []


def test_two_workers_publish_the_same_rows_and_bytes_as_one(two_nights: tuple) -> None:
    """Of the second night they filled tables, and what it published is what the first did."""
    pytest.importorskip("prefect_dask", reason="essa[dask] is not installed")
    home, exported, _ = two_nights
    with get_client(sync_client=True) as client:
        parts = [one.name for one in client.read_task_runs() if one.name.startswith("mart.routine_step, process")]
    assert len(parts) > 1
    assert [name for name in exported[0] if exported[0][name] != exported[1][name]] == []
    assert not (home / "warehouse" / "spill").exists()


def test_the_published_run_knows_its_prefect_run(two_nights: tuple) -> None:
    home, _, runs = two_nights
    assert published(home, "SELECT prefect_flow_run_id FROM ops.run") == [(str(runs[1].id),)]


def test_the_run_is_named_after_its_night_and_told_in_artifacts(two_nights: tuple) -> None:
    _, _, runs = two_nights
    assert [run.name for run in runs] == [str(NIGHT)] * 2
    with get_client(sync_client=True) as client:
        told = {one.key: one.data for one in client.read_artifacts() if one.flow_run_id == runs[1].id}
    assert told.keys() >= {"summary", "candidates", "feeds", "broken-rules", "page"} and told["progress"] == 100


def test_a_week_tells_nights_feeds_and_what_became_of_the_candidates(two_nights: tuple) -> None:
    home, _, _ = two_nights
    earlier = home / "published" / "history" / "2026-11-17"
    earlier.mkdir()
    with duckdb.connect() as connection:
        now = home / "published" / "history" / str(NIGHT) / "candidate.parquet"
        connection.execute(
            f"""COPY (SELECT * REPLACE (rank + 1 AS rank) FROM read_parquet('{now}')
                UNION ALL BY NAME SELECT * REPLACE ('cgone' AS candidate_id, 'Stamp | twice' AS title, 9 AS rank)
                FROM read_parquet('{now}') WHERE rank = 1) TO '{earlier}/candidate.parquet'"""
        )
    state = weekly(last=NIGHT, home=home, return_state=True)
    assert state.is_completed(), state.message
    told = (home / "published" / "weekly" / "2026-W47.md").read_text(encoding="utf-8")
    assert "Published on 1 of 7 nights; none on 2026-11-14, " in told
    assert "| beta\\_tasks | 1 | 1 | 0 | 0 |" in told and "no file matches" in told
    gone, moved = (told.partition(f"## {part}")[2].partition("##")[0] for part in ("Gone", "Moved"))
    first = published(home, "SELECT candidate_id FROM mart.candidate WHERE rank = 1")[0][0]
    assert "Stamp \\| twice (cgone)" in gone and f"({first}), from rank 2 to 1" in moved
    assert "## New" not in told
    with get_client(sync_client=True) as client:
        assert told in [artifact.data for artifact in client.read_artifacts() if artifact.key == "week"]


def test_a_backfill_runs_each_night_on_what_was_there_by_then_and_goes_on_where_it_ended(
    two_nights: tuple, landing: Path, tmp_path: Path
) -> None:
    """After the night of the 20th two files came, one of them too late for that of the 22nd."""
    home, office = shutil.copytree(two_nights[0], tmp_path / "home"), shutil.copytree(landing, tmp_path / "office")
    files = sorted((office / "landing" / "alpha").iterdir())
    come_on = dict.fromkeys(office.glob("landing/*/*"), 17)
    for day in (21, 23):
        come_on[Path(shutil.copy(files[0], files[0].with_stem(f"of the {day}th")))] = day
    for path, day in come_on.items():
        at = datetime(2026, 11, day, 12, tzinfo=UTC).timestamp()
        os.utime(path, (at, at))
    (home / "settings.yaml").write_text("threads: 1\n", encoding="utf-8")
    given = {"feeds": office / "feeds.yaml", "every": 2, "return_state": True}
    first, last = date(2026, 11, 16), date(2026, 11, 22)
    assert backfill(first, last, home=tmp_path / "new", **given).is_failed(), "nothing was there by the 16th"
    assert publication.last_night(tmp_path / "new") is None
    assert backfill(first, last, home=home, **given).is_completed()  # goes on after the 20th
    found = published(home, "SELECT night, file_count FROM ops.feed WHERE feed = 'alpha_tasks' ORDER BY night")
    assert found == [(NIGHT, len(files)), (last, len(files) + 1)]


def test_the_nights_of_a_backfill_come_after_what_is_published_and_end_with_the_last() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 6)
    assert [night.day for night in nights_of(first, last, 2, None)] == [1, 3, 5, 6]
    assert [night.day for night in nights_of(first, last, 2, date(2026, 1, 3))] == [5, 6]
    assert nights_of(first, last, 2, last) == []
    for wrong in ((last, first, 1), (first, last, 0)):
        with pytest.raises(UsageError):
            nights_of(*wrong, None)


def test_each_feed_and_each_stage_is_a_task_run_in_the_users_words(two_nights: tuple) -> None:
    _, _, runs = two_nights
    wanted = {"Open the night", "Pull alpha_tasks", "Pull beta_tasks", "Learn the rules", "Publish"}
    seen = set(task_states(runs[0]))
    assert wanted | {"Write the page", "Tell the story"} <= seen
    assert len(seen) < 25, "one screen tells the whole run"
    assert task_states(runs[0])["Pull beta_tasks"] == ("FAILED", 1)  # once: a feed that is wrong stays wrong


def test_the_moving_line_names_each_step_while_it_goes_on(two_nights: tuple, in_passing: list[str]) -> None:
    steps = list(dict.fromkeys(line.partition(":")[0] for line in in_passing))
    pulled = [step for step in steps if step.startswith("Pull ")]
    assert pulled and steps[len(pulled) :] == [
        "Settle what is believed", "Gather names", *(stage.name for stage in order.STAGES), "Publish", "Write the page"
    ]  # fmt: skip


def task_states(run: FlowRun) -> dict[str, tuple[str, int]]:
    """State and number of tries of a run's tasks; the server notes them a moment after the run."""
    give_up_at = time.monotonic() + 20
    while True:
        found = {one.name: (one.state_type.value, one.run_count) for one in tasks_of(run.id)}
        if all(state in ("COMPLETED", "FAILED") for state, _ in found.values()) and "Tell the story" in found:
            return found
        assert time.monotonic() < give_up_at, found
        time.sleep(0.2)


def tasks_of(flow_run_id: UUID) -> list[TaskRun]:
    wanted = FlowRunFilter.model_validate({"id": {"any_": [flow_run_id]}})
    with get_client(sync_client=True) as client:
        return client.read_task_runs(flow_run_filter=wanted, limit=200)


def test_a_night_that_fails_leaves_the_last_publication_and_a_free_home(two_nights: tuple, landing: Path) -> None:
    home, _, _ = two_nights
    before = fingerprints(home / "published")
    starved = Settings(memory_limit="10MB")
    with pytest.raises(EssaError, match="memory"):
        nightly(night=date(2026, 11, 21), home=home, feeds=landing / "feeds.yaml", settings=starved)
    assert fingerprints(home / "published") == before
    with open_home(home, Settings(), NIGHT):
        pass


def test_the_page_is_of_the_run_beside_it_and_written_again_the_same(two_nights: tuple) -> None:
    home, _, _ = two_nights
    assert page.is_current(home)
    before = page.path(home).read_bytes()
    page.write(home)
    assert page.path(home).read_bytes() == before


def test_a_page_that_cannot_be_written_costs_the_night_nothing_but_the_page(two_nights: tuple) -> None:
    """The first of the two: it published what the second did."""
    _, exported, runs = two_nights
    assert exported[0]["mart.candidate"] == exported[1]["mart.candidate"] != []
    told = task_states(runs[0])
    assert told["Write the page"][0] == "FAILED"
    assert told["Publish"][0] == told["Tell the story"][0] == "COMPLETED"


def fingerprints(folder: Path) -> dict[Path, str]:
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_parameters_come_as_text_and_a_night_left_to_the_clock_is_today(landing: Path, tmp_path: Path) -> None:
    """As the form in Prefect's UI sends them; the home is busy, so that the run ends at once."""
    with open_home(tmp_path, Settings(), NIGHT):
        before = datetime.now(UTC).date()
        parameters: dict[str, Any] = {
            "home": str(tmp_path),
            "feeds": str(landing / "feeds.yaml"),
            "settings": {"threads": 1},
        }
        state = nightly(**parameters, return_state=True)
    assert "HomeBusy" in state.message
    assert run_of(state).name in (str(before), str(datetime.now(UTC).date()))


def test_unknown_settings_are_refused_before_the_run_starts(tmp_path: Path) -> None:
    state = nightly(home=tmp_path, settings={"thraeds": 1}, return_state=True)
    assert state.is_failed() and "thraeds" in state.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("trouble", "tries"), [("no files", 1), ("no folder to write to", 3)], ids=["a wrong feed", "a failing disk"]
)
def test_a_wrong_feed_is_tried_once_and_a_failing_disk_again(
    landing: Path, tmp_path: Path, trouble: str, tries: int
) -> None:
    known = {feed.name: feed for feed in feeds_file.read(landing / "feeds.yaml")}
    feed = known["beta_tasks" if trouble == "no files" else "alpha_tasks"]

    @flow
    def one_feed() -> None:
        with open_home(tmp_path, Settings(), NIGHT):
            warehouse.at(tmp_path).open_night(str(NIGHT))
            if trouble == "no folder to write to":
                (tmp_path / "warehouse" / "deliveries").write_text("a file where a folder should be")
            pull_feed.with_options(retry_delay_seconds=[0, 0])(feed, landing, tmp_path)

    state = one_feed(return_state=True)
    assert isinstance(state.result(raise_on_failure=False), FeedError if trouble == "no files" else OSError)
    assert tries_of(run_of(state)) == tries


def test_a_secret_block_opens_a_database_and_is_told_nowhere(
    tmp_path: Path, write_feeds: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole address stands in a Secret block of Prefect's; another feed names one that nobody made."""
    place = tmp_path / "canary-of-a-place.sqlite"
    with contextlib.closing(sqlite3.connect(place)) as database, database:
        database.execute("CREATE TABLE work (ref, step, done_at)")
        database.execute("INSERT INTO work VALUES ('c1', 'Check', '2026-01-05 09:00:00')")
    Secret(value=f"sqlite:///{place}").save("essa-work", overwrite=True)
    columns = {"case_id": "ref", "activity": "step", "ended_at": "done_at"}
    feed = {"provider": "P", "process": "X", "timezone": "UTC", "columns": columns, "query": "SELECT * FROM work"}
    path = write_feeds(
        tmp_path,
        {
            "good": {**feed, "database": "block essa-work"},
            "bad": {**feed, "database": "block essa-nobodys"},
            "wrong": {**feed, "database": "block essa-work", "query": "SELECT * FROM nothing"},
        },
    )

    @flow
    def three_feeds() -> list[str]:
        with open_home(tmp_path / "home", Settings(), NIGHT):
            warehouse.at(tmp_path / "home").open_night(str(NIGHT))
            return [
                one.in_words() + str(one.trouble)
                for one in pull_feeds(feeds_file.read(path), tmp_path, tmp_path / "home")
            ]

    state = three_feeds(return_state=True)
    bad, good, wrong = state.result()
    assert good.startswith("good: 1 file, 1 line") and "blocked" in wrong
    assert "Prefect has no Secret block `essa-nobodys` that holds a text" in bad and "make it in the UI" in bad
    assert "canary-of-a-place" not in good + bad + wrong + caplog.text
    run = run_of(state)
    with get_client(sync_client=True) as client:
        kept = [
            run.model_dump_json(),
            *(one.model_dump_json() for one in tasks_of(run.id)),
            *map(str, client.read_logs()),
        ]
    assert [one for one in kept if "canary-of-a-place" in one] == []
    assert environment.blocks_of(feeds_file.read(path)) == ["essa-nobodys", "essa-work"]
    with pytest.raises(FeedError):
        environment.filled("block essa-work")  # it is forgotten once the feeds are read


def tries_of(run: FlowRun) -> int:
    """How often the one task of a run was tried."""
    give_up_at = time.monotonic() + 20
    while True:
        found = tasks_of(run.id)
        if found and found[0].state_type.value == "FAILED":
            return found[0].run_count
        assert time.monotonic() < give_up_at, found
        time.sleep(0.2)


def _ended_with(fault: Exception) -> Future:
    future: Future = Future()
    future.set_exception(fault)
    return future


ONE_FEED = feeds_file.Feed(
    provider="P", process="X", files="a.csv",
    columns={"case_id": "Ref", "activity": "Step", "ended_at": "End"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (KeyError("Asha Rao"), "with KeyError, which is a fault"),
        (PermissionError("/x/Asha Rao"), "could not be reached"),
    ],
)
def test_a_fault_while_one_feed_is_read_blocks_that_feed_and_quotes_nothing(fault: Exception, said: str) -> None:
    report = str(_outcome(ONE_FEED, _ended_with(fault)).trouble)
    assert said in report and "Asha" not in report and "do " in report


def test_too_little_memory_is_the_whole_nights_trouble() -> None:
    with pytest.raises(duckdb.OutOfMemoryException):
        _outcome(ONE_FEED, _ended_with(duckdb.OutOfMemoryException("")))
