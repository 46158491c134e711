"""`docs/cookbook.sql`: analysts' questions as queries, each with what the sample answers.

Run as `python -m essa.cookbook HOME` to write the answers anew from the publication there.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from essa import publication

PAGE = Path(__file__).parent.parent / "docs" / "cookbook.sql"
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
        PAGE.write_text(answered(published, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
