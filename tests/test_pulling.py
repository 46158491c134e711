"""Every delivered line is accepted, refused or a duplicate; a feed not believed stands as it was published."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from essa import belief, pulling, retention, summary
from essa import night as nights
from essa import warehouse as warehouse_module
from essa.errors import ContractBroken, EssaError
from essa.feeds import read as read_feeds

HEADER = "Ref,Step,End,Id,Note"
FEED = {
    "provider": "P",
    "process": "X",
    "timezone": "UTC",
    "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"},
    "attributes": ["Note"],
}
TWENTIETH, TWENTY_FIRST, TWENTY_SECOND = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


def line(case: str = "c1", step: str = "A", minute: int = 0, event_id: str = "", note: str = "") -> str:
    return f"{case},{step},2026-01-05 09:{minute:02}:00,{event_id},{note}"


def lines(count: int, prefix: str = "c") -> list[str]:
    return [line(f"{prefix}{number}") for number in range(count)]


def deliver(folder: Path, name: str, rows: Sequence[str], header: str = HEADER) -> None:
    (folder / name).write_text("\n".join([header, *rows]) + "\n")


def feed_row(warehouse, feed: str = "a") -> dict:
    return warehouse.rows("SELECT * FROM ops.feed WHERE feed = ? AND night = ?", [feed, warehouse.night])[0]


def cases(warehouse, feed: str = "a") -> list[str]:
    rows = warehouse.rows(
        """SELECT event.case_id FROM raw.event
        LEFT JOIN raw.repeated_line AS repeated USING (delivery_no, source_line)
        WHERE feed = ? AND failed_rules = 0 AND NOT coalesce(is_duplicate, false) ORDER BY case_id""",
        [feed],
    )
    return [row["case_id"] for row in rows]


# The balance

row = st.builds(line, st.sampled_from(["c1", "c2", ""]), st.sampled_from("AB"), st.integers(0, 1),
                st.sampled_from(["", "1", "2", "3"]))  # fmt: skip
deliveries = st.lists(st.lists(row, max_size=7), min_size=1, max_size=4)


def is_sound(text: str) -> bool:
    return not text.startswith(",")


def expected(files: list[list[str]], identity: str) -> tuple[Counter, int, int, int]:
    """Rows that stand, then received, rejected and duplicate counts, by the plainest reading of the promise."""
    sound = [[text for text in file if is_sound(text)] for file in files]
    if identity == "keep":
        stands: Counter = Counter()
        for file in sound:
            stands |= Counter(file)
    elif identity == "drop":
        stands = Counter(set().union(*sound))
    else:
        latest = {text.split(",")[3] or text: text for file in sound for text in file if text.split(",")[3]}
        nameless: Counter = Counter()
        for file in sound:
            for text in {text for text in file if not text.split(",")[3]}:
                nameless[text] = 1
        stands = Counter(latest.values()) + nameless
    received = sum(map(len, files))
    rejected = received - sum(map(len, sound))
    return stands, received, rejected, received - rejected - stands.total()


@settings(max_examples=6, derandomize=True, suppress_health_check=list(HealthCheck))
@given(deliveries)
def test_every_line_is_accepted_refused_or_a_duplicate(night_of, files):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "landing"
        folder.mkdir()
        for number, rows in enumerate(files):
            deliver(folder, f"{number}.csv", rows)
        feeds = {
            "keep": {**FEED, "files": "*.csv"},
            "drop": {**FEED, "files": "*.csv", "identical_rows": "drop"},
            "event_id": {**FEED, "files": "*.csv", "event_id": "Id"},
        }
        with night_of(folder, feeds, until="events", rejected_share_max=1) as warehouse:
            for identity in feeds:
                check_balance(warehouse, identity, files)


def check_balance(warehouse, identity: str, files: list[list[str]]) -> None:
    stands, received, rejected, duplicates = expected(files, identity)
    told = feed_row(warehouse, identity)
    assert (told["received_count"], told["rejected_count"]) == (received, rejected)
    assert told["accepted_count"] == stands.total()
    assert told["duplicate_count"] == duplicates
    events = warehouse.rows(
        "SELECT case_id, activity, minute(ended_at) AS minute, activity_instance_id AS id"
        " FROM core.event WHERE feed = ?",
        [identity],
    )
    assert Counter((e["case_id"], e["activity"], e["minute"]) for e in events) == Counter(map(short, stands.elements()))
    assert len({e["id"] for e in events} - {None}) == stands.total()
    refused = warehouse.value("SELECT count(*) FROM raw.rejected_event WHERE feed = ?", [identity])
    assert refused == rejected


def short(text: str) -> tuple[str, str, int]:
    case, step, ended_at, *_ = text.split(",")
    return case, step, int(ended_at[14:16])


def test_of_one_event_id_the_latest_line_of_the_latest_delivery_stands(folder, night_of, published):
    deliver(folder, "b.csv", [line("old", event_id="1"), line("older", event_id="2"), line("old", event_id="2")])
    feeds = {"a": {**FEED, "files": "*.csv", "event_id": "Id"}}
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        assert cases(warehouse) == ["old", "old"]
        published(warehouse)
    deliver(folder, "a.csv", [line("new", event_id="1")])  # later by night, though earlier by name
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert cases(warehouse) == ["new", "old"]


def test_the_same_content_under_two_names_counts_once(folder, night_of):
    for name in ("a.csv", "b.csv"):
        deliver(folder, name, [line(), line(), line("c2")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}) as warehouse:
        told = feed_row(warehouse)
        assert (told["received_count"], told["accepted_count"], told["duplicate_count"]) == (6, 3, 3)
        assert told["identical_count"] == 1
        assert warehouse.value("SELECT count(*) FROM core.event") == 3


def test_a_line_sent_again_with_other_columns_counts_once(folder, night_of):
    deliver(folder, "1.csv", [line("c1"), line("c1"), line("c2")])
    more = [f"{text},red" for text in (line("c1"), line("c1"), line("c1"), line("c2", note="late"), line("c3"))]
    deliver(folder, "2.csv", more, header=f"{HEADER},Colour")
    feed = {**FEED, "files": "*.csv", "attributes": ["Note"]}
    with night_of(folder, {"a": feed}, until="events") as warehouse:
        assert cases(warehouse) == ["c1", "c1", "c1", "c2", "c2", "c3"]  # what is read of c2 is another
        told = feed_row(warehouse)
    assert (told["accepted_count"], told["duplicate_count"]) == (6, 2)


def test_a_line_sent_again_with_a_column_of_another_type_counts_once(folder, night_of):
    for name, amount in (("1", pa.array([5], "int64")), ("2", pa.array([5.0], "double"))):
        pq.write_table(pa.table({"Ref": ["c1"], "Step": ["A"], "End": ["2026-01-05 09:00:00"], "Amount": amount}),
                       folder / f"{name}.parquet")  # fmt: skip
    feed = {**FEED, "files": "*.parquet", "attributes": ["Amount"]}
    with night_of(folder, {"a": feed}, until="events") as warehouse:
        assert cases(warehouse) == ["c1"]


@pytest.mark.parametrize("again", [{"separators": (",", ":")}, {"sort_keys": True}])
def test_a_line_of_json_sent_again_in_another_writing_counts_once(folder, night_of, again):
    held = [{"Ref": f"c{number}", "Step": "A: B", "End": "2026-01-05 09:00:00"} for number in range(2)]
    for name, written in (("1", {}), ("2", again)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one, **written) + "\n" for one in held))
    feed = {**FEED, "files": "*.jsonl", "attributes": []}
    with night_of(folder, {"a": feed}, until="events") as warehouse:
        assert cases(warehouse) == ["c0", "c1"]


def test_what_an_older_version_read_still_counts(folder, night_of, published):
    deliver(folder, "1.csv", [line("c1"), line("c2")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
        (kept,) = (warehouse.folder / "deliveries" / "a").iterdir()
    pq.write_table(pq.read_table(kept).drop_columns("sent_as"), kept)
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="events", on=TWENTY_FIRST) as warehouse:
        assert cases(warehouse) == ["c1", "c2"]
    deliver(folder, "2.csv", [line("c2"), line("c3")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="events", on=TWENTY_SECOND) as warehouse:
        assert cases(warehouse) == ["c1", "c2", "c3"]


def test_a_feed_of_empty_files_is_a_feed_without_lines(folder, night_of):
    deliver(folder, "a.csv", [])
    deliver(folder, "b.csv", lines(3))
    feeds = {"a": {**FEED, "files": "a.csv"}, "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds) as warehouse:
        assert feed_row(warehouse)["received_count"] == 0
        assert warehouse.value("SELECT count(*) FROM core.activity_instance") == 3


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([], "the feeds' files hold no lines: a (a.csv)"),
        ([",A,2026-01-05 09:00:00,,"], "1 of 1 line refused; the first: a, a.csv, line 2: no case id"),
    ],
)
def test_a_night_without_work_names_what_to_look_at(folder, night_of, held, said):
    deliver(folder, "a.csv", held)
    feeds = {"a": {**FEED, "files": "a.csv"}}
    with night_of(folder, feeds, until="pulled", rejected_share_max=1) as tonight:
        told = str(belief.nothing_done(tonight))
    assert said in " ".join(told.split())


# From night to night


def test_files_are_new_then_unchanged_then_changed_then_vanished(folder, night_of, published):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    deliver(folder, "x.csv", [line("c1"), line("c2")])
    deliver(folder, "y.csv", [line("c3")])
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        assert feed_row(warehouse)["status"] == "loaded"
        published(warehouse)
    kept = sorted((folder.parent / "home" / "warehouse" / "deliveries").rglob("*.parquet"))
    written_ns = [path.stat().st_mtime_ns for path in kept]
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert feed_row(warehouse)["status"] == "unchanged"
        published(warehouse)
    assert [path.stat().st_mtime_ns for path in kept] == written_ns
    deliver(folder, "x.csv", [line("c2"), line("c4")])
    (folder / "y.csv").unlink()
    with night_of(folder, feeds, until="pulled", on=TWENTY_SECOND) as warehouse:
        told = feed_row(warehouse)
        assert (told["status"], told["new_file_count"], told["vanished_file_count"]) == ("loaded", 1, 1)
        assert "gone" in told["reason"]
        assert cases(warehouse) == ["c2", "c3", "c4"]
        states = warehouse.rows("SELECT source_file, status FROM raw.delivery ORDER BY source_file")
        assert [tuple(state.values()) for state in states] == [("x.csv", "changed"), ("y.csv", "vanished")]
        published(warehouse)
        retention.drop_replaced(warehouse)
    left = {path for path in kept if path.exists()}
    assert len(left) == 1 and len(list(kept[0].parent.iterdir())) == 2  # y.csv as it was, and the new x.csv


def test_a_feed_described_otherwise_is_read_anew(folder, night_of, published):
    deliver(folder, "x.csv", [line("c1", note="n")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    other = {**FEED, "files": "*.csv", "timezone": "Asia/Kolkata", "columns": {**FEED["columns"], "team": "Note"}}
    with night_of(folder, {"a": other}, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert feed_row(warehouse)["status"] == "loaded"
        found = warehouse.rows("SELECT team, ended_at FROM raw.event")
    assert found == [{"team": "n", "ended_at": datetime(2026, 1, 5, 3, 30)}]


def test_moving_feeds_file_and_deliveries_together_changes_nothing(tmp_path, night_of, published):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    statuses = []
    for place in ("landing", "landing [2]"):
        folder = tmp_path / place
        folder.mkdir()
        deliver(folder, "x.csv", [line("c1")])
        with night_of(folder, feeds, until="pulled") as warehouse:
            statuses.append(feed_row(warehouse)["status"])
            published(warehouse)
    assert statuses == ["loaded", "unchanged"]


# What is gone, read otherwise, renamed


def reasons(warehouse) -> dict[str, tuple[str, str | None]]:
    rows = warehouse.rows("SELECT feed, status, reason FROM ops.feed WHERE night = ?", [warehouse.night])
    return {row["feed"]: (row["status"], row["reason"]) for row in rows}


@pytest.fixture
def gone(folder, night_of, published):
    """A feed of two files of which one has gone, and the night before kept in memory."""
    deliver(folder, "x.csv", [line("c1", event_id="1"), line("c2", event_id="2")])
    deliver(folder, "y.csv", [line("c2", event_id="2"), line("c3", event_id="3")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    (folder / "x.csv").unlink()
    return folder


@pytest.mark.parametrize("change", ["another key", "an event id", "another encoding"])
def test_a_file_that_is_gone_and_cannot_be_compared_blocks_its_feed(gone, night_of, monkeypatch, change):
    more = {"an event id": {"event_id": "Id"}, "another encoding": {"encoding": "cp1252"}}.get(change, {})
    if change == "another key":
        monkeypatch.setenv("ESSA_KEY", "another secret of sixteen characters")
    with night_of(gone, {"a": {**FEED, "files": "*.csv", **more}}, until="pulled", on=TWENTY_FIRST) as warehouse:
        status, reason = reasons(warehouse)["a"]
        assert cases(warehouse) == ["c1", "c2", "c3"]
    assert status == "blocked" and "x.csv" in reason and "would count twice" in reason and "put what is gone" in reason


def test_a_file_that_is_gone_counts_as_it_was_read_and_says_so(gone, night_of):
    other = {**FEED, "files": "*.csv", "timezone": "Asia/Kolkata"}
    with night_of(gone, {"a": other}, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert cases(warehouse) == ["c1", "c2", "c3"]
        status, reason = reasons(warehouse)["a"]
        assert status == "loaded" and "1 of those as they were read before the feed was described otherwise" in reason
        rows = warehouse.rows("SELECT source_file, status FROM raw.delivery ORDER BY source_file")
        assert [tuple(row.values()) for row in rows] == [("x.csv", "outdated"), ("y.csv", "changed")]
        # the row in both files stands as it is read tonight
        hours = warehouse.rows("""SELECT case_id, hour(ended_at) AS hour FROM raw.event
            ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) USING (delivery_no, source_line) ORDER BY case_id""")
    assert [tuple(row.values()) for row in hours] == [("c1", 9), ("c2", 3), ("c3", 3)]


def test_a_file_renamed_while_its_feed_is_described_otherwise_is_not_missed(gone, night_of):
    deliver(gone, "z.csv", [line("c1", event_id="1"), line("c2", event_id="2")])
    feed = {**FEED, "files": "*.csv", "event_id": "Id"}
    with night_of(gone, {"a": feed}, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert (reasons(warehouse)["a"], cases(warehouse)) == (("loaded", None), ["c1", "c2", "c3"])


def test_a_feed_that_is_no_longer_named_is_told_once_and_comes_back_whole(gone, night_of, published):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    renamed = {"b": {**FEED, "files": "*.csv"}}
    with night_of(gone, renamed, until="pulled", on=TWENTY_FIRST) as warehouse:
        told = reasons(warehouse)
        assert (told["a"][0], told["b"]) == ("removed", ("loaded", None))
        assert "2 files with 4 lines no longer count" in told["a"][1]
        assert (cases(warehouse, "a"), cases(warehouse, "b")) == ([], ["c2", "c3"])
        assert summary.belief_in_words(warehouse) == "0 lines refused, removed: a"
        published(warehouse)
    with night_of(gone, renamed, until="pulled", on=TWENTY_SECOND) as warehouse:
        assert reasons(warehouse) == {"b": ("unchanged", None)}
        published(warehouse)
    with night_of(gone, feeds, until="pulled", on=date(2026, 11, 23)) as warehouse:
        assert reasons(warehouse).keys() == {"a", "b"}
        assert cases(warehouse) == ["c1", "c2", "c3"]


def test_the_night_that_loses_a_feed_says_so_however_often_it_is_run(gone, night_of, published):
    for _ in range(2):
        with night_of(gone, {"b": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTY_FIRST) as warehouse:
            told = reasons(warehouse)
            assert told["a"][0] == "removed"
            published(warehouse)


def test_files_that_count_under_two_feeds_are_said(gone, night_of):
    feeds = {name: {**FEED, "files": "*.csv"} for name in "ab"}
    with night_of(gone, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert "1 of its files count under another feed too" in reasons(warehouse)["b"][1]


def test_a_night_that_loses_accepted_lines_on_the_way_ends(folder, night_of, monkeypatch, tmp_path):
    """Whoever drops every second line in core.event would publish half the work, and every share would look right."""
    deliver(folder, "a.csv", lines(6))
    halved = tmp_path / "sql"
    shutil.copytree(warehouse_module.SQL, halved)
    event = halved / "core" / "event.sql"
    event.write_text(event.read_text().replace("WHERE ", "WHERE event.source_line % 2 = 0 AND "))
    with night_of(folder, {"a": {**FEED, "files": "a.csv"}}, until="events") as warehouse:
        monkeypatch.setattr(warehouse_module, "SQL", halved)
        with pytest.raises(ContractBroken, match=r"core\.event: 1 of") as broken:
            nights.build(warehouse, "core.event")
    assert "every accepted line stands" in str(broken.value)


def test_a_line_lost_between_its_file_and_the_counts_is_missed(folder, night_of):
    deliver(folder, "a.csv", lines(6))
    with night_of(folder, {"a": {**FEED, "files": "a.csv"}}, until="pulled") as warehouse:
        warehouse.connection.execute("UPDATE raw.delivery SET line_count = line_count + 1")
        warehouse.add_tonight("ops.feed")
        with pytest.raises(ContractBroken, match=r"ops\.feed") as broken:
            nights.check(warehouse, "ops.feed")
    assert "every line is accounted for" in str(broken.value)


def test_a_refused_line_says_what_is_wrong_with_it_under_the_rule_of_a_good_one(folder, night_of):
    deliver(folder, "a.csv", [*lines(18), ",A,2026-01-05 09:00:00,,", ",,2026-01-05 09:00:00,,"])
    with night_of(folder, {"a": {**FEED, "files": "a.csv"}}, until="pulled") as warehouse:
        refused = warehouse.rows("SELECT rule, reason FROM raw.rejected_event ORDER BY source_line")
    assert [tuple(row.values()) for row in refused] == [
        ("has a case", "no case id"), ("has a case", "no case id, no activity"),
    ]  # fmt: skip


def test_a_run_is_called_after_everything_that_went_in(folder, night_of):
    deliver(folder, "a.csv", lines(3))
    known = []
    for change in ({}, {"contract": {"kind": "fte", "cost_per_hour": 9, "currency": "EUR"}}, {"country": "IN"}, {}):
        with night_of(folder, {"a": {**FEED, "files": "a.csv", **change}}, until="pulled") as warehouse:
            known.append(nights.run_id(warehouse))
            decided = nights.run_id(warehouse)
            word = {"candidate_id": "c1", "status": "accepted", "decided_on": warehouse.night}
            warehouse.fill("ops.decision", [word])
            assert nights.run_id(warehouse) != decided
    assert len(set(known)) == 3 and known[0] == known[-1]


def test_a_spelling_is_counted_as_often_as_its_rows_stand(folder, night_of):
    for name in ("a.csv", "b.csv"):
        deliver(folder, name, [line(), line(), line("c2", "B")])
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="events") as warehouse:
        rows = warehouse.rows("SELECT label, event_count FROM core.activity_label ORDER BY label")
    assert [tuple(row.values()) for row in rows] == [("A", 2), ("B", 1)]


# Feeds that are not believed

BROKEN = {
    "gone": lambda folder: (folder / "a.csv").unlink(),
    "empty": lambda folder: (folder / "a.csv").write_text(""),
    "a column missing": lambda folder: deliver(folder, "a.csv", ["c1,A"], "Ref,Step"),
    "no text": lambda folder: (folder / "a.csv").write_bytes(b"Ref,Step,End,Note\nc1,\xff\xfe\xfa,2026-01-05,x\n"),
    "open quote": lambda folder: (folder / "a.csv").write_text(f'{HEADER}\nc1,"A,2026-01-05 09:00:00,,\n'),
    "many refused": lambda folder: deliver(folder, "a.csv", [*lines(8), ",A,,,", ",B,,,"]),
}


def broken_feeds(folder: Path) -> dict[str, dict]:
    """A folder and a feed for each trouble, and a sound neighbour; all of them sound as yet."""
    feeds = {}
    for name in (*BROKEN, "sound"):
        place = folder / name
        place.mkdir()
        deliver(place, "a.csv", lines(12, name))
        feeds[name.replace(" ", "_")] = {**FEED, "files": f"{name}/a.csv", "process": name}
    return feeds


def test_a_broken_feed_stands_as_published_and_blocks_no_neighbour(folder, night_of, published):
    feeds = broken_feeds(folder)
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    for name, breaks in BROKEN.items():
        breaks(folder / name)
    deliver(folder / "sound", "a.csv", lines(13, "sound"))
    with night_of(folder, feeds, on=TWENTY_FIRST) as warehouse:
        for name in feeds:
            told = feed_row(warehouse, name)
            assert told["status"] == ("loaded" if name == "sound" else "blocked")
            assert bool(told["reason"]) == (name != "sound")
            assert name == "sound" or "\n" not in told["reason"]
            assert name == "sound" or told["reason"].endswith("; its one file that counted before still does")
            assert told["received_count"] == told["accepted_count"] + told["rejected_count"] + told["duplicate_count"]
            assert len(cases(warehouse, name)) == (13 if name == "sound" else 12)
        assert warehouse.value("SELECT count(*) FROM core.activity_instance") == 12 * len(BROKEN) + 13
        published(warehouse)
    for name in BROKEN:
        deliver(folder / name, "a.csv", lines(14, name))
    with night_of(folder, feeds, until="pulled", on=TWENTY_SECOND) as warehouse:
        for name in feeds:
            assert feed_row(warehouse, name)["status"] == ("unchanged" if name == "sound" else "loaded")
            assert len(cases(warehouse, name)) == (13 if name == "sound" else 14)


def test_a_feed_broken_on_its_first_night_brings_nothing(folder, night_of):
    feeds = broken_feeds(folder)
    for name, breaks in BROKEN.items():
        breaks(folder / name)
    with night_of(folder, feeds) as warehouse:
        blocked = warehouse.rows("SELECT feed FROM ops.feed WHERE status = 'blocked'")
        assert len(blocked) == len(BROKEN)
        assert warehouse.value("SELECT count(*) FROM core.activity_instance") == 12
        refused = warehouse.rows("SELECT source_file, source_line FROM raw.rejected_event ORDER BY source_line")
    assert [tuple(row.values()) for row in refused] == [("many refused/a.csv", 10), ("many refused/a.csv", 11)]


def test_a_blocked_feed_is_named_with_the_rule_that_refuses_its_lines_and_their_number(folder, night_of):
    header = "Ref,Step,End,Begin,Note"
    swapped = [f"c{n},A,2026-01-05 09:00:00,2026-01-05 10:00:00," for n in range(7)]
    deliver(folder, "a.csv", [*swapped, ",A,2026-01-05 09:00:00,,"], header)
    deliver(folder, "b.csv", lines(5))
    columns = {**FEED["columns"], "started_at": "Begin"}
    one = {key: value for key, value in FEED.items() if key != "event_id"}
    feeds = {"a": {**one, "files": "a.csv", "columns": columns}, "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        reason = feed_row(warehouse)["reason"]
        deliveries = warehouse.rows("FROM raw.delivery WHERE feed = 'a'")
        shown = {row["feed"]: row["counted"] for row in summary.feeds(warehouse)}
    assert "8 of 8 lines are refused" in reason
    assert "ends before it starts (7): are started_at and ended_at swapped?" in reason
    assert deliveries == [] and shown == {"a": "held back", "b": "5"}


def test_rules_are_judged_on_the_lines_of_blocked_feeds_too(folder, night_of):
    deliver(folder, "a.csv", [*lines(2), ",A,2026-01-05 09:00:00,,"])
    deliver(folder, "b.csv", lines(5))
    feeds = {name: {**FEED, "files": f"{name}.csv"} for name in "ab"}
    with night_of(folder, feeds, until="pulled") as warehouse:
        pulled = [pulling.pull(feed, folder, warehouse) for feed in read_feeds(folder / "feeds.yaml")]
        assert nights.believe(warehouse, pulled) == ["a"]
        said = {row["rule"]: row["observed"] for row in warehouse.verdicts if not row["is_met"]}
    assert said == {"has a case": "1 of 8 rows", "few lines are refused": "1 of 2 rows: a"}


def test_a_feed_tells_what_is_wrong_with_all_its_files_in_one_line(folder, night_of):
    deliver(folder, "a.csv", ["c1,A,05/01/2026 09:00,,"], "Ref,Stp,End,Id,Note")
    deliver(folder, "b.csv", [], "Ref,Step,Id,Note")
    deliver(folder, "sound.csv", lines(3))
    feeds = {"a": {**FEED, "files": "[ab].csv"}, "sound": {**FEED, "files": "sound.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        reason = feed_row(warehouse)["reason"]
    assert reason.count("nothing of it counts yet") == 1 and "\n" not in reason
    for said in (
        "2 of its 2 files",
        "a.csv lacks",
        "Step (nearest: Stp)",
        "day and month of column `End`",
        "b.csv lacks",
    ):
        assert reason.count(said) == 1, (said, reason)


def test_a_column_the_sender_renamed_is_followed_by_what_the_blocked_feed_says(folder, night_of, published):
    for name in "pq":
        deliver(folder, f"{name}.csv", lines(2, name))
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    deliver(folder, "r.csv", lines(3, "q"), header=HEADER.replace("Step", "Task"))
    renamed = {"a": {**FEED, "files": "*.csv", "columns": {**FEED["columns"], "activity": "Task"}}}
    with night_of(folder, renamed, until="pulled", on=TWENTY_FIRST) as warehouse:
        reason = feed_row(warehouse)["reason"]
    assert "p.csv lacks 1 of the columns the feed names, and 1 more alike" in reason
    assert "take the older files out of their folder" in reason
    for name in "pq":
        (folder / f"{name}.csv").unlink()
    with night_of(folder, renamed, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert feed_row(warehouse)["status"] == "loaded"
        assert cases(warehouse) == ["p0", "p1", "q0", "q1", "q2"]


def test_an_attribute_named_since_the_sender_added_it_makes_no_line_another(folder, night_of, published):
    deliver(folder, "1.csv", lines(2))
    with night_of(folder, {"a": {**FEED, "files": "*.csv"}}, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    (folder / "1.csv").unlink()
    deliver(folder, "2.csv", [f"{text},red" for text in lines(3)], header=f"{HEADER},Colour")
    named = {"a": {**FEED, "files": "*.csv", "attributes": ["Note", "Colour"]}}
    with night_of(folder, named, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert cases(warehouse) == ["c0", "c1", "c2"]


def test_nothing_is_believed_where_no_feed_can_be(folder, night_of):
    with (
        pytest.raises(EssaError, match="no feed could be believed"),
        night_of(folder, {"a": {**FEED, "files": "*.csv"}}),
    ):
        pass


def test_a_first_night_whose_every_feed_is_refused_says_why(folder, night_of):
    deliver(folder, "a.csv", [line("c1").replace("2026", "2031")])
    with pytest.raises(EssaError) as refused, night_of(folder, {"a": {**FEED, "files": "*.csv"}}):
        pass
    assert "a: 1 of 1 lines are refused" in str(refused.value) and "lies in the future" in str(refused.value)


@pytest.mark.parametrize(("refused", "sound", "status"), [(6, 0, "blocked"), (4, 8, "blocked"), (1, 5, "loaded")])
def test_a_broken_delivery_is_no_less_so_after_many_sound_ones(folder, night_of, published, refused, sound, status):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    deliver(folder, "1.csv", lines(200))
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    deliver(folder, "2.csv", [*lines(refused, ",x"), *lines(sound, "new")])
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        told = feed_row(warehouse)
    assert told["status"] == status
    assert status == "loaded" or f"{refused} of the {refused + sound} new lines are refused" in told["reason"]


@pytest.mark.parametrize(("line_count", "status"), [(4, "loaded"), (1, "blocked")])
def test_a_delivery_far_below_the_usual_is_cut_off(folder, night_of, published, line_count, status):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    for number in range(3):
        deliver(folder, f"{number}.csv", lines(20, f"n{number}c"))
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    deliver(folder, "3.csv", [line(f"n3c{number}", minute=1) for number in range(line_count)])
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert feed_row(warehouse)["status"] == status
        assert len(cases(warehouse)) == (60 if status == "blocked" else 60 + line_count)
        published(warehouse)
        retention.drop_replaced(warehouse)
        assert len(list((warehouse.folder / "deliveries" / "a").iterdir())) == 4  # what is blocked may yet count


@pytest.mark.parametrize(
    ("rows", "status"), [([line("late", "B")], "loaded"), ([], "blocked"), ([line(minute=30)], "blocked")],
    ids=["a correction of known days", "an empty file", "one line of a new day"],
)  # fmt: skip
def test_a_small_file_blocks_only_where_it_should_have_brought_the_newest_work(
    folder, night_of, published, rows, status
):
    feeds = {"a": {**FEED, "files": "*.csv"}}
    for number in range(3):
        deliver(folder, f"{number}.csv", [line(f"n{number}c{place}", minute=20) for place in range(20)])
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:
        published(warehouse)
    deliver(folder, "3.csv", rows)
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        assert feed_row(warehouse)["status"] == status


JAPAN = {"calendar": {"days": "mon-fri", "hours": "09:00-18:00", "holidays": "JP"}}


@pytest.mark.parametrize(
    ("on", "more", "status"),
    [(date(2026, 11, 22), {}, "loaded"), (date(2026, 11, 24), {}, "blocked"), (date(2026, 11, 24), JAPAN, "loaded")],
    ids=["a weekend", "a Monday", "a holiday of its calendar"],
)
def test_an_empty_file_of_a_day_that_is_not_worked_is_no_delivery_cut_off(
    folder, night_of, published, on, more, status
):
    feeds = {"a": {**FEED, **more, "files": "*.csv"}}
    week = [date(2026, 11, 16) + timedelta(days=n) for n in range(5)]  # Monday to Friday
    for day in week:
        deliver(folder, f"{day}.csv", log_of([day]))
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST) as warehouse:
        published(warehouse)
    deliver(folder, "empty.csv", [])
    with night_of(folder, feeds, until="pulled", on=on) as warehouse:
        assert feed_row(warehouse)["status"] == status


def workdays(count: int, weekdays: str = "01234") -> list[date]:
    first = date(2026, 1, 5)  # a Monday
    return [day for day in (first + timedelta(days=n) for n in range(count)) if str(day.weekday()) in weekdays]


def log_of(days: Sequence[date]) -> list[str]:
    return [f"c{day},A,{day} 09:00:00,," for day in days for _ in range(5)]


INDIA = {"timezone": "Asia/Kolkata", "calendar": {"days": "mon-sat", "hours": "09:00-18:00", "holidays": "IN"}}


@pytest.mark.parametrize(
    ("days", "more", "missing_count"),
    [
        (workdays(200, "60123")[:-9] + workdays(200, "60123")[-4:], {}, 5),
        ([day for day in workdays(200, "60123") if day.month != 2], {}, 0),
        ([day for day in workdays(200) if day not in (date(2026, 3, 30), date(2026, 7, 14))], {}, 1),
        ([day for day in workdays(226) if day not in (date(2026, 8, 14), date(2026, 8, 17))], {}, 2),
        ([day for day in workdays(226) if day != date(2026, 8, 14)],
         {"timezone": "Asia/Tokyo", "calendar": {"holidays": "JP", "days": "mon-thu"}}, 0),
        ([day for day in workdays(226, "012345") if (day.month, day.day) not in ((8, 15), (7, 20))], INDIA, 1),
        ([day for day in workdays(226, "012345") if day != date(2026, 8, 15)], INDIA, 0),
    ],
    ids=["a week of its own", "a gap long ago", "a day missing then and now", "two days lately",
         "a day its calendar leaves out", "a declared holiday and another day", "a declared holiday alone"],
)  # fmt: skip
def test_days_are_missed_that_the_feeds_own_weeks_and_calendar_expect(folder, night_of, days, more, missing_count):
    deliver(folder, "a.csv", log_of(days))
    with night_of(folder, {"a": {**FEED, "files": "a.csv", **more}}, until="pulled", missing_days_max=9) as warehouse:
        assert feed_row(warehouse)["missing_day_count"] == missing_count


def test_a_trickle_that_dries_up_misses_no_days(folder, night_of):
    days = workdays(200)
    deliver(folder, "a.csv", [f"c{day},A,{day} 09:00:00,," for day in days[:-9] + days[-2:] for _ in range(4)])
    with night_of(folder, {"a": {**FEED, "files": "a.csv"}}, until="pulled") as warehouse:
        assert (feed_row(warehouse)["missing_day_count"], feed_row(warehouse)["status"]) == (0, "loaded")


@pytest.mark.parametrize(("silent_nights", "status"), [(3, "unchanged"), (6, "blocked")])
def test_a_feed_that_came_every_night_and_comes_no_more_is_missed(folder, night_of, published, silent_nights, status):
    days = workdays(200, "0123456")
    feeds = {"a": {**FEED, "files": "*.csv"}}
    deliver(folder, "0.csv", log_of(days[:-5]))
    for number, day in enumerate(days[-5:], 1):
        deliver(folder, f"{number}.csv", [f"c{day},A,{day} 09:00:00,,"] * 200)
        with night_of(folder, feeds, until="pulled", on=day + timedelta(days=1)) as warehouse:
            published(warehouse)
    with night_of(folder, feeds, until="pulled", on=days[-1] + timedelta(days=1 + silent_nights)) as warehouse:
        told = feed_row(warehouse)
    assert (told["status"], told["missing_day_count"]) == (status, silent_nights)
    assert status == "unchanged" or f"from {days[-1] + timedelta(days=1)} on" in told["reason"]


def test_a_log_of_years_ago_is_not_late(folder, night_of, published):
    deliver(folder, "a.csv", log_of(workdays(200)))
    for number in range(6):
        deliver(folder, "a.csv", [*log_of(workdays(200)), line(f"again{number}")])
        with night_of(
            folder, {"a": {**FEED, "files": "a.csv"}}, until="pulled", on=date(2030, 1, 5 + number)
        ) as warehouse:
            told = feed_row(warehouse)
            published(warehouse)
    assert (told["status"], told["missing_day_count"]) == ("loaded", 0)


@pytest.mark.parametrize(("missing_count", "status"), [(3, "loaded"), (4, "blocked")])
def test_working_days_missing_from_a_log_that_missed_none_block_it(folder, night_of, missing_count, status):
    first = date(2026, 1, 5)  # a Monday
    days = [first + timedelta(days=number) for number in range(200) if (first + timedelta(days=number)).weekday() < 5]
    missing = days[-10 : -10 + missing_count]
    deliver(folder, "a.csv", log_of([day for day in days if day not in missing]))
    feeds = {"a": {**FEED, "files": "a.csv"}, "b": {**FEED, "files": "b.csv"}}
    deliver(folder, "b.csv", lines(3))
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert (feed_row(warehouse)["missing_day_count"], feed_row(warehouse)["status"]) == (missing_count, status)


@pytest.mark.parametrize(("zone", "hour"), [("Pacific/Auckland", "08:00:00"), ("America/Los_Angeles", "20:00:00")])
def test_days_are_those_of_the_feeds_own_clock(folder, night_of, zone, hour):
    first = date(2026, 1, 5)
    days = [first + timedelta(days=number) for number in range(200) if (first + timedelta(days=number)).weekday() < 5]
    deliver(folder, "a.csv", [f"c{day},A,{day} {hour},," for day in days[:-9] + days[-5:]] * 5)
    with night_of(
        folder, {"a": {**FEED, "files": "a.csv", "timezone": zone}}, until="pulled", missing_days_max=9
    ) as warehouse:
        assert feed_row(warehouse)["missing_day_count"] == 4


def test_a_file_written_anew_each_night_that_loses_its_rows_is_blocked(night_of, folder, published):
    header = "Ref,Step,Start,End\n"
    rows = [f"c{n},Check,2026-01-05T09:00:00Z,2026-01-05T09:1{n % 10}:00Z\n" for n in range(50)]
    columns = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End"}
    feeds = {"a": {"provider": "P", "process": "Checks", "files": "a.csv", "columns": columns}}
    for day in range(1, 5):
        (folder / "a.csv").write_text(header + ("".join(rows) + f"d{day}{rows[0][2:]}" if day < 4 else ""))
        with night_of(folder, feeds, until="pulled", on=date(2026, 2, day)) as tonight:
            told = tonight.rows("SELECT status, received_count FROM ops.feed WHERE night = ?", [tonight.night])[0]
            published(tonight)
    assert told == {"status": "blocked", "received_count": 0}
