"""Feeds that are queries: increments by a watermark, snapshots without; SQLite, PostgreSQL, MariaDB on loopback."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy

from essa import privacy
from essa.feeds import Feed
from essa.fetching import arrivals, query
from essa.settings import Settings

NIGHTS = [date(2026, 11, 20) + timedelta(days=count) for count in range(4)]
FEED = {
    "provider": "P",
    "process": "X",
    "timezone": "UTC",
    "columns": {"case_id": "ref", "activity": "step", "ended_at": "done_at"},
}
QUERY = "SELECT id, ref, step, done_at, changed_at FROM work WHERE changed_at > :since"
BY_TIME = {"query": QUERY, "watermark": "changed_at", "since": date(2026, 1, 1)}
BY_NUMBER = {"query": QUERY.replace("changed_at >", "id >"), "watermark": "id", "since": 0}
SECRET = "corr3ct-h0rse-battery"


class Work:
    """A table of work in a database that the test fills."""

    def __init__(self, engine: sqlalchemy.Engine, url: str) -> None:
        self.engine, self.url = engine, url
        self.run(
            "CREATE TABLE work (id INTEGER, ref VARCHAR(40), step VARCHAR(40), done_at TIMESTAMP, changed_at TIMESTAMP)"
        )

    def run(self, sql: str, *rows: dict) -> None:
        with self.engine.begin() as connection:
            connection.execute(sqlalchemy.text(sql), list(rows) or None)

    def add(self, *numbers: int, day: int = 1, step: str = "Check", hour: int = 8) -> None:
        at = datetime(2026, 11, day, hour)
        self.run(
            "INSERT INTO work VALUES (:id, :ref, :step, :done_at, :changed_at)",
            *({"id": number, "ref": f"c{number}", "step": step, "done_at": datetime(2026, 1, 5, 9, number % 60),
               "changed_at": at + timedelta(minutes=number)} for number in numbers),
        )  # fmt: skip


@pytest.fixture
def sqlite(tmp_path: Path) -> Work:
    sqlite3.register_adapter(datetime, lambda at: at.isoformat(" "))
    return Work(sqlalchemy.create_engine(f"sqlite:///{tmp_path}/work.db"), f"sqlite:///{tmp_path}/work.db")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of its own, with a password."""
    pytest.importorskip("pg8000", reason="essa[postgresql] is not installed")
    folders = os.pathsep.join([os.environ["PATH"], *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    programs = {name: shutil.which(name, path=folders) for name in ("initdb", "postgres", "pg_ctl")}
    if None in programs.values():
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    place = Path(tempfile.mkdtemp(prefix="essa-pg-"))
    (place / "password").write_text(SECRET)
    begin = _as("postgres", place)
    port = _free_port()
    data, options = str(place / "data"), f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
    made = [programs["initdb"], "-D", data, "-U", "essa", "-A", "scram-sha-256", "--pwfile", str(place / "password")]
    subprocess.run([*begin, *made], check=True, capture_output=True)
    control = [*begin, programs["pg_ctl"], "-D", data, "-l", str(place / "log"), "-w"]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
    yield f"postgresql://essa:{SECRET}@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
    shutil.rmtree(place)


def _as(user: str, place: Path) -> list[str]:
    """How a command begins that starts a server in `place`: root may start none."""
    if os.getuid() != 0:
        return []
    if shutil.which("runuser") is None or subprocess.run(["id", user], capture_output=True).returncode:
        pytest.skip(f"root cannot start this server, and there is no user {user} here")
    for path in (place, *place.iterdir()):
        shutil.chown(path, user)
    return ["runuser", "-u", user, "--"]


@pytest.fixture(scope="module")
def mariadb() -> Iterator[str]:
    """The URL of a MariaDB of its own, with a password."""
    pytest.importorskip("pymysql", reason="essa[mysql] is not installed")
    install = shutil.which("mariadb-install-db")
    server = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin")
    if install is None or server is None:
        pytest.skip("no MariaDB here: apt-get install mariadb-server")
    place = Path(tempfile.mkdtemp(prefix="essa-my-"))
    (place / "begin.sql").write_text(
        f"CREATE DATABASE work;\nCREATE USER essa@'%' IDENTIFIED BY '{SECRET}';\nGRANT ALL ON work.* TO essa@'%';"
    )
    begin, port = _as("mysql", place), _free_port()
    made = [install, "--no-defaults", f"--datadir={place}/data", "--skip-test-db"]
    subprocess.run([*begin, *made], check=True, capture_output=True)
    options = [
        f"--datadir={place}/data",
        f"--socket={place}/s",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
    ]
    command = [*begin, server, "--no-defaults", *options, f"--init-file={place}/begin.sql", f"--pid-file={place}/pid"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    url = f"mysql://essa:{SECRET}@127.0.0.1:{port}/work"
    engine = sqlalchemy.create_engine(url.replace("mysql:", "mysql+pymysql:"))
    for _ in range(100):
        with contextlib.suppress(sqlalchemy.exc.OperationalError), engine.connect():
            break
        time.sleep(0.2)
    yield url
    process.terminate()  # runuser hands it on
    process.wait()
    shutil.rmtree(place)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def postgresql(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Work:
    engine = sqlalchemy.create_engine(postgres.replace("postgresql:", "postgresql+pg8000:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS work"))
    return Work(engine, postgres)


@pytest.fixture
def mysql(mariadb: str) -> Work:
    engine = sqlalchemy.create_engine(mariadb.replace("mysql:", "mysql+pymysql:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS work"))
    return Work(engine, mariadb)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def work(request: pytest.FixtureRequest) -> Work:
    return request.getfixturevalue(request.param)


@pytest.fixture
def feed_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict]:
    def make(work: Work, **more: object) -> dict:
        monkeypatch.setenv("WORK_URL", work.url)
        return {"a": {**FEED, "database": "env WORK_URL", **more}}

    return make


def told(warehouse, feed: str = "a") -> dict:
    return warehouse.rows("SELECT * FROM ops.feed WHERE feed = ? AND night = ?", [feed, warehouse.night])[0]


def cases(warehouse) -> list[str]:
    rows = warehouse.rows(
        """SELECT case_id FROM raw.event LEFT JOIN raw.repeated_line AS repeated USING (delivery_no, source_line)
        WHERE feed = 'a' AND NOT coalesce(is_duplicate, false) ORDER BY case_id"""
    )
    return [row["case_id"] for row in rows]


def landed(warehouse) -> list[str]:
    return sorted(path.name for path in (warehouse.home / "landed" / "a").iterdir())


def test_rows_of_a_query_count_as_the_same_rows_in_a_file_do(work, feed_of, folder, night_of):
    work.add(1, 2, 3)
    rows = [f"{number},c{number},Check,2026-01-05 09:{number:02}:00" for number in (1, 2, 3)]
    (folder / "b.csv").write_text("\n".join(["id,ref,step,done_at", *rows, ""]))
    feeds = {**feed_of(work, query="SELECT * FROM work ORDER BY id"), "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        found = [
            warehouse.rows("SELECT case_id, activity, ended_at FROM raw.event WHERE feed = ? ORDER BY ALL", [name])
            for name in "ab"
        ]
    assert len(found[0]) == 3 and found[0] == found[1]


@pytest.mark.parametrize("how", [BY_TIME, BY_NUMBER], ids=["by time", "by number"])
def test_each_night_reads_what_is_new_and_a_row_read_twice_counts_once(work, feed_of, folder, night_of, published, how):
    seen = []
    for on, rows in zip(NIGHTS, [(1, 2, 3), (), (5, 6), ()], strict=True):
        work.add(*rows, day=on.day - 1) if rows else None
        with night_of(folder, feed_of(work, **how), until="pulled", on=on) as warehouse:
            row = told(warehouse)
            assert row["received_count"] == row["accepted_count"] + row["duplicate_count"]
            seen.append((row["status"], len(cases(warehouse)), len(landed(warehouse))))
            published(warehouse)
    assert seen == [("loaded", 3, 1), ("unchanged", 3, 1), ("loaded", 5, 2), ("unchanged", 5, 2)]


def test_a_night_run_again_lands_nothing_again(sqlite, feed_of, folder, night_of, published):
    sqlite.add(*range(1, 50))
    for _ in range(2):
        with night_of(folder, feed_of(sqlite, **BY_TIME), until="pulled", on=NIGHTS[0]) as warehouse:
            assert (len(cases(warehouse)), landed(warehouse)) == (49, ["000001-2026-11-20.parquet"])
            published(warehouse)


def test_a_row_committed_late_is_found_within_the_lookback_alone(work, feed_of, folder, night_of, published):
    work.add(9, day=19, hour=12)
    for lookback, on, expected in (("2 hours", NIGHTS[0], 1), ("2 hours", NIGHTS[1], 1), ("6 hours", NIGHTS[2], 2)):
        with night_of(folder, feed_of(work, **BY_TIME, lookback=lookback), until="pulled", on=on) as warehouse:
            assert len(cases(warehouse)) == expected
            published(warehouse)
        if on == NIGHTS[0]:
            work.add(1, day=19, hour=8)


def test_a_corrected_row_takes_the_place_of_the_old_where_the_feed_names_its_id(
    work, feed_of, folder, night_of, published
):
    work.add(1, 2, day=18)
    with night_of(folder, feed_of(work, **BY_TIME, event_id="id"), until="pulled", on=NIGHTS[0]) as warehouse:
        published(warehouse)
    work.run("UPDATE work SET ref = 'corrected', changed_at = '2026-11-20 08:00:00' WHERE id = 1")
    with night_of(folder, feed_of(work, **BY_TIME, event_id="id"), until="pulled", on=NIGHTS[1]) as warehouse:
        assert cases(warehouse) == ["c2", "corrected"]


def test_without_a_watermark_tonights_rows_take_the_place_of_last_nights(work, feed_of, folder, night_of, published):
    work.add(1, 2, 3)
    feeds = feed_of(work, query="SELECT ref, step, done_at FROM work ORDER BY id")
    with night_of(folder, feeds, until="pulled", on=NIGHTS[0]) as warehouse:
        published(warehouse)
    work.run("DELETE FROM work WHERE id = 2")
    with night_of(folder, feeds, until="pulled", on=NIGHTS[1]) as warehouse:
        assert (cases(warehouse), landed(warehouse)) == (["c1", "c3"], ["snapshot.parquet"])


@pytest.mark.parametrize("ahead", ["9999-12-31 00:00:00", "2026-11-24 00:00:00"])
def test_a_row_from_the_future_hides_no_row_of_the_nights_after_it_and_is_told(
    sqlite, feed_of, folder, night_of, published, ahead
):
    sqlite.run(f"INSERT INTO work VALUES (7, 'c7', 'Check', '2026-01-05 09:00:00', '{ahead}')")
    for number, on in enumerate(NIGHTS):
        sqlite.add(number, day=on.day - 1, hour=15)
        with night_of(folder, feed_of(sqlite, **BY_TIME, lookback="0 hours"), until="pulled", on=on) as warehouse:
            assert cases(warehouse) == [*(f"c{one}" for one in range(number + 1)), "c7"]
            if on == NIGHTS[0] or ahead.startswith("9999"):
                assert "1 row bears a `changed_at` from the future" in told(warehouse)["reason"]
            published(warehouse)


def test_other_columns_than_before_block_the_feed_and_another_query_of_the_same_does_not(
    sqlite, feed_of, folder, night_of, published
):
    sqlite.add(1, 2, day=18)
    with night_of(folder, feed_of(sqlite, **BY_TIME), until="pulled", on=NIGHTS[0]) as warehouse:
        published(warehouse)
    sqlite.add(3, day=19)
    more = {**BY_TIME, "query": QUERY.replace("id,", "id, 1 AS more,")}
    with night_of(folder, feed_of(sqlite, **more), until="pulled", on=NIGHTS[1]) as warehouse:
        assert told(warehouse)["status"] == "blocked" and "other columns than it did: more" in told(warehouse)["reason"]
        assert cases(warehouse) == ["c1", "c2"]
    other = {**BY_TIME, "query": QUERY.replace("step,", "upper(step) AS step,")}
    with night_of(folder, feed_of(sqlite, **other), until="pulled", on=NIGHTS[1]) as warehouse:
        assert cases(warehouse) == ["c1", "c2", "c3"]


def test_what_is_landed_is_for_its_owner_alone(sqlite, feed_of, folder, night_of):
    sqlite.add(1)
    with night_of(folder, feed_of(sqlite, **BY_TIME), until="pulled") as warehouse:
        place = warehouse.home / "landed" / "a"
        assert [oct(path.stat().st_mode)[-3:] for path in (place.parent, place, *place.iterdir())] == [
            "700",
            "700",
            "600",
        ]
        assert oct(warehouse.folder.stat().st_mode)[-3:] == "700"


def trouble(feeds: dict, **settings: int) -> str:
    feed = Feed.model_validate(feeds["a"]).model_copy(update={"name": "a"})
    with arrivals.to_look_at([feed], Settings(**settings)) as (_, troubles):
        return str(troubles.get("a"))


def test_how_a_database_is_written_is_told_in_words_that_no_redaction_breaks(sqlite, feed_of, monkeypatch):
    feeds = feed_of(sqlite, **BY_TIME)
    monkeypatch.setenv("WORK_URL", "oracle://db/work")
    said = trouble(feeds)
    assert "user:password, an @, host:port and /name" in said and privacy.redact(said) == said


@pytest.mark.parametrize("begins", ["postgresql", "mysql"])
def test_what_a_driver_does_not_take_is_refused_by_name(sqlite, feed_of, monkeypatch, begins):
    feeds = feed_of(sqlite, **BY_TIME)
    monkeypatch.setenv("WORK_URL", f"{begins}://u:hunter2@127.0.0.1:1/work?connect_timeouts=2&hunter2%3A%2F%2F=1")
    said = trouble(feeds)
    assert "unknown: (a key), connect_timeouts" in said and "hunter2" not in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"query": "SELECT * FROM nowhere"}, "the database"),
        ({"query": "SELECT ref, step AS ref FROM work"}, "two columns of its query are called ref"),
        ({"query": "SELECT ref FROM work WHERE ref <> ':x'"}, "asks for :x, which nothing fills"),
        ({"query": "SELECT ref FROM work WHERE id > :since", "watermark": "id", "since": 0}, "yields no column `id`"),
        ({**BY_TIME, "watermark": "ref"}, r"`ref` does not hold times, as `since:` does, in 1 of 1 row"),
        ({**BY_NUMBER, "watermark": "changed_at"}, "`changed_at` does not hold whole numbers"),
    ],
)
def test_a_query_that_cannot_be_says_why(work, feed_of, more, said):
    work.add(1)
    assert said in trouble(feed_of(work, **more))


def test_a_query_that_would_change_something_does_not(postgresql, feed_of):
    postgresql.run("CREATE SEQUENCE IF NOT EXISTS n")
    postgresql.add(1, 2)
    assert "the database does not take the query" in trouble(feed_of(postgresql, query="SELECT setval('n', 7)"))
    with postgresql.engine.connect() as connection:
        assert connection.execute(sqlalchemy.text("SELECT count(*) FROM work")).scalar() == 2


def test_a_look_reads_the_first_rows_and_lands_nothing(work, feed_of, capfd, recwarn):
    work.add(*range(1, 1_500))
    feed = Feed.model_validate(feed_of(work, **BY_NUMBER)["a"]).model_copy(update={"name": "a"})
    with arrivals.to_look_at([feed], Settings()) as ([near], troubles):
        (path,) = Path(near.files).parent.glob("*.parquet")
        assert troubles == {} and pq.read_metadata(path).num_rows == query.SAMPLE_ROWS
    assert not path.exists()
    gc.collect()
    assert "".join(capfd.readouterr()) == "" and [one for one in recwarn if one.category is UserWarning] == []


@pytest.mark.parametrize("most", [300, 40_000])
@pytest.mark.parametrize("is_cut", [True, False], ids=["drops", "hangs"])
def test_nothing_half_of_a_query_is_landed(
    postgresql, feed_of, folder, night_of, published, way_to, monkeypatch, most, is_cut
):
    way = way_to(int(postgresql.url.rpartition(":")[2].partition("/")[0]))
    postgresql.add(1, 2, day=18)
    feeds = feed_of(postgresql, **BY_TIME)
    monkeypatch.setenv("WORK_URL", postgresql.url.replace(postgresql.url.rpartition(":")[2], f"{way.port}/postgres"))
    with night_of(folder, feeds, until="pulled", on=NIGHTS[0], source_silence_s_max=1) as warehouse:
        published(warehouse)
    postgresql.run(
        "INSERT INTO work SELECT n, 'd' || n, 'Check', '2026-01-05', '2026-11-19' FROM generate_series(3, 30000) t(n)"
    )
    way.most, way.is_cut = most, is_cut
    with night_of(folder, feeds, until="pulled", on=NIGHTS[1], source_silence_s_max=1) as warehouse:
        assert told(warehouse)["status"] == "blocked" and "the server" in told(warehouse)["reason"]
        assert landed(warehouse) == ["000001-2026-11-20.parquet"]
    way.most = 1 << 60
    with night_of(folder, feeds, until="pulled", on=NIGHTS[2]) as warehouse:
        assert told(warehouse)["accepted_count"] == 30_000


def test_the_password_is_nowhere(postgresql, feed_of, folder, night_of, monkeypatch, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    (folder / "b.csv").write_text("ref,step,done_at\nc1,Check,2026-01-05 09:00:00\n")
    postgresql.add(1)
    feeds = {**feed_of(postgresql, **BY_TIME), "b": {**FEED, "files": "b.csv"}}
    seen = []
    for url in (postgresql.url, postgresql.url.replace(SECRET, f"not-{SECRET}"), postgresql.url + f"x{SECRET}",
                postgresql.url.replace("127.0.0.1", "nowhere.invalid"), f"oracle://x:{SECRET}@y/z"):  # fmt: skip
        monkeypatch.setenv("WORK_URL", url)
        with night_of(folder, feeds, until="pulled", source_silence_s_max=2) as warehouse:
            seen.append(told(warehouse)["reason"] or "")
            home = warehouse.home
    for reason, said in zip(
        seen,
        ["", "log-in was refused", "nothing is there", "could not be reached", "not a URL that is known"],
        strict=True,
    ):
        assert said in reason
    held = b"".join(path.read_bytes() for path in [*home.rglob("*"), *folder.rglob("*")] if path.is_file())
    assert SECRET.encode() not in held and SECRET not in "".join(capfd.readouterr()) + caplog.text


def test_a_server_elsewhere_must_show_a_certificate_unless_the_url_says_otherwise():
    from essa.errors import FeedError
    from essa.fetching import databases

    def secured(url: str) -> object:
        return databases._understood(url, Settings())[1]["ssl_context"]

    assert secured("postgresql://x@127.0.0.1/y") is None
    assert secured("postgresql://x@db.example.com/y").check_hostname
    assert not secured("postgresql://x@db.example.com/y?sslmode=require").check_hostname
    assert secured("postgresql://x@db.example.com/y?sslmode=disable") is None
    with pytest.raises(FeedError, match="sslmode"):
        secured("postgresql://x@db.example.com/y?sslmode=maybe")


def test_a_query_without_end_ends(sqlite, feed_of):
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS ref FROM n"
    started_s = time.monotonic()
    assert "a: the server" in trouble(feed_of(sqlite, query=endless), source_whole_s_max=1)
    assert time.monotonic() - started_s < 30


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, None),
        ("", ""),
        (True, "true"),
        (7, "7"),
        (Decimal("1E+3"), "1000"),
        (Decimal("12.50"), "12.50"),
        (0.1, "0.1"),
        (datetime(2026, 1, 5, 9), "2026-01-05 09:00:00"),
        (datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2026-01-05 03:30:00+00:00"),
        (datetime(2026, 1, 5, 9, 0, 0, 500, UTC), "2026-01-05 09:00:00.000500+00:00"),
        (date(2026, 1, 5), "2026-01-05"),
        (b"\x00\xff", "00ff"),
        ([1, Decimal("2.5")], '[1, "2.5"]'),
        ({"b": 1, "a": None}, '{"a": null, "b": 1}'),
    ],
)
def test_a_cell_is_written_the_same_on_every_night(cell, text):
    assert query.as_text(cell) == text


def done(work: Work, number: int, day: int, at: str) -> None:
    work.run(f"INSERT INTO work VALUES ({number}, 'c{number}', 'Check', '{at} 09:00:00', '2026-11-{day:02} 08:00:00')")


@pytest.mark.parametrize("is_cut_short", [False, True], ids=["", "after a night that was not published"])
def test_what_is_past_its_days_is_removed_from_what_was_landed_and_comes_no_more(
    sqlite, feed_of, folder, night_of, published, is_cut_short
):
    for number, at in ((1, "2025-01-10"), (2, "2026-11-17"), (3, "2026-11-18")):
        done(sqlite, number, 18, at)
    with night_of(folder, feed_of(sqlite, **BY_TIME), until="pulled", on=NIGHTS[0]) as warehouse:
        published(warehouse)
    done(sqlite, 4, 20, "2026-11-19")
    kept = feed_of(sqlite, **BY_TIME, keep="200 days")
    seen = []
    for on in NIGHTS[1:]:
        with night_of(folder, kept, until="pulled", on=on) as warehouse:
            row, files = told(warehouse), sorted((warehouse.home / "landed" / "a").iterdir())
            assert row["received_count"] == row["accepted_count"] + row["duplicate_count"] + row["rejected_count"]
            seen.append((row["status"], row["expired_count"], row["new_file_count"], cases(warehouse)))
            assert [pq.read_table(path)["ref"].to_pylist() for path in files] == [["c2", "c3"], ["c2", "c3", "c4"]]
            assert all(query.MARK in pq.read_metadata(path).metadata for path in files)
            assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
            first = warehouse.rows("SELECT first_seen_on FROM raw.delivery ORDER BY delivery_no")[0]
            assert first["first_seen_on"] == NIGHTS[0]
            if not (is_cut_short and on == NIGHTS[1]):
                published(warehouse)
    rest = ["c2", "c3", "c4"]
    later = ("loaded", 0, 1, rest) if is_cut_short else ("unchanged", 0, 0, rest)
    assert seen == [("loaded", 2, 1, rest), later, ("unchanged", 0, 0, rest)]
    assert len(list((warehouse.folder / "deliveries" / "a").iterdir())) == 2
