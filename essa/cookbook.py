"""`docs/cookbook.sql`: analysts' questions as queries, each with what the sample answers.

Run as `python -m essa.cookbook HOME` to write the answers anew from the publication there. What the answers depend on
is hashed into the page's head, so that a change that may make others of them does not go by unseen.
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from essa import publication

PROJECT = Path(__file__).parent.parent
PAGE = PROJECT / "docs" / "cookbook.sql"
# What a night on the sample finds: the tables, the settings, the sample itself, and what names, decides and recurs
INGREDIENTS = ("sql", "essa/settings.py", "essa/sample", "essa/naming", "essa/words", "essa/rules", "essa/routines")
MADE_WITH = re.compile(r"(?m)^-- Made with \w+")
SHOWN = 5  # rows of an answer
WIDEST = 46  # characters of a cell


@dataclass(frozen=True)
class Question:
    """One numbered question, the query that answers it, and the answer shown, its lines of comment."""

    title: str
    sql: str
    answer: str


def questions(text: str) -> tuple[str, list[Question]]:
    """The words at the head of the page, and its questions."""
    head, *parts = re.split(r"(?m)^(?=-- \d+\. )", text)
    return head, [_question(part) for part in parts]


def _question(part: str) -> Question:
    title, _, rest = part.partition("\n")
    sql, _, answer = rest.partition(";\n")
    return Question(title.removeprefix("-- "), sql, answer.strip())


def answered(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The page with every answer anew."""
    head, asked = questions(text)
    told = [f"-- {one.title}\n{one.sql};\n{answer(connection, one.sql)}\n" for one in asked]
    return head + "\n".join(told)


def made_with() -> str:
    """A hash of all that the answers on the sample depend on."""
    found = hashlib.sha256()
    for name in INGREDIENTS:
        place = PROJECT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.relative_to(PROJECT).as_posix().encode())
                found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:16]


def sealed(text: str) -> str:
    """The page with what tonight's answers were made with in its head."""
    return MADE_WITH.sub(f"-- Made with {made_with()}", text, count=1)


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The first rows as a table in comments, and how many more there are."""
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    shown = [names, *([_cell(value) for value in row] for row in rows[:SHOWN])]
    widths = [max(len(row[place]) for row in shown) for place in range(len(names))]
    lines = [
        "-- " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown
    ]
    if len(rows) > SHOWN:
        lines.append(f"-- and {len(rows) - SHOWN:,} more")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


if __name__ == "__main__":
    with publication.open_published(Path(sys.argv[1])) as published:
        PAGE.write_text(sealed(answered(published, PAGE.read_text(encoding="utf-8"))), encoding="utf-8")
