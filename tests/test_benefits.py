"""What came of a candidate that went live, against what was planted: less work, moved work, or nothing at all."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from essa import decisions, publication
from essa import night as nights
from essa.benefits import displaced, measured
from essa.benefits.series import Limits, Weeks
from essa.report import page
from essa.settings import Settings
from flows import candidates

FIRST, LIVE_ON = date(2026, 1, 5), date(2026, 6, 1)  # twenty-one weeks before
LAST = date(2026, 8, 10)  # and ten after
CASES = 24  # a week
REWORK = "cb6a6a7a0c4"  # the id that its words give "Submit is done again after Reject"


def write(folder: Path, after: str) -> dict:
    """A log in which every third case comes back once before go-live; `after` says what happens since.

    improved: every twelfth case. moved: as often, but the second time it is called Amend. same: as before.
    """
    chance = np.random.default_rng(7)
    lines = ["process,case,step,start,end,who,team"]
    for number in range((LAST - FIRST).days // 7 * CASES):
        day = FIRST + timedelta(days=7 * (number // CASES) + number % 5)
        is_after = day >= LIVE_ON
        comes_back = number % 12 == 0 if is_after and after == "improved" else number % 3 == 0
        again = "Amend" if is_after and after == "moved" else "Submit"
        for place, step in enumerate(("Register", "Submit", *(("Reject", again) if comes_back else ()), "File")):
            minutes = int(chance.integers(15, 45))
            start = f"{day} {8 + place:02}:00"
            lines.append(f"p,c{number},{step},{start},{day} {8 + place:02}:{minutes},w{number % 7},t{number % 2}")
        for place, step in enumerate(("Open", "Weigh", "Ship")):
            start = f"{day} {8 + place:02}:00"
            end = f"{day} {8 + place:02}:{int(chance.integers(15, 45))}"
            lines.append(f"q,d{number},{step},{start},{end},v{number % 7},t{number % 2}")
    (folder / "log.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"case_id": "case", "activity": "step", "started_at": "start", "ended_at": "end", "resource": "who"}
    columns["team"] = "team"
    return {
        "log": {
            "provider": "a",
            "process": {"column": "process"},
            "files": "log.csv",
            "timezone": "UTC",
            "columns": columns,
        }
    }


@pytest.fixture
def told(folder, night_of):
    """The rows of mart.benefit by measure and of mart.displacement, ten weeks after what was rework went live.

    Fifteen measures are told of the three logs: at 95 % sureness one of them would be wrong by chance every other time.
    """

    def run(after: str):
        home = folder.parent / "home"
        home.mkdir()
        decisions.decide(home, REWORK, "live", None, None, LIVE_ON, LIVE_ON)
        feeds = write(folder, after)
        with night_of(
            folder, feeds, until="mart", on=LAST, is_judged=after == "moved", benefit_sureness=0.99
        ) as tonight:
            if after == "moved":
                nights.describe_run(tonight, None)
                publication.publish(tonight)
                page.write(tonight.home)
            rows = tonight.rows("FROM mart.benefit ORDER BY measure")
            return {row["measure"]: row for row in rows}, tonight.rows("FROM mart.displacement")

    return run


def test_a_planted_improvement_is_found_as_large_as_it_is(told):
    rows, moved = told("improved")
    assert moved == []
    # a case came to the step 4/3 times, and comes 13/12 times since: of four steps a case and 2/3, one half is gone
    assert rows["step_executions"]["change_share"] == pytest.approx(13 / 16 - 1, abs=0.01)
    for measure, truth in (("step_handling_h", 13 / 16 - 1), ("case_handling_h", (3 + 1 / 6) / (3 + 2 / 3) - 1)):
        row = rows[measure]
        assert row["verdict"] == "fell" and row["change_share_low"] <= truth <= row["change_share_high"]
        assert (
            row["saved_h_per_year_low"]
            <= -truth * row["per_case_before"] * CASES * 52.18
            <= row["saved_h_per_year_high"]
        )
    assert rows["case_duration_h"]["verdict"] == "fell"
    assert rows["case_duration_h"]["peers"] == ["q"]
    assert rows["step_handling_h"]["peers"] == ["Register", "File"]  # what sent it back was reached by the change too
    assert rows["step_handling_h"]["moved_share"] == 0
    assert "fell by 19" in rows["step_executions"]["says"]


def test_work_that_moved_to_another_label_is_no_saving_and_shown_so(told, folder, capsys):
    rows, moved = told("moved")
    assert [(row["kind"], row["place"]) for row in moved] == [("label", "Amend")]
    assert moved[0]["per_case_before"] == 0
    assert moved[0]["moved_share"] > 0.9
    assert rows["step_executions"]["change_share"] == pytest.approx(-0.25, abs=0.01)
    assert rows["step_handling_h"]["verdict"] == "fell"
    assert (
        rows["step_handling_h"]["saved_h_per_year"] < 0.1 * abs(rows["step_handling_h"]["change_per_case"]) * CASES * 52
    )
    assert 'moved, not saved: 100\u00a0% of what went is done under "Amend" since' in rows["step_handling_h"]["says"]
    assert {rows[name]["verdict"] for name in ("case_handling_h", "case_duration_h")} == {"unsure"}
    home = folder.parent / "home"
    assert "The work was moved, not saved" in page.path(home).read_text(encoding="utf-8")
    candidates.show(home, REWORK, False, Console(width=80))
    shown = " ".join(capsys.readouterr().out.split())
    assert "not ranked: live" in shown and "decided live since 1 June 2026" in shown
    assert "since then The work was moved, not saved" in shown
    assert shown.count("since then") == 3  # that, and the whole case's work and time: not how seldom the step is done
    candidates.show_top(home, 20, Console(width=80))
    assert "missing most (p" in capsys.readouterr().out


def test_where_nothing_changed_nothing_is_sure(told):
    rows, moved = told("same")
    assert moved == []
    assert [row["says"] for row in rows.values() if row["verdict"] != "unsure"] == []


# Drawn series

LIMITS = Limits(**{name: getattr(Settings(), name) for name in Limits.__dataclass_fields__})
BEFORE, AFTER = 26, 8


def drawn(chance: np.random.Generator, effect: float, kind: str = "provider", people: int = 9, to: float = 0) -> Weeks:
    """Rows of a candidate's steps and three peers in one season; its weeks and theirs resemble the weeks before."""
    season = np.cumsum(chance.normal(0, 0.05, BEFORE + AFTER))

    def level() -> np.ndarray:
        errors = chance.normal(0, 0.1, BEFORE + AFTER)
        for week in range(1, len(errors)):
            errors[week] = 0.3 * errors[week - 1] + np.sqrt(1 - 0.3**2) * errors[week]
        return 600 * np.exp(season + errors)

    rows = []
    for number, place in enumerate(("", "a", "b", "c")):
        for week, seconds in zip(range(-BEFORE, AFTER), level(), strict=True):
            worked = seconds * (1 + effect * (week >= 0)) if number == 0 else seconds
            worked += to * 600 * (week >= 0) * (place == "a")
            row = {"week_no": week, "case_count": 50, "people_count": people, "handling_s": round(50 * worked)}
            row |= {"execution_count": round(50 * worked / 60), "waiting_s": round(500 * worked), "duration_s": None}
            rows.append({"scope": "step", "kind": kind if number else "own", "place": place, **row})
    return Weeks(rows)


def tell(weeks, moved=(), **limits):
    named = {"candidate_id": "c1", "live_on": LIVE_ON, "process": "p", "activities": ["Submit"]}
    found = measured.measure(named, weeks, list(moved), Limits(**LIMITS.__dict__ | limits))
    return {row["measure"]: row for row in found}


@pytest.mark.parametrize("effect", [-0.3, 0])
def test_the_interval_holds_what_was_planted_in_nine_of_ten_draws(effect):
    held = 0
    for seed in range(200):
        row = tell(drawn(np.random.default_rng(seed), effect))["step_handling_h"]
        held += row["change_share_low"] <= effect <= row["change_share_high"]
    assert held >= 180


def test_work_is_said_to_have_moved_where_it_did_and_seldom_else():
    chance = [np.random.default_rng(seed) for seed in range(100)]
    to_a = [displaced.rows("c1", drawn(one, -0.4, to=0.4), LIMITS) for one in chance]
    assert sum([row["place"] for row in rows] == ["a"] for rows in to_a) >= 90
    nowhere = [displaced.rows("c1", drawn(one, -0.4), LIMITS) for one in chance]
    assert sum(rows != [] for rows in nowhere) <= 10


def test_work_that_few_people_took_over_is_told_by_how_often_they_do_it():
    weeks = drawn(np.random.default_rng(1), -0.4, to=0.4)
    for row in weeks.rows["step", "provider", "a"].values():
        row["people_count"] = 2
    (moved,) = displaced.rows("c1", weeks, LIMITS)
    assert (moved["place"], moved["measure"]) == ("a", "executions")
    assert moved["moved_share"] > 0.7
    assert tell(weeks, [moved])["step_handling_h"]["moved_share"] == moved["moved_share"]


def test_what_rose_as_two_went_live_came_from_the_one_that_lost_most():
    lives = [{"candidate_id": name, "process": "p", "live_on": LIVE_ON} for name in ("small", "large")]
    rise = {"kind": "label", "place": "Amend", "measure": "executions", "change_per_case": 0.5}
    found = [rise | {"candidate_id": "small", "moved_share": 1, "left_per_case": 0.15},
             rise | {"candidate_id": "large", "moved_share": 1, "left_per_case": 0.5}]  # fmt: skip
    (told,) = displaced.told_once(lives, found, LIMITS)
    assert (told["candidate_id"], told["moved_share"]) == ("large", 1)
    found[1]["left_per_case"] = 0.4
    shares = {row["candidate_id"]: row["moved_share"] for row in displaced.told_once(lives, found, LIMITS)}
    assert shares == {"small": pytest.approx(2 / 3, abs=1e-6), "large": 1}
    lives[0] = lives[0] | {"live_on": LIVE_ON - timedelta(weeks=9)}  # at other times it rose for each
    assert [row["moved_share"] for row in displaced.told_once(lives, found, LIMITS)] == [1, 1]


def test_who_took_the_work_is_no_peer():
    weeks = drawn(np.random.default_rng(1), -0.4, to=0.4)
    moved = displaced.rows("c1", weeks, LIMITS)
    assert tell(weeks, moved)["step_handling_h"]["peers"] == ["b", "c"]


SAVED = [f"saved_h_per_year{end}" for end in ("", "_low", "_high")]


def test_of_work_moved_away_no_more_is_saved_than_the_whole_case_shows():
    weeks = drawn(np.random.default_rng(1), -0.97, to=0.95)
    flat = drawn(np.random.default_rng(2), 0)
    weeks.rows |= {("case", *place[1:]): rows for place, rows in flat.rows.items()}
    moved = displaced.rows("c1", weeks, LIMITS)
    assert [row["place"] for row in moved] == ["a"] and moved[0]["moved_share"] >= 0.9
    rows = {row["measure"]: row for row in measured.agreed(tell(weeks, moved).values(), moved)}
    step, case = rows["step_handling_h"], rows["case_handling_h"]
    assert (step["verdict"], case["verdict"]) == ("fell", "unsure")
    assert step["saved_h_per_year"] == 0
    left = {"measure": "step_handling_h", "says": ""} | dict(zip(SAVED, (9.0, 2.0, 12.0), strict=True))
    whole = {"measure": "case_handling_h"} | dict(zip(SAVED, (7.0, -1.0, 8.0), strict=True))
    for verdict, ends in (("unsure", (0, 0, 8)), ("fell", (7, 0, 8))):  # an unsure middle is no saving
        agreed, _ = measured.agreed([dict(left), whole | {"verdict": verdict}], moved)
        assert tuple(agreed[name] for name in SAVED) == ends and "Of the rest" in agreed["says"]
    del weeks.rows["step", "own", ""][3]  # who began no case may take the work over
    for row in weeks.rows["step", "provider", "a"].values():
        row["case_count"] = 0
    assert [row["place"] for row in displaced.rows("c1", weeks, LIMITS)] == ["a"]


def test_what_went_from_one_team_to_another_is_told_as_that():
    weeks = drawn(np.random.default_rng(1), 0)
    own = weeks.rows["step", "own", ""]
    for team, since in (("x", 0.1), ("y", 0.9)):
        weeks.rows["step", "team", team] = {
            week: row | {"handling_s": round(row["handling_s"] * (since if week >= 0 else 0.5))}
            for week, row in own.items()
        }
    moved = displaced.rows("c1", weeks, LIMITS)
    assert [(row["kind"], row["place"]) for row in moved] == [("team", "y")]
    row = tell(weeks, moved)["step_handling_h"]
    assert row["moved_share"] == 0  # it never left the candidate's own steps
    assert "What some teams no longer do is done in team y." in row["says"]


@pytest.mark.parametrize(
    ("limits", "people", "says"),
    [
        ({"benefit_weeks_before_min": 27}, 9, "26 whole weeks before go-live and 8 since"),
        ({"benefit_weeks_after_min": 9}, 9, "26 whole weeks before go-live and 8 since"),
        ({"benefit_cases_min": 51}, 9, "fewer than 51 cases"),
        ({}, 4, "fewer than 5 people did this work before go-live, or have since"),
    ],
)
def test_it_abstains_and_says_why(limits, people, says):
    row = tell(drawn(np.random.default_rng(1), -0.3, people=people), **limits)["step_handling_h"]
    assert (row["verdict"], row.get("change_share")) == ("abstains", None)
    assert says in row["says"]


def test_it_is_compared_on_the_weeks_that_a_peer_is_known_in_as_well():
    weeks = drawn(np.random.default_rng(1), -0.3)
    for place in ("a", "b", "c"):
        held = weeks.rows["step", "provider", place]
        weeks.rows["step", "provider", place] = {week: row for week, row in held.items() if -20 <= week < 6}
    row = tell(weeks)["step_handling_h"]
    assert (row["verdict"], row["weeks_before"], row["weeks_after"], len(row["peers"])) == ("fell", 20, 6, 3)
    for place in ("a", "b", "c"):
        weeks.rows["step", "provider", place].pop(4)
        weeks.rows["step", "provider", place].pop(5)
        weeks.rows["step", "provider", place].pop(3)
    said = tell(weeks)["step_handling_h"]["says"]
    assert said.startswith("Not told yet: 20 weeks in which somebody untouched could be watched as well before go-live")
    assert "and 3 since" in said


def test_without_peers_or_work_it_abstains():
    weeks = drawn(np.random.default_rng(1), -0.3)
    alone = Weeks(weeks.rows["step", "own", ""][week] for week in range(-BEFORE, AFTER))
    assert "nobody untouched" in tell(alone)["step_handling_h"]["says"]
    assert {row["verdict"] for row in tell(alone).values()} == {"abstains"}
    assert "no whole week" in tell(Weeks([]))["step_handling_h"]["says"]


def test_work_that_ended_altogether_is_as_good_as_gone():
    weeks = drawn(np.random.default_rng(1), -1)
    row = tell(weeks)["step_handling_h"]
    assert row["verdict"] == "fell"
    assert -1 <= row["change_share"] < -0.98
