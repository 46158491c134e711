"""What the words of each process say before the log is asked: groups that are surely one step, and pairs that may be.

What an analyst said holds whatever the labels look like. Memory joins groups only once they are judged, so that a night
on the same labels asks the same questions. The order of labels changes nothing.
"""

from __future__ import annotations

import contextlib
import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from essa.naming import exact, remembering
from essa.naming.by_hand import without_mere_words
from essa.naming.exact import Group, Unions
from essa.naming.judging import USUAL_RATIO, Frequencies, Verdict, judge, never
from essa.naming.names_file import Said
from essa.naming.reading import clean
from essa.naming.remembering import Named
from essa.naming.wording import Kept, Wording, groups_of, open_pairs, word_counts, wording
from essa.naming.words import Words


@dataclass(frozen=True)
class Asked:
    """Everything that is known of one process before its labels are named."""

    counts: Mapping[str, int]  # events by label
    own_values: Collection[str] = ()  # case ids, which may hang on a label's end
    said: Said = field(default_factory=Said)
    known: Mapping[str, Named] = field(default_factory=dict)  # what earlier nights made of each label
    kept: Kept = ("", "")  # what an earlier night read of its vocabulary
    is_word_elsewhere: Callable[[str, str], bool] = never  # in another process, and no slip of the second there


@dataclass(frozen=True)
class Proposal:
    """What the words of a process say, before the log is asked."""

    asked: Asked
    read: Wording
    groups: tuple[Group, ...]
    verdicts: tuple[Verdict, ...]
    apart: frozenset[frozenset[str]]  # groups that an analyst told apart
    known: Mapping[str, Named]  # what of the memory still holds
    refused: frozenset[str]  # labels that are no more what they were, as names.yaml has other words now
    guarded: frozenset[str]  # labels that are no more what they were, as a guard keeps the two apart
    together: Mapping[str, str]  # groups that memory alone puts together, each with the mark of them all

    @cached_property
    def group_of(self) -> dict[str, str]:
        """The group of each text."""
        return {text: group.name for group in self.groups for text in group.texts}

    @cached_property
    def led_by(self) -> dict[str, str]:
        """Of texts that words alone put together the first; a text that stands by itself is not among them."""
        return {text: one[0] for one in self.read.alike for text in one}

    @cached_property
    def leaders_of(self) -> dict[str, set[str]]:
        """For what a text says without pollution, the first of the texts that words alone put with any that say it."""
        found: dict[str, set[str]] = defaultdict(set)
        for text, bare in self.read.bare.items():
            found[bare].add(self.led_by.get(text, text))
        return found


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: it would walk millions of tuples that hold none, a fifth of the time.

    Frozen and thawed at once, what was made meanwhile counts as old and is not walked in the end either.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.unfreeze()
            gc.enable()


@uncollected()
def propose(asked: Asked, words: Words) -> Proposal:
    """Groups of labels that are surely one step, and the pairs of groups that may be."""
    counts: dict[str, int] = defaultdict(int)
    for label, count in asked.counts.items():
        counts[clean(label)] += count
    asked = replace(asked, said=remembering.as_delivered(asked.said, counts.keys(), map(clean, asked.known)))
    read = wording(counts, asked.own_values, asked.said, words, asked.kept)
    told_apart = remembering.apart_among(asked.said, read.bare)
    unions = Unions(read.bare, told_apart)
    refused = frozenset(remembering.refused(asked.known, words))
    known = remembering.still_held(asked.known, asked.said)
    guarded = frozenset(remembering.guarded(known, words))
    known = {label: row for label, row in known.items() if label not in refused | guarded}
    _join(unions, remembering.told_together(asked.said))
    groups = tuple(groups_of(read, counts, unions))
    unions = Unions(read.bare, told_apart)  # marks and blanks that tell two apart are no reason to forget
    _join(unions, ((group.texts[0], text) for group in groups for text in group.texts[1:]))
    _join(unions, remembering.known_together(known, asked.said))
    by_text = {text: group for group in groups for text in group.texts}
    found = Frequencies(*word_counts(read, counts, groups, USUAL_RATIO), asked.is_word_elsewhere)
    verdicts = judge(open_pairs(read, by_text), by_text, found, words.speaking(read.languages))
    verdicts = without_mere_words(verdicts, read.pairs, by_text, counts)
    apart = frozenset(
        frozenset((by_text[one].name, by_text[other].name))
        for one, other in told_apart
        if one in by_text and other in by_text
    )
    return Proposal(asked, read, groups, tuple(verdicts), apart, known, refused, guarded, _together(groups, unions))


def _join(unions: Unions, pairs: Iterable[exact.Pair]) -> None:
    for one, other in remembering.among(pairs, unions.above):
        unions.join(one, other)


def _together(groups: Iterable[Group], unions: Unions) -> dict[str, str]:
    """Of groups that memory alone puts together, each with the mark of them all."""
    tops = {group.name: unions.top(group.texts[0]) for group in groups}
    how_many = Counter(tops.values())
    return {name: top for name, top in tops.items() if how_many[top] > 1}
