"""The people a file's resource column names: their pseudonyms, and texts without their names.

Only names of two words or more are looked for in texts: `SAP` or `Clerk-7` as a resource says nothing about a text
that holds it. Nothing of this is written anywhere.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import duckdb
import pyarrow as pa

from essa import privacy
from essa.reading.opened import quoted_text

WORKERS = "workers"  # who stands in the resource column, as staging joins it
LETTERS = re.compile(r"[^\W\d_]+")
NAME = re.compile(r"[^\W\d_]{2,}(?:[ .'-]+[^\W\d_]+)*[ .'-]+[^\W\d_]{2,}")
SHORT = 3  # letters; such a word is part of many others
WORDS_IN_ONE_PATTERN = 1_000  # with more, RE2 gives up the automaton that makes it fast
_numbers = itertools.count()


@dataclass(frozen=True)
class People:
    """The names of one file: `by_word` finds, by one word of each, the pattern of those who bear it."""

    secret: str
    by_word: dict[str, re.Pattern]
    bearers: dict[str, str] = field(default_factory=dict)  # a name, folded, to the name as the column writes it

    def look_sql(self, text: str) -> str:
        """Whether an SQL text may hold one of the names; where it says no, none is in it."""
        words = sorted(self.by_word)
        patterns = [rf"\b{word}\b" if len(word) <= SHORT else word for word in words]
        step = WORDS_IN_ONE_PATTERN
        chunks = ["|".join(patterns[place : place + step]) for place in range(0, len(patterns), step)]
        looks = (f"regexp_matches(lower({text}), {quoted_text(chunk)})" for chunk in chunks)
        return f"({' OR '.join(looks) or 'false'})"

    def removed(self, text: str) -> str:
        """A text without the names in it; one that is a name and nothing else becomes its bearer's pseudonym."""
        if bearer := self.bearers.get(_folded(text)):
            return privacy.pseudonym(self.secret, bearer)
        for word in sorted(set(LETTERS.findall(text.lower())) & self.by_word.keys()):
            text = self.by_word[word].sub("[person]", text)
        return text


def known(names: Iterable[str], secret: str) -> People:
    """The people among these names; in a text they are found in either order and any case."""
    bearers: dict[str, str] = {}
    forms: dict[str, set[str]] = defaultdict(set)
    for name in sorted({" ".join(name.split()) for name in names}):
        if NAME.fullmatch(name):
            bearers.setdefault(_folded(name), name)
            first, *_, last = name.split()
            word = max(LETTERS.findall(f"{first} {last}".lower()), key=len)
            forms[word] |= {r"\s+".join(map(re.escape, name.split())), rf"{re.escape(last)},?\s+{re.escape(first)}"}
    by_word = {
        word: re.compile(rf"(?<![^\W\d_])(?:{'|'.join(sorted(found))})(?![^\W\d_])", re.IGNORECASE)
        for word, found in forms.items()
    }
    return People(secret, by_word, bearers)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def workers(names: Sequence[str], robots: Sequence[str], secret: str) -> pa.Table:
    """One row per name in the resource column, as it stands there: its pseudonym, and whether it is software."""
    bare = [name.strip(" ") for name in names]
    return pa.table({
        "name": pa.array(names, pa.string()),
        "pseudonym": pa.array([privacy.pseudonym(secret, name) if name else None for name in bare], pa.string()),
        "is_robot": pa.array([is_robot(name, robots) for name in bare], pa.bool_()),
    })  # fmt: skip


def is_robot(name: str, robots: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in robots)


@contextmanager
def removing(connection: duckdb.DuckDBPyConnection, people: People) -> Iterator[str]:
    """For as long as it is open, an SQL function of that name takes names out of texts parted by chr(31)."""
    name = f"without_people_{next(_numbers)}"  # functions belong to all connections of a database

    def without_people(texts: str) -> str:
        return "\x1f".join(map(people.removed, texts.split("\x1f")))

    connection.create_function(name, without_people, ["VARCHAR"], "VARCHAR")
    try:
        yield name
    finally:
        connection.remove_function(name)
