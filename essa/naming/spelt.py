"""How American English spells a word: two words spelt alike there are one, whatever ocean they were written beside."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from essa.naming.words import british_words, word_list

# What stands before the ending has a vowel: "four" and "prise" are other words than "for" and "prize".
OUR = re.compile(r"^([a-z]*[aeiou][a-z]*[^aeou])our(|s|ed|ing|er|ers|able|ably|ful|less|ite|ites|hood|ly|y|al)$")
ISE = re.compile(r"^([a-z]*[aeiou][a-z]*[^aeiouw])is(e|ed|er|ers|es|ing|able|ation|ations|ational)$")
ENDINGS = (
    (re.compile(r"^([a-z]+)lys(e|ed|er|es|ing)$"), r"\1lyz\2"),
    (re.compile(r"^([a-z]+[aeiou])logue(|d|s)$"), r"\1log\2"),
    (re.compile(r"^([a-z]+)dgement(|s)$"), r"\1dgment\2"),
    (OUR, r"\1or\2"),
    (ISE, r"\1iz\2"),
)


@lru_cache(maxsize=1 << 17)
def american(word: str) -> str:
    """The word as it is spelt in America; most words are spelt so anyway."""
    if known := british_words().get(word):
        return known
    word = _roots().sub(lambda root: word_list("spelling")["roots"][root[0]], word)
    for ending, other in ENDINGS:
        word = ending.sub(other, word)
    return word


@cache
def _roots() -> re.Pattern[str]:
    return re.compile("|".join(sorted(word_list("spelling")["roots"], key=lambda root: (-len(root), root))))
