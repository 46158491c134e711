"""Whether a word is a real one, in any of five languages: a real word is never taken for a slip of another.

The words are those of pyspellchecker's lists, with how often films say each. A list of a language lies packed in memory
and is searched by blocks, for unpacking it into a set would take longer than all that a night asks of it.
"""

from __future__ import annotations

import bisect
import gzip
import re
from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz.distance import OSA

from essa.naming.words import plain, vocabulary

# For each language from how many digits of its count on a word is an everyday one: the first ten thousand or so.
COMMON_DIGITS = {"en": 4, "es": 4, "nl": 4, "fr": 4, "de": 3}
LISTS = {"dutch": "nl", "german": "de", "spanish": "es"}
WRITTEN_DIGITS = 3  # of a count below which a word stands there by a slip as often as not
TINY_LETTER_COUNT = 3  # films are full of Ed and En
SHORT_LETTER_COUNT = 5  # the lists hold nearly any shorter run of letters
TELLING_LETTER_COUNT = 4
SPOKEN_WORD_COUNT = 1_000  # looked at of a vocabulary, evenly
SPOKEN_SHARE_MIN = 0.05  # of a vocabulary; slips alone reach half of that
MAIN_SHARE_MIN = 0.75  # of a vocabulary is in the list of its language; of a kindred one far less is
MAIN_RATIO_MIN = 3  # words that are of the language alone for each that is English alone
SPOKEN_WORD_COUNT_MIN = 5  # fewer are chance, unless the English words are no more
MARKED = re.compile('"([a-z\'-]*[^\x00-\x7f][^"]*)": (\\d+)')
LINE_MAX = 200  # bytes between two words of a list, surely
BLOCK_BYTES = 4_096  # of a list, searched through at once


def spoken(words: Collection[str]) -> tuple[str, ...]:
    """The languages of a vocabulary: English, and those that a fair part of its words belongs to and English lacks.

    A slip now and then makes a word of another language ("oder", "anual"), which is no reason to take it for one: of a
    handful of words as many must be of the language alone as are of English alone.
    """
    words = sorted(words)[:: 1 + len(words) // SPOKEN_WORD_COUNT]
    telling = [word for word in words if len(word) >= TELLING_LETTER_COUNT]
    foreign = [word for word in telling if not is_word(word, ("en",))]
    least = max(SPOKEN_SHARE_MIN * len(words), 1)
    found = ["en"]
    for language in COMMON_DIGITS if len(foreign) >= least else ():
        own = [word for word in foreign if is_word(word, (language,))]
        if language == "en" or len(own) < least:
            continue
        if len(own) < SPOKEN_WORD_COUNT_MIN:
            own = _without_slips(own, set(telling).difference(foreign))
            if len(own) < max(_english_alone(telling, foreign, language), 1):
                continue
        found.append(language)
    return tuple(found)


def main_language(words: Collection[str]) -> str:
    """The one language besides English that nearly all words of a vocabulary are of; empty where there is none."""
    telling = [word for word in sorted(set(words)) if len(word) >= TELLING_LETTER_COUNT]
    telling = telling[:: 1 + len(telling) // SPOKEN_WORD_COUNT]
    foreign = [word for word in telling if not is_word(word, ("en",))]
    for language in COMMON_DIGITS if len(foreign) >= SPOKEN_WORD_COUNT_MIN else ():
        own = sum(is_word(word, (language,)) for word in foreign)
        if language == "en" or own < SPOKEN_WORD_COUNT_MIN:
            continue
        english = _english_alone(telling, foreign, language)
        is_main = own + len(telling) - len(foreign) - english >= MAIN_SHARE_MIN * len(telling)
        if is_main and own >= MAIN_RATIO_MIN * english:
            return language
    return ""


def _without_slips(words: Iterable[str], english: Collection[str]) -> list[str]:
    """Those that are no letter away from an English word of the same labels, as "tarif" is from "tariff"."""
    return [word for word in words if not any(OSA.distance(word, one, score_cutoff=1) <= 1 for one in english)]


def _english_alone(telling: Collection[str], foreign: Collection[str], language: str) -> int:
    return sum(not is_word(word, (language,)) for word in set(telling).difference(foreign))


def may_be_english(tokens: Iterable[str]) -> bool:
    """Whether a word is English of those that are no plurals, or all may be: "cours" beside "Saisir" is none."""
    small = (token.casefold() for token in tokens if len(token) > 2 and token.isalpha())
    telling = [word for word in small if word[-1] != "s"]
    return not telling or not vocabulary().isdisjoint(telling) or any(is_listed(word, ("en",)) for word in telling)


def is_word(word: str, languages: Iterable[str]) -> bool:
    """Whether one of these languages has the word, with or without its marks; of the shortest only everyday ones."""
    if len(word) < SHORT_LETTER_COUNT:
        return len(word) >= TINY_LETTER_COUNT and is_common(word, languages)
    return is_listed(word, languages)


def is_listed(word: str, languages: Iterable[str]) -> bool:
    """Whether one of these lists holds the word at all, as they hold most short runs of letters."""
    return any(_count_digits(language, word) for language in languages)


def is_common(word: str, languages: Iterable[str]) -> bool:
    """Whether it is an everyday word, so that whoever writes nearly that most likely means it."""
    return any(_count_digits(language, word) >= COMMON_DIGITS[language] for language in languages)


def is_written(word: str, language: str = "") -> bool:
    """Whether the list of a language, or any, has a word just so, without marks; what it holds seldom may be a slip."""
    asked = [LISTS.get(language, language)] if language else COMMON_DIGITS
    return any(_digits_as_written(one, word) >= WRITTEN_DIGITS for one in asked)


def is_known_with_marks(word: str) -> bool:
    """Whether any list has the word with accents or umlauts; it is given as `plain` writes it."""
    return any(word in _marked(language) for language in COMMON_DIGITS)


@lru_cache(maxsize=1 << 18)
def _count_digits(language: str, word: str) -> int:
    """Digits of the count of a word, 0 where the list lacks it."""
    return max(_digits_as_written(language, word), _marked(language).get(word, 0))


@lru_cache(maxsize=1 << 18)
def _digits_as_written(language: str, word: str) -> int:
    packed = _packed(language)
    firsts, starts = _blocks(language)
    key = b'"' + word.encode() + b'":'
    block = bisect.bisect_right(firsts, word.encode())
    start = packed.find(b"\n" + key, starts[block] - 1, starts[block + 1]) + 1
    return packed.index(b"\n", start) - start - len(key) - 2 if start else 0


@cache
def _blocks(language: str) -> tuple[list[bytes], list[int]]:
    """The word that each block of a list but the first begins with, and where all begin and the last ends."""
    packed = _packed(language)
    starts = [packed.index(b"\n", place) + 1 for place in range(BLOCK_BYTES, len(packed) - LINE_MAX, BLOCK_BYTES)]
    return [packed[start + 1 : packed.index(b'":', start)] for start in starts], [1, *starts, len(packed)]


@cache
def _packed(language: str) -> bytes:
    """One word a line, sorted: `"word": count,`."""
    path = resources.files("spellchecker") / "resources" / f"{language}.json.gz"
    return gzip.decompress(path.read_bytes()).rstrip(b"}").rstrip() + b",\n"


@cache
def _marked(language: str) -> dict[str, int]:
    """The words with accents or umlauts, written as `plain` writes them: digits of the count of each."""
    lines = (line for line in _packed(language).split(b"\n") if not line.isascii())
    found = MARKED.findall(b"\n".join(lines).decode())
    words = _plain("\n".join([word for word, _ in found])).split("\n")
    return {word: len(count) for word, (_, count) in zip(words, found, strict=True)}


def _plain(text: str) -> str:
    """The same as of `plain`, one letter after another, which takes less time over a whole list."""
    for letter in sorted(set(text)):
        text = text if letter.isascii() else text.replace(letter, plain(letter))
    return text
