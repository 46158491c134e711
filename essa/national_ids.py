"""Texts without the numbers that countries give people: those of essa/national_ids.yml, and a company's own.

A pattern tells where one may stand, in what letters and digits touch it and what its check digits say whether it does.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, ValidationInfo

from essa import checksums, mistakes, personal
from essa.feed_parts import Strict, Text, like
from essa.in_words import many

SHIPPED = Path(__file__).with_suffix(".yml")
SHOWN = "[national id]"
HYPHENS = personal.HYPHENS.removesuffix("-")
# No number of a document: `PO-123-45-6789`, `2026/12345678Z`, `1,123.456.789-09`.
BEFORE = r"(?:^|[^A-Za-z0-9.,+/-]|[A-Za-z ][.,])"
BEFORE_WORD, AFTER_LETTERS = r"(?:^|[^A-Za-z])", r"(?:[^A-Za-z]|$)"
AFTER_WORD = r"(?i:[ .-]{0,2}(?:id|no|nr|num|number|nummer|code)\b)?[\"']?(?i: {1,2}(?:is|was)\b)?[ .:#=-]{0,3}[\"']?"
REST = r"(?:[A-Za-z0-9]|[-/._][0-9])*"  # where there is any, the whole is another number
ORDINARY = ("1", "12345", "1234567", "12.50", "1.234,56", "1234567.89", "2026-01-05", "2026-01-05 09:30:00",
            "05/01/2026 09:30", "09:30", "a", "no", "Approve", "PO-2026-00017", "123456", "12345678", "123456789",
            "20260105")  # fmt: skip
BEHIND_ANY_WORD = ("1", "12", "a", "A", "no", "NO", "is", "IS", "card", "CARD")
MOST_WAYS = 5_000  # to try a pattern on one text: Python goes through all of them; those shipped have 96 at most
SHORTEST_CHECKED = 6  # characters; of fewer too many agree by chance


def _is_pattern(pattern: str, known: ValidationInfo) -> str:
    """A pattern that both RE2, which looks at every line, and Python can work with."""
    import pyarrow as pa
    import pyarrow.compute as pc  # it takes longer to load than most commands to answer

    try:
        pc.match_substring_regex(pa.array([""]), pattern)
        compiled = re.compile(pattern)
    except (pa.ArrowInvalid, re.error) as error:
        said = str(error).splitlines()[0].removeprefix("Invalid regular expression: ")
        raise ValueError(f"is no pattern that RE2 knows: {said}") from None
    if compiled.groups:
        raise ValueError("holds a group that catches; write (?:...) in place of (...)")
    if compiled.fullmatch(""):
        raise ValueError("fits an empty text; say what must stand there")
    if found := re.search(r"\\[AzZ]|[\^$]", re.sub(r"\\[^AzZ]|\[\^?\]?(?:\\.|[^\]])*\]", "", pattern)):
        raise ValueError(f"holds `{found[0]}`, where a text begins or ends; leave it out, a number stands within texts")
    _check_narrow(compiled, bool(known.data.get("after")), known.data.get("checksum"))
    if (ways := _ways(re._parser.parse(pattern))) > MOST_WAYS:
        raise ValueError(
            "sets no end to how often something comes; say it, as in {1,9} in place of + or *"
            if ways == math.inf
            else f"may be tried in more than {MOST_WAYS:,} ways, which takes too long; repeat less in what is repeated"
        )
    return pattern


def _ways(parsed: Iterable[tuple[Any, Any]]) -> float:
    """In how many ways at most a pattern can be tried on one text, which is what Python's engine may go through."""
    ways: float = 1
    for what, held in parsed:
        if what is re._constants.BRANCH:
            ways *= sum(_ways(one) for one in held[1])
        elif what is re._constants.SUBPATTERN:
            ways *= _ways(held[-1])
        elif what in (re._constants.MAX_REPEAT, re._constants.MIN_REPEAT):
            least, most, inner = held
            once = _ways(inner)
            counts = range(least, min(most, least + MOST_WAYS) + 1)
            ways *= math.inf if most is re._constants.MAXREPEAT else sum(_power(once, times) for times in counts)
    return ways


def _power(once: float, times: int) -> float:
    return once if once == math.inf else min(once ** min(times, 99), MOST_WAYS + 1)


def _check_narrow(compiled: re.Pattern, has_word: bool, checksum: str | None) -> None:
    """ValueError where a pattern would take out what is no number of a person, whatever else tells it."""
    usual = () if checksum else BEHIND_ANY_WORD if has_word else ORDINARY
    if found := next((text for text in usual if compiled.fullmatch(text)), None):
        do = "narrow it" if has_word else "narrow it, or add `after:` or `checksum:`"
        raise ValueError(f"fits `{found}`, which is no number of a person; {do}")
    if checksum and (shortest := re._parser.parse(compiled.pattern).getwidth()[0]) < SHORTEST_CHECKED:
        raise ValueError(
            f"fits {many(shortest, 'character')}, where the check digits of many a number agree by chance;"
            f" let it have {SHORTEST_CHECKED} at the least"
        )


def _is_checksum(name: str) -> str:
    if name not in checksums.BY_NAME:
        raise ValueError(mistakes.unknown(name, checksums.BY_NAME))
    return name


class NationalId(Strict):
    """One way of writing one number."""

    name: Text
    country: Annotated[str, AfterValidator(like("^[A-Z]{2}$", "two capital letters, like NL"))] | None = None
    checksum: Annotated[str, AfterValidator(_is_checksum)] | None = None
    after: tuple[Text, ...] = ()
    pattern: Annotated[Text, AfterValidator(_is_pattern)]  # last, for what else tells it decides what it may fit

    def pattern_widened(self) -> str:
        return _widened(f"(?:{self.pattern})")

    def words(self) -> str:
        """A blank of a word may be a hyphen, or not be written."""
        return "|".join(re.escape(word).replace(r"\ ", "[ -]?") for word in self.after)

    @cached_property
    def finder(self) -> re.Pattern:
        """The number is group 1, what goes on behind it group 2."""
        before = f"{BEFORE_WORD}(?i:{self.words()})(?![A-Za-z]){AFTER_WORD}" if self.after else BEFORE
        return re.compile(f"{before}({self.pattern_widened()})({REST})")

    def removed(self, text: str) -> str:
        """A text with its kind for each such number in it."""
        parts, last, place = [], 0, 0
        while found := self.finder.search(text, place):
            place = max(found.end(1), found.start() + 1)
            if found[2] or (self.checksum and not checksums.holds(self.checksum, found[1])):
                continue
            parts += [text[last : found.start(1)], SHOWN]
            last = found.end(1)
        return "".join([*parts, text[last:]])


def _widened(pattern: str) -> str:
    """The same with the blanks and hyphens of typesetters beside the plain ones."""
    marks, found, is_class = re.findall(r"\\.|.", pattern, re.S), [], False
    for mark, after in itertools.zip_longest(marks, marks[1:]):
        is_class = mark == "[" or (is_class and mark != "]")
        is_range = is_class and found[-1] != "[" and after != "]"
        wide = f"-{HYPHENS}" if mark == "-" and not is_range else f" {personal.THIN}" if mark == " " else ""
        if is_class and after == "]":
            wide = wide[1:] + wide[:1]  # a hyphen at an end of a class is itself
        found.append((wide if is_class else f"[{wide}]") if wide else mark)
    return "".join(found)


class NationalIds:
    """Those that are looked for."""

    def __init__(self, those: Sequence[NationalId]) -> None:
        self.those = tuple(those)

    @cached_property
    def look(self) -> str:
        """A pattern of RE2's that is in every text that holds one."""
        alone = "|".join(one.pattern_widened() for one in self.those if not one.after)
        words = "|".join(one.words() for one in self.those if one.after)
        parts = [f"{BEFORE}(?:{alone})"] if alone else []
        return "|".join([*parts, f"{BEFORE_WORD}(?i:{words}){AFTER_LETTERS}"] if words else parts)

    @cached_property
    def spoken(self) -> re.Pattern:
        return re.compile("|".join(one.words() for one in self.those if one.after) or "(?!)", re.I)

    def removed(self, text: str) -> str:
        is_spoken_of = self.spoken.search(text) is not None
        for one in self.those:
            text = one.removed(text) if is_spoken_of or not one.after else text
        return text

    def fingerprint(self) -> str:
        """Changes with anything that is looked for."""
        held = json.dumps([one.model_dump() for one in self.those], sort_keys=True)
        return hashlib.sha256(held.encode()).hexdigest()[:8]


@cache
def shipped() -> tuple[NationalId, ...]:
    """Those of essa/national_ids.yml; a test holds them to what a company's own must be."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    listed = yaml.load(SHIPPED.read_text(encoding="utf-8"), loader)["ids"]
    return tuple(NationalId.model_construct(**one | {"after": tuple(one.get("after", ()))}) for one in listed)


def shipped_name(name: str) -> str:
    names = sorted({one.name for one in shipped()})
    if name not in names:
        raise ValueError(mistakes.unknown(name, names))
    return name


@cache
def looked_for(own: tuple[NationalId, ...] = (), left_out: tuple[str, ...] = ()) -> NationalIds:
    return NationalIds([*(one for one in shipped() if one.name not in left_out), *own])
