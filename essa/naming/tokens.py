"""Which words of a process may stand for which others: short forms, initials, slips of the finger.

Only the two words are looked at here, and what the lists know of them; how often each occurs, and what happens around
it in the log, is weighed in `essa.naming.judging`.
"""

from __future__ import annotations

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from essa.naming import lexicon
from essa.naming.reading import words_of
from essa.naming.slips import (
    LONG_WORD,
    MARKS,
    VOWELS,
    Likeness,
    are_l_twins,
    are_opposites,
    if_believed,
    rule_of_real_words,
    slip,
    stem,
)
from essa.naming.spelt import american
from essa.naming.words import Words, word_list

SINGLE_WORD_COUNT = 20  # that hold a letter and none of them twice: their language hardly doubles it
LAST_LETTER = "\U0010ffff"  # behind all others
SHORT_FORM_LETTERS = 3  # of a word cut off, and as many that are missing
ROWS = 512  # words compared with all others at once


def likenesses(
    vocabulary_here: Collection[str], dotted: Collection[str], runs: Collection[tuple[str, ...]], words: Words
) -> dict[str, list[Likeness]]:
    """For each word of a process the others it may stand for; `runs` are words that follow each other in a label."""
    found: dict[str, set[Likeness]] = defaultdict(set)
    for likeness in itertools.chain(
        _from_lists(vocabulary_here, runs, words),
        _cut_off(vocabulary_here, dotted, words),
        _spelt_otherwise(vocabulary_here),
        _confused(vocabulary_here),
    ):
        found[likeness.word].add(likeness)
    strange = sorted(word for word in vocabulary_here if word[-1].isalpha() and not words.is_right(word))
    shortened = sorted({*strange, *(word for word in vocabulary_here if word in dotted and word not in words.known)})
    for likeness in _shortened(shortened, vocabulary_here, dotted, words):
        found[likeness.word].add(likeness)
    for likeness in _slips(strange, vocabulary_here, words):
        if not any(other.means == likeness.means for other in found[likeness.word]):
            found[likeness.word].add(likeness)
    for likeness in itertools.chain(_number_words(strange, vocabulary_here), _fronts(vocabulary_here, words)):
        found[likeness.word].add(likeness)
    for likeness in _real_words(vocabulary_here, words):
        if not any(other.means == likeness.means for other in found[likeness.word]):
            found[likeness.word].add(likeness)
    kept = {
        word: sorted(
            one for one in these if one.rule == "abbreviation" or not are_opposites(word, " ".join(one.means), words)
        )
        for word, these in found.items()
    }
    return {word: these for word, these in kept.items() if these}


def _from_lists(here: Collection[str], runs: Iterable[tuple[str, ...]], words: Words) -> Iterable[Likeness]:
    of_stem = defaultdict(list)
    for word in here:
        of_stem[stem(word)].append(word)
    for word in here:
        for meant in words.short.get(word, ()):
            for full in of_stem.get(stem(meant), ()):
                if full != word:
                    yield Likeness(word, (full,), "abbreviation")
        if word in word_list("abbreviations")["small_slips"]:
            yield Likeness(word, (word_list("abbreviations")["small_slips"][word],), "small word", 1)
        for phrase in words.initials.get(word, ()):
            yield Likeness(word, tuple(words_of(phrase)), "initials")  # as labels are read: "benefits" is "benefit"
    for run in runs:
        letters = "".join(word[0] for word in run)
        if letters in here and letters not in words.initials:
            yield Likeness(letters, run, "unlisted initials")


def _cut_off(here: Collection[str], dotted: Collection[str], words: Words) -> Iterable[Likeness]:
    """A word as it stands that a dot ends, and a longer one that begins so: "consult." beside "consultation"."""
    ordered = sorted(here)
    for short in sorted(words.known.intersection(dotted, here)):
        longer = range(bisect.bisect_left(ordered, short), bisect.bisect(ordered, short + LAST_LETTER))
        for place in longer if len(short) >= SHORT_FORM_LETTERS else ():
            if len(ordered[place]) >= len(short) + SHORT_FORM_LETTERS:
                yield Likeness(short, (ordered[place],), "abbreviation")


def _spelt_otherwise(here: Collection[str]) -> Iterable[Likeness]:
    alike = defaultdict(list)
    for word in here:
        if len(word) > 3 and word.isalpha() and word.isascii():
            alike[american(word)].append(word)
    for words in alike.values():
        for one, other in itertools.permutations(words, 2):
            yield Likeness(one, (other,), "spelling")


def _shortened(
    strange: Iterable[str], here: Collection[str], dotted: Collection[str], words: Words
) -> Iterable[Likeness]:
    by_letter, right = defaultdict(list), defaultdict(list)
    for word in here:
        by_letter[word[0]].append(word)
        if words.is_right(word):
            right[word[0]].append(word)
    for short in strange:
        if not 2 <= len(short) <= 6 or (short in words.short and short not in dotted):
            continue
        is_a_word = lexicon.is_word(short, words.lexicons)  # "meet" is not short for "meeting"
        for full in (by_letter if short in dotted else right)[short[0]]:
            if len(full) < len(short) + 2 or full in dotted:
                continue
            if short in dotted and _is_within(short, full):
                yield Likeness(short, (full,), "dotted")
            elif words.is_right(full) and len(short) >= 3 and not is_a_word:
                if (
                    full.startswith(short)
                    and len(short) <= 5
                    and len(full) >= len(short) + 3
                    and short[-1] not in "aeiou"
                ):
                    yield Likeness(short, (full,), "prefix")
                elif _is_skeleton(short, full):
                    yield Likeness(short, (full,), "skeleton")


def _is_within(short: str, full: str) -> bool:
    letters = iter(full)
    return all(letter in letters for letter in short)


def _is_skeleton(short: str, full: str) -> bool:
    """ "dtls" of "details": consonants alone, in their order, at least two thirds of them."""
    consonants = "".join(letter for letter in full if letter not in VOWELS)
    bare = short[:1] + "".join(letter for letter in short[1:] if letter not in VOWELS)
    return bare == short and _is_within(short, full) and 3 * len(short) >= 2 * len(consonants)


def _slips(strange: list[str], here: Collection[str], words: Words) -> Iterable[Likeness]:
    by_length = defaultdict(list)
    for word in sorted(word for word in here if len(word) > 1 and word[-1].isalpha()):
        by_length[len(word)].append(word)
    holders, twice_in = _letters_in(here)
    queries = defaultdict(list)
    for word in strange:
        queries[len(word)].append(word)
    for length, asked in queries.items():
        reach = 2 if length >= LONG_WORD - 1 else 1
        choices = [word for size in range(length - reach, length + reach + 1) for word in by_length[size]]
        for start in range(0, len(asked), ROWS):
            some = asked[start : start + ROWS]
            distances = cdist(some, choices, scorer=OSA.distance, score_cutoff=reach, dtype=np.uint8)
            for row, column in zip(*np.nonzero((distances <= reach) & (distances > 0)), strict=True):
                likeness = slip(some[row], choices[column], int(distances[row, column]), words)
                if likeness:
                    likeness = if_believed(likeness, words)
                    is_open = likeness.rule == "unlisted slip" and not _is_surely_struck_twice(
                        likeness, holders, twice_in
                    )
                    yield likeness._replace(rule="struck") if is_open else likeness


def _letters_in(here: Iterable[str]) -> tuple[Counter[str], dict[str, set[str]]]:
    """How many words hold each letter, and which hold it twice in a row."""
    holders: Counter[str] = Counter()
    twice_in = defaultdict(set)
    for word in here:
        holders.update(set(word))
        for one, after in itertools.pairwise(word):
            if one == after:
                twice_in[one].add(word)
    return holders, twice_in


def _is_surely_struck_twice(likeness: Likeness, holders: Counter[str], twice_in: Mapping[str, set[str]]) -> bool:
    """Letters swapped, or one twice that no other of many words has twice: elsewhere that makes another word, as
    "copia" and "coppia" are two.
    """
    word, (meant,) = likeness.word, likeness.means
    if len(word) <= len(meant) or any(letter in MARKS for letter in word):
        return len(word) >= len(meant)
    twice = next((one for one, after in itertools.pairwise(word) if one == after and one * 2 not in meant), "")
    others_count = holders[twice] - (twice in word) - (twice in meant) if twice else 0
    return others_count >= SINGLE_WORD_COUNT and not twice_in.get(twice, set()) - {word, meant}


def _fronts(here: Collection[str], words: Words) -> Iterable[Likeness]:
    """Prefixes set apart by a hyphen, that are no words: "un-seal" beside "re-seal"."""
    for one, other in itertools.permutations(sorted((words.prefixes - words.known).intersection(here)), 2):
        if not are_opposites(one, other, words):
            yield Likeness(one, (other,), "front", 1)


def _number_words(strange: Iterable[str], here: Collection[str]) -> Iterable[Likeness]:
    """Words a letter or two swapped ones from "six" where a 6 stands in another label, and Roman numbers."""
    for word, digits in word_list("meaning")["maybe_numerals"].items():
        if word in here and digits in here:
            yield Likeness(word, (digits,), "numeral")
    numbers = {word: digits for word, digits in word_list("meaning")["numbers"].items() if digits in here}
    for word in strange if numbers else ():
        for meant, digits in numbers.items():
            if abs(len(word) - len(meant)) <= 1 and word[0] == meant[0] and OSA.distance(word, meant) == 1:
                yield Likeness(word, (digits,), "kin", 1)


def _confused(here: Collection[str]) -> Iterable[Likeness]:
    """Right words that are often written for one another ("costumer", "customer")."""
    lists = word_list("likeness")["confused"]
    for word in here:
        for meant in lists.get(word, ()):
            if meant in here:
                yield Likeness(word, (meant,), "confused", 1)


def _real_words(here: Collection[str], words: Words) -> Iterable[Likeness]:
    """Known words one letter apart: two words, but worth a question where one is hardly ever written."""
    by_hole = defaultdict(list)
    for word in sorted(word for word in here if len(word) > 2 and word.isalpha() and words.is_right(word)):
        for hole in {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}:
            by_hole[hole].append(word)
    near = {(one, other) for these in by_hole.values() for one in these for other in these if one != other}
    for one, other in sorted(near):
        if OSA.distance(one, other) == 1 and stem(one) != stem(other):
            rule = "spelling" if are_l_twins(one, other) else rule_of_real_words(one, other)
            yield Likeness(one, (other,), rule, 1)


def synonyms(word: str, words: Words) -> set[str]:
    """Of the word or what it is a form of, in the lists of verbs and nouns."""
    return {
        other
        for kind in ("verbs", "nouns")
        for one in (word, stem(word))
        for other in synonyms_of_kind(kind, one, words)
    }


def synonyms_of_kind(kind: str, word: str, words: Words) -> list[str]:
    return [other for other in _listed_with(kind).get(word, ()) if frozenset((word, other)) not in words.opposites]


@cache
def _listed_with(kind: str) -> dict[str, list[str]]:
    found = defaultdict(list)
    for group in word_list("likeness")[kind]:
        for word, other in itertools.permutations(group, 2):
            found[word].append(other)
    return found
