"""The published file is the night's, whole, whatever was done to the one before it."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
import yaml

from essa import belief, publication, summary
from essa import night as nights
from essa.errors import EssaError
from essa.report import health

ROWS = "Ref,Step,Start,End,Agent\n" + "".join(
    f"c{n},Check,2026-01-{n % 27 + 1:02}T09:00:00Z,2026-01-{n % 27 + 1:02}T09:10:00Z,Asha Rao\n" for n in range(60)
)
SLIPS = "".join(f"c{n},Check,2026-01-{n + 1:02}T09:11:00Z,2026-01-{n + 1:02}T09:20:00Z,Asha Rao\n" for n in range(6))
COLUMNS = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent"}
FEED = {"provider": "P", "process": "Checks", "files": "a.csv", "columns": COLUMNS}


def feeds(folder, rows=ROWS):
    (folder / "a.csv").write_text(rows)
    return {"a": FEED}


def publish(night_of, folder, on, rows=ROWS, **settings):
    with night_of(folder, feeds(folder, rows), until="mart", on=on, **settings) as tonight:
        nights.describe_run(tonight, None)
        publication.publish(tonight)
        return tonight.home


@pytest.fixture(scope="module")
def first_night(night_of, tmp_path_factory):
    """Landing folder and home of a published night, to be copied."""
    place = tmp_path_factory.mktemp("first") / "landing"
    place.mkdir()
    return publish(night_of, place, date(2026, 2, 1)).parent


@pytest.fixture
def home(first_night, folder):
    """The home beside `folder`, as the first night left it."""
    return Path(shutil.copytree(first_night / "home", folder.parent / "home"))


def test_a_file_that_came_out_wrong_is_not_moved_nor_what_a_killed_writer_left_replayed_onto_the_next(
    night_of, folder, home, monkeypatch
):
    target, write = publication.folder(home) / publication.FILE_NAME, publication._write

    def miscounted(warehouse, part):
        return {table: count + 1 for table, count in write(warehouse, part).items()}

    with night_of(folder, feeds(folder), until="mart", on=date(2026, 2, 2)) as tonight:
        nights.describe_run(tonight, None)
        monkeypatch.setattr(publication, "_write", miscounted)
        with pytest.raises(EssaError, match="rows in"):
            publication.publish(tonight)
        assert publication.last_night(home) == date(2026, 2, 1)
        assert [place.name for place in (publication.folder(home) / "history").iterdir()] == ["2026-02-01"]
        monkeypatch.undo()
        subprocess.run([sys.executable, "-c", A_WRITER_KILLED, str(target)], check=False)
        assert target.with_name(target.name + ".wal").exists()
        order = followed(monkeypatch)
        publication.publish(tonight)
        assert [told for told, file in order if file == target.stat().st_ino] == ["on the disk", "moved"]
    with duckdb.connect(str(target), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM core.activity_instance").fetchall() == [(60,)]
        found = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'scratch'").fetchall()
        assert found == [(0,)]


def followed(monkeypatch):
    """What becomes of files from now on: a power cut must not leave a name in place and nothing under it."""
    order, sync, move = [], os.fsync, os.replace

    def synced(file):
        sync(file)
        order.append(("on the disk", os.fstat(file).st_ino))

    def moved(part, target):
        order.append(("moved", os.stat(part).st_ino))
        move(part, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", moved)
    return order


A_WRITER_KILLED = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("DELETE FROM core.activity_instance; CREATE TABLE mart.scratch AS SELECT 1")
os._exit(9)
"""


def test_a_file_with_no_room_for_the_hashes_of_its_evidence_is_not_moved(night_of, folder, home, monkeypatch):
    seal = publication._seal_evidence

    def sealed_without_room(part, threads):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (part.stat().st_size, before[1]))
        try:
            seal(part, threads)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with night_of(folder, feeds(folder, ROWS + SLIPS), until="mart", on=date(2026, 2, 2)) as tonight:
        nights.describe_run(tonight, None)
        monkeypatch.setattr(publication, "_seal_evidence", sealed_without_room)
        with pytest.raises(duckdb.Error, match="File too large"):
            publication.publish(tonight)
        assert publication.last_night(home) == date(2026, 2, 1)
        monkeypatch.undo()
        publication.publish(tonight)
    count, broken = publication.verify(home)
    assert count > 0 and broken == []


def test_the_manifest_counts_the_rows_that_are_there(home):
    place = publication.folder(home) / "history" / "2026-02-01"
    assert sorted(path.name for path in place.iterdir()) == ["candidate.parquet", "manifest.json", "routines"]
    count, broken = publication.verify(home)
    assert broken == [] and count >= 0


def test_the_summary_counts_what_is_ranked_and_names_what_was_rejected(night_of, folder):
    with night_of(folder, feeds(folder, ROWS + SLIPS), until="mart") as tonight:
        tonight.connection.execute("UPDATE mart.candidate SET status = 'rejected', rank = NULL")
        count = tonight.value("SELECT count(*) FROM mart.candidate")
        told = summary.in_words(tonight)
        tonight.connection.execute(
            """UPDATE mart.candidate SET rank = 1, saving_h_per_year = 0, delay_h_per_year = 1234
            WHERE candidate_id = (SELECT min(candidate_id) FROM mart.candidate)"""
        )
        told_of_one = summary.in_words(tonight)
        (row,) = summary.first_candidates(tonight, "http://127.0.0.1:4/index.html")
    assert re.fullmatch(r"\[(c\w+)\]\(http://127\.0\.0\.1:4/index\.html#\1\)", row["candidate"]), row
    assert list(row)[:2] == ["rank", "candidate"]
    assert row["title"].endswith("; cases wait 1,234 h a year for it") and row["title"] in told_of_one
    assert "0 candidates are ranked, told in hours a year; 0 more are questions" in told
    assert f"Not ranked: {count} rejected, 0 live or retired." in told
    assert "1 candidate is ranked, told in hours a year" in told_of_one


def test_a_night_run_again_is_set_against_the_same_earlier_night(night_of, folder):
    told, ranked = [], []
    for on, gap_s in [(20, 600), (21, 1), (21, 600), (21, 1)]:
        home = publish(night_of, folder, date(2026, 2, on), rows=ROWS + SLIPS, duplicate_gap_s=gap_s)
        with publication.open_published(home) as connection:
            told.append(connection.execute("FROM mart.candidate_change ORDER BY candidate_id").fetchall())
            listed = "SELECT candidate_id, first_seen_on, status, rank FROM mart.candidate ORDER BY ALL"
            ranked.append(connection.execute(listed).fetchall())
    assert {row[1] for row in told[0]} == {"new"}
    assert "gone" in {row[1] for row in told[1]}
    assert {row[1] for row in told[2]} == {"kept"}
    assert (told[3], ranked[3]) == (told[1], ranked[1])
    assert [row[:2] for row in ranked[2]] == [row[:2] for row in ranked[0]] != []


def test_a_night_before_the_last_one_published_tells_of_itself_and_the_next_of_all(night_of, folder, home):
    publish(night_of, folder, date(2026, 1, 31), rows=ROWS + "c9,Check,soon,soon,Asha Rao\n")
    assert publication.last_night(home) == date(2026, 1, 31)
    with publication.open_published(home) as connection:
        assert [row["rejected_count"] for row in health.feeds(connection)] == [1]
        assert connection.execute("SELECT DISTINCT night FROM ops.expectation").fetchall() == [(date(2026, 1, 31),)]
    publish(night_of, folder, date(2026, 2, 2))
    with publication.open_published(home) as connection:
        nights_told = connection.execute("SELECT night FROM ops.run ORDER BY night").fetchall()
        assert nights_told == [(date(2026, 1, 31),), (date(2026, 2, 1),), (date(2026, 2, 2),)]


def test_evidence_that_answers_otherwise_is_named(home):
    with duckdb.connect(str(publication.folder(home) / publication.FILE_NAME)) as connection:
        columns = [row[0] for row in connection.execute("DESCRIBE mart.candidate").fetchall()]
        values = {
            "candidate_id": "'c1'", "evidence_sql": "'SELECT 1 AS event_count'", "evidence_hash": "'of another answer'",
        }  # fmt: skip
        listed = ", ".join(values.get(name, "NULL") for name in columns)
        connection.execute(f"INSERT INTO mart.candidate SELECT {listed}")
    assert "c1" in publication.verify(home)[1]


A_NIGHT_KILLED = """
import os, shutil, signal, sys
from datetime import date
from pathlib import Path
from essa import feeds, night, order, publication, pulling, settings, warehouse
from essa.expectations_on_duckdb import import_great_expectations
from essa.naming import names_file

landing, home = (Path(sys.argv[1]) / name for name in ("landing", "home"))
copies = dict(zip(sys.argv[2::2], sys.argv[3::2]))
move = os.replace

def keep(moment):
    if moment in copies:
        shutil.copytree(home, copies.pop(moment))

def move_and_keep(part, target):
    if str(target).endswith(publication.FILE_NAME):
        keep("before the move")
    if str(target).endswith("2026-02-02"):
        keep("before its history")
    if str(target).endswith("routines"):
        os.kill(os.getpid(), signal.SIGKILL)
    move(part, target)
    if str(target).endswith(publication.FILE_NAME):
        keep("after the move")

import_great_expectations()
known = feeds.read(landing / "feeds.yaml")
tonight = warehouse.begin(home, settings.Settings(threads=1), date(2026, 2, 2))
tonight.open_night("2026-02-02")
pulling.describe_feeds(known, tonight)
pulling.settle([pulling.pull(feed, landing, tonight) for feed in known], tonight)
night.name_activities(tonight, names_file.NamesFile())
night.make_vocabularies(tonight)
for table in (*order.CORE, *order.MART):
    night.make(tonight, table, lambda name: None)
night.describe_run(tonight, None)
os.replace = move_and_keep
publication.publish(tonight)
"""
MOMENTS = ("before the move", "after the move", "before its history")
KILLED = "before its work instructions"
TWO_FILES = {"a": {**FEED, "files": "*.csv"}}


@pytest.fixture(scope="module")
def killed(night_of, first_night, tmp_path_factory):
    """By moment a folder with a landing place and a home as a kill at that moment of its second night leaves it.

    What a process has written is there for others before it ends: the earlier ones are copies made at their moments.
    """
    place = tmp_path_factory.mktemp("killed")
    last = Path(shutil.copytree(first_night, place / KILLED))
    (last / "landing" / "b.csv").write_text(ROWS.replace("c", "d"))
    (last / "landing" / "feeds.yaml").write_text(yaml.safe_dump({"feeds": TWO_FILES}))
    copies = [str(text) for moment in MOMENTS for text in (moment, place / moment / "home")]
    done = subprocess.run([sys.executable, "-c", A_NIGHT_KILLED, str(last), *copies])
    assert done.returncode == -signal.SIGKILL
    for moment in MOMENTS:
        shutil.copytree(last / "landing", place / moment / "landing")
    return {moment: place / moment for moment in (*MOMENTS, KILLED)}


@pytest.mark.parametrize(
    ("moment", "nights", "status"),
    [
        ("before the move", [date(2026, 2, 1)], "loaded"),
        ("after the move", [date(2026, 2, 1), date(2026, 2, 2)], "unchanged"),
        ("before its history", [date(2026, 2, 1), date(2026, 2, 2)], "unchanged"),
        ("before its work instructions", [date(2026, 2, 1), date(2026, 2, 2)], "unchanged"),
    ],
)
def test_the_memory_follows_the_publication_wherever_a_night_is_killed(night_of, killed, moment, nights, status):
    home = killed[moment] / "home"
    assert publication.last_night(home) == nights[-1]
    with night_of(killed[moment] / "landing", TWO_FILES, until="pulled", on=date(2026, 2, 3)) as tonight:
        assert [row["night"] for row in tonight.rows("SELECT night FROM ops.run ORDER BY night")] == nights
        told = tonight.rows("SELECT status FROM ops.feed WHERE night = ?", [tonight.night])
        assert told == [{"status": status}]
    told_of = sorted(place.name for place in (publication.folder(home) / "history").iterdir())
    assert told_of == [str(night) for night in nights]
    shown, written = (publication.folder(home) / place for place in ("routines", f"history/{nights[-1]}/routines"))
    assert {path.name: path.read_text() for path in shown.iterdir()} == {
        path.name: path.read_text() for path in written.iterdir()
    }


def test_cases_that_stand_with_two_providers_are_said_once(night_of, folder):
    known = feeds(folder)
    (folder / "b.csv").write_text(ROWS.replace("Check", "Post").replace("c1,", "d1,"))
    known |= {"b": {**known["a"], "provider": "Q", "files": "b.csv"}}
    with night_of(folder, known, until="mart") as tonight:
        nights.describe_run(tonight, None)
        nights.describe_run(tonight, None)  # a publication that is tried again
        told = {row["feed"]: row for row in tonight.rows("FROM ops.feed")}
        broken = tonight.rows("SELECT rule, observed FROM ops.expectation WHERE NOT is_met AND rule LIKE '%two prov%'")
        needs, summed_up = health.needs_of(tonight.connection), summary.in_words(tonight)
    assert "**Needs you**" in summed_up and "also stand in b" in summed_up
    assert "a, b share files or cases with others" in [need["what"] for need in needs]
    assert [need["do"] for need in needs if "share files" in need["what"]] == ["report --open"]  # a look shows no other
    assert [need["what"] for need in needs if summary.plain(need["what"]) not in summed_up] == []
    assert "cases of 1 process;" in summed_up and "The first night" in summed_up
    assert [told[feed]["shared_case_count"] for feed in "ab"] == [59, 59]
    assert told["a"]["reason"].count("59 of its cases also stand in b; if its numbers are its own") == 1
    assert broken == [{"rule": "no case stands with two providers", "observed": "2 of 2 rows: a, b"}]


def test_a_feed_whose_completions_are_contradicted_by_measured_steps_is_told_of_once(night_of, folder):
    known = feeds(folder)  # ten minutes on each of 27 days where it is measured; elsewhere one ends every hour
    (folder / "b.csv").write_text(
        "Ref,Step,End,Agent\n"
        + "".join(f"d{n},Check,2026-01-0{n // 24 + 5}T{n % 24:02}:00:07Z,Bo Ek\n" for n in range(60))
    )
    without = {name: column for name, column in COLUMNS.items() if name != "started_at"}
    known |= {"b": {**FEED, "provider": "Q", "files": "b.csv", "columns": without}}
    with night_of(folder, known) as tonight:
        belief.tell_contradicted_completions(tonight)
        belief.tell_contradicted_completions(tonight)  # a publication that is tried again
        told = {row["feed"]: row["reason"] for row in tonight.rows("FROM ops.feed")}
        hours = tonight.rows(
            "SELECT feed, sum(handling_s) / 3600 AS h FROM core.activity_instance GROUP BY 1 ORDER BY 1"
        )
    assert told["a"] is None
    assert told["b"].count("60 of its lines have no start, and hours told from their ends are not what") == 1
    assert [row["h"] for row in hours] == [4.5, None]
