"""Who may do a step as well as have it done to them: "Notary called" is not surely "Call notary".

Only of what is known to be a thing the order of the words says nothing; of what no list knows the log must speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from essa.naming.spelt import american
from essa.naming.words import listed, vocabulary, word_list

PEOPLE = ("er", "or", "ee", "ist", "ian")
THINGS = ("graph", "gram", "sis")
UNLISTED_PEOPLE = ("ant", "ent", "man", "lord", "ary", "ate")  # of things those in these endings are in the lists
FRONT_LETTER_COUNT = 3
HEAD_LETTER_COUNT = 5  # of a known thing at a word's end, as in "timesheet": "steward" is no ward


@lru_cache(maxsize=1 << 16)
def may_act(word: str) -> bool:
    """Whether `word` names somebody who could do the step: "customer call" and "call customer" may differ."""
    if word in listed("meaning", "people"):
        return True
    if word in listed("things", "things"):
        return False
    if word.endswith(PEOPLE):
        return word not in listed("meaning", "not_people")
    return word not in vocabulary() and word.endswith(UNLISTED_PEOPLE) and not word.endswith("ment")


def are_done_to(words: Sequence[str], act: str, language: str = "") -> bool:
    """Whether a step is surely done to what these words name: "Invoice approved", but not "Proxy approved".

    Who is called or told is somebody, whatever the word: "Claims informed" may be a department.
    """
    if act in listed("verbs", "addressed"):
        return False
    named = [word for word in words if len(word) > 1]  # "Form A"
    return bool(named) and is_thing(head(named, language), language)


def head(words: Sequence[str], language: str) -> str:
    """The word that says what it is: in English the last before a preposition, in Spanish the first."""
    if language == "spanish":
        return words[0]
    prepositions = listed("meaning", "prepositions")
    end = next((place for place, word in enumerate(words) if place and word in prepositions), len(words))
    return words[end - 1]


@lru_cache(maxsize=1 << 16)
def is_thing(word: str, language: str = "") -> bool:
    """Whether `word` is known to name nobody who could do the step: by the lists, in full or short, or its end."""
    if may_act(word):
        return False
    things = _things(language)
    lists = word_list("abbreviations")
    meant = [*lists["forms"].get(word, ()), *(phrase.split()[-1] for phrase in lists["initials"].get(word, ()))]
    if meant:
        return things.issuperset(meant)
    if not word.isalpha() or word in things or american(word) in things or word.endswith(THINGS):
        return True
    places = range(FRONT_LETTER_COUNT, len(word) - HEAD_LETTER_COUNT + 1)
    return any(word[place:] in things and _is_front(word[:place], language) for place in places)


def _is_front(word: str, language: str) -> bool:
    """Whether a compound may begin so: "time" of "timesheet", but not "dis" of "dispatch"."""
    prefixes = listed(language, "prefixes") if language else listed("likeness", "prefixes")
    return word not in prefixes and (bool(language) or word in vocabulary())


@cache
def _things(language: str) -> frozenset[str]:
    return listed("things", "things") | (listed(language, "things") if language else frozenset())
