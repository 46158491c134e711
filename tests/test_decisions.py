"""An analyst's latest word on a candidate stands; a line that says nothing readable is named."""

from __future__ import annotations

from datetime import date

import pytest

from essa import decisions, privacy
from essa.errors import UsageError

SECRET = "a secret of more than sixteen characters"
DAY = date(2026, 11, 21)


def test_the_latest_word_stands_with_its_author_pseudonymised(tmp_path):
    decisions.decide(tmp_path, "c1", "accepted", "ask kim@example.com", "Kim", DAY, None)
    decisions.decide(tmp_path, "c2", "accepted", None, None, DAY, None)
    decisions.decide(tmp_path, "c1", "live", 'says "go", twice\nover', "Kim", DAY, DAY)
    first, second = decisions.read(tmp_path, SECRET)
    assert (first["candidate_id"], first["status"], first["live_on"]) == ("c1", "live", DAY)
    assert first["decided_by"] == privacy.pseudonym(SECRET, "Kim")
    assert first["note"] == 'says "go", twice\nover'
    assert (second["note"], second["decided_by"]) == (None, None)


def test_no_decisions_are_no_trouble(tmp_path):
    assert decisions.read(tmp_path, SECRET) == []


@pytest.mark.parametrize(
    ("status", "live_on"), [("maybe", None), ("live", None), ("accepted", DAY), ("rejected", None)]
)
def test_a_word_that_makes_no_sense_is_refused(tmp_path, status, live_on):
    with pytest.raises(UsageError):
        decisions.decide(tmp_path, "c1", status, None, None, DAY, live_on)
    assert not (tmp_path / "decisions.csv").exists()


HEADER = "candidate_id,status,note,decided_by,decided_on,live_on\n"


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "c1,perhaps,,,2026-11-21,\n",
        HEADER + "c1,accepted,,,yesterday,\n",
        HEADER + "c1,accepted\n",
        HEADER + "c1,live,,,2026-11-21,\n",
        "a,b\n1,2\n",
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, text):
    (tmp_path / "decisions.csv").write_text(text)
    with pytest.raises(UsageError, match="line 2"):
        decisions.read(tmp_path, SECRET)


def test_a_table_saved_by_a_spreadsheet_is_read_or_refused_in_words(tmp_path):
    path = tmp_path / "decisions.csv"
    path.write_text(HEADER + "c1,accepted,,,2026-11-21,\n", encoding="utf-8-sig")
    assert decisions.read(tmp_path, SECRET)[0]["status"] == "accepted"
    path.write_text(HEADER + "c1,accepted,ü,,2026-11-21,\n", encoding="utf-16")
    with pytest.raises(UsageError, match="no UTF-8 CSV"):
        decisions.read(tmp_path, SECRET)
