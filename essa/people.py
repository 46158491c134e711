"""The people a feed's resource column names: their pseudonyms, and texts without their names.

A name is two words or more: `SAP`, `Clerk-7` or `Schmidt` alone says too little about a text that holds it. Resources
that are software (`robots:`) or a role (`roles:`, or a word such as manager or desk in it) are nobody's name, and texts
keep them. Nothing of this is written anywhere.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import duckdb
import pyarrow as pa

from essa import privacy
from essa.naming.words import listed
from essa.reading.opened import quoted_text

WORKERS = "workers"  # who stands in the resource column, as staging joins it
ASIDE = re.compile(r"^.*\\|@.*$|\([^)]*\)|\[[^\]]*\]|[\d_]")  # a domain, an address, what stands in brackets
BETWEEN = r"[\W_]{0,3}"  # what may stand between the words of a name; nothing, as in `AshaRao`
SHORT = 3  # letters; such a word is part of many others
WORDS_IN_ONE_PATTERN = 1_000  # with more, RE2 gives up the automaton that makes it fast
_numbers = itertools.count()


@dataclass(frozen=True)
class People:
    """The names of a feed: `by_word` finds, by one word of each, the pattern of those who bear it."""

    secret: str
    by_word: dict[str, re.Pattern]
    bearers: dict[tuple[str, ...], str] = field(default_factory=dict)  # a name's words to the name as it is written

    def look_sql(self, text: str) -> str:
        """Whether an SQL text may hold one of the names; where it says no, none is in it."""
        words = sorted({unicodedata.normalize(form, word) for word in self.by_word for form in ("NFC", "NFD")})
        patterns = [rf"(?:^|[^\p{{L}}]){word}(?:[^\p{{L}}]|$)" if len(word) <= SHORT else word for word in words]
        step = WORDS_IN_ONE_PATTERN
        chunks = ["|".join(patterns[place : place + step]) for place in range(0, len(patterns), step)]
        looks = (f"regexp_matches(lower({text}), {quoted_text(chunk)})" for chunk in chunks)
        return f"({' OR '.join(looks) or 'false'})"

    def removed(self, text: str) -> str:
        """A text without the names in it; one that is a name and nothing else becomes its bearer's pseudonym."""
        bearer = self.bearers.get(tuple(_words(text)))
        return privacy.pseudonym(self.secret, bearer) if bearer else self.blanked(text)

    def blanked(self, text: str) -> str:
        """A text with `[person]` for each name in it."""
        plain = unicodedata.normalize("NFC", text)
        found = sorted({part for token in _words(plain) for part in _ends(token)} & self.by_word.keys())
        clean = plain
        for word in found:
            clean = self.by_word[word].sub("[person]", clean)
        return text if clean == plain else clean


def known(names: Iterable[str], secret: str) -> People:
    """The people among these names; in a text they are found in either order, with or without middle names."""
    bearers: dict[tuple[str, ...], str] = {}
    forms: dict[str, set[str]] = defaultdict(set)
    for name in sorted(set(names)):
        words = _words(ASIDE.sub(" ", unicodedata.normalize("NFC", name)))
        is_role = not listed("roles", "roles").isdisjoint(words)
        if is_role or len(words) < 2 or len(words[0]) < 2 or len(words[-1]) < 2:
            continue
        first, last = words[0], words[-1]
        bearers.setdefault(tuple(words), name.strip(" "))
        orders = (words, [first, last], [last, first], [last, *words[:-1]])
        forms[max(first, last, key=len)] |= {BETWEEN.join(map(re.escape, order)) for order in orders}
    by_word = {
        word: re.compile(
            rf"(?<![^\W\d_])(?:{'|'.join(sorted(found, key=lambda form: (-len(form), form)))})(?![^\W\d_])", re.I
        )
        for word, found in forms.items()
    }
    return People(secret, by_word, bearers)


def _words(text: str) -> list[str]:
    """Runs of letters, with the marks that belong to them, in lower case."""
    apart = "".join(mark if unicodedata.category(mark)[0] in "LM" else " " for mark in text)
    return unicodedata.normalize("NFC", apart.lower()).split()


def _ends(token: str) -> Iterator[str]:
    """What a word begins or ends with, two letters at the least: in `asharao` stands `rao`."""
    yield token
    for size in range(2, len(token)):
        yield token[:size]
        yield token[-size:]


def of_feed(names: Iterable[str], robots: Sequence[str], roles: Sequence[str], secret: str) -> People:
    """The people among what stands in a feed's resource column."""
    return known((name for name in names if not is_like(name, (*robots, *roles))), secret)


def workers(names: Iterable[str], robots: Sequence[str], secret: str) -> pa.Table:
    """One row per name in the resource column, as it stands there: its pseudonym, and whether it is software."""
    listed = sorted(names)
    bare = [name.strip(" ") for name in listed]
    return pa.table({
        "name": pa.array(listed, pa.string()),
        "pseudonym": pa.array([privacy.pseudonym(secret, name) if name else None for name in bare], pa.string()),
        "is_robot": pa.array([is_like(name, robots) for name in bare], pa.bool_()),
    })  # fmt: skip


def is_like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.strip(" "), pattern) for pattern in patterns)


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
