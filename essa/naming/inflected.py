"""Pairs of labels whose words begin alike, one by one, as forms of the same words do: "Skicka avräkning", "Avräkning
skickad".

Of a language without a list of verbs nothing tells forms from other words, so they are never one for that: a question
where the log shows one in the place of the other.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from essa.naming import lexicon
from essa.naming.exact import Group
from essa.naming.reading import prepare, singular
from essa.naming.repair import Pair, Step
from essa.naming.slips import VOWELS, alike_ends
from essa.naming.words import listed, vocabulary

STEM_LETTERS = 4  # that two forms share at least
STEM_SHARE_MIN = 0.6  # of the shorter word
ENDING_LETTERS_MAX = 6
DERIVED = re.compile(r"(?:[ai]?tion|ion|ment|al|[ae]nce|age|ure)$")
LINKS = ("", "s", "n", "en", "es", "e")  # between the parts of a compound, in German and Dutch
DONE_LETTERS = 2  # that a verb and its participle share
INFINITIVE = re.compile(r"(?:[aei]r|re)$")
PARTICIPLE = re.compile(r"(?:[aeiu]d|[aeir]t|[iue]s|ch|pt|st|nt|t)[oa]s?$|(?:[eiu]|ert|[iu]t|[iu]s|int|ort)(?:es?|s)?$")
GROUPS_MAX = 12  # whose words begin alike: more are numbered or coined by rule


def inflected(groups: Sequence[Group]) -> Iterator[Pair]:
    """Both ways, since either may be the rarer."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    said = {group.name: _said(group.name) for group in groups}
    for name, words in said.items():
        if len(words) > 1:
            alike[tuple(sorted([_without_ge(word)[:STEM_LETTERS] for word in words]))].append(name)
    for names in alike.values():
        for one, other in itertools.permutations(names, 2) if len(names) <= GROUPS_MAX else ():
            if steps := _steps(said[one], said[other]):
                yield Pair(one, other, steps)
    yield from _done(said)
    yield from _compounds(said)


def _done(said: Mapping[str, Sequence[str]]) -> Iterator[Pair]:
    """Pairs of which one says what to do and the other that it is done, as irregular as the verb may be: "Abrir
    proceso", "Processo aberto"; "Dak leggen", "Dak gelegd".
    """
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for name, words in said.items():
        for verb, rest in _at_either_end(words):
            for begun in _begun(verb) if _may_be_verb(verb) else ():
                alike[(begun, *sorted(map(singular, rest)))].append((name, verb))
    for acts in alike.values():
        for (one, was), (other, means) in itertools.permutations(acts, 2) if len(acts) <= GROUPS_MAX else ():
            is_foreign = _is_foreign(was) or _is_foreign(means)
            if one != other and is_foreign and (_is_done(was, means) or _is_done(means, was)):
                yield Pair(one, other, (Step("inflected", was, means),))


def _compounds(said: Mapping[str, Sequence[str]]) -> Iterator[Pair]:
    """ "Rechnungsprüfung" beside "Rechnung prüfen": the act behind its object in one word."""
    apart: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for name, words in said.items():
        for act, (thing,) in _at_either_end(words) if len(words) == 2 else ():
            apart[thing, act[:STEM_LETTERS]].append((name, f"{thing} {act}"))
    for name, words in said.items():
        (word,) = words if len(words) == 1 else ("",)
        for place in range(STEM_LETTERS, len(word) - STEM_LETTERS + 1) if apart and _is_foreign(word) else ():
            for link in (one for one in LINKS if word[:place].endswith(one)):
                key = word[:place].removesuffix(link), word[place : place + STEM_LETTERS]
                for other, both in apart.get(key, ()):
                    yield Pair(name, other, (Step("inflected", word, both),))


@lru_cache(maxsize=1 << 16)
def _may_be_verb(word: str) -> bool:
    """Whether a word looks like an infinitive or a participle of a language that is not English alone."""
    looks_so = INFINITIVE.search(word) or PARTICIPLE.search(word) or word.endswith("n") or _without_ge(word) != word
    return bool(looks_so) and (word not in vocabulary() or word[-1] in "nr")


@lru_cache(maxsize=1 << 16)
def _begun(verb: str) -> list[str]:
    """Its first letters and its first consonants: "wegen" and "gewogen" share the second."""
    bare = _without_ge(verb)
    return sorted({bare[:DONE_LETTERS], "".join(letter for letter in bare if letter not in VOWELS)[:DONE_LETTERS]})


def _at_either_end(said: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    if len(said) > 1:
        yield said[0], said[1:]
        yield said[-1], said[:-1]


def _is_done(act: str, done: str) -> bool:
    """Whether the one looks like an infinitive and the other like its participle, in a language of Europe."""
    is_past = _without_ge(done) != done and _without_ge(act) == act
    return is_past or bool(INFINITIVE.search(act) and PARTICIPLE.search(done))


def _steps(one: Sequence[str], other: Sequence[str]) -> tuple[Step, ...]:
    """The words that differ, each beside its other form; nothing where any two are more than forms of one."""
    these, those = (sorted(words, key=_without_ge) for words in (one, other))
    differing = [
        (was, means) for was, means in zip(these, those, strict=True) if singular(was) != singular(means)
    ]  # "botellas" may stand there as "botella": the other word decides which language is read
    are_forms = all(_may_be_forms(_without_ge(was), _without_ge(means)) for was, means in differing)
    if are_forms and differing and all(_is_derived(*sorted(both, key=len)) for both in differing):
        return tuple(Step("derived", was, means) for was, means in differing)
    if not are_forms or not any(_is_foreign(word) for both in differing for word in both):
        return ()
    return tuple(Step("inflected", was, means) for was, means in differing)


def _is_derived(base: str, noun: str) -> bool:
    """ "Consult" and "consultation", "quote" and "quotation"."""
    rest = DERIVED.sub("", noun)
    return rest != noun and base in (rest, f"{rest}e") and lexicon.is_word(base, ("en",))


def _said(name: str) -> list[str]:
    return [word for word in prepare(name).words if word not in _unsaid()]


@cache
def _unsaid() -> frozenset[str]:
    return listed("likeness", "articles") | listed("likeness", "auxiliaries")


@lru_cache(maxsize=1 << 16)
def _without_ge(word: str) -> str:
    """ "Geklärt" and "durchgeführt" as they are without the syllable of the past, in German and Dutch."""
    return _ge().sub(r"\1", word)


@cache
def _ge() -> re.Pattern[str]:
    fronts = sorted(
        listed("german", "prefixes") | listed("dutch", "prefixes") - {"ge"}, key=lambda one: (-len(one), one)
    )
    return re.compile(rf"^({'|'.join(fronts)})?ge(?=\w{{{STEM_LETTERS}}})")


def _may_be_forms(one: str, other: str) -> bool:
    shared, _ = alike_ends(one, other)
    if one == other + other[-1] or other == one + one[-1]:
        return False  # "readines": a letter is missing
    shorter, longer = sorted((len(one), len(other)))
    return shared >= max(STEM_LETTERS, STEM_SHARE_MIN * shorter) and longer - shared <= ENDING_LETTERS_MAX


def _is_foreign(word: str) -> bool:
    return word.isalpha() and word not in vocabulary() and not lexicon.is_word(word, ("en",))
