"""The patterns by which a name is found in a text, and a text without what they find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from essa.spelling import folded, with_apostrophe

BETWEEN, APART = r"[\W_]{0,3}", r"[\W_]{1,3}"  # what may stand between the words of a name; nothing, as in `AshaRao`
LONGEST_WORD = 40  # letters, of a name; a cell may hold a megabyte of them
BEGIN, END = r"(?<![^\W\d_])", r"(?![^\W\d_])"  # no letter may touch a name


def without(pattern: re.Pattern, text: str) -> str:
    """A text with `[person]` wherever the pattern is in it, be it folded; the rest stays as it is."""
    if text.isascii():
        return pattern.sub("[person]", text)
    bare, places = folded(text)
    places.append(len(text))
    parts, last = [], 0
    for found in pattern.finditer(bare):
        parts += [text[last : places[found.start()]], "[person]"]
        last = places[found.end()]
    return "".join([*parts, text[last:]])


def in_order(words: Sequence[str], may_be_one: bool = True) -> str:
    """The words of a name one behind the other, whatever stands between; nothing, if they may be one word."""
    return (BETWEEN if may_be_one else APART).join(map(with_apostrophe, words))


def behind_initial(words: Sequence[str]) -> str:
    """The last of a name's words behind the initial of the first, or more of them: `m.garcia-solis`."""
    maybe = "".join(f"(?:{with_apostrophe(word)}{BETWEEN})?" for word in words[1:-1])
    return f"{re.escape(words[0][0])}[._]{maybe}{with_apostrophe(words[-1])}"


@cache
def one_of(forms: tuple[str, ...]) -> re.Pattern:
    """Any of these, in any case, the longest first."""
    return re.compile(rf"{BEGIN}(?:{'|'.join(sorted(forms, key=lambda form: (-len(form), form)))}){END}", re.I)


@cache
def alone(word: str, in_any_case: bool) -> re.Pattern:
    """A word that is a name by itself, if it is written as one."""
    first = re.escape(word[0]) if in_any_case else re.escape(word[0].upper())
    rest = with_apostrophe(word).removeprefix(re.escape(word[0]))
    return re.compile(rf"{BEGIN}(?{'i' if in_any_case else ''}:{first})(?i:{rest}){END}")


@cache
def whole(those: tuple[str, ...]) -> re.Pattern:
    """Log-ins as they stand, with no letter, digit or underscore at either end."""
    longest_first = sorted(those, key=lambda one: (-len(one), one))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.I)


def ends(token: str) -> Iterator[str]:
    """What a word begins or ends with, two letters at the least: in `asharao` stands `rao`."""
    yield token
    for size in range(2, min(len(token), LONGEST_WORD)):
        yield token[:size]
        yield token[-size:]
