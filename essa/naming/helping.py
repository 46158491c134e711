"""Small words of each language: those that say nothing, that stand for "of", turn what is said, or count; and labels
without those that only help a verb.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from essa.naming.words import listed, plain, verb_forms, word_list


@cache
def of_words(language: str) -> frozenset[str]:
    return frozenset({"of"}) | (listed(language, "of") if language else frozenset())


@cache
def negations(language: str) -> frozenset[str]:
    return listed("meaning", "negations") | (listed(language, "negations") if language else frozenset())


@cache
def stop_words(language: str) -> frozenset[str]:
    return listed("meaning", "stop") | (listed(language, "stop") if language else frozenset())


@cache
def small_words() -> frozenset[str]:
    """Those of English that say nothing, where or which way, or turn what is said."""
    return frozenset().union(*(listed("meaning", key) for key in ("stop", "prepositions", "negations", "directions")))


@cache
def number_words(language: str) -> dict[str, str]:
    foreign = word_list(language)["numbers"].items() if language else ()
    return word_list("meaning")["numbers"] | {plain(word): number for word, number in foreign}


def without_auxiliaries(words: Sequence[str], language: str) -> list[str]:
    """ "Invoice has been sent" says what "Invoice sent" says; "to be sent" and "being sent" are other states."""
    helping = listed("meaning", "auxiliaries")
    if helping.isdisjoint(words):
        return list(words)
    kept: list[str] = []
    for place, word in reversed([*enumerate(words)]):
        if not (place and word in helping and kept and _is_past(kept[-1], language)):
            kept.append(word)
    return kept[::-1]


def _is_past(word: str, language: str) -> bool:
    irregular = word_list("verbs")["other_irregular_past"]
    return verb_forms(language).get(word, ("", ""))[1] == "past" or word.endswith("ed") or word in irregular
