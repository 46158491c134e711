"""The cookbook's answers, and the README's hours, are those of a night on the sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from essa import cookbook, publication

pytestmark = pytest.mark.slow
TEXT = cookbook.PAGE.read_text(encoding="utf-8")
HEAD, ASKED = cookbook.questions(TEXT)


@pytest.fixture(scope="module")
def published_sample(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(sample / "home") as connection:
        yield connection


def test_there_are_twenty_questions_and_more_and_they_are_numbered() -> None:
    assert len(ASKED) >= 20
    assert [int(one.title.partition(".")[0]) for one in ASKED] == list(range(1, len(ASKED) + 1))
    assert all(one.title.endswith(("?", ".")) for one in ASKED)


@pytest.mark.parametrize("one", ASKED, ids=lambda one: one.title)
def test_a_question_has_the_answer_shown(published_sample: duckdb.DuckDBPyConnection, one: cookbook.Question) -> None:
    assert cookbook.answer(published_sample, one.sql) == one.answer, "if it should be another now: `make cookbook`"
    assert len(one.answer.splitlines()) > 1, "no row answers it"


def test_answers_written_anew_change_answers_and_nothing_else() -> None:
    with duckdb.connect() as connection:
        text = "-- Words.\n\n-- 1. How many?\nSELECT 2 AS two;\n{}\n-- 2. And?\nSELECT 'a  b' AS it\nWHERE true;\n{}"
        told = cookbook.answered(connection, text.format("-- two\n-- 1\n-- and 7 more\n", ""))
    assert told == text.format("-- two\n-- 2\n", "-- it\n-- a b\n")


def test_the_readme_tells_the_hours_the_cookbook_answers() -> None:
    """Both are of `make run`: `make cookbook pictures` writes the one, the README follows by hand."""
    readme = (cookbook.PAGE.parent.parent / "README.md").read_text(encoding="utf-8")
    answered = [line.removeprefix("-- ").split(" | ") for line in ASKED[0].answer.splitlines()[1:]]
    told = dict(re.findall(r"(?m)^\| (?:eliminate|simplify|standardize|automate) \| (.+?) \| ([\d,]+) \|", readme))
    compared = 0
    for row in answered:
        for title, hours in told.items():
            if len(row) > 4 and title.startswith(row[3].strip().rstrip("…")):
                assert f"{float(row[4]):,.0f}" == hours, title
                compared += 1
    assert compared >= 3
