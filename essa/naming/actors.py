"""Who may do a step as well as have it done to them: "Notary called" is not surely "Call notary".

Of what is known to be a thing the order of the words says nothing; of what no list knows the log must speak.
"""

from __future__ import annotations

from functools import lru_cache

from essa.naming.spelt import american
from essa.naming.words import listed, vocabulary, word_list

PEOPLE = ("er", "or", "ee", "ist", "ian")
UNLISTED_PEOPLE = ("ant", "ent", "man", "lord", "ary", "ate")  # of things those in these endings are in the lists
THINGS = ("tion", "sion", "ment", "ness", "sis", "graph", "gram", "ure", "age")
HEAD_LETTER_COUNT = 5  # of a known thing at a word's end, as in "timesheet": "steward" is no ward


@lru_cache(maxsize=1 << 16)
def may_act(word: str) -> bool:
    """Whether `word` names somebody who could do the step: "customer call" and "call customer" may differ."""
    if word in listed("meaning", "people"):
        return True
    if word.endswith(PEOPLE):
        return word not in listed("meaning", "not_people")
    return word not in vocabulary() and word.endswith(UNLISTED_PEOPLE) and not word.endswith("ment")


@lru_cache(maxsize=1 << 16)
def is_thing(word: str, language: str = "") -> bool:
    """Whether `word` names nobody who could do the step. A participle of another language hardly says who acted."""
    if may_act(word):
        return False
    return bool(language) or _is_known_thing(word) or word.endswith(THINGS) or _is_compound(word)


def _is_known_thing(word: str) -> bool:
    """In the lists, in full or short; of a short form whatever it may be short for."""
    lists = word_list("abbreviations")
    meant = [*lists["forms"].get(word, ()), *(phrase.split()[-1] for phrase in lists["initials"].get(word, ()))]
    if meant:
        return not any(map(may_act, meant))
    return len(word) == 1 or not word.isalpha() or word in vocabulary() or american(word) in vocabulary()


def _is_compound(word: str) -> bool:
    heads = (word[place:] for place in range(2, len(word) - HEAD_LETTER_COUNT + 1))
    return any(head in vocabulary() and not may_act(head) for head in heads)
