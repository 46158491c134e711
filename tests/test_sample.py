"""The made-up back office is what its truth file says, read back from the deliveries alone."""

from __future__ import annotations

import csv
import filecmp
import json
import math
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import feeds
from essa.errors import UsageError
from essa.sample.clock import CLOSES_S, DAY_COUNT, DAY_S, OPENS_S, wall_clock
from essa.sample.events import draw_cases, draw_events
from essa.sample.office import write_sample
from essa.sample.paths import pick
from essa.sample.people import worker_names
from essa.sample.work import work

HOURS_A_DAY = {"alpha": 9, "beta": 8, "gamma": 9}
PROVIDER = {"Alpha BPO": "alpha", "Beta Services": "beta", "Gamma Shared Services": "gamma"}
ATTRIBUTES = ("Amount", "Category", "Channel", "Policy", "Terms", "Keyed amount", "Remark")
LEVERS = {
    "eliminate": {"rework", "duplicate", "rubber_stamp", "abandoned"},
    "simplify": {"forwarding", "ping_pong", "batching", "long_way_round"},
    "standardize": {"provider_gap", "path_spread", "label_spread", "judgement_gap"},
    "automate": {"rule_based_step", "routine", "rekeying"},
}
EVENTS = """
    -- log: one row per execution, in its provider's local time
    CREATE TABLE log AS
    SELECT DISTINCT 'alpha' AS provider, "Ref" AS case_id, "Process" AS process, "Step" AS label,
        try_strptime("Start", '%d/%m/%Y %H:%M:%S') AS started_at,
        try_strptime("End", '%d/%m/%Y %H:%M:%S') AS ended_at,
        "Agent" AS resource, "Desk" AS team, "Result" AS outcome, "Amount"::DOUBLE AS amount, "Category" AS category,
        "Channel" AS channel, "Policy" AS policy, "Terms" AS terms, "Keyed amount"::DOUBLE AS keyed_amount,
        "Remark" AS remark
    FROM read_csv('landing/alpha/*.csv', delim = ';', quote = '"', all_varchar = true)
    WHERE "Ref" IS NOT NULL AND started_at BETWEEN '2026-01-01' AND '2027-01-01'
        AND ended_at >= started_at
    UNION ALL
    SELECT 'beta', case_number, workflow, task_name, begin_ts, finish_ts, employee, team, verdict, "Amount",
        "Category", "Channel", "Policy", "Terms", "Keyed amount", "Remark"
    FROM 'landing/beta/*.parquet'
    UNION ALL
    SELECT 'gamma', "ticketId", service, "activityName", strptime("startedAt", '%Y-%m-%dT%H:%M:%S+08:00'),
        strptime("completedAt", '%Y-%m-%dT%H:%M:%S+08:00'), "handledBy", queue, decision, "Amount", "Category",
        "Channel", "Policy", "Terms", "Keyed amount", "Remark"
    FROM read_json('landing/gamma/*.jsonl', format = 'newline_delimited', timestampformat = 'none', columns = {
        "ticketId": 'VARCHAR', service: 'VARCHAR', "activityName": 'VARCHAR', "startedAt": 'VARCHAR',
        "completedAt": 'VARCHAR', "handledBy": 'VARCHAR', queue: 'VARCHAR', decision: 'VARCHAR', "Amount": 'DOUBLE',
        "Category": 'VARCHAR', "Channel": 'VARCHAR', "Policy": 'VARCHAR', "Terms": 'VARCHAR',
        "Keyed amount": 'DOUBLE', "Remark": 'VARCHAR'});
    -- event: with the activity each label means, open hours worked, place in its case and neighbours
    CREATE TABLE event AS
    WITH named AS (
        SELECT log.*, meaning.activity, CASE provider WHEN 'beta' THEN 8 ELSE 9 END * 3600 AS day_s,
            datediff('day', started_at::DATE, ended_at::DATE) AS night_count,
            (isodow(ended_at) < isodow(started_at))::INTEGER AS weekend_count
        FROM log JOIN meaning USING (process, label)
    )
    SELECT *, epoch(ended_at) - epoch(started_at) - night_count * (86400 - day_s) - 2 * weekend_count * day_s
            AS handling_s,
        row_number() OVER in_case AS pos, lag(activity) OVER in_case AS previous, lead(activity) OVER in_case AS next,
        lag(activity, 2) OVER in_case AS before_previous, lag(ended_at) OVER in_case AS previous_ended_at,
        lag(resource) OVER in_case AS previous_resource, lead(resource) OVER in_case AS next_resource,
        lead(started_at) OVER in_case AS next_started_at
    FROM named WINDOW in_case AS (PARTITION BY case_id ORDER BY started_at, ended_at);
    -- visit: which time the case comes to this activity, and where it was the time before
    CREATE TABLE visit AS
    SELECT *, row_number() OVER same AS visit_no, lag(pos) OVER same AS pos_before,
        lag(ended_at) OVER same AS ended_before
    FROM event WINDOW same AS (PARTITION BY case_id, activity ORDER BY pos);
"""


class Sample:
    """What a test needs of one written sample."""

    def __init__(self, directory: Path, cases: int) -> None:
        self.directory = directory
        self.summary = write_sample(directory, cases)
        self.truth = json.loads((directory / "truth.json").read_text(encoding="utf-8"))
        self.connection = duckdb.connect()
        self.connection.execute("CREATE TABLE meaning (process VARCHAR, label VARCHAR, activity VARCHAR)")
        rows = [(one["process"], one["label"], one["activity"]) for one in self.truth["labels"]]
        self.connection.executemany("INSERT INTO meaning VALUES (?, ?, ?)", rows)
        self.connection.execute(EVENTS.replace("'landing/", f"'{directory}/landing/"))

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        [(value,)] = self.rows(query)
        return value

    def planted(self, pattern: str, activity: str | None = None) -> dict:
        found = [
            one
            for one in self.truth["opportunities"]
            if one["pattern"] == pattern and activity in (None, *one["activities"])
        ]
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(tmp_path_factory.mktemp("sample"), 4_000)


def _files(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


# What is written


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        write_sample(tmp_path / name, 400, seed)
    names = _files(tmp_path / "first")
    _, differ, missing = filecmp.cmpfiles(tmp_path / "first", tmp_path / "again", names, shallow=False)
    assert (differ, missing) == ([], [])
    _, differ, missing = filecmp.cmpfiles(tmp_path / "first", tmp_path / "other", names, shallow=False)
    assert set(names) - set(differ) == {"feeds.yaml"}


def test_the_summary_lists_every_file_and_no_other(sample):
    assert sorted(sample.summary.files) == _files(sample.directory)


def test_writing_over_an_older_sample_leaves_nothing_of_it(tmp_path):
    write_sample(tmp_path, 1_000, 3)
    assert sorted(write_sample(tmp_path, 100, 4).files) == _files(tmp_path)


def test_a_feeds_file_of_ones_own_is_not_written_over(tmp_path):
    (tmp_path / "feeds.yaml").write_text("feeds: {}")
    with pytest.raises(UsageError, match="none of a sample"):
        write_sample(tmp_path, 100)
    assert (tmp_path / "feeds.yaml").read_text() == "feeds: {}" and not (tmp_path / "landing").exists()


def test_too_few_cases_are_refused():
    with pytest.raises(UsageError, match="5 cases are too few"):
        write_sample(Path("nowhere"), 5)


def test_the_feeds_file_is_read_and_names_exactly_the_columns_present(sample):
    raw = yaml.safe_load((sample.directory / "feeds.yaml").read_text(encoding="utf-8"))
    present = {
        "alpha_tasks": next(csv.reader(_one(sample, "alpha").read_text().splitlines(), delimiter=";")),
        "beta_tasks": pq.read_schema(_one(sample, "beta")).names,
        "gamma_tasks": list(json.loads(_one(sample, "gamma").read_text().splitlines()[0])),
    }
    read = feeds.read(sample.directory / "feeds.yaml")
    assert {feed.name for feed in read} == set(raw["feeds"]) == set(present)
    for feed in read:
        assert sorted(feed.wanted_columns()) == sorted(present[feed.name])
        assert set(feed.known_at_start) < set(feed.attributes) == set(ATTRIBUTES)


def _one(sample: Sample, folder: str) -> Path:
    return sorted((sample.directory / "landing" / folder).iterdir())[0]


# The truth's counts, counted again


def test_the_counts_of_the_truth_are_those_of_the_files(sample):
    assert sample.truth["totals"]["event_count"] == sample.summary.event_count == sample.one("SELECT count(*) FROM log")
    assert sample.one("SELECT count(DISTINCT case_id) FROM log") == sample.summary.case_count
    assert sample.one("SELECT count(*) FROM event") == sample.summary.event_count, "a label with two meanings"
    by_feed = dict(sample.rows("SELECT provider || '_tasks', count(*) FROM log GROUP BY 1"))
    assert {feed["feed"]: feed["event_count"] for feed in sample.truth["feeds"]} == by_feed


def test_alpha_delivers_some_lines_of_the_week_before_again_at_the_end_of_a_month(sample):
    lines = {path.name: path.read_text().splitlines()[1:] for path in (sample.directory / "landing/alpha").iterdir()}
    names, first_in, again = sorted(lines), {}, Counter()
    for place, name in enumerate(names):
        assert len(lines[name]) == len(set(lines[name])), "alike inside one delivery"
        for line in lines[name]:
            if first_in.setdefault(line, place) != place:
                assert first_in[line] == place - 1
                again[name] += 1
    assert sum(again.values()) == sample.truth["totals"]["duplicate_count"] > 0
    fridays = [date.fromisoformat(name.removeprefix("tasks_").removesuffix(".csv")) for name in names]
    last_of_month = [name for name, day in zip(names, fridays, strict=True) if (day + timedelta(7)).month != day.month]
    assert sorted(again) == last_of_month[1:], "the first file of all is May's last, with nothing before it"


def test_alphas_broken_lines_are_counted_by_reason(sample):
    counts = sample.connection.execute(f"""
        WITH line AS (
            SELECT "Ref" AS case_id, try_strptime("Start", '%d/%m/%Y %H:%M:%S') AS started_at,
                try_strptime("End", '%d/%m/%Y %H:%M:%S') AS ended_at
            FROM read_csv('{sample.directory}/landing/alpha/*.csv', delim = ';', quote = '"', all_varchar = true))
        SELECT count(*) FILTER (case_id IS NULL) AS missing_case,
            count(*) FILTER (ended_at < started_at) AS ended_before_started,
            count(*) FILTER (started_at IS NULL) AS unreadable_time,
            count(*) FILTER (started_at > '2027-01-01') AS far_future, count(*) AS line_count
        FROM line""").fetchall()
    [alpha] = [feed for feed in sample.truth["feeds"] if feed["feed"] == "alpha_tasks"]
    assert counts == [(*alpha["bad_lines"].values(), alpha["line_count"])]
    assert list(alpha["bad_lines"].values()) == [3, 3, 3, 3]


# Time and people


def test_people_work_in_their_own_open_hours_until_the_last_friday(sample):
    hours = sample.rows("""
        SELECT provider, min(started_at::TIME)::VARCHAR >= opens, max(ended_at::TIME)::VARCHAR <= closes,
            max(isodow(ended_at)), min(started_at)::DATE::VARCHAR, max(ended_at)::DATE::VARCHAR
        FROM event JOIN (VALUES ('alpha', '09:00', '18:00:00'), ('beta', '08:00', '16:00:00'),
            ('gamma', '09:00', '18:00:00')) AS office(provider, opens, closes) USING (provider)
        GROUP BY provider, opens, closes""")
    assert len(hours) == 3
    for _, is_open, is_not_closed, last_weekday, first_day, last_day in hours:
        assert (is_open, is_not_closed, last_weekday) == (True, True, 5)
        assert (first_day, last_day) == ("2026-05-25", "2026-11-20")


def test_nobody_does_two_things_at_once_and_no_step_starts_before_the_one_before_ended(sample):
    assert sample.one("SELECT count(*) FROM event WHERE started_at < previous_ended_at") == 0
    overlap_count = sample.one("""SELECT count(*) FROM (SELECT started_at < lag(ended_at) OVER
        (PARTITION BY provider, resource ORDER BY started_at, ended_at) AS is_early FROM event) WHERE is_early""")
    assert overlap_count == 0


def test_people_are_busy_but_not_all_the_time(sample):
    busy = sample.rows("""
        SELECT provider, sum(handling_s) / 3600 / count(DISTINCT resource)
        FROM event WHERE resource NOT LIKE 'BOT%' GROUP BY provider""")
    for provider, hours_each in busy:
        assert 0.5 < hours_each / (130 * HOURS_A_DAY[provider]) < 0.95


def test_each_case_is_one_providers_and_each_process_at_least_twos(sample):
    assert sample.one("SELECT max(n) FROM (SELECT count(DISTINCT provider) AS n FROM log GROUP BY case_id)") == 1
    providers = sample.rows("SELECT process, count(DISTINCT provider) FROM log GROUP BY process")
    assert len(providers) == 4
    assert min(count for _, count in providers) >= 2


def test_one_robot_does_one_step_in_one_process_at_one_provider(sample):
    robots = sample.rows("SELECT DISTINCT provider, process, activity, resource FROM event WHERE resource LIKE 'BOT%'")
    assert robots == [("alpha", "Supplier master data", "Inform requester", "BOT-01")]


def test_names_are_untidy_in_five_to_ten_of_a_hundred_lines(sample):
    assert 0.05 < sample.one("SELECT avg((label <> activity)::INTEGER) FROM event") < 0.10
    most_common = sample.rows("""SELECT activity, arg_max(label, n) FROM (
        SELECT process, activity, label, count(*) AS n FROM event GROUP BY ALL) GROUP BY process, activity""")
    assert all(activity == label for activity, label in most_common)


def test_remarks_hold_every_kind_of_thing_that_must_not_be_published(sample):
    remarks = " | ".join(text for (text,) in sample.rows("SELECT DISTINCT remark FROM event WHERE remark IS NOT NULL"))
    assert re.search(r"\w@example\.com", remarks)
    assert re.search(r"\+91 98\d{3} \d{5}", remarks)
    cards = re.findall(r"\b(?:\d{4} ){3}\d{4}\b", remarks)
    accounts = re.findall(r"\bPL\d{26}\b", remarks)
    assert cards and all(_passes_luhn(card.replace(" ", "")) for card in cards)
    assert accounts and all(int(account[4:] + "2521" + account[2:4]) % 97 == 1 for account in accounts)


def _passes_luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)) % 10 == 0


# What is planted


def test_every_pattern_of_every_lever_is_planted(sample):
    found: dict[str, set[str]] = {}
    for one in sample.truth["opportunities"]:
        found.setdefault(one["lever"], set()).add(one["pattern"])
        assert one["event_count"] > 0 < one["handling_h"]
    assert found == LEVERS


def test_the_true_hours_are_those_of_the_listed_executions_in_open_hours(sample):
    sample.connection.execute(f"""CREATE OR REPLACE TABLE claim AS
        SELECT claim.*, event.provider, event.handling_s AS open_s
        FROM '{sample.directory}/truth_executions.parquet' AS claim
        JOIN event ON event.case_id = claim.case_id AND event.activity = claim.activity
            AND event.started_at = claim.started_at_local""")
    assert sample.one("SELECT count(*) FROM claim WHERE open_s <> handling_s") == 0
    listed = {
        (pattern, process, activities): (count, hours)
        for pattern, process, activities, count, hours in sample.rows("""
            SELECT pattern, process, list_sort(list(DISTINCT activity))::VARCHAR, count(*), sum(open_s) / 3600
            FROM (SELECT *, CASE WHEN pattern IN ('rework', 'rule_based_step') THEN activity ELSE '' END AS part
                FROM claim) GROUP BY pattern, process, part""")
    }
    for one in sample.truth["opportunities"]:
        if one["pattern"] != "label_spread":
            key = one["pattern"], one["process"], f"[{', '.join(sorted(one['activities']))}]"
            count, hours = listed.pop(key)
            assert count == one["event_count"]
            assert hours == pytest.approx(one["handling_h"], abs=0.01)
    assert listed == {}


def test_label_spread_is_the_lines_under_another_name(sample):
    counted = dict(
        ((process, activity, provider), count)
        for process, activity, provider, count in sample.rows("""SELECT process, activity, provider, count(*)
            FROM event WHERE label <> activity GROUP BY ALL""")
    )
    planted = [one for one in sample.truth["opportunities"] if one["pattern"] == "label_spread"]
    assert {
        (one["process"], one["activities"][0], PROVIDER[one["provider"]]): one["event_count"] for one in planted
    } == counted


@pytest.mark.parametrize(
    ("activity", "corrector"),
    [("Check completeness", "Return to requester"), ("Approve payroll change", "Correct payroll change")],
)
def test_rework_lies_behind_a_corrector_that_does_nothing_else(sample, activity, corrector):
    exclusivity = sample.one(f"""SELECT avg((previous = '{activity}' AND next = '{activity}')::INTEGER)
        FROM event WHERE activity = '{corrector}'""")
    repeat_share = sample.one(f"""SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1)
        FROM visit WHERE activity = '{activity}'""")
    repeats = sample.one(f"SELECT count(*) FROM visit WHERE activity = '{activity}' AND visit_no > 1")
    assert exclusivity >= 0.8
    assert 0.05 < repeat_share <= 0.3
    assert sample.planted("rework", activity)["event_count"] == repeats >= 100


def test_a_duplicate_follows_its_first_within_minutes_and_is_alike_in_all_attributes(sample):
    alike = " AND ".join(
        f"one.{name} IS NOT DISTINCT FROM two.{name}"
        for name in ("resource", "team", "outcome", "category", "channel", "policy", "terms", "remark")
    )
    count = sample.one(f"""SELECT count(*) FROM visit AS two JOIN visit AS one
        ON one.case_id = two.case_id AND one.pos = two.pos - 1 AND one.activity = two.activity AND {alike}
        WHERE two.activity = 'Create supplier record' AND epoch(two.started_at) - epoch(one.ended_at) < 600""")
    assert sample.planted("duplicate")["event_count"] == count > 0
    assert {provider for (provider,) in sample.rows("""SELECT provider FROM visit
        WHERE activity = 'Create supplier record' AND visit_no > 1""")} == {"alpha"}  # fmt: skip


def _rare_outcome(sample: Sample, activity: str) -> tuple[float, float]:
    """Wilson's upper bound of the rare outcome's share, and how differently the work goes on after it."""
    rows = sample.rows(
        f"SELECT outcome, coalesce(next, ''), count(*) FROM event WHERE activity = '{activity}' GROUP BY ALL"
    )
    totals = Counter()
    for outcome, _, count in rows:
        totals[outcome] += count
    (usual, usual_count), (rare, rare_count) = totals.most_common(2)
    after = {key: {n: c for o, n, c in rows if o == key} for key in (usual, rare)}
    distance = 0.5 * sum(
        abs(after[usual].get(name, 0) / usual_count - after[rare].get(name, 0) / rare_count)
        for name in after[usual].keys() | after[rare].keys()
    )
    total = usual_count + rare_count
    share = rare_count / total
    half = 1.96 * math.sqrt(share * (1 - share) / total + 0.96 / total**2)
    return (share + 1.92 / total + half) / (1 + 3.84 / total), distance


def test_a_rubber_stamp_hardly_ever_says_no_and_then_nothing_follows(sample):
    upper_share, distance = _rare_outcome(sample, "Verify account coding")
    assert upper_share <= 0.02
    assert distance <= 0.2


@pytest.mark.parametrize(
    ("activity", "is_rare"),
    [("Screen sanctions list", True), ("Approve as director", False), ("Approve as manager", False)],
)
def test_checks_that_bite_are_no_rubber_stamps(sample, activity, is_rare):
    upper_share, distance = _rare_outcome(sample, activity)
    assert distance > 0.9
    assert (upper_share <= 0.02) == is_rare


def test_abandoned_cases_end_in_the_withdrawal(sample):
    share, ends = sample.rows("""SELECT count(DISTINCT case_id) FILTER (activity = 'Withdraw complaint')
        / count(DISTINCT case_id), bool_and(next IS NULL) FILTER (activity = 'Withdraw complaint')
        FROM event WHERE process = 'Customer complaints'""")[0]
    assert 0.02 < share < 0.4
    assert ends
    work_in_them = sample.one("""SELECT count(*) FROM event WHERE case_id IN
        (SELECT case_id FROM event WHERE activity = 'Withdraw complaint')""")
    assert sample.planted("abandoned")["event_count"] == work_in_them


def test_forwarding_is_short_waits_long_and_changes_hands(sample):
    median_s, all_median_s, wait_s, all_wait_s, change_share = sample.rows("""
        SELECT median(handling_s) FILTER (is_it), median(handling_s),
            median(epoch(started_at) - epoch(previous_ended_at)) FILTER (is_it),
            median(epoch(started_at) - epoch(previous_ended_at)),
            avg((previous_resource <> next_resource)::INTEGER) FILTER (is_it)
        FROM (SELECT *, activity = 'Forward to department' AS is_it FROM event
            WHERE process = 'Customer complaints')""")[0]
    assert median_s <= min(120, 0.6 * all_median_s)
    assert wait_s >= 3 * all_wait_s
    assert change_share >= 0.5


def test_ping_pong_goes_between_two_hands_and_is_no_rework(sample):
    back, forth, change_share, turn_count = sample.rows("""
        SELECT count(*) FILTER (activity = 'Consult specialist' AND next = 'Investigate complaint')
                / count(*) FILTER (activity = 'Consult specialist'),
            count(*) FILTER (activity = 'Investigate complaint' AND next = 'Consult specialist')
                / count(*) FILTER (activity = 'Investigate complaint'),
            avg((resource <> previous_resource)::INTEGER)
                FILTER (activity = 'Consult specialist' AND previous = 'Investigate complaint'),
            count(*) FILTER (visit_no > 1 AND before_previous = activity
                AND activity || previous IN ('Investigate complaintConsult specialist',
                    'Consult specialistInvestigate complaint'))
        FROM visit""")[0]
    assert back >= 0.8 and forth >= 0.15 and change_share >= 0.8
    assert sample.planted("ping_pong")["event_count"] == turn_count
    repeat_share = sample.one("""SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1)
        FROM visit WHERE activity = 'Investigate complaint'""")
    assert repeat_share > 0.6, "below this the specialist would pass for a corrector"


def test_gamma_posts_to_payroll_in_one_sitting_a_week(sample):
    sizes = dict(
        sample.rows("""
        WITH marked AS (
            SELECT *, coalesce(epoch(started_at) - epoch(lag(ended_at) OVER mine) > 60
                OR activity <> lag(activity) OVER mine, true)::INTEGER AS is_new
            FROM event WINDOW mine AS (PARTITION BY resource ORDER BY started_at)),
        run AS (SELECT *, sum(is_new) OVER (PARTITION BY resource ORDER BY started_at) AS run_no FROM marked)
        SELECT provider, avg(n) FROM (SELECT provider, resource, run_no, count(*) AS n FROM run
            WHERE activity = 'Post to payroll run' GROUP BY ALL) GROUP BY provider""")
    )
    assert sizes["gamma"] >= 5
    assert sizes["beta"] < 2.5


def test_the_long_way_round_is_rare_and_comes_back_to_the_road(sample):
    share = sample.one("""SELECT count(DISTINCT case_id) FILTER (activity = 'Route to regional office')
        / count(DISTINCT case_id) FROM event WHERE process = 'Supplier master data'""")
    assert 0.03 < share <= 0.15
    roads = sample.rows("""SELECT DISTINCT provider, next FROM event
        WHERE activity = 'Transfer to country desk' AND next IS NOT NULL""")
    assert roads == [("beta", "Set payment terms")]


def test_gamma_is_slower_at_the_same_mix_and_beta_only_looks_it(sample):
    raw = dict(
        sample.rows("""SELECT provider, avg(handling_s) FROM event
        WHERE activity = 'Check supplier documents' GROUP BY 1""")
    )
    like = dict(
        sample.rows("""SELECT provider, exp(avg(ln_s)) FROM (SELECT provider, category, avg(ln(handling_s))
        AS ln_s FROM event WHERE activity = 'Check supplier documents' GROUP BY ALL HAVING count(*) >= 20)
        GROUP BY 1 HAVING count(*) = 3""")
    )
    assert raw["beta"] / raw["alpha"] > 1.2
    assert like["beta"] / like["alpha"] == pytest.approx(1.0, abs=0.12)
    assert like["gamma"] / like["alpha"] == pytest.approx(1.5, abs=0.18)


def test_gamma_takes_many_paths_where_beta_takes_one(sample):
    paths = dict(
        sample.rows("""SELECT provider, count(DISTINCT path) FROM (
        SELECT provider, case_id, string_agg(activity, '>' ORDER BY pos) AS path FROM event
        WHERE activity IN ('Check tax code', 'Check bank details', 'Check contract terms', 'Search personnel file',
            'Call employee', 'Enter change in Workday')
        GROUP BY ALL HAVING max(activity = 'Enter change in Workday')) GROUP BY 1""")
    )
    assert paths["beta"] == 1
    assert paths["gamma"] > 50


def test_compensation_depends_on_who_decides_and_risk_on_nothing(sample):
    def shares(activity: str, yes: str) -> list[float]:
        return [share for (share,) in sample.rows(f"""SELECT avg((outcome = '{yes}')::INTEGER) FROM event
            WHERE activity = '{activity}' GROUP BY resource HAVING count(*) >= 50""")]  # fmt: skip

    compensation, risk = shares("Decide compensation", "Granted"), shares("Assess supplier risk", "Low")
    assert min(compensation) < 0.3 and max(compensation) > 0.7
    assert max(risk) - min(risk) < 0.2


@pytest.mark.parametrize(
    ("activity", "condition", "then"),
    [
        ("Choose approval route", "amount > 10000", "Approve as director"),
        ("Set payment terms", "terms IN ('Prepaid', 'Cash on delivery')", "Request bank guarantee"),
    ],
)
def test_a_rule_decides_but_for_one_or_two_in_a_hundred(sample, activity, condition, then):
    agreement = sample.one(f"""SELECT avg((({condition}) = (next = '{then}'))::INTEGER) FROM event
        WHERE activity = '{activity}' AND next IS NOT NULL""")
    assert 0.97 < agreement < 0.995


def test_the_routine_is_always_done_in_one_go(sample):
    in_one_go, count = sample.rows("""SELECT avg((next = 'Attach documents' AND next_resource = resource
        AND epoch(next_started_at) - epoch(ended_at) < 60)::INTEGER), count(*)
        FROM event WHERE activity = 'Create purchase order'""")[0]
    assert in_one_go > 0.99
    assert sample.planted("routine")["event_count"] == pytest.approx(3 * count, abs=6)


def test_the_amount_is_keyed_again_with_a_few_slips(sample):
    equal, count = sample.rows("""SELECT avg((keyed_amount = amount)::INTEGER), count(*) FROM event
        WHERE keyed_amount IS NOT NULL""")[0]
    assert 0.97 <= equal <= 0.99
    assert sample.planted("rekeying")["event_count"] == count


def test_weekly_reminders_repeat_by_nature(sample):
    repeat_share = sample.one("""SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1)
        FROM visit WHERE activity = 'Remind customer'""")
    first, middle, third = sample.one("""SELECT quantile_cont(epoch(started_at) - epoch(ended_before), [.25, .5, .75])
        FROM visit WHERE activity = 'Remind customer' AND visit_no > 1""")
    assert repeat_share > 0.3
    assert (third - first) / middle < 0.1
    assert middle == pytest.approx(7 * 86400, rel=0.02)


# The parts


@given(st.integers(0, 2), st.integers(0, DAY_COUNT * 9 * 3600 - 1))
def test_every_working_second_falls_into_the_open_hours_of_a_weekday(provider, second):
    second = second % (DAY_COUNT * int(DAY_S[provider]))
    office = np.array([provider])
    started_s = int(wall_clock(office, np.array([second]), is_end=False)[0])
    ended_s = int(wall_clock(office, np.array([second + 1]), is_end=True)[0])
    assert ended_s == started_s + 1
    assert OPENS_S[provider] <= started_s % 86400 < CLOSES_S[provider]
    assert (started_s // 86400 + 3) % 7 < 5  # 1970 began on a Thursday


@given(st.integers(0, 2), st.integers(0, 3_000))
def test_no_two_workers_share_a_name(provider, count):
    assert len(set(worker_names(provider, count))) == count


@given(st.lists(st.booleans(), max_size=60), st.floats(0, 1))
def test_a_pick_takes_its_exact_share_of_the_eligible_and_nobody_else(eligible, share):
    eligible = np.array(eligible, bool)
    chosen = pick(np.random.default_rng(1), eligible, share)
    assert chosen.sum() == round(share * eligible.sum())
    assert not (chosen & ~eligible).any()


@settings(max_examples=6)
@given(st.integers(100, 800), st.integers(0, 2**32))
def test_at_any_size_work_is_handed_out_in_order_and_to_one_at_a_time(case_count, seed):
    rng = np.random.default_rng(seed)
    cases = draw_cases(rng, case_count)
    events, worked = work(cases, draw_events(rng, cases))
    same_case = events.case[1:] == events.case[:-1]
    assert (worked.start_s[1:] >= worked.end_s[:-1])[same_case].all()
    by_worker = np.lexsort((worked.start_s, worked.worker))
    same_worker = np.diff(worked.worker[by_worker]) == 0
    assert (worked.start_s[by_worker][1:] >= worked.end_s[by_worker][:-1])[same_worker].all()
    assert (worked.end_s - worked.start_s == events.handling_s).all()
    assert (worked.start_s - cases.arrives_s[events.case] >= 0).all()
