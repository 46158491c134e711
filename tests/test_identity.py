"""A candidate keeps its id while its work is the same work, whatever it is called; hand-made nights."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import decisions, identity
from essa import night as night_steps

SIZE = 512


def mark(number: int) -> UUID:
    """An execution's id: a hash, as in a log, so that the smallest are a sample."""
    return UUID(int=(number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128)


def work(executions, called, steps=("A",), provider=None, number=None, places=()):
    sketch = sorted(map(mark, executions))[:SIZE]
    row = {"process": "p", "lever": "eliminate", "pattern": "rework", "provider": provider, "named_id": called}
    row |= {"activities": list(steps), "execution_count": len(executions), "sketch": sketch}
    row["place_sketch"] = sorted(int(mark(place)) >> 64 for place in places)[:SIZE]
    return row | ({"candidate_id": called} if number is None else {"candidate_no": number})


def tell(tonight, remembered):
    """What `decide` says: of each opportunity of tonight its id, and of every id what happened."""
    numbered = [{**row, "candidate_no": number} for number, row in enumerate(tonight, 1)]
    rows = identity.decide(numbered, remembered, 0.5, SIZE, "2026-11-21")
    ids = {row["candidate_no"]: row["candidate_id"] for row in rows if row["candidate_no"]}
    told = {row["candidate_id"]: (row["what"], row["related_id"]) for row in rows}
    return [ids[number] for number in sorted(ids)], told


def test_a_renamed_step_changes_no_id():
    ids, told = tell([work(range(100), "c2", ["B"])], [work(range(100), "c1", ["A"])])
    assert ids == ["c1"]
    assert told == {"c1": ("known", None)}


def test_one_more_week_changes_no_id():
    assert tell([work(range(5_000), "c1")], [work(range(2_000), "c1")])[0] == ["c1"]
    assert tell([work(range(5_000), "c9", ["B"])], [work(range(400), "c1")])[0] == ["c1"]


def test_rows_written_anew_are_known_by_their_places():
    before = work(range(100), "c1", ["A"], places=range(100))
    now = work(range(500, 600), "c2", ["B"], places=range(120))
    assert tell([now], [before]) == (["c1"], {"c1": ("known", None)})
    assert tell([now], [{**before, "place_sketch": None}])[0] == ["c2"]  # left by a version that kept none
    assert tell([work(range(60, 160), "c2", ["B"], places=range(60, 160))], [before])[0] == ["c2"]


def test_a_third_of_it_that_goes_its_own_way_has_split_from_it():
    ids, told = tell([work(range(200, 300), "c8", ["B"]), work(range(200), "c1")], [work(range(300), "c1")])
    assert ids == ["c8", "c1"]
    assert told == {"c1": ("known", None), "c8": ("split", "c1")}


def test_the_larger_part_keeps_the_id_where_neither_has_its_name():
    ids, told = tell([work(range(100), "c8", ["B"]), work(range(100, 300), "c9", ["C"])], [work(range(300), "c1")])
    assert ids == ["c8", "c1"]
    assert told["c8"] == ("split", "c1")


def test_of_two_that_become_one_the_smaller_is_merged_into_it():
    ids, told = tell([work(range(300), "c1")], [work(range(200), "c1"), work(range(200, 300), "c2", ["B"])])
    assert ids == ["c1"]
    assert told == {"c1": ("known", None), "c2": ("merged", "c1")}


def test_what_is_not_found_is_gone_and_what_was_never_there_new():
    ids, told = tell([work(range(500, 600), "c2", ["B"])], [work(range(100), "c1")])
    assert ids == ["c2"]
    assert told == {"c1": ("gone", None), "c2": ("new", None)}


def test_where_only_the_last_weeks_are_delivered_its_words_know_it():
    assert tell([work(range(900, 999), "c1")], [work(range(100), "c1")])[0] == ["c1"]


def test_a_name_that_went_to_other_work_takes_no_id_with_it():
    ids, told = tell(
        [work(range(100), "c2", ["B"]), work(range(500, 600), "c1", ["A"])], [work(range(100), "c1", ["A"])]
    )
    assert ids[0] == "c1"
    assert ids[1] not in ("c1", "c2")
    assert told[ids[1]] == ("new", None)


@pytest.mark.parametrize("name", ["process", "lever", "pattern", "provider"])
def test_another_kind_of_work_is_never_the_same_candidate(name):
    ids, _ = tell([work(range(100), "c2")], [{**work(range(100), "c1"), name: "other"}])
    assert ids == ["c2"]


def test_less_than_half_in_common_is_not_the_same():
    assert tell([work(range(60, 160), "c2")], [work(range(100), "c1")])[0] == ["c2"]
    assert tell([work(range(40, 140), "c2")], [work(range(100), "c1")])[0] == ["c1"]


@settings(max_examples=50)
@given(st.sets(st.integers(0, 9_999), min_size=1), st.sets(st.integers(0, 9_999), min_size=1))
def test_whole_sketches_tell_shares_exactly(old, new):
    like = identity.compare(work(old, "c1"), work(new, "c2"), SIZE)
    assert (like.of_old, like.of_new) == (len(old & new) / len(old), len(old & new) / len(new))


@settings(max_examples=20)
@given(st.integers(2_000, 6_000), st.floats(0, 1))
def test_a_sketch_tells_shares_nearly(count, share):
    start = int((1 - share) * count)
    like = identity.compare(work(range(count), "c1"), work(range(start, start + count), "c2"), SIZE)
    assert like.of_old == pytest.approx(share, abs=0.1)


# Whole nights

FIRST = date(2026, 9, 7)


def write(folder, weeks, ways=(("Submit", "Reject"),), is_rejected=True, every=4):
    """A log in which every fourth case comes back once, or every so manieth; thirty a week, named by `ways` in turn."""
    lines = ["case,step,start,end,who"]
    for case in range(30 * weeks):
        day = FIRST + timedelta(days=7 * (case // 30) + case % 5)
        called, refusal = ways[case // every % len(ways)]
        steps = (called, refusal, called) if is_rejected and case % every == 0 else (called,)
        for hour, step in enumerate(steps, 8):
            lines.append(f"c{case},{step},{day} {hour:02}:00,{day} {hour:02}:30,w{case % 7}")
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"case_id": "case", "activity": "step", "started_at": "start", "ended_at": "end", "resource": "who"}
    return {"log": {"provider": "a", "process": "p", "files": "log.csv", "timezone": "UTC", "columns": columns}}


@pytest.fixture(scope="module")
def run(night_of, published):
    """Runs a night beside a folder and keeps it as published; the rework candidates and what changed."""

    def go(folder, on, weeks, said=None, **log):
        feeds = write(folder, weeks, **log)
        (folder.parent / "home").mkdir(exist_ok=True)
        if said:
            (folder.parent / "home" / "names.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
        with night_of(folder, feeds, until="mart", on=on) as tonight:
            night_steps.describe_run(tonight, None)
            found = tonight.rows(
                "SELECT candidate_id, first_seen_on, status, rank FROM mart.candidate WHERE pattern = 'rework'"
            )
            changes = {
                row["candidate_id"]: row["change"] for row in tonight.rows("SELECT * FROM mart.candidate_change")
            }
            published(tonight)
        return found, changes

    return go


@pytest.fixture(scope="module")
def first_night(run, tmp_path_factory):
    """A place with the log of eight weeks and a home whose first night was on it; the one candidate it found."""
    place = tmp_path_factory.mktemp("first")
    (place / "landing").mkdir()
    (found,), _ = run(place / "landing", date(2026, 11, 1), 8)
    return place, found


@pytest.fixture
def nights(run, first_night, tmp_path):
    """Runs nights that come after the first."""
    shutil.copytree(first_night[0], tmp_path, dirs_exist_ok=True)
    return partial(run, tmp_path / "landing")


@pytest.fixture
def known(first_night):
    return first_night[1]["candidate_id"]


@pytest.mark.slow
def test_an_id_outlives_a_renamed_step_a_missed_night_and_a_growing_log(nights, first_night, known):
    first_seen_on = first_night[1]["first_seen_on"]
    renamed = {"processes": {"p": {"call": {"Submit": "Hand in"}}}}
    found, changes = nights(date(2026, 11, 8), 9, said=renamed)
    assert [(row["candidate_id"], row["first_seen_on"]) for row in found] == [(known, first_seen_on)]
    assert changes[known] == "kept"
    found, changes = nights(date(2026, 11, 15), 9, is_rejected=False)
    assert found == []
    assert changes[known] == "gone"
    found, changes = nights(date(2026, 11, 22), 10)
    assert [(row["candidate_id"], row["first_seen_on"]) for row in found] == [(known, first_seen_on)]
    assert changes[known] == "kept"


@pytest.mark.slow
def test_what_the_sender_tells_apart_has_split_and_what_is_called_the_same_again_is_merged(nights, known):
    ways = [("Submit", "Reject"), ("Hand in", "Return to sender")]
    found, changes = nights(date(2026, 11, 8), 10, ways=ways)
    (other,) = {row["candidate_id"] for row in found} - {known}
    assert len(found) == 2 and changes[other] == "split"
    same = [list(names) for names in zip(*ways, strict=True)]
    found, changes = nights(date(2026, 11, 15), 10, ways=ways, said={"processes": {"p": {"same": same}}})
    assert [row["candidate_id"] for row in found] == [known]
    assert changes[other] == "merged"


@pytest.mark.slow
def test_a_rejected_one_stays_out_also_after_long_and_under_other_names_until_its_facts_change(nights, known, tmp_path):
    decisions.decide(tmp_path / "home", known, "rejected", "not worth it", None, date(2026, 11, 2), None)
    renamed = {  # by the sender, on rows delivered before too, and by an analyst
        "ways": [("Hand in", "Return to sender")],
        "said": {"processes": {"p": {"call": {"Hand in": "File"}}}},
    }
    assert status_of(nights(date(2027, 6, 1), 9, **renamed), known) == ("rejected", None)
    assert status_of(nights(date(2027, 6, 2), 9, every=2, **renamed), known) == ("proposed", 1)


def status_of(night, known):
    found, _ = night
    assert [row["candidate_id"] for row in found] == [known]
    return found[0]["status"], found[0]["rank"]


@pytest.mark.parametrize(
    ("executions", "places", "expected"),
    [(range(150), range(150), "r1"), (range(500, 600), range(100), "r1"), (range(500, 600), range(500, 600), "r2")],
    ids=["as delivered", "a step renamed by the sender", "other work"],
)
def test_a_routine_keeps_its_id_when_half_as_much_again_comes_and_gives_it_other_words(executions, places, expected):
    def held(named_id, ids, places):
        sketch, of_places = ([str(one) for one in sorted(map(mark, which))[:SIZE]] for which in (ids, places))
        return f"""SELECT {sketch}::UUID[] AS sketch, {of_places}::UUID[] AS place_sketch, '{named_id}' AS named_id,
            {len(ids)} AS execution_count"""

    with duckdb.connect() as night:
        night.execute("CREATE SCHEMA mart; CREATE SCHEMA ops")
        night.execute(f"""CREATE TABLE ops.tonight AS SELECT DATE '2026-11-21' AS night, 400 AS identity_days,
            .5 AS identity_share_min, {SIZE} AS sketch_size""")
        night.execute(f"""CREATE TABLE mart.routine_sketch AS SELECT *, ['A', 'C', 'B'] AS activities
            FROM ({held("r2", executions, places)})""")
        night.execute(f"""CREATE TABLE ops.routine_work AS
            SELECT *, 'r1' AS routine_id, DATE '2026-11-14' AS seen_on, ['A', 'B', 'C'] AS activities
            FROM ({held("r1", range(100), range(100))})""")
        rows = identity.of_routines(night)
    assert {row["named_id"]: row["routine_id"] for row in rows}["r2"] == expected
