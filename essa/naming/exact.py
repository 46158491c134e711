"""Labels that are surely the same step: the same letters and numbers, or the same words with the action before or
behind its object ("Send invoice", "Invoice sent"), or what an analyst or an earlier night put together.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from essa.naming.blanks import unlike_in_blanks
from essa.naming.forms import is_past
from essa.naming.marks import Habits, habits_of, unlike_words
from essa.naming.reading import normalize, prepare
from essa.naming.words import verb_forms

MOVED_BLANK_RATIO = 10  # as often must the right spelling occur as "EVENT1 3 END"
RULES = ("own", "same letters", "same words", "moved blank", "pollution")
Pair = tuple[str, str]


class Group(NamedTuple):
    """Texts that surely mean one step, and what remains of them without pollution, the most frequent first."""

    name: str
    texts: tuple[str, ...]
    bare: tuple[str, ...]
    bare_counts: tuple[int, ...]  # events of each
    event_count: int


class Unions:
    """Texts put together one pair after another, but never two that somebody told apart."""

    def __init__(self, texts: Iterable[str], apart: Iterable[Pair] = ()) -> None:
        self.above = {text: text for text in texts}
        self.enemies: dict[str, set[str]] = defaultdict(set)
        self.tell_apart(apart)

    def tell_apart(self, pairs: Iterable[Pair]) -> None:
        """Those that are together already stay so."""
        for one, other in pairs:
            if one in self.above and other in self.above:
                self.enemies[self.top(one)].add(other)
                self.enemies[self.top(other)].add(one)

    def top(self, text: str) -> str:
        while self.above[text] != text:
            self.above[text] = text = self.above[self.above[text]]
        return text

    def join(self, one: str, other: str) -> bool:
        """Whether the two are together now."""
        low, high = sorted((self.top(one), self.top(other)))
        if low == high:
            return True
        if any(self.top(enemy) == high for enemy in self.enemies.get(low, ())):
            return False
        self.above[high] = low
        if high in self.enemies:
            self.enemies[low] |= self.enemies[high]
        return True


def groups(
    bare: Mapping[str, str], counts: Mapping[str, int], unions: Unions, people: Set[str] = frozenset()
) -> list[Group]:
    """The groups of one process, by name; `bare` is each text and what of it is a name, `unions` what was said.

    `people` are words an analyst says may do a step as well as have it done to them.
    """
    alike: dict[object, list[str]] = defaultdict(list)
    first: dict[str, str] = {}
    for text in sorted(bare, key=lambda text: (-counts[text], text)):
        if unions.join(text, first.setdefault(bare[text], text)) and first[bare[text]] != text:
            continue
        prepared = prepare(bare[text])
        for key in ((prepared.letters, prepared.apart), prepared.meaning):
            if key is not None:
                alike[key].append(text)
    habits = habits_of(bare.values())
    for texts in alike.values():
        if len(texts) > 1:
            unions.tell_apart(_unlike_in_marks(texts, bare, habits))
            unions.tell_apart(unlike_in_blanks(texts, bare))
            unions.tell_apart(_unlike_in_who_acts(texts, bare, people))
    for leader, *others in alike.values():
        for place, text in enumerate(others):
            if not unions.join(text, leader):
                any(unions.join(text, other) for other in others[:place])
    members = defaultdict(list)
    for text in sorted(bare):
        members[unions.top(text)].append(text)
    found = [group_of(texts, bare, counts) for texts in members.values()]
    return sorted(_with_moved_blanks(found, bare, counts, unions), key=lambda group: group.name)


def _unlike_in_marks(texts: Sequence[str], bare: Mapping[str, str], habits: Habits) -> Iterator[Pair]:
    for one in texts:
        for other in () if bare[one].isascii() else texts:
            if unlike_words(bare[one], bare[other], habits):
                yield one, other


def _unlike_in_who_acts(texts: Sequence[str], bare: Mapping[str, str], people: Set[str]) -> Iterator[Pair]:
    for one, other in itertools.combinations(texts, 2) if people else ():
        if are_unlike_in_who_acts(bare[one], bare[other], people):
            yield one, other


def are_unlike_in_who_acts(one: str, other: str, people: Set[str]) -> bool:
    """Whether of two labels with somebody in them one has the action in front and the other has not."""
    this, that = prepare(one), prepare(other)
    is_first = [said.objects == said.words[1:] for said in (this, that)]
    return is_first[0] != is_first[1] and not people.isdisjoint(this.objects + that.objects)


def group_of(texts: Iterable[str], bare: Mapping[str, str], counts: Mapping[str, int]) -> Group:
    texts = tuple(sorted(texts))
    if len(texts) == 1:
        (text,) = texts
        return Group(bare[text], texts, (bare[text],), (counts[text],), counts[text])
    written: dict[str, int] = {}
    for text in texts:
        written[bare[text]] = written.get(bare[text], 0) + counts[text]
    ordered = tuple(sorted(written, key=lambda text: (-written[text], text)))
    return Group(
        best_name(texts, bare, counts), texts, ordered, tuple(written[text] for text in ordered), sum(written.values())
    )


def best_name(texts: Iterable[str], bare: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """The most frequent spelling that needed nothing taken off, or the most frequent rest."""
    texts = list(texts)
    as_sent = {text: counts[text] for text in texts if bare[text] == text}
    written: dict[str, int] = {}
    for text in [] if as_sent else texts:
        written[bare[text]] = written.get(bare[text], 0) + counts[text]
    most = max((as_sent or written).values())
    first, *others = [text for text, count in (as_sent or written).items() if count == most]
    return min((first, *others), key=lambda text: (_flaws(text), text)) if others else first


def _flaws(text: str) -> tuple[bool, bool, int, int, bool]:
    """Lower is better: written as for a machine ("PACK_SCULPTURE"), cut off, without marks that another has, with the
    act behind, or with a sign in front.
    """
    marks = sum(letter.isalpha() and not letter.isascii() for letter in text)
    return text.isupper() or "_" in text, text.endswith("."), -marks, turns(text), not text[:1].isalnum()


def turns(text: str) -> int:
    """How far a label is from saying first what to do: "Send invoice", "Invoice to send", "Invoice sent"."""
    said = prepare(text)
    forms = verb_forms(said.language)
    first, *_, last = [*said.words[:1], *said.words[-1:]] or ("", "")
    if said.action and said.objects == said.words[1:] and forms[first][1] == "base":
        return 0
    return 2 if any(forms[word][1] == "past" if word in forms else is_past(word) for word in (first, last)) else 1


def _with_moved_blanks(
    found: list[Group], bare: Mapping[str, str], counts: Mapping[str, int], unions: Unions
) -> list[Group]:
    """A rare "EVENT1 3 END" goes to a frequent "EVENT 13 END": one blank elsewhere, so that a number falls apart."""
    alike: dict[tuple[str, int], list[Group]] = defaultdict(list)
    for group in sorted(found, key=lambda group: (-group.event_count, group.name)):
        if prepare(group.name).numbers:
            spelling = normalize(group.name).casefold()
            alike[spelling.replace(" ", ""), spelling.count(" ")].append(group)
    kept = {group.name: group for group in found}
    for hub, *others in alike.values():
        for group in reversed(others):
            is_split = len(prepare(group.name).numbers) != len(prepare(hub.name).numbers)
            is_rare = group.event_count * MOVED_BLANK_RATIO <= hub.event_count
            if is_split and is_rare and unions.join(hub.texts[0], group.texts[0]):
                hub = group_of(hub.texts + kept.pop(group.name).texts, bare, counts)
                kept[hub.name] = hub
    return list(kept.values())


def rule(text: str, bare: str, activity: str) -> str | None:
    """Why a text surely is the activity called so; None where only somebody's word says it."""
    if text == activity:
        return "own"
    this, that = prepare(bare), prepare(activity)
    if (this.letters, this.apart) == (that.letters, that.apart):
        return "pollution" if text != bare else "same letters"
    if this.meaning == that.meaning:
        return "pollution" if text != bare else "same words"
    is_moved = "".join(normalize(bare).casefold().split()) == "".join(normalize(activity).casefold().split())
    return "moved blank" if is_moved else None
