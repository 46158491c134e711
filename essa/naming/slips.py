"""Whether one word is a slip of the finger for another, and which; two words that only look alike are none.

Only the letters are looked at here, and what lists and lexicons know of the words.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from essa.naming import lexicon
from essa.naming.reading import singular
from essa.naming.words import LANGUAGES, Words, listed, misspelt_forms, verb_forms, vocabulary

LONG_WORD = 8  # letters from which two slips are still the same word
MARKS = ";,.[]'=\\/0123456789"  # what a slip puts between letters; no word holds them
VOWELS = frozenset("aeiouy")
LONG_REST = 5  # letters behind two prefixes that are no chance: "aanwijzen", "afwijzen"
PARTY = "ee"  # beside a known word only this names another: "employer", "employee"
DOUBLING_ENDINGS = ("er", "ed", "ing", "or")
LAST_LETTERS = 4  # shorter words with a letter less are names or short forms as often
NOUN_ENDINGS = ("ness", "less")  # of words no list of labels holds; "Bennett" and "Bennet" are two people
SHORT_BASE = 5  # letters of "label"; shorter ones that double an l are other words
TWICE = re.compile(r"(.)\1")
# Two ways to spell one ending.
TWIN_ENDINGS = (("able", "ible"), ("ance", "ence"), ("ant", "ent"), ("er", "or"), ("ency", "ancy"), ("ise", "ize"))


class Likeness(NamedTuple):
    """One word and what it may stand for, by which rule, at how many edits."""

    word: str
    means: tuple[str, ...]
    rule: str  # abbreviation, initials, spelling, dotted, prefix, skeleton, slip, vowel, edit, edge, kin, unlisted, ...
    edits: int = 0


def stem(word: str, any_language: bool = False) -> str:
    return (_all_forms() if any_language else verb_forms()).get(word, (word, ""))[0]


@cache
def _all_forms() -> dict[str, tuple[str, str]]:
    return {word: form for language in LANGUAGES for word, form in verb_forms(language).items()}


def slip(word: str, meant: str, edits: int, words: Words) -> Likeness | None:
    shorter, longer = sorted((len(word), len(meant)))
    if edits > (2 if shorter >= LONG_WORD - 1 and longer >= LONG_WORD else 1):
        return None
    if stem(word) == stem(meant) and word not in misspelt_forms():
        return None
    is_twin = _kind(word, meant, edits) == "spelling"
    if is_last_struck_amiss(word, meant) and (words.is_right(meant) or meant.endswith(NOUN_ENDINGS)):
        return Likeness(word, (meant,), "slip", edits)
    if not is_twin and are_two_words(word, meant, words):
        return Likeness(word, (meant,), "kin", edits) if edits == 1 else None
    return Likeness(word, (meant,), _kind(word, meant, edits), edits)


@lru_cache(maxsize=1 << 16)
def _kind(word: str, meant: str, edits: int) -> str:
    """slip: letters swapped or doubled; vowel: one lost or mistaken; edit: another letter inside; edge: at an end or in
    a short word; spelling: an ending spelt another way."""
    if word[:4] == meant[:4] and edits == 1 and are_twins(word, meant):
        return "spelling"
    if is_odd(word):
        return "slip" if edits == 1 and len(meant) > 3 else "edit"
    start, end = alike_ends(word, meant)
    this, that = word[start : len(word) - end], meant[start : len(meant) - end]
    is_swap = len(this) == len(that) == 2 and this == that[::-1]
    is_double = len(this) + len(that) == 1 and start > 0 and word[start - 1] == (this + that)
    if edits == 1 and len(meant) > 3 and (is_swap or (is_double and end > 0)) and start > 0:
        return "slip"
    if start == 0 or end == 0 or len(meant) < 5:
        return "edge"
    is_dropped = not this and that in VOWELS and len(meant) >= 6
    is_vowel = len(meant) >= LONG_WORD - 1 and len(this) == 1 and VOWELS.issuperset((this, that))
    return "vowel" if edits == 1 and (is_dropped or is_vowel) else "edit"


def is_last_struck_amiss(word: str, meant: str) -> bool:
    """Whether the last consonant is struck once instead of twice, or twice for once, which makes no word anywhere."""
    shorter, longer = sorted((word, meant), key=len)
    is_doubled = longer == shorter + shorter[-1] and len(longer) > LAST_LETTERS and longer[-1] not in VOWELS
    return is_doubled and not lexicon.is_listed(word, lexicon.COMMON_DIGITS)


def alike_ends(word: str, other: str) -> tuple[int, int]:
    """How many letters two words share from the front on, and then from the end on."""
    start = 0
    while start < min(len(word), len(other)) and word[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(word), len(other)) - start and word[-1 - end] == other[-1 - end]:
        end += 1
    return start, end


def are_twins(word: str, meant: str) -> bool:
    """Whether two long words differ in how one ending is spelt."""
    if are_l_twins(word, meant):
        return True
    for ending, other in (*TWIN_ENDINGS, *(ends[::-1] for ends in TWIN_ENDINGS)):
        if word.endswith(ending) and word.removesuffix(ending) + other == meant:
            return len(word) >= LONG_WORD - 1
    return False


def are_l_twins(one: str, other: str) -> bool:
    """ "Traveler" and "traveller", which are "travel" and an ending; but not "filing" and "filling"."""
    short, long = sorted((one, other), key=len)
    for ending in DOUBLING_ENDINGS:
        base = short.removesuffix(ending)
        if base != short and base.endswith("l") and long == f"{base}l{ending}":
            return len(base) >= SHORT_BASE and lexicon.is_word(base, ("en",))
    return False


def are_opposites(one: str, other: str, words: Words) -> bool:
    """Whether the lists hold them as two sides of one thing, in whatever form they stand."""
    these, those = ({word, stem(word, any_language=True)} for word in (one, other))
    return any(frozenset((this, that)) in words.opposites for this in these for that in those)


def are_two_words(strange: str, other: str, words: Words) -> bool:
    """Whether they are alike as two words are: "send" and "resend", "import" and "export", "employer" and "employee".

    An ending of one letter may be a slip where the other word is a known one: judged as one at the edge.
    """
    if {strange, other} <= words.prefixes:
        return True  # set apart by a hyphen: "re-ice", "de-ice"
    is_known = words.is_right(other)
    is_heard = is_known or lexicon.is_common(other, words.lexicons)
    if _differ_in_front(strange, other, words, is_heard) or _differ_in_front(other, strange, words, is_heard):
        return True
    for short, long in ((strange, other), (other, strange)):
        ending = long[len(short) :] if long.startswith(short) else ""
        if ending in words.suffixes and (len(ending) > 1 or not is_known):
            return True
    if _differ_in_salt(strange, other):
        return True
    shared, _ = alike_ends(strange, other)
    for cut in range(max(shared - 2, 4 if is_known else 3), shared + 1):
        ends = {strange[cut:], other[cut:]}
        if ends <= words.sides and (not is_known or PARTY in ends):
            return True
    return False


def _differ_in_salt(one: str, other: str) -> bool:
    """Whether one stem ends as two substances do: "sulfate" and "sulfite", "butane" and "butene"."""
    ends = _substances()
    if not (one.endswith(ends) and other.endswith(ends)):
        return False
    stems = {one[: -len(end)] for end in ends if one.endswith(end) and len(one) - len(end) > 2}
    return one != other and any(other.endswith(end) and other[: -len(end)] in stems for end in ends)


@cache
def _substances() -> tuple[str, ...]:
    return tuple(sorted(listed("likeness", "substances")))


def _differ_in_front(one: str, other: str, words: Words, is_known: bool) -> bool:
    """Whether `one` is `other` with a prefix, or both are the same rest behind two prefixes."""
    if one.endswith(other) and one[: -len(other)] in words.prefixes and len(other) >= 3:
        return True
    for size in range(2, min(6, len(one) - 2)):
        front, rest = one[:size], one[size:]
        if front not in words.prefixes or not other.endswith(rest):
            continue
        before = other[: -len(rest)]
        is_pair = len(before) > 1 and before in words.prefixes and sorted(before) != sorted(front)
        if is_pair and before != front and (words.is_right(rest) or not is_known or len(rest) >= LONG_REST):
            return True
    return False


@lru_cache(maxsize=1 << 16)
def is_odd(word: str) -> bool:
    """Whether no word looks like this: a mark inside, or letters beside each other as in none of the known words."""
    if not word.isalpha() and any(letter in MARKS for letter in word):
        return True
    framed = f"^{word}$"
    return any(framed[place : place + 2] not in _pairs_of_letters() for place in range(len(framed) - 1))


@lru_cache(maxsize=1)
def _pairs_of_letters() -> frozenset[str]:
    words = (word for language in ("", "dutch", "german", "spanish") for word in vocabulary(language))
    framed = (f"^{word}$" for word in words if len(word) > 3 and not VOWELS.isdisjoint(word))
    return frozenset(word[place : place + 2] for word in framed for place in range(len(word) - 1))


def if_believed(likeness: Likeness, words: Words) -> Likeness:
    """The same, or a question: a word that some language has is no slip, and only a word that people know is meant.

    Of words that lists hold but hardly anybody writes (sulfate, ileum), a letter makes another as often as a slip.
    """
    word, (meant,) = likeness.word, likeness.means
    if likeness.rule in ("spelling", "kin"):
        return likeness
    if _is_word(word, words.lexicons):
        is_other_real = words.is_right(meant) or _is_word(meant, words.lexicons)
        return likeness._replace(rule=rule_of_real_words(word, meant) if is_other_real else "unlisted")
    if not is_of_the_hand(word, meant) and are_terms_of_art(word, meant):
        return likeness._replace(rule="unlisted")
    if words.is_right(meant) or lexicon.is_common(meant, words.lexicons):
        return likeness
    if not is_of_the_hand(word, meant):
        is_sure = likeness.edits == 1 and likeness.rule in ("vowel", "edit") and _is_seldom_written(word, meant, words)
        return likeness._replace(rule="seldom" if is_sure else "unlisted")
    return likeness._replace(rule="slip" if lexicon.is_word(meant, words.lexicons) else "unlisted slip")


def _is_seldom_written(word: str, meant: str, words: Words) -> bool:
    """Whether a long word stands in a list if hardly anybody writes it, and the other in none of any language.

    It has a letter less or more: with another letter it may be a word put together as no list has it.
    """
    is_meant = len(meant) >= LONG_WORD and len(word) != len(meant) and lexicon.is_word(meant, words.lexicons)
    return is_meant and not lexicon.is_listed(word, lexicon.COMMON_DIGITS)


@lru_cache(maxsize=1 << 17)
def _is_word(word: str, lexicons: tuple[str, ...]) -> bool:
    """Whether a word is one, or lost its s when it was read ("poids", "foodies", "basses")."""
    plural = re.sub("y$", "ie", word) + "s"
    is_of_plural = singular(plural) == word or plural.endswith("sses")
    return lexicon.is_word(word, lexicons) or (is_of_plural and lexicon.is_word(plural, lexicons))


def are_terms_of_art(word: str, meant: str) -> bool:
    """Whether both end as the names of diseases, operations and drugs do: a letter names another ("cystotomy")."""
    endings = tuple(listed("likeness", "terms_of_art"))
    return word.endswith(endings) and meant.endswith(endings)


def is_of_the_hand(word: str, meant: str) -> bool:
    """Whether only the hand can have slipped: letters swapped, struck twice or once too few, or a mark among them."""
    if not word.isalpha() and any(letter in MARKS for letter in word):
        return True
    if len(word) == len(meant) and sorted(word) == sorted(meant):
        return True
    return _struck_once(word) == _struck_once(meant)


@lru_cache(maxsize=1 << 16)
def _struck_once(word: str) -> str:
    return TWICE.sub(r"\1", word)


def rule_of_real_words(word: str, meant: str) -> str:
    """everyday word: one that no step of an office is about ("ring", "deer") beside one that may be."""
    everyday = listed("business", "everyday")
    return "everyday word" if word in everyday and meant not in everyday else "real word"
