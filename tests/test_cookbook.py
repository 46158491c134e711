"""Every question of the cookbook is answered by a publication, in the columns that its shown answer has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from essa import cookbook, publication

pytestmark = pytest.mark.slow
HEAD, ASKED = cookbook.questions(cookbook.PAGE.read_text(encoding="utf-8"))


def test_there_are_twenty_questions_and_more_and_they_are_numbered() -> None:
    assert len(ASKED) >= 20
    assert [int(one.title.partition(".")[0]) for one in ASKED] == list(range(1, len(ASKED) + 1))
    assert all(one.title.endswith(("?", ".")) for one in ASKED)


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.title)
def test_a_question_is_answered_and_its_shown_answer_has_these_columns(
    office_home: Path, one: cookbook.Question
) -> None:
    with publication.open_published(office_home) as connection:
        found = connection.execute(one.sql)
        names = [column[0] for column in found.description]
        assert found.fetchall(), "no row answers it"
    first, *rows = one.answer.splitlines()
    assert [name.strip() for name in first.removeprefix("-- ").split("|")] == names
    assert rows


def test_answers_written_twice_are_the_same_and_nothing_else_changes(office_home: Path) -> None:
    text = cookbook.PAGE.read_text(encoding="utf-8")
    with publication.open_published(office_home) as connection:
        once = cookbook.answered(connection, text)
        assert cookbook.answered(connection, once) == once
    head, asked = cookbook.questions(once)
    assert (head, [one.sql for one in asked]) == (HEAD, [one.sql for one in ASKED])


def test_the_answers_shown_were_made_with_what_makes_them_now() -> None:
    (told,) = cookbook.MADE_WITH.findall(HEAD)
    assert told == f"-- Made with {cookbook.made_with()}", "the answers may be others by now: `make cookbook`"


def test_the_seal_changes_with_what_the_answers_rest_on_and_seals_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cookbook.PAGE.read_text(encoding="utf-8")
    assert cookbook.MADE_WITH.sub("", cookbook.sealed(text)) == cookbook.MADE_WITH.sub("", text)
    assert all((cookbook.PROJECT / name).exists() for name in cookbook.INGREDIENTS)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "a.sql").write_text("SELECT 1")
    monkeypatch.setattr(cookbook, "PROJECT", tmp_path)
    monkeypatch.setattr(cookbook, "INGREDIENTS", ("sql",))
    once = cookbook.made_with()
    (tmp_path / "sql" / "a.sql").write_text("SELECT 2")
    assert once != cookbook.made_with()


def test_the_readme_tells_the_hours_the_cookbook_answers() -> None:
    """Both are of `make run`: `make cookbook pictures` writes the one, the README follows by hand."""
    readme = (cookbook.PAGE.parent.parent / "README.md").read_text(encoding="utf-8")
    _, asked = cookbook.questions(cookbook.PAGE.read_text(encoding="utf-8"))
    answered = [line.removeprefix("-- ").split(" | ") for line in asked[0].answer.splitlines()[1:]]
    told = dict(re.findall(r"(?m)^\| (?:eliminate|simplify|standardize|automate) \| (.+?) \| ([\d,]+) \|", readme))
    compared = 0
    for row in answered:
        for title, hours in told.items():
            if len(row) > 4 and title.startswith(row[3].strip().rstrip("…")):
                assert f"{float(row[4]):,.0f}" == hours, title
                compared += 1
    assert compared >= 3
