"""The people a feed's resource column names: their pseudonyms, and texts without their names.

In a note, a value and an id a name is also found by its surname, or where it is one word (`Meyer`), if that is written
as a name is and no word of office work (`Price`, `Mark`, `Clerk`). Labels lose names of two words or more alone: taken
out of `Send to Siebel`, one word more would make two steps one. A resource that is a log-in or a staff number is left
out of all but labels as it stands. Resources that are software (`robots:`) or a role
(`roles:`, or a word such as manager or desk in it) are nobody's name, and texts keep them. Nothing of this is written
anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, lru_cache

import pyarrow as pa

from essa import name_patterns, privacy
from essa.naming.words import LANGUAGES, listed, plain, vocabulary
from essa.reading.opened import quoted_text
from essa.spelling import (
    DOTLESS,
    RUN,
    UNSEEN,
    digit_count,
    folded,
    log_ins,
    seen_in_sql,
    spellings,
    with_apostrophe,
    without_titles,
    words_as_written,
    words_of,
)  # fmt: skip

NAME, PSEUDONYM, IS_ROBOT = "essa:name", "essa:pseudonym", "essa:is_robot"  # of workers; a file has none so called
ASIDE = re.compile(r"^.*\\|@.*$|\([^)]*\)|\[[^\]]*\]|[\d_]")  # a domain, an address, what stands in brackets
SHORT = 3  # letters; such a word is part of many others, and one shorter is no name
SHORTEST_LOG_IN_NAME = 4  # letters, of a surname behind an initial, `a.meyer`; shorter ones are in codes, `R.Nr`
SHORTEST_GLUED_NAME = 5  # and of one behind it without a mark, `ameyer`; of shorter ones words are made, `award`
SHORTEST_JOINED_NAME = 6  # and of a whole name as one word
SHORTEST_SURE_NUMBER = 7  # digits, of a staff number that is all of a value; fewer may be an amount
LONGEST_NAME, MOST_WORDS = 200, 12  # of a person; more is free text in the wrong column
TOO_LONG = "r-too-long"  # instead of the pseudonym of such a text, so that its line is refused
LONGEST_ACRONYM = 4
WORDS_IN_ONE_PATTERN = 1_000  # with more, RE2 gives up the automaton that makes it fast


@dataclass(frozen=True)
class Name:
    """How somebody is called: all words, those that are enough to tell who is meant, the pseudonym."""

    words: tuple[str, ...]
    surname: tuple[str, ...]
    who: str
    is_lower: bool = False  # written without a capital, as a log-in is
    log_ins: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()  # whole, as one word, where nobody knows its parts

    def is_one_of(self, robots: Sequence[str], roles: Sequence[str]) -> bool:
        """Whether a feed calls it software or a role; of a name known again the words alone can tell."""
        patterns = [folded(one.lower())[0] for one in (*robots, *roles)]
        forms = {" ".join(self.words or self.surname), *self.log_ins}
        return any(is_like(form, patterns) for form in forms)


@dataclass(frozen=True)
class People:
    """The names of a feed: `by_word` finds, by one word of each, how those are written who bear it.

    `alone` has the words that by themselves are names, and whether in any case; `bearers` who is meant by the words of
    a text that is a name alone. A pattern is made ready where a text first needs it, for most are never needed.
    """

    by_word: dict[str, tuple[str, ...]]
    alone: dict[str, bool] = field(default_factory=dict)
    bearers: dict[tuple[str, ...], str] = field(default_factory=dict)
    log_ins: dict[str, dict[str, str]] = field(default_factory=dict)  # and whose they are, by the first run in each

    def look_sql(self, text: str) -> str:
        """Whether an SQL text may hold one of the names; where it says no, none is in it."""
        seen = (word for word in self.alone if len(word) <= SHORT + 1 or word[1:] not in self.by_word)
        words = sorted(self.by_word.keys() | set(seen))
        whole = sorted(re.escape(one) for those in self.log_ins.values() for one in those)
        chunks = [
            before + "|".join(those[place : place + WORDS_IN_ONE_PATTERN]) + after
            for before, those, after in (  # RE2 takes ten times as long to make ready for the letters of all scripts
                ("(?:^|[^a-z])(?:", [word for word in words if len(word) <= SHORT], ")(?:[^a-z]|$)"),
                ("", [seen_in_sql(word) for word in words if len(word) > SHORT], ""),
                ("(?:^|[^a-z0-9_])(?:", whole, ")(?:[^a-z0-9_]|$)"),
            )
            for place in range(0, len(those), WORDS_IN_ONE_PATTERN)
        ]
        looks = [f"regexp_matches(strip_accents(lower({text})), {quoted_text(chunk)})" for chunk in chunks]
        if looks:  # after chr(0) DuckDB strips no accents and says nothing more, nor does it make an i of a dotless one
            unseen = rf"[\x00{UNSEEN}{DOTLESS}]"
            looks.append(f"regexp_matches({text}, {quoted_text(unseen)})")
        return f"({' OR '.join(looks) or 'false'})"

    def removed(self, text: str, is_label: bool = False) -> str:
        """A text without the names in it; one that is a name and nothing else becomes its bearer's pseudonym."""
        words = tuple(without_titles(words_of(text)))
        if words in self.bearers and not (is_label and len(words) == 1):
            return self.bearers[words]
        bare = folded(text)[0].strip().lower()
        if not is_label and (runs := RUN.findall(bare)) and (who := self.log_ins.get(runs[0], {}).get(bare)):
            return text if 0 < digit_count(bare) < SHORTEST_SURE_NUMBER else who
        return self.blanked(text, is_label)

    def blanked(self, text: str, is_label: bool = False) -> str:
        """A text with `[person]` for each name in it."""
        given = unicodedata.normalize("NFC", text)
        clean = given if is_label else self.without_log_ins(given)
        words = words_of(clean)
        for word in sorted({part for token in words for part in name_patterns.ends(token)} & self.by_word.keys()):
            clean = name_patterns.without(name_patterns.one_of(self.by_word[word]), clean)
        for word in sorted(set() if is_label else set(words) & self.alone.keys()):
            clean = name_patterns.without(name_patterns.alone(word, self.alone[word]), clean)
        return text if clean == given else clean

    def without_log_ins(self, text: str) -> str:
        """A text with `[person]` for each log-in and staff number in it."""
        if self.log_ins:
            for run in sorted(set(RUN.findall(folded(text)[0].lower())) & self.log_ins.keys()):
                text = name_patterns.without(name_patterns.whole(tuple(self.log_ins[run])), text)
        return text


def known(names: Iterable[str], secret: str) -> People:
    """The people among these names."""
    return people_called(called(names, secret))


def called(names: Iterable[str], secret: str) -> list[Name]:
    """How those among these names are called who are people."""
    return [form for name in sorted(set(names)) for form in _called(name, secret)]


@lru_cache(1 << 16)  # every feed of a night asks for all
def _called(name: str, secret: str) -> tuple[Name, ...]:
    """How somebody is called, in each way to write it; nothing where the text is nobody's name."""
    if len(name) > LONGEST_NAME:
        return ()
    bare = ASIDE.sub(" ", unicodedata.normalize("NFC", name)).strip()
    family, comma, given = bare.partition(",")
    words, surname = without_titles(words_as_written(f"{given} {family}" if comma else bare)), _surname(bare)
    logs = tuple(log_ins(name))
    if not (words or logs) or len(words) > MOST_WORDS or not listed("roles", "roles").isdisjoint(words):
        return ()
    who = privacy.pseudonym(secret, name.strip())
    forms = zip(*map(spellings, words), strict=True) if words else [()]
    alone = tuple(one for word in surname for one in _alone(word))
    return tuple(Name(form, alone, who, bare.islower(), logs) for form in dict.fromkeys(forms))


def people_called(names: Iterable[Name]) -> People:
    """Finds these in a text in either order, with or without middle names."""
    bearers: dict[tuple[str, ...], str] = {}
    forms: dict[str, set[str]] = defaultdict(set)
    alone: dict[str, set[str]] = defaultdict(set)  # who is called so
    in_any_case: set[str] = set()
    logs: dict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        for one in name.log_ins:
            logs[RUN.findall(one)[0]].setdefault(one, name.who)
        for word in name.surname:
            alone[word].add(name.who)
            in_any_case |= {word} if name.is_lower else set()
        for one in name.joined:
            forms[one].add(with_apostrophe(one))
        if len(words := list(name.words)) < 2:
            continue
        first, last = words[0], words[-1]
        if len(last) >= SHORTEST_LOG_IN_NAME and last not in _office_words():
            forms[last].add(name_patterns.behind_initial(words))
        if one := glued(name.words):
            alone[one].add(name.who)
            in_any_case.add(one)
        if len(first) < 2 or len(last) < 2:
            continue
        bearers.setdefault(name.words, name.who)
        bearers.setdefault((*name.words[1:], first), name.who)
        forms[max(first, last, key=len)] |= {
            name_patterns.in_order(order, is_long_enough("".join(order))) for order in orders_of(name.words)
        }
    by_word = {word: tuple(sorted(found)) for word, found in forms.items()}
    bearers |= {(word,): next(iter(those)) for word, those in alone.items() if len(those) == 1}
    return People(by_word, {word: word in in_any_case for word in alone}, bearers, dict(logs))


def orders_of(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """How the words of a name may follow each other: its first and its last word may change places."""
    first, last = words[0], words[-1]
    return [words, (first, last), (last, first), (last, *words[:-1]), (*words[1:], first)]


def is_long_enough(joined: str) -> bool:
    """Whether a name's words may stand as one; `Bo Ok` is no book, `Mark Et` no market."""
    return len(joined) >= SHORTEST_JOINED_NAME and joined not in _office_words()


def glued(words: Sequence[str]) -> str | None:
    """The log-in that is made of a name by its initial: `ameyer`; None where it is too short, or a word."""
    if len(words) < 2 or len(words[-1]) < SHORTEST_GLUED_NAME:
        return None
    one = words[0][0] + words[-1]
    return None if {one, words[-1]} & _office_words() else one


def _surname(name: str) -> list[str]:
    """The words of a name that are enough to tell who is meant: what stands before a comma, else last."""
    if name.isupper() and len(name) <= LONGEST_ACRONYM:
        return []
    part = name.split(",")[0] if "," in name else re.split(r"[\s._]+", name)[-1]
    return words_as_written(part)


def _alone(word: str) -> list[str]:
    """The spellings of a surname that are no other word."""
    is_other = plain(word) in _office_words() | listed("roles", "titles")
    words = dict.fromkeys([] if is_other else spellings(word))
    return [one for one in words if len(one) >= SHORT and one not in _office_words()]


@cache
def _office_words() -> frozenset[str]:
    """Words that mean something else; many are surnames too."""
    lists = (vocabulary(), listed("abbreviations", "forms"), *map(vocabulary, LANGUAGES))
    return frozenset().union(*lists)


def those_of(names: Iterable[str], robots: Sequence[str], roles: Sequence[str]) -> set[str]:
    """The names that a feed does not call software or roles."""
    return {name for name in names if not is_like(name, (*robots, *roles))}


def workers(names: Iterable[str], robots: Sequence[str], secret: str) -> pa.Table:
    """One row per name in the resource column, as it stands there: its pseudonym, and whether it is software."""
    listed = sorted(names)
    bare = [name.strip() for name in listed]
    return pa.table({
        NAME: pa.array(listed, pa.string()),
        PSEUDONYM: pa.array([_pseudonym(name, secret) for name in bare], pa.string()),
        IS_ROBOT: pa.array([is_like(name, robots) for name in bare], pa.bool_()),
    })  # fmt: skip


def _pseudonym(name: str, secret: str) -> str | None:
    if len(name) > LONGEST_NAME:
        return TOO_LONG
    return privacy.pseudonym(secret, name) if name else None


def is_like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.strip(), pattern) for pattern in patterns)
