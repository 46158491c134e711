"""One label read word by word: its letters, its numbers, what is done, and to what.

Nothing here knows other labels; `essa.labels` decides which of them mean the same. The word lists are in `words/`.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "words"
INVISIBLE = re.compile("[\x00\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Python counts no vowel signs as letters; without them words of Hindi, Thai or Hebrew would fall together.
SIGNS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0eff\u1000-\u109f\u1780-\u17ff\u3099\u309a"
LETTER = rf"(?:[^\W\d_]|[{SIGNS}])"
TOKEN = re.compile(rf"\d+(?:(?:st|nd|rd|th)(?!{LETTER}))?|{LETTER}+|[<>=+%$]|[^\x00-\x7f]", re.IGNORECASE)
APOSTROPHE = re.compile(rf"(?<={LETTER})['\u2019`](?={LETTER})")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w+);", re.IGNORECASE)
LATIN_MARKS = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
# An umlaut becomes two letters, never one: "Forderung" and "Förderung" are different things.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
LEADING_FILLER = re.compile(rf"({LETTER}+)(?::|\s[-\u2013\u2014]\s)\s*(?={LETTER})")
QUALIFIER = re.compile(r"(?:\s[-\u2013\u2014]\s|:\s|[(\[])([^()\[\]:]+?)\s*[)\]]?$")


@dataclass(frozen=True)
class Prepared:
    """What one label says. Words are in the singular; numbers among them are digits, ordinals end in a dot."""

    letters: str  # all letters joined, numbers in brackets: blanks, case and punctuation are gone
    apart: tuple[int, ...]  # the places in `letters` where a blank changes the meaning: "no table", "notable"
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    action: str  # the verb's base form; empty where there is none or two readings are possible
    objects: tuple[str, ...]  # words without the action, in their order
    is_negated: bool
    directions: tuple[str, ...]
    qualifier: tuple[str, ...]  # the words after the last dash or colon, or in the last brackets

    @property
    def meaning(self) -> tuple[str, tuple[str, ...]] | None:
        """Alike for labels of the same words in the same order, wherever the action stands; None without words."""
        things = [word for word in self.objects if word[0].isalpha()]
        if self.action and things and not may_act(things[-1]) and listed("meaning", "deciders").isdisjoint(things):
            return self.action, self.objects
        return ("", self.words) if self.words else None


@lru_cache(maxsize=1 << 16)
def prepare(label: str) -> Prepared:
    text = normalize(label)
    letters, apart = _letters(_tokens(text))
    filler = LEADING_FILLER.match(text)
    is_filler = filler and filler[1].casefold() in listed("meaning", "filler")
    tokens = _tokens(text[filler.end() :] if is_filler else text)
    words = _words(tokens)
    place = _action_place(words, is_of=[token.casefold() for token in tokens[1:2]] == ["of"])
    segment = QUALIFIER.search(text)
    return Prepared(
        letters=letters or f"\0{text}",
        apart=apart,
        words=tuple(words),
        numbers=tuple(word.rstrip(".") for word in words if word[0].isdigit()),
        action="" if place is None else verb_forms()[words[place]][0],
        objects=tuple(word for position, word in enumerate(words) if position != place),
        is_negated=not listed("meaning", "negations").isdisjoint(words),
        directions=tuple(word for word in words if word in listed("meaning", "directions")),
        qualifier=tuple(_words(_tokens(segment[1]))) if segment else (),
    )


def clean(label: str) -> str:
    """The label without outer, repeated or invisible blanks."""
    return " ".join(INVISIBLE.sub("", label).split())


def normalize(label: str) -> str:
    """One way of writing each character; capitals stay, they tell where words end in `UpdateVendorMaster`."""
    text = clean(ENTITY.sub(lambda entity: html.unescape(entity[0]), label))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(UMLAUTS)
        text = unicodedata.normalize("NFC", LATIN_MARKS.sub("", unicodedata.normalize("NFD", text)))
        text = "".join(str(unicodedata.decimal(character, character)) for character in text)
    if not re.search(r"[\s_]", text):
        text = CAMEL.sub(" ", text)
    return APOSTROPHE.sub("", text).replace("&", " and ")


def may_act(word: str) -> bool:
    """Whether `word` names somebody who could do the step: "customer call" and "call customer" may differ."""
    if word in listed("meaning", "people"):
        return True
    return word.endswith(("er", "or", "ee", "ist", "ian")) and word not in listed("meaning", "not_people")


def singular(word: str) -> str:
    if len(word) < 4 or word.endswith(("ss", "us", "is")) or word in listed("meaning", "no_plurals"):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word.removesuffix("s")


@cache
def word_list(name: str) -> dict:
    """One file of words as it stands; its `version` tells which."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


@cache
def listed(name: str, key: str) -> frozenset[str]:
    return frozenset(word_list(name)[key])


@cache
def verb_forms() -> dict[str, tuple[str, str]]:
    """Every way of writing a verb: its base form, and which form this is (base, past, ing, or the noun of the act)."""
    lists = word_list("verbs")
    forms: dict[str, tuple[str, str]] = {word: (verb, "past") for word, verb in lists["irregular_past"].items()}
    for verb, noun in (dict.fromkeys([*lists["acts"], *lists["things"]]) | lists["verbs"]).items():
        for word, form in [*_regular_forms(verb), *([(noun, "noun")] if noun else [])]:
            forms[word] = (verb, form)
            forms[re.sub(r"([iy])z(e|ed|ing|ation)$", r"\1s\2", word)] = (verb, form)
    return forms


def _regular_forms(verb: str) -> list[tuple[str, str]]:
    """Base, past and -ing; the last consonant single and doubled, for "canceled" and "cancelled" are both written."""
    if verb.endswith("e"):
        return [(verb, "base"), (verb + "d", "past"), (re.sub("(?<!e)e$", "", verb) + "ing", "ing")]
    if re.search(r"[^aeiou]y$", verb):
        return [(verb, "base"), (verb[:-1] + "ied", "past"), (verb + "ing", "ing")]
    stems = [verb, verb + verb[-1]] if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) else [verb]
    return [(verb, "base"), *((stem + "ed", "past") for stem in stems), *((stem + "ing", "ing") for stem in stems)]


def _tokens(text: str) -> list[str]:
    """Numbers, words and signs such as < or €, without dashes, quotes and the like."""
    found = TOKEN.findall(text)
    return [
        token for token in found if token.isascii() or token[0].isalpha() or unicodedata.category(token[0])[0] in "SM"
    ]


def _letters(tokens: list[str]) -> tuple[str, tuple[int, ...]]:
    joined, apart = "", []
    reads_apart = word_list("meaning")["reads_apart"]
    for token, after in zip(tokens, [*tokens[1:], ""], strict=False):
        joined += re.sub(r"^(\d+)", r"[\1]", token.casefold())
        others = reads_apart.get(token.casefold(), ())
        if after[:1].isalpha() and (others == "*" or after.casefold() in others):
            apart.append(len(joined))
    return joined, tuple(apart)


def _words(tokens: list[str]) -> list[str]:
    """The tokens that say something: in the singular, number words as digits."""
    numbers, numerals = word_list("meaning")["numbers"], word_list("meaning")["numerals"]
    words: list[str] = []
    for position, token in enumerate(tokens):
        word = token.casefold()
        is_article = token == "a" and 0 < position < len(tokens) - 1 and tokens[position - 1].casefold() in verb_forms()
        if is_article or word in listed("meaning", "stop"):
            continue
        if word[0].isdigit():
            words.append(re.sub(r"\D+$", ".", word))
        elif word in numerals and words and words[-1] in listed("meaning", "numeral_markers"):
            words.append(numerals[word])
        else:
            words.append(numbers.get(word) or singular(word))
    return words[:-1] if _ends_in_filler(words) else words


def _ends_in_filler(words: list[str]) -> bool:
    """ "Claim approval task", but not "Assign approval task": there the task is what the action is done to."""
    if len(words) < 2 or words[-1] not in listed("meaning", "filler") or _form(words[-2]) not in ("noun", "ing"):
        return False
    return _form(words[0]) != "base" or words[0] in listed("verbs", "mostly_things")


def _form(word: str) -> str:
    return verb_forms().get(word, ("", ""))[1]


def _action_place(words: list[str], is_of: bool) -> int | None:
    """Which word is the action; None where there is none or where two words could be ("Request approval")."""
    spoken = [place for place, word in enumerate(words) if word[0].isalpha()]
    if not spoken:
        return None
    first, last = words[spoken[0]], words[spoken[-1]]
    is_imperative = _form(first) == "base" and first not in listed("verbs", "mostly_things")
    is_only_imperative = is_imperative and verb_forms()[first][0] in word_list("verbs")["verbs"]
    is_last_state = last in listed("verbs", "states")
    is_last_act = _form(last) in ("noun", "ing") or last in listed("verbs", "acts")
    is_last_act |= _form(last) == "base" and verb_forms()[last][0] in word_list("verbs")["verbs"] and not is_last_state
    if _form(last) == "past":
        return None if is_only_imperative and len(spoken) > 1 else spoken[-1]
    if is_only_imperative or (is_of and _form(first)):
        return spoken[0]
    if is_imperative:
        return None if is_last_act and len(spoken) > 1 else spoken[0]
    return spoken[-1] if is_last_act else None
