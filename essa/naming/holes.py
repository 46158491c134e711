"""What is left of a label where a number was taken off: no brackets around nothing, no words that led up to it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from essa.naming.reading import clean
from essa.naming.remarks import reference_words
from essa.naming.words import listed

HOLE = "\0"  # stands where something was taken off


@dataclass(frozen=True)
class Here:
    """What a label is read beside."""

    known: Collection[str] = frozenset()  # texts of the process in small letters
    own: Collection[str] = frozenset()  # what can be nothing but a case id
    cases: str = ""  # what a case is called before its number, as a pattern
    told_cases: str = ""  # those of them that an analyst adds


ALONE = Here()


def tidy(holed: str, text: str, here: Here = ALONE) -> str:
    """`holed` without holes and what led up to them, or `text` where nothing was taken off or too little is left.

    What a case is called goes with its number where both stand in brackets or what is left is a label of the log.
    """
    if HOLE not in holed:
        return text
    rest = re.sub(_referring(), HOLE, holed, flags=re.IGNORECASE)
    rest = re.sub(rf"(?:\b(?:{_before_reference()})\b[.:]?)?[\s#]*{HOLE}", f" {HOLE} ", rest, flags=re.IGNORECASE)
    rest = re.sub(rf"{HOLE} [/-](?=\w)", HOLE, rest)
    if here.cases:
        case = rf"\b(?:{here.cases})\b[.:]?[\s#]*{HOLE}"
        rest = re.sub(rf"(?<=[(\[{{<])\s*{case}(?=\s*[)\]}}>])", HOLE, rest, flags=re.IGNORECASE)
        without = _without_holes(re.sub(rf"(?:\s[-\u2013\u2014]\s*)?{case}\s*$", "", rest, flags=re.IGNORECASE))
        rest = without if " " in without and without.casefold() in here.known else rest
    rest = _without_holes(rest)
    return rest if sum(map(len, re.findall(r"[^\W\d_]{3,}", rest))) >= 4 else text


@cache
def _before_reference() -> str:
    return "|".join(sorted(listed("pollution", "before_reference")))


@cache
def _referring() -> str:
    """All of a bracket whose words announce the number in it: "(our ref 110011)"."""
    return (
        rf"(?<=[(\[{{<])\s*(?:[^\W\d_]+\s+){{0,2}}(?:{reference_words()})\b[.:\u00b0\u00ba]*[\s#]*{HOLE}\s*(?=[)\]}}>])"
    )


def _without_holes(holed: str) -> str:
    """Brackets go with what stood in them alone; where other words stand there as well, both brackets stay."""
    rest = re.sub(rf"[(\[{{<]\s*{HOLE}[\s{HOLE}]*[)\]}}>]", " ", holed)
    rest = re.sub(rf"\s*{HOLE}[\s{HOLE}]*(?=[)\]}}>])", "", rest)
    rest = re.sub(rf"(?<=[(\[{{<])\s*{HOLE}[\s{HOLE}]*(?=[^()\[\]{{}}<>]*[)\]}}>])", "", rest)
    rest = re.sub(rf"\s*{HOLE}[\s{HOLE}]*(?=[,;])", "", rest)
    rest = re.sub(rf"[(\[{{<]?\s*{HOLE}[\s{HOLE}]*", " ", rest)
    return clean(rest).strip(" -\u2013\u2014_:;,/|#([")
