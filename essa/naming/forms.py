"""Forms of a word that no list of verbs holds, told by their endings: "clip", "clipped" and "clipping"."""

from __future__ import annotations

import re
from functools import lru_cache

from essa.naming.slips import VOWELS, stem
from essa.naming.spelt import american
from essa.naming.words import doubles, regular_forms, verb_forms, word_list

ENDING = re.compile(r"(?:ed|ing)$")


@lru_cache(maxsize=1 << 17)
def root(word: str) -> str:
    """The same for all forms of a word, and by chance for other words as well: `are_forms` tells."""
    if word in verb_forms():
        return stem(word)
    if word in _irregular():
        return root(_irregular()[word])
    bare = american(word)
    if _has_vowel(ENDING.sub("", bare)):
        bare = bare[:-1] if bare.endswith("eed") else re.sub("i$", "y", ENDING.sub("", bare))
    return re.sub(r"([^aeiou])\1$", r"\1", re.sub("e$", "", bare))


def is_past(word: str) -> bool:
    """Whether a word that no list of verbs holds looks like the past of a verb."""
    return word.endswith("ed") or word in _irregular()


def are_forms(one: str, other: str) -> bool:
    """Whether two words are surely spelt as forms of one are, or one word spelt in two ways."""
    return stem(one) == stem(other) or not _bases(american(one)).isdisjoint(_bases(american(other)))


def _irregular() -> dict[str, str]:
    return word_list("verbs")["other_irregular_past"]


@lru_cache(maxsize=1 << 12)
def _bases(word: str) -> frozenset[str]:
    """The word, and whatever it may be the past or the -ing of."""
    if word in _irregular():
        return frozenset({word, stem(_irregular()[word])})
    rest = ENDING.sub("", word)
    if rest == word or not _has_vowel(rest):
        return frozenset({word})
    maybe = (rest, f"{rest}e", rest[:-1], re.sub("i$", "y", rest))
    return frozenset({word, *(base for base in maybe if word in _forms(base))})


def _forms(base: str) -> set[str]:
    """ "Bar" is "barred", never "bared"."""
    if not _has_vowel(base):
        return set()
    once = {base + "ed", base + "ing"} if doubles(base) else set()
    return {word for word, _ in regular_forms(base)} - once


def _has_vowel(word: str) -> bool:
    return not VOWELS.isdisjoint(word)
