"""What the labels of a process say by their words alone, read once for each vocabulary.

Labels, word lists and what an analyst said decide it; it is kept between nights and read anew when one of them changes.
How often labels occur helps to tell what is no part of a name, and only then: how sure a pair is, is judged each night.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from operator import attrgetter

import numpy as np

from essa.naming import exact, remembering
from essa.naming.exact import Group, Unions
from essa.naming.inflected import inflected
from essa.naming.judging import COUNTED
from essa.naming.lexicon import spoken
from essa.naming.marks import with_lost_marks, with_lost_signs
from essa.naming.names_file import Said
from essa.naming.pollution import without_pollution
from essa.naming.prefixed import prefixed
from essa.naming.reading import prepare
from essa.naming.readings import languages
from essa.naming.repair import Pair, Step, pairs
from essa.naming.signs import believed, signs
from essa.naming.small_words import with_small_words
from essa.naming.words import Words

SPELLCHECKER = version("pyspellchecker")
Kept = tuple[str, str]  # the mark of a vocabulary, and what was read of it as JSON


@dataclass(frozen=True)
class Sayings:
    """Which texts say the words of the pairs' steps: each saying is the number of a word and the place of a text."""

    words: tuple[str, ...]
    said: Sequence[int]
    texts: Sequence[int]  # places in `Wording.bare`


@dataclass(frozen=True)
class Wording:
    """Texts are named by what they are; a pair names one text of each of its groups."""

    bare: Mapping[str, str]  # text: what of it is a name; the texts sorted
    alike: tuple[tuple[str, ...], ...]  # texts that are surely one step, where there are several
    languages: tuple[str, ...]
    pairs: tuple[Pair, ...]
    said_by: Sayings
    kept: Kept
    is_new: bool


def wording(counts: Mapping[str, int], own: Collection[str], said: Said, words: Words, kept: Kept) -> Wording:
    """What was read of these texts on an earlier night, or what is read of them now."""
    texts = sorted(counts)
    mark = _mark(texts, own, said, words)
    return _unpacked(texts, kept) if kept[0] == mark else _read(texts, counts, own, said, words, mark)


def _mark(texts: Sequence[str], own: Collection[str], said: Said, words: Words) -> str:
    held = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass"))
    held.update(repr((sorted(own), repr(said), words.fingerprint, SPELLCHECKER)).encode())
    return held.hexdigest()[:16]


def _read(
    texts: Sequence[str], counts: Mapping[str, int], own: Collection[str], said: Said, words: Words, mark: str
) -> Wording:
    bare = without_pollution({text: counts[text] for text in texts}, own, words)
    apart = remembering.told_apart(said)
    for pair in apart:
        if len({bare.get(text) for text in pair}) == 1:  # what was taken off is what they differ in
            bare |= {text: text for text in pair if text in bare}
    groups = exact.groups(bare, counts, Unions(bare, apart), words.people)
    spoken = tuple(languages(set(bare.values())))
    found = _signed(groups, words.speaking(spoken))
    alike = tuple(group.texts for group in groups if len(group.texts) > 1)
    fresh = Wording(bare, alike, spoken, found, _said_by(texts, found, bare), (mark, ""), True)
    return replace(fresh, kept=(mark, _packed(fresh, texts)))


def _signed(groups: Sequence[Group], words: Words) -> tuple[Pair, ...]:
    """The pairs by texts, with all that their words tell of how far each step may be believed."""
    by_name = {group.name: group for group in groups}
    here = {word for group in groups for text in group.bare for word in prepare(text).words if word.isalpha()}
    heard = replace(words, lexicons=spoken(here))
    found = []
    others = _with_lost_marks(groups), inflected(groups), prefixed(groups, heard), with_small_words(groups)
    for pair in itertools.chain(pairs(groups, heard), *others):
        one, other = by_name[pair.one], by_name[pair.other]
        steps = (believed(step, one, other, heard) for step in pair.steps)
        steps = tuple(step._replace(signs=signs(step, one, other, words)) for step in steps)
        found.append(Pair(one.texts[0], other.texts[0], steps, len(prepare(pair.one).letters)))
    return tuple(found)


def _with_lost_marks(groups: Sequence[Group]) -> Iterator[Pair]:
    """Questions where nothing else explains the pair."""
    names = [group.name for group in groups]
    for rule, found in (("marks", with_lost_marks(names)), ("sign", with_lost_signs(names))):
        yield from (Pair(*both, (Step(rule, "", ""),)) for both in found)


def _said_by(texts: Sequence[str], found: Iterable[Pair], bare: Mapping[str, str]) -> Sayings:
    steps = (step for pair in found for step in pair.steps if step.rule in COUNTED)
    words = tuple(sorted({word for step in steps for word in (step.was, step.means)}))
    number = {word: place for place, word in enumerate(words)}
    said, places = [], []
    for place, text in enumerate(texts):
        for word in sorted(number.keys() & prepare(bare[text]).words):
            said.append(number[word])
            places.append(place)
    return Sayings(words, said, places)


def groups_of(wording: Wording, counts: Mapping[str, int], unions: Unions) -> list[Group]:
    """The groups of tonight: what the words put together and what an earlier night did."""
    for leader, *others in wording.alike:
        for text in others:
            unions.join(leader, text)
    members: dict[str, list[str]] = defaultdict(list)
    for text, above in unions.above.items():
        members[text if text == above else unions.top(text)].append(text)
    found = [exact.group_of(texts, wording.bare, counts) for texts in members.values()]
    return sorted(found, key=attrgetter("name"))


def open_pairs(wording: Wording, groups: Mapping[str, Group]) -> list[Pair]:
    """Pairs whose first label names its group: what somebody put to another name already brings that one nowhere."""
    leader = {text: one[0] for one in wording.alike for text in one}
    naming: dict[str, set[str]] = {}
    found = []
    for pair in wording.pairs:
        group = groups[pair.one]
        if len(group.texts) > 1 and group.name not in naming:
            named = (text for text in group.texts if wording.bare[text] == group.bare[0])
            naming[group.name] = {leader.get(text, text) for text in named}
        if len(group.texts) == 1 or pair.one in naming[group.name]:
            found.append(pair)
    return found


def word_counts(
    wording: Wording, counts: Mapping[str, int], groups: Sequence[Group], least: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Events with each word of a pair, and the groups of more than the least events that are mainly called by it."""
    words, said, texts = (
        wording.said_by.words,
        np.array(wording.said_by.said, int),
        np.array(wording.said_by.texts, int),
    )
    events = np.zeros(len(words), int)
    np.add.at(events, said, np.array([counts[text] for text in wording.bare], int)[texts])
    called = {
        text: number
        for number, group in enumerate(groups)
        if group.event_count > least
        for text in group.texts
        if wording.bare[text] == group.bare[0]
    }
    holders = np.array([called.get(text, -1) for text in wording.bare], int)[texts]
    holdings = np.unique((said * len(groups) + holders)[holders >= 0])  # each word and group once
    labels = np.bincount(holdings // max(len(groups), 1), minlength=len(words))
    return dict(zip(words, events.tolist(), strict=True)), dict(zip(words, labels.tolist(), strict=True))


def _packed(found: Wording, texts: Sequence[str]) -> str:
    """JSON that names texts by their place among all, and steps, of which many pairs share one, by their number."""
    place = {text: number for number, text in enumerate(texts)}
    steps = list(dict.fromkeys(step for pair in found.pairs for step in pair.steps))
    number = {step: count for count, step in enumerate(steps)}
    held = {
        "bare": {place[text]: rest for text, rest in found.bare.items() if rest != text},
        "alike": [[place[text] for text in one] for one in found.alike],
        "languages": found.languages,
        "steps": steps,
        "pairs": [
            [place[one.one], place[one.other], one.letter_count, [number[step] for step in one.steps]]
            for one in found.pairs
        ],
        "said_by": [found.said_by.words, found.said_by.said, found.said_by.texts],
    }
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


def _unpacked(texts: Sequence[str], kept: Kept) -> Wording:
    held = json.loads(kept[1])
    steps = [Step(*step) for step in held["steps"]]
    words, said, places = held["said_by"]
    return Wording(
        dict(zip(texts, texts, strict=True)) | {texts[int(place)]: rest for place, rest in held["bare"].items()},
        tuple(tuple(texts[place] for place in one) for one in held["alike"]),
        tuple(held["languages"]),
        tuple(
            Pair(texts[one], texts[other], tuple([steps[place] for place in taken]), letter_count)
            for one, other, letter_count, taken in held["pairs"]
        ),
        Sayings(tuple(words), said, places),
        kept,
        False,
    )
