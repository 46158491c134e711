"""What the labels of a process say by their words alone, read once for each vocabulary.

Labels, word lists and what an analyst said decide it; it is kept between nights and read anew when one of them changes.
How often labels occur helps to tell what is no part of a name, and only then: how sure a pair is, is judged each night.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from importlib.metadata import version

from essa.naming import exact, remembering
from essa.naming.exact import Group, Unions
from essa.naming.judging import COUNTED, signs
from essa.naming.names_file import Said
from essa.naming.pollution import without_pollution
from essa.naming.reading import prepare
from essa.naming.readings import languages
from essa.naming.repair import Pair, Step, pairs
from essa.naming.words import Words

Kept = tuple[str, str]  # the mark of a vocabulary, and what was read of it as JSON


@dataclass(frozen=True)
class Wording:
    """Texts are named by what they are; a pair names one text of each of its groups."""

    bare: Mapping[str, str]  # text: what of it is a name
    alike: tuple[tuple[str, ...], ...]  # texts that are surely one step, where there are several
    languages: tuple[str, ...]
    pairs: tuple[Pair, ...]
    said_by: Mapping[str, tuple[str, ...]]  # word of a pair's steps: the texts that say it
    kept: Kept
    is_new: bool


def wording(counts: Mapping[str, int], own: Collection[str], said: Said, words: Words, kept: Kept) -> Wording:
    """What was read of these texts on an earlier night, or what is read of them now."""
    texts = sorted(counts)
    mark = _mark(texts, own, said, words)
    return _unpacked(texts, kept) if kept[0] == mark else _read(texts, counts, own, said, words, mark)


def _mark(texts: Sequence[str], own: Collection[str], said: Said, words: Words) -> str:
    held = hashlib.sha256("\n".join(texts).encode("utf-8", "surrogatepass"))
    held.update(repr((sorted(own), repr(said), words.fingerprint, version("pyspellchecker"))).encode())
    return held.hexdigest()[:16]


def _read(
    texts: Sequence[str], counts: Mapping[str, int], own: Collection[str], said: Said, words: Words, mark: str
) -> Wording:
    bare = without_pollution({text: counts[text] for text in texts}, own, words.organisation)
    groups = exact.groups(bare, counts, Unions(bare, remembering.told_apart(said)))
    spoken = tuple(languages(set(bare.values())))
    found = _signed(groups, words.speaking(spoken))
    alike = tuple(group.texts for group in groups if len(group.texts) > 1)
    fresh = Wording(bare, alike, spoken, found, _said_by(groups, found, bare), (mark, ""), True)
    return replace(fresh, kept=(mark, _packed(fresh, texts)))


def _signed(groups: Sequence[Group], words: Words) -> tuple[Pair, ...]:
    """The pairs by texts, with all that their words tell of how far each step may be believed."""
    by_name = {group.name: group for group in groups}
    found = []
    for pair in pairs(groups, words):
        one, other = by_name[pair.one], by_name[pair.other]
        steps = tuple(replace(step, signs=signs(step, one, other, words)) for step in pair.steps)
        found.append(Pair(one.texts[0], other.texts[0], steps, len(prepare(pair.one).letters)))
    return tuple(found)


def _said_by(groups: Iterable[Group], found: Iterable[Pair], bare: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    steps = (step for pair in found for step in pair.steps if step.rule in COUNTED)
    asked = {word for step in steps for word in (step.was, step.means)}
    said_by: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        for text in group.texts:
            for word in asked.intersection(prepare(bare[text]).words):
                said_by[word].append(text)
    return {word: tuple(texts) for word, texts in said_by.items()}


def groups_of(wording: Wording, counts: Mapping[str, int], unions: Unions) -> list[Group]:
    """The groups of tonight: what the words put together and what an earlier night did."""
    for leader, *others in wording.alike:
        for text in others:
            unions.join(leader, text)
    members: dict[str, list[str]] = defaultdict(list)
    for text in unions.above:
        members[unions.top(text)].append(text)
    found = [exact.group_of(texts, wording.bare, counts) for texts in members.values()]
    return sorted(found, key=lambda group: group.name)


def open_pairs(wording: Wording, groups: Mapping[str, Group]) -> list[Pair]:
    """Pairs whose first label names its group: what somebody put to another name already brings that one nowhere."""
    leader = {text: one[0] for one in wording.alike for text in one}
    naming = {
        group.name: {leader.get(text, text) for text in group.texts if wording.bare[text] == group.bare[0]}
        for group in groups.values()
        if len(group.texts) > 1
    }
    return [pair for pair in wording.pairs if pair.one in naming.get(groups[pair.one].name, (pair.one,))]


def word_counts(
    wording: Wording, counts: Mapping[str, int], groups: Mapping[str, Group], least: int
) -> tuple[Counter[str], Counter[str]]:
    """Events with each word of a pair, and the groups of more than the least events that are mainly called by it."""
    events: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    for word, texts in wording.said_by.items():
        events[word] = sum(map(counts.__getitem__, texts))
        holders = (groups[text] for text in texts if groups[text].bare[0] == wording.bare[text])
        labels[word] = len({group.name for group in holders if group.event_count > least})
    return events, labels


def _packed(found: Wording, texts: Sequence[str]) -> str:
    """JSON that names texts by their place among all."""
    place = {text: number for number, text in enumerate(texts)}
    held = {
        "bare": {place[text]: rest for text, rest in found.bare.items() if rest != text},
        "alike": [[place[text] for text in one] for one in found.alike],
        "languages": found.languages,
        "pairs": [
            [place[one.one], place[one.other], one.letter_count, [astuple(step) for step in one.steps]]
            for one in found.pairs
        ],
        "said_by": {word: [place[text] for text in said] for word, said in found.said_by.items()},
    }
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))


def _unpacked(texts: Sequence[str], kept: Kept) -> Wording:
    held = json.loads(kept[1])
    bare = dict(zip(texts, texts, strict=True)) | {texts[int(place)]: rest for place, rest in held["bare"].items()}
    return Wording(
        bare,
        tuple(tuple(texts[place] for place in one) for one in held["alike"]),
        tuple(held["languages"]),
        tuple(
            Pair(texts[one], texts[other], tuple(Step(*step) for step in steps), letter_count)
            for one, other, letter_count, steps in held["pairs"]
        ),
        {word: tuple(texts[place] for place in said) for word, said in held["said_by"].items()},
        kept,
        False,
    )
