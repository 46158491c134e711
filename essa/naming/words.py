"""The word lists: what ships in `essa/words/`, and with it what an analyst adds in `names.yaml`.

Lists that decide how one label is read are plain lookups (`listed`, `verb_forms`); those that decide whether two words
may be one are gathered in `Words`, since an analyst may add to them.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from essa.naming.seams import with_seams

FOLDER = Path(__file__).parent.parent / "words"
LANGUAGES = ("dutch", "german", "spanish")
# An umlaut becomes two letters, never one: "Forderung" and "Förderung" are different things.
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
FOREIGN = ("stop", "of", "by", "negations", "numbers", "things")  # lists of each language's words
SMALL = ("stop", "negations", "directions")  # lists of small words
LATIN_MARKS = re.compile("(?<=[A-Za-z])[\u0300-\u036f]+")
PARTICIPLE = re.compile(r"(?:[ai]d|iert|uelt|pres|crit)[oa]$")  # Spanish; what else stands there names the act
NOUN = re.compile(r"(?:ung|nahme|gabe|ing|tie)$")


def plain(text: str) -> str:
    """Latin letters without their marks, umlauts as two letters."""
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", with_seams(text)).translate(UMLAUTS)
    return unicodedata.normalize("NFC", LATIN_MARKS.sub("", unicodedata.normalize("NFD", text)))


@cache
def word_list(name: str) -> dict:
    """One file of words as it stands; its `version` tells which."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it is there
    return yaml.load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"), loader)


@cache
def listed(name: str, key: str) -> frozenset[str]:
    return frozenset(plain(word) for word in word_list(name)[key])


@cache
def fingerprint() -> str:
    """Changes with any word of the lists and any line of what reads labels by them."""
    files = sorted([*FOLDER.glob("*.yml"), *Path(__file__).parent.glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


@cache
def verb_forms(language: str = "") -> dict[str, tuple[str, str]]:
    """Every way of writing a verb: its base form, and which form this is (base, past, ing, or the noun of the act)."""
    if language:
        return verb_forms() | _foreign_forms(language)
    lists = word_list("verbs")
    forms: dict[str, tuple[str, str]] = {word: (verb, "past") for word, verb in lists["irregular_past"].items()}
    for verb, noun in (dict.fromkeys([*lists["acts"], *lists["things"]]) | lists["verbs"]).items():
        for word, form in [*regular_forms(verb), *([(noun, "noun")] if noun else [])]:
            forms[word] = (verb, form)
            forms[re.sub(r"([iy])z(e|ed|ing|ation)$", r"\1s\2", word)] = (verb, form)
    acts = british_words().items() - word_list("spelling")["things"].items()
    return {british: forms[american] for british, american in acts if american in forms} | forms


@cache
def british_words() -> dict[str, str]:
    """Words that are spelt another way in America by no rule of endings: that way, for their regular forms as well."""
    lists = word_list("spelling")
    found = dict(lists["things"])
    for british, american in lists["words"].items():
        found[british] = american
        forms, others = regular_forms(british), regular_forms(american)
        found |= {one: other for (one, _), (other, _) in zip(forms, others, strict=False) if len(forms) == len(others)}
    return found


def regular_forms(verb: str) -> list[tuple[str, str]]:
    """Base, past and -ing; the last consonant single and doubled, for "canceled" and "cancelled" are both written."""
    if verb.endswith("e"):
        return [(verb, "base"), (verb + "d", "past"), (re.sub("(?<!e)e$", "", verb) + "ing", "ing")]
    if re.search(r"[^aeiou]y$", verb):
        return [(verb, "base"), (verb[:-1] + "ied", "past"), (verb + "ing", "ing")]
    stems = [verb, verb + verb[-1]] if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb) else [verb]
    return [(verb, "base"), *((stem + "ed", "past") for stem in stems), *((stem + "ing", "ing") for stem in stems)]


def doubles(verb: str) -> bool:
    """Whether its last consonant is always doubled before an ending: "ship" is "shipped"."""
    return bool(re.fullmatch("[^aeiouy]*[aeiou][^aeiouwxy]", verb))


@cache
def misspelt_forms() -> frozenset[str]:
    """Forms as "shiping" and "stoped", read as what they are meant for but no right words: one consonant is missing."""
    verbs = {verb for verb, _ in verb_forms().values()}
    short = [verb for verb in verbs if doubles(verb) and verb + "e" not in verbs]
    return frozenset(verb + ending for verb in short for ending in ("ed", "ing"))


def _foreign_forms(language: str) -> dict[str, tuple[str, str]]:
    forms: dict[str, tuple[str, str]] = {}
    for verb, others in word_list(language)["verbs"].items():
        base = plain(verb)
        forms[base] = (base, "base")
        for word in map(plain, others):
            is_past = bool(PARTICIPLE.search(word)) if language == "spanish" else not NOUN.search(word)
            forms[word] = (base, "past" if is_past else "noun")
    return forms


@cache
def pure_verbs(language: str = "") -> frozenset[str]:
    """Base forms that are no nouns: as a first word they are the action."""
    if language:
        return pure_verbs() | {plain(verb) for verb in word_list(language)["verbs"]}
    return frozenset(word_list("verbs")["verbs"])


@cache
def vocabulary(language: str = "") -> frozenset[str]:
    """Every word of a language that the lists know; English where none is named."""
    if language:
        lists = word_list(language)
        words = {plain(word) for key in (*FOREIGN, "words") for word in lists[key]}
        return frozenset(words | _foreign_forms(language).keys())
    meaning = word_list("meaning")
    no_words = ("version", "numerals", "maybe_numerals", "reads_apart")
    small = {word for key, words in meaning.items() if key not in no_words for word in words}
    units = listed("pollution", "organisation") | listed("likeness", "polar")
    return frozenset(verb_forms().keys() - misspelt_forms() | _business() | listed("things", "things") | small | units)


@cache
def _business() -> frozenset[str]:
    return frozenset(word for key, words in word_list("business").items() if key != "version" for word in words)


@cache
def _telling() -> frozenset[str]:
    small = frozenset(word_list("abbreviations")["small_slips"].values())
    return small | listed("likeness", "polar") | frozenset().union(*(listed("meaning", one) for one in SMALL))


@cache
def case_words() -> frozenset[str]:
    """As labels write them, marks and all, and without: a number behind one is a reference in whatever language."""
    lists = [word_list("pollution")["cases"], *(word_list(language)["cases"] for language in LANGUAGES)]
    return frozenset(spelling for words in lists for word in words for spelling in (word, plain(word)))


@cache
def shipped_opposites(name: str) -> frozenset[frozenset[str]]:
    """Each word of the one side of each entry with each of the other."""
    sides = word_list(name)["opposites"]
    return frozenset(
        frozenset((plain(one), plain(other))) for ones, others in sides for one in ones for other in others
    )


@cache
def own_words(language: str) -> frozenset[str]:
    """Words by which a label is told to be of that language: no English ones, no small ones."""
    lists = word_list(language)
    words = (*lists["words"], *lists["things"])
    return frozenset({plain(word) for word in words} | _foreign_forms(language).keys()) - vocabulary()


@dataclass(frozen=True, eq=False)
class Words:
    """What decides whether two words may be one."""

    known: frozenset[str]  # right as they stand
    short: Mapping[str, tuple[str, ...]]  # abbreviation: words it may stand for
    initials: Mapping[str, tuple[tuple[str, ...], ...]]  # letters: the words they stand for
    opposites: frozenset[frozenset[str]]
    organisation: frozenset[str]
    before_reference: frozenset[str]  # what a case is called before its number, in any language
    told_before_reference: frozenset[str]  # those an analyst adds: a number behind one is never part of a name
    people: frozenset[str]  # whom an analyst adds to those who may do a step
    things: frozenset[str]  # what an analyst says does nothing by itself
    added: frozenset[str]  # what an analyst says are words of their own, and whatever else he names in full
    told_short: frozenset[tuple[str, str]]  # a short form an analyst adds, and what it stands for
    prefixes: frozenset[str]
    suffixes: frozenset[str]
    sides: frozenset[str]
    fingerprint: str
    lexicons: tuple[str, ...] = ("en",)  # languages whose words are looked up besides

    def is_right(self, word: str) -> bool:
        """Whether a word is right as it stands, in full or short."""
        return word in self.known or word in self.short

    def tells(self, word: str) -> bool:
        """Whether a word says what is done, which way or how, and names no thing: beside such stand no codes."""
        return word in verb_forms() or word in _telling() or any(word in pair for pair in self.opposites)

    def speaking(self, languages: Iterable[str]) -> Words:
        """The same with the words of more languages."""
        found = self
        for language in languages:
            found = replace(
                found,
                known=found.known | vocabulary(language),
                prefixes=found.prefixes | listed(language, "prefixes"),
                suffixes=found.suffixes | listed(language, "suffixes"),
                sides=found.sides | listed(language, "sides"),
                opposites=found.opposites | shipped_opposites(language),
            )
        return found


def words(
    abbreviations: Mapping[str, Iterable[str]] | None = None,
    business: Iterable[str] = (),
    opposites: Iterable[tuple[str, str]] = (),
    organisation: Iterable[str] = (),
    people: Iterable[str] = (),
    things: Iterable[str] = (),
    before_reference: Iterable[str] = (),
) -> Words:
    """The shipped lists, English so far, and what an analyst adds to them."""
    lists = word_list("abbreviations")
    told_short = set()
    short = {form: tuple(meant) for form, meant in lists["forms"].items()}
    initials = {form: tuple(tuple(phrase.split()) for phrase in meant) for form, meant in lists["initials"].items()}
    for form, meant in (abbreviations or {}).items():
        phrases = [tuple(plain(one).casefold().split()) for one in meant]
        form = plain(form).casefold()
        told_short |= {(form, " ".join(phrase)) for phrase in phrases}
        short[form] = (*short.get(form, ()), *(phrase[0] for phrase in phrases if len(phrase) == 1))
        initials[form] = (*initials.get(form, ()), *(phrase for phrase in phrases if len(phrase) > 1))
    apart = sorted(sorted(plain(word).casefold() for word in pair) for pair in opposites)
    somebody, things = (sorted({plain(word).casefold() for word in some}) for some in (people, things))
    added = sorted({*map(str.casefold, map(plain, business)), *somebody, *things, *itertools.chain(*apart)})
    units = sorted(listed("pollution", "organisation") | {plain(word).casefold() for word in organisation})
    shortened = sorted(short.items()), sorted(initials.items()), sorted(told_short)
    told_cases = sorted({spelling.casefold() for word in before_reference for spelling in (word, plain(word))})
    held = repr((fingerprint(), *shortened, apart, added, units, somebody, things, told_cases))
    return Words(
        known=(vocabulary() - (lists["forms"].keys() - _business())) | british_words().keys() | frozenset(added),
        short=short,
        initials=initials,
        opposites=shipped_opposites("likeness") | frozenset(frozenset(pair) for pair in apart),
        organisation=frozenset(units),
        before_reference=case_words() | frozenset(told_cases),
        told_before_reference=frozenset(told_cases),
        people=frozenset(somebody),
        things=frozenset(things),
        added=frozenset(added),
        told_short=frozenset(told_short),
        prefixes=listed("likeness", "prefixes"),
        suffixes=listed("likeness", "suffixes"),
        sides=listed("likeness", "sides"),
        fingerprint=hashlib.sha256(held.encode()).hexdigest()[:12],
    )
