"""How labels write their words with accents and other marks, and which words are two by their marks alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from essa.naming.reading import LETTER, without_entities
from essa.naming.words import UMLAUTS, plain

WORD = re.compile(rf"{LETTER}+")


@lru_cache(maxsize=1 << 17)
def marked(label: str) -> dict[str, frozenset[str]]:
    """The words of a label as `plain` writes them: how each stands there in small letters, marks and all."""
    text = unicodedata.normalize("NFKC", without_entities(label))
    found: dict[str, set[str]] = {}
    for word in WORD.findall(unicodedata.normalize("NFC", text.translate(UMLAUTS).casefold())):
        found.setdefault(plain(word), set()).add(word)
    return {word: frozenset(spellings) for word, spellings in found.items()}


def spellings_of(label: str, words: Iterable[str]) -> frozenset[str]:
    """How a label writes any of these words."""
    return frozenset().union(*(marked(label).get(word, ()) for word in words))


def unlike_words(one: str, other: str) -> list[tuple[str, str]]:
    """Words of two labels with the same letters that are two by their marks: "pêcher" and "pécher", "año" and "ano".

    Marks left out everywhere make no other word ("Verifier", "Vérifier"), but whoever writes some of them writes all.
    """
    these, those = marked(one), marked(other)
    unlike = [word for word in these if word in those and these[word].isdisjoint(those[word])]
    pairs = [(min(these[word]), min(those[word])) for word in unlike]
    are_marked = all(any(word not in spellings for word, spellings in found.items()) for found in (these, those))
    return pairs if are_marked else [pair for pair in pairs if "ñ" in "".join(pair)]
