"""An analyst's latest word on a candidate stands; a line that says nothing readable is named."""

from __future__ import annotations

from datetime import date

import pytest

from essa import decisions, privacy
from essa.errors import UsageError
from essa.national_ids import NationalId, NationalIds

SECRET = "a secret of more than sixteen characters"
DAY = date(2026, 11, 21)


def test_the_latest_word_stands_with_its_author_pseudonymised(tmp_path):
    decisions.decide(tmp_path, "c1", "accepted", "ask kim@example.com", "Kim", DAY, None)
    decisions.decide(tmp_path, "c2", "accepted", None, None, DAY, None)
    decisions.decide(tmp_path, "c1", "live", 'says "go", twice\nover', "Kim", DAY, DAY)
    first, second = decisions.read(tmp_path, SECRET, DAY)
    assert (first["candidate_id"], first["status"], first["live_on"]) == ("c1", "live", DAY)
    assert first["decided_by"] == privacy.pseudonym(SECRET, "Kim")
    assert first["note"] == 'says "go", twice\nover'
    assert (second["note"], second["decided_by"]) == (None, None)


def test_a_note_loses_the_numbers_that_the_company_looks_for(tmp_path):
    decisions.decide(tmp_path, "c1", "accepted", "as E123456 and 123-45-6789 said", "Kim", DAY, None)
    ids = NationalIds([NationalId(name="Staff number", pattern="E[0-9]{6}")])
    assert decisions.read(tmp_path, SECRET, DAY, ids)[0]["note"] == "as [national id] and 123-45-6789 said"
    assert decisions.read(tmp_path, SECRET, DAY)[0]["note"] == "as E123456 and [national id] said"


def test_no_decisions_are_no_trouble(tmp_path):
    assert decisions.read(tmp_path, SECRET, DAY) == []


LATER = date(2099, 1, 1)


@pytest.mark.parametrize(
    ("status", "live_on"),
    [("maybe", None), ("live", None), ("accepted", DAY), ("rejected", None), ("live", LATER), ("live", date(1, 1, 1))],
)
def test_a_word_that_makes_no_sense_is_refused(tmp_path, status, live_on):
    with pytest.raises(UsageError):
        decisions.decide(tmp_path, "c1", status, None, None, DAY, live_on)
    assert not (tmp_path / "decisions.csv").exists()


def test_a_question_claims_nothing_and_cannot_go_live(tmp_path):
    with pytest.raises(UsageError, match="is a question") as refused:
        decisions.decide(tmp_path, "c1", "live", None, None, DAY, DAY, is_question=True)
    assert "essa decide c1 accepted" in str(refused.value)
    decisions.decide(tmp_path, "c1", "accepted", None, None, DAY, None, is_question=True)


def test_a_word_goes_below_what_people_wrote_in_the_order_of_their_columns(tmp_path):
    by_hand = "\n note , candidate_id,status,decided_by,decided_on,live_on,ours\nask,c1,accepted,,2026-11-20,,3"
    (tmp_path / "decisions.csv").write_text(by_hand, encoding="utf-8-sig")
    decisions.decide(tmp_path, "c2", "live", "go", None, DAY, DAY)
    first, second = decisions.read(tmp_path, SECRET, DAY)
    assert (first["candidate_id"], first["note"], first["live_on"]) == ("c1", "ask", None)
    assert (second["candidate_id"], second["status"], second["note"], second["live_on"]) == ("c2", "live", "go", DAY)


def test_a_word_that_the_next_night_could_not_read_is_refused_at_once(tmp_path):
    (tmp_path / "decisions.csv").write_text("candidate_id,status\nc1,accepted\n")
    with pytest.raises(UsageError, match="no column is called note"):
        decisions.decide(tmp_path, "c2", "accepted", None, None, DAY, None)
    assert "c2" not in (tmp_path / "decisions.csv").read_text()


HEADER = "candidate_id,status,note,decided_by,decided_on,live_on\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "c1,perhaps,,,2026-11-21,\n", "line 2: no status is called perhaps"),
        (HEADER + "c1,accepted,,,yesterday,\n", "line 2: decided_on is yesterday"),
        (HEADER + "c1,accepted\n", "line 2: decided_on is empty"),
        (HEADER + "c1,live,,,2026-11-21,\n", "line 2: live goes with the day"),
        (HEADER + "c1,accepted,,,2026-11-21,2026-11-21\n", "line 2: live goes with the day"),
        (HEADER + "c1,live,,,2026-11-21,2099-01-01\n", "line 2: live_on is 2099-01-01"),
        (HEADER + "c1,live,,,2026-11-21,0001-01-01\n", "line 2: live_on is 0001-01-01"),
        (HEADER + "c1,accepted,,,2099-11-21,\n", "line 2: decided_on is 2099-11-21"),
        (HEADER + "c1,rejected, ,,2026-11-21,\n", "line 2: rejected goes with a note"),
        (HEADER + ",accepted,,,2026-11-21,\n", "line 2: candidate_id is empty"),
        (HEADER + "\n\nc1,perhaps,,,2026-11-21,\n", "line 4: "),
        (HEADER + 'c1,accepted,"one\ntwo\nthree",,2026-11-21,\nc1,perhaps,,,2026-11-21,\n', "line 5: "),
        (HEADER + 'c1,accepted,"a quote left open,,2026-11-21,\nc2,accepted,,,2026-11-21,\n', "line 2: its quotes"),
        (
            HEADER + f"c1,accepted,{'x' * 200_000},,2026-11-21,\n",
            "line 2: its quotes do not close, or a text has over",
        ),
        ("a,b\n1,2\n", "line 1: no column is called candidate_id"),
        (HEADER.replace(",", ";") + "c1;accepted;;;2026-11-21;\n", "line 1: no comma parts its columns"),
        (HEADER + "c1;accepted;;;2026-11-21;\n", "line 2: no comma parts its columns"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, text, said):
    (tmp_path / "decisions.csv").write_text(text)
    with pytest.raises(UsageError, match=said):
        decisions.read(tmp_path, SECRET, DAY)


@pytest.mark.parametrize("status", ["Accepted", "in bild", "acepted"])
def test_the_status_that_was_meant_is_told(tmp_path, status):
    (tmp_path / "decisions.csv").write_text(HEADER + f"c1,{status},,,2026-11-21,\n")
    with pytest.raises(UsageError) as refused:
        decisions.read(tmp_path, SECRET, DAY)
    assert "did you mean `" in str(refused.value)


def test_a_word_of_two_may_be_typed_with_a_blank(tmp_path):
    (tmp_path / "decisions.csv").write_text(HEADER + "c1,in build,,,2026-11-21,\nc2,in_build,,,2026-11-21,\n")
    decisions.decide(tmp_path, "c3", "in build", None, None, DAY, None)
    assert {row["status"] for row in decisions.read(tmp_path, SECRET, DAY)} == {"in_build"}


def test_of_several_words_the_latest_day_stands_wherever_its_line_is(tmp_path):
    lines = [
        "c1,accepted,,,2026-11-21,",
        " c1 , retired ,,,2026-11-20,",
        "c2,accepted,,,2026-11-20,",
        "c2,proposed,,,2026-11-20,",
    ]
    (tmp_path / "decisions.csv").write_text(HEADER + "\n".join(lines))
    found = {row["candidate_id"]: row["status"] for row in decisions.read(tmp_path, SECRET, DAY)}
    assert found == {"c1": "accepted", "c2": "proposed"}


def test_a_table_saved_by_a_spreadsheet_is_read_or_refused_in_words(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text(HEADER + "c1,accepted,,,2026-11-21,\n", encoding="utf-8-sig")
    assert decisions.read(tmp_path, SECRET, DAY)[0]["status"] == "accepted"
    path.write_text(HEADER + "c1,accepted,ü,,2026-11-21,\n", encoding="utf-16")
    with pytest.raises(UsageError, match="no UTF-8 CSV"):
        decisions.read(tmp_path, SECRET, DAY)
