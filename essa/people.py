"""The people a feed's resource column names: their pseudonyms, and texts without their names.

In a note, a value and an id a name is also found by its surname, or where it is one word (`Meyer`), if that is written
as a name is and no word of office work (`Price`, `Mark`, `Clerk`). Labels lose names of two words or more alone: taken
out of `Send to Siebel`, one word more would make two steps one. Resources that are software (`robots:`) or a role
(`roles:`, or a word such as manager or desk in it) are nobody's name, and texts keep them. Nothing of this is written
anywhere.
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
from functools import cache

import duckdb
import pyarrow as pa

from essa import privacy
from essa.naming.words import LANGUAGES, listed, plain, vocabulary
from essa.reading.opened import quoted_text

WORKERS = "workers"  # who stands in the resource column, as staging joins it
ASIDE = re.compile(r"^.*\\|@.*$|\([^)]*\)|\[[^\]]*\]|[\d_]")  # a domain, an address, what stands in brackets
BETWEEN = r"[\W_]{0,3}"  # what may stand between the words of a name; nothing, as in `AshaRao`
SHORT = 3  # letters; such a word is part of many others, and one shorter is no name
LONGEST_WORD = 40  # letters, of a name; a cell may hold a megabyte of them
LONGEST_ACRONYM = 4
WORDS_IN_ONE_PATTERN = 1_000  # with more, RE2 gives up the automaton that makes it fast
_numbers = itertools.count()


@dataclass(frozen=True)
class Name:
    """How somebody is called: all words, those that are enough to tell who is meant, the pseudonym."""

    words: tuple[str, ...]
    surname: tuple[str, ...]
    who: str
    is_lower: bool = False  # written without a capital, as a log-in is

    def is_one_of(self, robots: Sequence[str], roles: Sequence[str]) -> bool:
        """Whether a feed calls it software or a role; of a name known again the words alone can tell."""
        return is_like(" ".join(self.words or self.surname), [one.lower() for one in (*robots, *roles)])


@dataclass(frozen=True)
class People:
    """The names of a feed: `by_word` finds, by one word of each, the pattern of those who bear it.

    `alone` finds a word that by itself is a name, `bearers` who is meant by the words of a text that is a name alone.
    """

    by_word: dict[str, re.Pattern]
    alone: dict[str, re.Pattern] = field(default_factory=dict)
    bearers: dict[tuple[str, ...], str] = field(default_factory=dict)

    def look_sql(self, text: str) -> str:
        """Whether an SQL text may hold one of the names; where it says no, none is in it."""
        known = self.by_word.keys() | self.alone.keys()
        words = sorted({unicodedata.normalize(form, word) for word in known for form in ("NFC", "NFD")})
        patterns = [rf"(?:^|[^\p{{L}}]){word}(?:[^\p{{L}}]|$)" if len(word) <= SHORT else word for word in words]
        step = WORDS_IN_ONE_PATTERN
        chunks = ["|".join(patterns[place : place + step]) for place in range(0, len(patterns), step)]
        looks = (f"regexp_matches(lower({text}), {quoted_text(chunk)})" for chunk in chunks)
        return f"({' OR '.join(looks) or 'false'})"

    def removed(self, text: str, is_label: bool = False) -> str:
        """A text without the names in it; one that is a name and nothing else becomes its bearer's pseudonym."""
        words = tuple(words_of(text))
        if words in self.bearers and not (is_label and len(words) == 1):
            return self.bearers[words]
        return self.blanked(text, is_label)

    def blanked(self, text: str, is_label: bool = False) -> str:
        """A text with `[person]` for each name in it."""
        given = unicodedata.normalize("NFC", text)
        words = words_of(given)
        clean = given
        for word in sorted({part for token in words for part in _ends(token)} & self.by_word.keys()):
            clean = self.by_word[word].sub("[person]", clean)
        for word in sorted(set() if is_label else set(words) & self.alone.keys()):
            clean = self.alone[word].sub("[person]", clean)
        return text if clean == given else clean


def known(names: Iterable[str], secret: str) -> People:
    """The people among these names."""
    return people_called(called(names, secret))


def called(names: Iterable[str], secret: str) -> list[Name]:
    """How those among these names are called who are people."""
    found = []
    for name in sorted(set(names)):
        bare = ASIDE.sub(" ", unicodedata.normalize("NFC", name)).strip()
        words = words_of(bare)
        if words and listed("roles", "roles").isdisjoint(words):
            who = privacy.pseudonym(secret, name.strip(" "))
            found.append(Name(tuple(words), tuple(_surname(bare)), who, bare.islower()))
    return found


def people_called(names: Iterable[Name]) -> People:
    """Finds these in a text in either order, with or without middle names."""
    bearers: dict[tuple[str, ...], str] = {}
    forms: dict[str, set[str]] = defaultdict(set)
    alone: dict[str, set[str]] = defaultdict(set)  # who is called so
    in_any_case: set[str] = set()
    for name in names:
        for word in name.surname:
            alone[word].add(name.who)
            in_any_case |= {word} if name.is_lower else set()
        words = list(name.words)
        if len(words) < 2 or len(words[0]) < 2 or len(words[-1]) < 2:
            continue
        first, last = words[0], words[-1]
        bearers.setdefault(name.words, name.who)
        orders = (words, [first, last], [last, first], [last, *words[:-1]])
        forms[max(first, last, key=len)] |= {BETWEEN.join(map(re.escape, order)) for order in orders}
    by_word = {
        word: re.compile(
            rf"(?<![^\W\d_])(?:{'|'.join(sorted(found, key=lambda form: (-len(form), form)))})(?![^\W\d_])", re.I
        )
        for word, found in forms.items()
    }
    bearers |= {(word,): next(iter(those)) for word, those in alone.items() if len(those) == 1}
    return People(by_word, {word: _pattern_alone(word, word in in_any_case) for word in alone}, bearers)


def _surname(name: str) -> list[str]:
    """The words of a name that are enough to tell who is meant: what stands before a comma, else last."""
    if name.isupper() and len(name) <= LONGEST_ACRONYM:
        return []
    part = name.split(",")[0] if "," in name else re.split(r"[\s._]+", name)[-1]
    return [word for word in words_of(part) if len(word) >= SHORT and plain(word) not in _office_words()]


@cache
def _office_words() -> frozenset[str]:
    """Words that mean something else; many are surnames too."""
    lists = (vocabulary(), listed("abbreviations", "forms"), *map(vocabulary, LANGUAGES))
    return frozenset().union(*lists)


def _pattern_alone(word: str, in_any_case: bool) -> re.Pattern:
    first = re.escape(word[0]) if in_any_case else re.escape(word[0].upper())
    return re.compile(rf"(?<![^\W\d_])(?{'i' if in_any_case else ''}:{first})(?i:{re.escape(word[1:])})(?![^\W\d_])")


def words_of(text: str) -> list[str]:
    """Runs of letters, with the marks that belong to them, in lower case."""
    apart = "".join(mark if unicodedata.category(mark)[0] in "LM" else " " for mark in text)
    return unicodedata.normalize("NFC", apart.lower()).split()


def _ends(token: str) -> Iterator[str]:
    """What a word begins or ends with, two letters at the least: in `asharao` stands `rao`."""
    yield token
    for size in range(2, min(len(token), LONGEST_WORD)):
        yield token[:size]
        yield token[-size:]


def of_feed(names: Iterable[str], robots: Sequence[str], roles: Sequence[str], secret: str) -> People:
    """The people among what stands in a feed's resource column."""
    return known(those_of(names, robots, roles), secret)


def those_of(names: Iterable[str], robots: Sequence[str], roles: Sequence[str]) -> set[str]:
    """The names that a feed does not call software or roles."""
    return {name for name in names if not is_like(name, (*robots, *roles))}


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
    """For as long as it is open, an SQL function of that name takes names out of texts parted by chr(31).

    It is told whether they are labels.
    """
    name = f"without_people_{next(_numbers)}"  # functions belong to all connections of a database

    def without_people(texts: str, is_label: bool) -> str:
        return "\x1f".join(people.removed(text, is_label) for text in texts.split("\x1f"))

    connection.create_function(name, without_people, ["VARCHAR", "BOOLEAN"], "VARCHAR")
    try:
        yield name
    finally:
        connection.remove_function(name)
