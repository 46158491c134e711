"""One label read word by word: its letters, its numbers, what is done, and to what.

Nothing here knows other labels; `essa.naming.exact` decides which of them say the same.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from essa.naming.actors import are_done_to, may_act
from essa.naming.helping import negations, number_words, of_words, stop_words, without_auxiliaries
from essa.naming.lexicon import may_be_english
from essa.naming.words import LANGUAGES, listed, own_words, plain, pure_verbs, verb_forms, vocabulary, word_list

INVISIBLE = re.compile("[\x00\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Python counts no vowel signs as letters; without them words of Hindi, Thai or Hebrew would fall together.
SIGNS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0eff\u1000-\u109f\u1780-\u17ff\u3099\u309a"
LETTER = rf"(?:[^\W\d_]|[{SIGNS}])"
TOKEN = re.compile(
    rf"\d+(?:[.,/:]\d+)+|\d+(?:(?:st|nd|rd|th)(?!{LETTER}))?|{LETTER}+|!=|[<>=+%$?]"
    rf"|(?<=\b{LETTER})[#*](?!\w)|\((?={LETTER}+\){LETTER})|[^\x00-\x7f]"
    r"|(?-i:(?<=\b[A-DO])|(?<=\b[A-D]{2})|(?<=\b[A-D]{3}))-(?![\w-])",  # C#, A*, (un)lock; A-, BBB-, blood of O-
    re.IGNORECASE,
)
APOSTROPHE = re.compile(rf"(?<={LETTER})['\u2019`](?={LETTER})")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w+);", re.IGNORECASE)
LEADING_FILLER = re.compile(rf"({LETTER}+)(?::|\s[-\u2013\u2014]\s)\s*(?={LETTER})")
# A dash straight before a number, and behind nothing that it could join to it, is a minus: "at -5", not "A-5".
MINUS = re.compile(
    r"(?<![^\s_(\[{<>=:;,$\u20ac\u00a3/\"'\u2191])(?<!\d[\s_])[-\u2010\u2011\u2013\u2212](?=[$\u20ac\u00a3]?[.,]?\d)"
)
POINT = re.compile(r"(?<![^\s(\[{<>=+-])[.,](?=\d)")  # ".5" is "0.5" and not "5"
MEASURE = re.compile("(?<=\\d)(?:([\"\u201d\u2033]|''|\u2019\u2019|\u2032\u2032)|['\u2019\u2032](?![^\\W\\d_]))")
OPENED = re.compile("(?<!\\w)[\"'\u201c\u201e\u2018](?=\\S)")  # a quote, so that one behind a number may end it
PLAIN = re.compile(r"[^-\u2010\u2011\u2013\u2212'\u2019`&]*")  # no dash, apostrophe or sign for "and"
ORDINAL = re.compile(r"(?<=\d)\.?[\u00aa\u00ba](?!\w)")  # "2\u00aa", "2.\u00ba"; a degree is another sign
VOWELS = frozenset("aeiouy")
QUALIFIER = re.compile(r"(?:\s[-\u2013\u2014]\s|:\s|[(\[])([^()\[\]:]+?)\s*[)\]]?$")

Meaning = tuple[str, tuple[str, ...]]


class Prepared(NamedTuple):
    """What one label says. Words are in the singular; numbers among them are digits, ordinals end in a dot."""

    letters: str  # all letters joined, numbers in brackets: blanks, case and punctuation are gone
    apart: tuple[int, ...]  # the places in `letters` where a blank changes the meaning: "no table", "notable"
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    action: str  # the verb's base form; empty where there is none or two readings are possible
    objects: tuple[str, ...]  # words without the action, in their order
    meaning: Meaning | None  # alike for labels that say the same in another order; None without words
    is_of: bool  # "Reconciliation of ...": the first word is the action
    is_negated: bool
    directions: tuple[str, ...]
    qualifier: tuple[str, ...]  # the words after the last dash or colon, or in the last brackets
    language: str  # empty for English and for what cannot be told


@lru_cache(maxsize=1 << 17)
def prepare(label: str) -> Prepared:
    text = normalize(label)
    whole = tokens_of(text)
    letters, apart = _letters(whole)
    filler = LEADING_FILLER.match(text)
    is_filler = filler and filler[1].casefold() in listed("meaning", "filler")
    tokens = tokens_of(text[filler.end() :]) if is_filler else whole
    language = language_of(token.casefold() for token in tokens)
    is_of = len(tokens) > 2 and tokens[1].casefold() in of_words(language)
    words = without_auxiliaries(words_of(tokens, language), language)
    if is_of and len(words) > 1 and words[1] in of_words(language):
        del words[1]
    place, meaning = read(tuple(words), is_of, language)
    if place and meaning and _is_of_somebody(tokens):
        meaning = "", tuple(words)
    segment = QUALIFIER.search(text)
    return Prepared(
        letters=letters or f"\0{text}",
        apart=apart,
        words=tuple(words),
        numbers=tuple(word.rstrip(".") for word in words if word[0].isdigit()),
        action="" if place is None else verb_forms(language)[words[place]][0],
        objects=tuple(word for position, word in enumerate(words) if position != place),
        meaning=meaning,
        is_of=is_of,
        is_negated=not negations(language).isdisjoint(words),
        directions=tuple(word for word in words if word in listed("meaning", "directions")),
        qualifier=tuple(words_of(tokens_of(segment[1]), language)) if segment else (),
        language=language,
    )


def read(words: tuple[str, ...], is_of: bool, language: str) -> tuple[int | None, Meaning | None]:
    """Where the action stands among the words, and what they say in whatever order they say it."""
    place = _action_place(words, is_of, language)
    spoken_by = _spoken_by(words)
    if spoken_by:
        return place, spoken_by
    if place is not None:
        objects = words[:place] + words[place + 1 :]
        things = [word for word in objects if word[0].isalpha()]
        act, form = verb_forms(language)[words[place]]
        is_told = form == "base" and (place == 0 or language)  # nobody but the one who reads it does it
        is_sure = things and listed("meaning", "deciders").isdisjoint(things)
        if is_sure and (is_told or are_done_to(things, act, language)):
            return place, (act, objects)
    return place, ("", words) if words else None


def _is_of_somebody(tokens: Sequence[str]) -> bool:
    """ "Attorney of record approved": who stands before an "of" may be the one who acts."""
    small = [token.casefold() for token in tokens]
    return any(after == "of" and may_act(singular(word)) for word, after in itertools.pairwise(small))


def _spoken_by(words: tuple[str, ...]) -> Meaning | None:
    """ "Contract signed by customer" and "Customer signed contract" say who did what to what."""
    if len(words) > 3 and words[-2] == "by" and _form(words[-3]) == "past" and may_act(words[-1]):
        return verb_forms()[words[-3]][0], (*words[:-3], "by", words[-1])
    if len(words) > 2 and may_act(words[0]) and _form(words[1]) == "past" and "by" not in words:
        return verb_forms()[words[1]][0], (*words[2:], "by", words[0])
    return None


def language_of(words: Iterable[str]) -> str:
    """The language most of the words are of, where they are more than the English ones; empty for English."""
    words, spoken = list(words), _languages_of()
    if spoken.keys().isdisjoint(words):
        return ""
    found: Counter[str] = Counter()
    for word in words:
        for language in spoken.get(word, ("english",) if word in vocabulary() and len(word) > 3 else ()):
            found[language] += 1
    best = min(found, key=lambda language: (-found[language], language == "english", language), default="english")
    return "" if best == "english" else best


@cache
def _languages_of() -> dict[str, tuple[str, ...]]:
    spoken: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        words = own_words(language)
        plurals = {f"{word}s" for word in words if language == "spanish" and word[-1] in "aeo"} - vocabulary() - words
        for word in (*words, *plurals):
            spoken[word] = (*spoken.get(word, ()), language)
    return spoken


@lru_cache(maxsize=1 << 18)
def clean(label: str) -> str:
    """The label without outer, repeated or invisible blanks."""
    return " ".join(INVISIBLE.sub("", label).split())


def without_entities(label: str) -> str:
    return clean(ENTITY.sub(lambda entity: html.unescape(entity[0]), label) if "&" in label else label)


def normalize(label: str) -> str:
    """One way of writing each character; capitals stay, they tell where words end in `UpdateVendorMaster`."""
    text = without_entities(label)
    if not text.isascii():
        text = plain(ORDINAL.sub("th", text))
        text = "".join(str(unicodedata.decimal(character, character)) for character in text)
    if " " not in text and not re.search(r"[\s_]", text):
        text = CAMEL.sub(" ", text)
    text = POINT.sub(r"0\g<0>", text)
    if MEASURE.search(text) and not OPENED.search(text):
        text = MEASURE.sub(lambda mark: " inch " if mark[1] else " foot ", text)
    if PLAIN.fullmatch(text):
        return text
    text = MINUS.sub("\0", text).replace("\u2212", "-").replace("\0", "\u2212")
    return APOSTROPHE.sub("", text).replace("&", " and ")


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")) or word in listed("meaning", "no_plurals"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not VOWELS.isdisjoint(word[:-1]) else word  # https, sms


def tokens_of(text: str) -> list[str]:
    """Numbers, words and signs such as < or €, without dashes, quotes and the like."""
    tokens = TOKEN.findall(text)
    if not text.isascii():
        tokens = [one for one in tokens if one.isascii() or one[0].isalpha() or unicodedata.category(one[0])[0] in "SM"]
    drawn_together = word_list("meaning")["contractions"]
    if drawn_together.keys().isdisjoint(map(str.casefold, tokens)):
        return tokens
    return [part for token in tokens for part in drawn_together.get(token.casefold(), (token,))]


def _letters(tokens: list[str]) -> tuple[str, tuple[int, ...]]:
    joined, apart = "", []
    reads_apart = word_list("meaning")["reads_apart"]
    for token, after in zip(tokens, [*tokens[1:], ""], strict=False):
        word = token.casefold()
        joined += re.sub(r"^(\d[\d.,/:]*)", r"[\1]", word) if word[0].isdigit() else word
        others = reads_apart.get(word)
        if others and after[:1].isalpha() and (others == "*" or after.casefold() in others):
            apart.append(len(joined))
    return joined, tuple(apart)


def words_of(tokens: Sequence[str], language: str = "", is_word: Callable[[str], bool] | None = None) -> list[str]:
    """The tokens that say something: in the singular where that is a word, number words as digits."""
    numbers, numerals = number_words(language), word_list("meaning")["numerals"]
    stop = stop_words(language)
    words: list[str] = []
    has_plurals = language != "german" and (bool(language) or may_be_english(tokens))
    for position, token in enumerate(tokens):
        word = token.casefold()
        if word in stop:
            continue
        if token == "a" and 0 < position < len(tokens) - 1 and tokens[position - 1].casefold() in verb_forms():
            continue
        if word[0].isdigit():
            words.append(re.sub(r"\D+$", ".", word))
        elif word in numerals and words and words[-1] in listed("meaning", "numeral_markers"):
            words.append(numerals[word])
        else:
            is_acronym = token.isupper() and not all(other.isupper() for other in tokens if other[0].isalpha())
            one = singular(word) if has_plurals and not is_acronym else word
            words.append(numbers.get(word) or (one if is_word is None or is_word(one) else word))
    return words[:-1] if _ends_in_filler(words) else words


def _ends_in_filler(words: Sequence[str]) -> bool:
    """ "Claim approval task", but not "Assign approval task": there the task is what the action is done to."""
    if len(words) < 2 or words[-1] not in listed("meaning", "filler") or _form(words[-2]) not in ("noun", "ing"):
        return False
    return _form(words[0]) != "base" or words[0] in listed("verbs", "mostly_things")


def _form(word: str, language: str = "") -> str:
    return verb_forms(language).get(word, ("", ""))[1]


def _action_place(words: Sequence[str], is_of: bool, language: str) -> int | None:
    """Which word is the action; None where there is none or where two words could be ("Request approval")."""
    spoken = [place for place, word in enumerate(words) if word[0].isalpha()]
    if not spoken:
        return None
    forms, pure = verb_forms(language), pure_verbs(language)
    first, last = words[spoken[0]], words[spoken[-1]]
    first_form, last_form = _form(first, language), _form(last, language)
    is_imperative = first_form == "base" and first not in listed("verbs", "mostly_things")
    is_only_imperative = is_imperative and forms[first][0] in pure
    is_last_state = last in listed("verbs", "states")
    is_last_act = last_form in ("noun", "ing") or last in listed("verbs", "acts")
    is_last_act |= last_form == "base" and forms[last][0] in pure and not is_last_state
    if first_form == last_form == "base" and first in listed("verbs", "also_orders"):
        return None  # "Order release" may release an order or order a release
    if last_form == "past":
        return None if is_only_imperative and len(spoken) > 1 else spoken[-1]
    if is_only_imperative or (is_of and first_form):
        return spoken[0]
    if is_imperative:
        return None if is_last_act and len(spoken) > 1 else spoken[0]
    return spoken[-1] if is_last_act else _past_place(words, spoken) if not language and not first_form else None


def _past_place(words: Sequence[str], spoken: Sequence[int]) -> int | None:
    """ "Goods received at dock": what was done, before the words that say where or for whom."""
    prepositions = listed("meaning", "prepositions")
    place = next((one for one, after in itertools.pairwise(spoken[1:]) if words[after] in prepositions), None)
    return place if place is not None and _form(words[place]) == "past" else None
