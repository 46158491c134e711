"""How labels write their words with accents and other marks, and which words are two by their marks alone."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from essa.naming.lexicon import SHORT_LETTER_COUNT, is_known_with_marks, is_written, main_language
from essa.naming.reading import LETTER, prepare, without_entities
from essa.naming.words import UMLAUTS, listed, plain, word_list

WORD = re.compile(rf"{LETTER}+")
MARK = re.compile("(?<=[a-z])[\u0300-\u036f]+")
# What Unicode counts as letters of their own, without a mark that could be taken off.
STROKES = str.maketrans({"ø": "o", "ł": "l", "\u0131": "i", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ß": "ss"})
DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
TWO_LETTERS = {letter: two for letter, two in UMLAUTS.items() if two != "ss"}  # "Ma\u00dfe" is not "Masse"
BETWEEN = re.compile(r"[\s_.,;:'\"()/-]+")
LOST_WORD_COUNT = 8  # words written with and without their marks; fewer are somebody's slips, or each is two words
LOST_SHARE_MIN = 0.5  # of the words that have any: a provider that writes none loses them in all it shares with others


@lru_cache(maxsize=1 << 17)
def marked(label: str) -> dict[str, frozenset[str]]:
    """The words of a label as `plain` writes them: how each stands there in small letters, marks and all."""
    text = unicodedata.normalize("NFKC", without_entities(label))
    found: dict[str, set[str]] = {}
    for word in WORD.findall(unicodedata.normalize("NFC", text.translate(UMLAUTS).casefold())):
        found.setdefault(plain(word), set()).add(word)
    return {word: frozenset(spellings) for word, spellings in found.items()}


def without_marks(label: str) -> set[str]:
    """A label in small letters without their marks, and without what stands between words.

    Some write a letter with a mark as one letter ("Forgaard": "Forgard"), some as two.
    """
    if label.isascii():
        return {BETWEEN.sub("", label.casefold())}
    text = unicodedata.normalize("NFC", without_entities(label).lower().replace("i\u0307", "i"))
    bare = (unicodedata.normalize("NFD", one.translate(STROKES)) for one in (text, text.translate(DIGRAPHS)))
    return {BETWEEN.sub("", MARK.sub("", one)) for one in bare}


def with_lost_marks(labels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Labels, both ways, that are the same once all their letters are plain ones, in whichever way."""
    found = defaultdict(list)
    for label in labels if not all(map(str.isascii, labels)) else ():
        for bare in sorted(without_marks(label)):
            found[bare].append(label)
    for alike in found.values():
        for one, other in itertools.permutations(alike, 2):
            if not (one + other).isascii() and _letters(one) != _letters(other):
                yield one, other


def _letters(label: str) -> str:
    return prepare(label).letters.replace("\u2212", "")  # of two numbers one below nothing the marks are no question


def with_lost_signs(labels: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Labels, both ways, whose number behind a step, a level or the like is below nothing in one: "Step -5", "Step 5".

    Of such a number the dash may be none of its own; a temperature has one and is no question.
    """
    found = {prepare(label).letters: label for label in labels}
    for letters, label in found.items() if any(map(_after_marker().search, found)) else ():
        other = found.get(_after_marker().sub(r"\1", letters))
        if other and other != label:
            yield label, other
            yield other, label


def spellings_of(label: str, words: Iterable[str]) -> frozenset[str]:
    """How a label writes any of these words."""
    return frozenset().union(*(marked(label).get(word, ()) for word in words))


@cache
def _after_marker() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(sorted(listed('meaning', 'numeral_markers')))})\u2212(?=\[)")


class Habits(NamedTuple):
    """How a log writes marks, and in which language it is."""

    are_lost: bool = False  # all along
    language: str = ""  # of nearly all its words, besides English


UNKNOWN = Habits()


def habits_of(labels: Iterable[str]) -> Habits:
    """Nothing of a log without any marks: there is nothing to tell."""
    labels = set(labels)
    if all(map(str.isascii, labels)):
        return UNKNOWN
    return Habits(are_lost(labels), main_language({word for label in labels for word in marked(label)}))


def unlike_words(one: str, other: str, habits: Habits = UNKNOWN) -> list[tuple[str, str]]:
    """Words of two labels with the same letters that are two by their marks: "pêcher" and "pécher", "año" and "ano".

    Whoever writes some marks writes all. A label without any has lost them ("Verifier", "Vérifier") unless its word may
    be one as it stands ("pram"), which only the list of a language tells: of the label's, or else of the log's. Where
    the log loses marks all along such a word tells nothing.
    """
    told = [] if habits.are_lost else _told_apart(one, other)
    these, those = marked(one), marked(other)
    unlike = [word for word in these if word in those and these[word].isdisjoint(those[word])]
    are_marked = _has_marks(one) and _has_marks(other)
    told += [] if habits.are_lost and not are_marked else _unlike_across_blanks(one, other)
    language = prepare(one).language or prepare(other).language or habits.language
    for word in unlike:
        pair = min(these[word]), min(those[word])
        may_be_another = not habits.are_lost and (is_another_word(word, language) or not is_known_with_marks(word))
        if are_marked or "ñ" in "".join(pair) or may_be_another:
            told.append(pair)
    return told


def _unlike_across_blanks(one: str, other: str) -> list[tuple[str, str]]:
    """Where a blank stands elsewhere as well no word is in both labels: what is left of each, joined."""
    these, those = (
        [(plain(word), word.translate(TWO_LETTERS)) for word in WORD.findall(text.lower())]
        for text in (unicodedata.normalize("NFKC", without_entities(label)) for label in (one, other))
    )
    shared = {word for word, _ in these} & {word for word, _ in those}
    this, that = ("".join(spelled for word, spelled in words if word not in shared) for words in (these, those))
    return [(this, that)] if this != that and plain(this) == plain(that) else []


def _has_marks(label: str) -> bool:
    return not label.isascii() and any(letter.isalpha() and not letter.isascii() for letter in label)


def _told_apart(one: str, other: str) -> list[tuple[str, str]]:
    """Words of a list that are two by a mark although no other list holds the one without."""
    these, those = _small_words(one), _small_words(other)
    found = []
    for with_mark, without in word_list("marks")["told_apart"] if these != those else ():
        for pair in ((with_mark, without), (without, with_mark)):
            if pair[0] in these - those and pair[1] in those - these:
                found.append(pair)
    return found


def _small_words(label: str) -> frozenset[str]:
    return frozenset(WORD.findall(unicodedata.normalize("NFC", without_entities(label)).lower()))  # casefold knows no ß


def is_another_word(word: str, language: str = "") -> bool:
    """Whether a word without its marks may be one as it stands: it is short, or a list has it.

    Where the language of its label is known that is its list: "Revision de curso" has lost a mark, whatever is English.
    """
    return len(word) < SHORT_LETTER_COUNT or is_written(word, language)


def are_lost(labels: Iterable[str]) -> bool:
    """Whether a log loses marks all along: of its words that are none without them most also stand there without."""
    with_marks: set[str] = set()
    without: set[str] = set()
    for label in labels:
        for word, spellings in marked(label).items():
            without |= {word} & spellings
            with_marks |= {word} if spellings != {word} else set()
    telling = {word for word in with_marks if not is_another_word(word)}
    both = len(telling & without)
    return both >= LOST_WORD_COUNT and both >= LOST_SHARE_MIN * len(telling)
