"""The ways each group of labels is written, word by word, and where to look up who says what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from essa.naming.exact import Group
from essa.naming.lexicon import is_word
from essa.naming.reading import CAMEL, Meaning, normalize, prepare, read, tokens_of, words_of
from essa.naming.slips import stem
from essa.naming.words import Words, listed, own_words, vocabulary, word_list

READINGS_MAX = 8  # spellings of a group that are tried, the most frequent first
LANGUAGE_SHARE_MIN = 0.2  # of the groups of a process are in it
LANGUAGE_WORD_COUNT = 3
SEVERAL = "\0"  # no group's name
MARK_INSIDE = re.compile(r"(?<![^\s_])[^\W\d_]*(?:[;,.\[\]'=\\/]|(?<=[^\W\d_])\d)[^\W\d_]+(?![^\s_])")


class Reading(NamedTuple):
    """One way a group is written, as words, and what they say in whatever order they say it."""

    words: tuple[str, ...]
    is_of: bool
    language: str
    meaning: Meaning | None


@dataclass(frozen=True)
class Index:
    """What each group says: the names of the groups by meaning, and by letters.

    `word_sums` and `letter_sums` are of the words and of the letters in any order, added up as numbers, each with the
    group that alone has it or nobody's name: what is not among them need not be looked up.
    """

    by_meaning: dict[Meaning, set[str]]
    by_letters: dict[str, set[str]]
    word_sums: dict[int, str]
    letter_sums: dict[int, str]

    def find(self, words: tuple[str, ...], is_of: bool, language: str) -> Collection[str]:
        return self.find_so_far(True, True, words, is_of, language)

    def find_so_far(
        self, may_mean: bool, may_spell: bool, words: tuple[str, ...], is_of: bool, language: str
    ) -> Collection[str]:
        """The same where the sums are known: only what they leave open is looked up."""
        meaning = read(words, is_of, language)[1] if may_mean else None
        letters = joined(words) if may_spell else ""
        found = self.by_meaning.get(meaning, ()) if meaning else ()
        alike = self.by_letters.get(letters, ()) if letters else ()
        return {*found, *alike} if found and alike else found or alike


def languages(texts: Collection[str]) -> list[str]:
    """The languages a fair part of the texts is written in, besides English; memory groups labels but changes none.

    One word of another language may be a slip ("anual"): of a few words most must be of it.
    """
    spoken = Counter(prepare(text).language for text in texts)
    fair = sorted(one for one, count in spoken.items() if one and count >= LANGUAGE_SHARE_MIN * len(texts))
    words = {word for text in texts for word in prepare(text).words if len(word) > 3} if fair else set()
    english = len(words & vocabulary())
    counts = {language: len(words & own_words(language)) for language in fair}
    return [one for one in fair if counts[one] >= LANGUAGE_WORD_COUNT or counts[one] > english]


def joined(words: Sequence[str]) -> str:
    """All letters together, numbers in brackets; empty where a blank changes the meaning."""
    apart = word_list("meaning")["reads_apart"]
    if not apart.keys().isdisjoint(words):
        return ""
    return "".join([f"[{word}]" if word[0].isdigit() else word for word in words])


def readings_of(group: Group, words: Words) -> list[Reading]:
    """The ways a group is written, also as if a mark or capital inside a word were a slip, and no s a plural."""
    found: dict[tuple[tuple[str, ...], bool, str], None] = {}
    for text in group.bare[:READINGS_MAX]:
        prepared = prepare(text)
        rest = prepared.is_of, prepared.language
        found[prepared.words, *rest] = None
        if all(words.is_right(word) or not word.isalpha() for word in prepared.words):
            continue
        chunks = text.replace("_", " ").split()
        if len(chunks) == 1 and CAMEL.search(text):
            found[tuple(words_of(tokens_of(text.casefold()), rest[1])), *rest] = None
        tokens = [token for chunk in chunks for token in _tokens_of_chunk(chunk)]
        found[tuple(words_of(tokens, rest[1])), *rest] = None
        right = words_of(tokens, rest[1], words.is_right)
        found[tuple(right), *rest] = None
        found[tuple([_without_s(word, words) for word in right]), *rest] = None
    return [Reading(*one, read(*one)[1]) for one in found if one[0]]


@lru_cache(maxsize=1 << 16)
def _tokens_of_chunk(chunk: str) -> list[str]:
    return [chunk.casefold()] if MARK_INSIDE.fullmatch(chunk) else tokens_of(normalize(chunk.casefold()))


def _without_s(word: str, words: Words) -> str:
    is_plural = len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if is_plural and not words.is_right(word) else word


def index_of(readings: dict[str, list[Reading]]) -> Index:
    by_meaning, by_letters = defaultdict(set), defaultdict(set)
    word_sums: dict[int, str] = {}
    letter_sums: dict[int, str] = {}
    for name, these in readings.items():
        for one in these:
            if one.meaning:
                by_meaning[one.meaning].add(name)
                total = sum(map(word_number, one.words))
                word_sums[total] = name if word_sums.get(total, name) == name else SEVERAL
            if letters := joined(one.words):
                by_letters[letters].add(name)
                total = sum(map(letter_number, one.words))
                letter_sums[total] = name if letter_sums.get(total, name) == name else SEVERAL
    return Index(by_meaning, by_letters, word_sums, letter_sums)


@lru_cache(maxsize=1 << 18)
def word_number(word: str) -> int:
    """A number for a word, whatever its form; nothing for words that may come and go."""
    return 0 if word == "by" or word in listed("meaning", "stop") else hash(stem(word, any_language=True))


@lru_cache(maxsize=1 << 18)
def letter_number(word: str) -> int:
    return 0 if word in listed("meaning", "stop") else sum(map(_number_of_letter, word))


@cache
def _number_of_letter(letter: str) -> int:
    return hash(("letter", letter))


def runs_of(readings: dict[str, list[Reading]], here: set[str], words: Words) -> set[tuple[str, ...]]:
    """Words in a row whose first letters are a strange word of the process."""
    short = (word for word in here if 3 <= len(word) <= 5 and word.isalpha())
    strange = {word for word in short if word not in words.known or not is_word(word, ("en",))}
    found = set()
    for these in readings.values() if strange else ():
        for one in these:
            letters = "".join([word[0] for word in one.words])
            for size in range(3, 6):
                for start in range(len(letters) - size + 1):
                    if letters[start : start + size] in strange:
                        found.add(one.words[start : start + size])
    return found
