"""A candidate's evidence, asked of the published file alone, answers what its reason says and what the ledger gave.

And what is planted in the sample is found, under its lever and with the hours it has.
"""

from __future__ import annotations

import json

import pytest

from essa import publication

pytestmark = pytest.mark.slow
WITHIN = 0.15
SHARES = {
    "provider_gap": "excess_share", "rule_based_step": "handled_share", "rekeying": "copied_share",
    "routine": "straight_share",
}  # fmt: skip
ASKED = {"judgement_gap", "path_spread"}  # which one witness alone can show


@pytest.fixture(scope="module")
def answered(sample):
    """Every candidate of the sample as a mapping, and its evidence's answer by column."""
    with publication.open_published(sample / "home") as connection:
        candidates = asked(
            connection,
            """SELECT candidate.*, coalesce(sum(saved_s), 0)::DOUBLE AS saved_s FROM mart.candidate
            LEFT JOIN mart.saving USING (candidate_id) GROUP BY ALL ORDER BY candidate_id""",
        )
        return [(candidate, asked(connection, candidate["evidence_sql"])[0]) for candidate in candidates]


def asked(connection, sql):
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_sample_holds_every_pattern(answered):
    found = {(candidate["pattern"], candidate["is_question"]) for candidate, _ in answered}
    claimed = {
        "rework", "duplicate", "rubber_stamp", "abandoned", "forwarding", "ping_pong", "batching", "provider_gap",
        "rule_based_step", "routine", "rekeying", "long_way_round",
    }  # fmt: skip
    asked_about = ASKED | {"label_spread", "rule_based_step", "routine"}
    assert found >= {(pattern, False) for pattern in claimed} | {(pattern, True) for pattern in asked_about}


def test_every_figure_of_a_reason_is_in_the_answer_of_its_evidence(answered, unshown_figures):
    for candidate, answer in answered:
        assert unshown_figures(candidate["reason"], answer) == [], (candidate["reason"], answer)


def test_what_a_candidate_is_about_is_in_the_answer_of_its_evidence(answered):
    for candidate, answer in answered:
        counts = [answer["event_count"], answer["case_count"]]
        assert counts == [candidate["event_count"], candidate["case_count"]], candidate["title"]


def test_the_ledger_gave_what_the_evidence_answers(answered):
    for candidate, answer in answered:
        if candidate["is_question"] or candidate["lost_to"]:
            continue
        share = answer[SHARES[candidate["pattern"]]] if candidate["pattern"] in SHARES else 1
        if candidate["pattern"] == "batching":
            share = 0  # delay is no work
        rounding_s = 0.002 * answer["event_count"]
        expected_s = answer["handling_h"] * 3600 * share
        assert candidate["saved_s"] == pytest.approx(expected_s, abs=rounding_s), candidate["title"]


def test_a_rule_is_counted_again_by_its_own_sql(sample):
    shown = ("support_count", "branch_accuracy", "held_out_count", "held_out_accuracy", "baseline_accuracy",
             "history_accuracy", "realised_share", "realised_accuracy")  # fmt: skip
    with publication.open_published(sample / "home") as connection:
        rules = asked(connection, "SELECT * FROM mart.rule")
        assert {rule["activity"] for rule in rules} == {"Choose approval route", "Set payment terms"}
        for rule in rules:
            again = asked(connection, rule["evidence_sql"])[0]
            assert [again[name] for name in shown] == pytest.approx([rule[name] for name in shown]), rule["condition"]
            assert again["handled_share"] in {row["handled_share"] for row in asked(
                connection, f"SELECT handled_share FROM mart.decision WHERE activity = '{rule['activity']}'"
            )}  # fmt: skip


def test_every_planted_opportunity_is_found_under_its_lever_with_its_hours(sample, answered):
    truth = json.loads((sample / "landing" / "truth.json").read_text(encoding="utf-8"))["opportunities"]
    for planted in truth:
        if planted["pattern"] == "label_spread":
            continue  # told of lines, before executions are made of them
        is_asked = planted["pattern"] in ASKED
        found = [
            answer
            for candidate, answer in answered
            if candidate["is_question"] == is_asked and is_about(candidate, planted)
        ]
        assert len(found) == 1, planted
        hours = found[0]["handling_h"] * found[0].get(SHARES["provider_gap"], 1)
        assert hours == pytest.approx(planted.get("excess_h", planted["handling_h"]), rel=WITHIN), planted


def is_about(candidate, planted):
    return (
        all(candidate[name] == planted[name] for name in ("process", "lever", "pattern"))
        and (
            set(candidate["activities"]) == set(planted["activities"])
            # all steps of a case that was given up, one or two under a name that nobody can tell
            or (planted["pattern"] == "abandoned" and set(candidate["activities"]) > set(planted["activities"]))
        )
        and (planted["provider"] is None or candidate["provider"] == planted["provider"])
    )


def test_judgement_is_not_automated_and_robots_save_nothing(sample, answered):
    automated = {
        activity
        for candidate, _ in answered
        if candidate["lever"] == "automate" and not candidate["is_question"]
        for activity in candidate["activities"]
    }
    assert not automated & {"Decide compensation", "Assess supplier risk", "Investigate complaint"}
    with publication.open_published(sample / "home") as connection:
        claimed = connection.execute(
            """SELECT count(*) FROM mart.saving
            JOIN core.activity_instance AS instance USING (activity_instance_id) WHERE instance.is_robot"""
        )
        assert claimed.fetchall() == [(0,)]


def test_a_figure_the_evidence_does_not_answer_is_seen(unshown_figures):
    reason = '12 executions of "Step 7" took 1.5 h; 40 % wait 2.0 hours. Begun before 3 May 2026.'
    answer = {"event_count": 12, "handling_h": 1.5, "late_share": 0.5, "waiting_s": 7200, "split_on": None}
    assert unshown_figures(reason, answer) == ["3 May 2026", "40"]
