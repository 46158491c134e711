"""Which activity each label of a process means, and why: first what the words say, then what the log says to it.

What an analyst said holds whatever the labels look like; what an earlier night said holds unless something clearly
stronger speaks against it. The order of labels changes nothing.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from essa.naming import exact, remembering
from essa.naming.by_hand import without_mere_words
from essa.naming.context import Context
from essa.naming.exact import Group, Unions
from essa.naming.judging import USUAL_RATIO, Frequencies, Verdict, judge, never
from essa.naming.names_file import Said
from essa.naming.reading import clean
from essa.naming.remembering import Named
from essa.naming.stars import SURE, Attachment, Doubt, attach, with_right_hubs
from essa.naming.wording import Kept, Wording, groups_of, open_pairs, word_counts, wording
from essa.naming.words import Words
from essa.naming.words import words as shipped_words


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


@dataclass(frozen=True)
class Decision:
    named: list[Named]
    doubts: list[Doubt]
    hubs: Mapping[str, str]  # the hub of each group that was attached


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
    told_apart = remembering.told_apart(asked.said)
    unions = Unions(read.bare, told_apart)
    refused = frozenset(remembering.refused(asked.known, words))
    known = remembering.still_held(asked.known, asked.said)
    known = {label: row for label, row in known.items() if label not in refused}
    for one, other in (*remembering.told_together(asked.said), *remembering.known_together(known, asked.said)):
        if one in read.bare and other in read.bare:
            unions.join(one, other)
    groups = tuple(groups_of(read, counts, unions))
    by_text = {text: group for group in groups for text in group.texts}
    found = Frequencies(*word_counts(read, counts, groups, USUAL_RATIO), asked.is_word_elsewhere)
    verdicts = judge(open_pairs(read, by_text), by_text, found, words.speaking(read.languages))
    verdicts = without_mere_words(verdicts, read.pairs, by_text, counts)
    apart = frozenset(
        frozenset((by_text[one].name, by_text[other].name))
        for one, other in told_apart
        if one in by_text and other in by_text
    )
    return Proposal(asked, read, groups, tuple(verdicts), apart, known, refused)


@uncollected()
def decide(proposal: Proposal, context: Context | None) -> Decision:
    """One row per label, sorted by label; the doubts that are left."""
    group_of = proposal.group_of
    known = {group_of[text] for text in map(clean, proposal.known) if text in group_of}
    own = {group_of[text] for text in remembering.called(proposal.asked.said) if text in group_of}
    attached, doubts = attach(proposal.groups, proposal.verdicts, context, proposal.apart, known)
    attached = with_right_hubs(attached, own)
    called = {attached[group].hub if group in attached else group for group in own}
    names = _names(proposal, attached)
    counts = proposal.asked.counts
    apart = remembering.held_apart(proposal.asked.said, counts, group_of)
    parted = frozenset(text for pair in proposal.asked.said.different for text in map(clean, pair))
    tonight = _Tonight(proposal, attached, names, called, apart, parted)
    named = [_named(label, group_of[clean(label)], tonight) for label in sorted(counts)]
    return Decision(named, doubts, {name: found.hub for name, found in attached.items()})


def _names(proposal: Proposal, attached: Mapping[str, Attachment]) -> dict[str, str]:
    """The activity of each group that stands for itself: as an analyst calls it, as it was called, as it is spelled."""
    counts, called = proposal.asked.counts, remembering.called(proposal.asked.said)
    known: dict[str, dict[str, int]] = defaultdict(dict)
    group_of = proposal.group_of
    for label, before in proposal.known.items():
        if label in counts:
            names_before = known[group_of[clean(label)]]
            names_before[before.activity] = names_before.get(before.activity, 0) + counts[label]
    told = (clean(label) for labels in proposal.asked.said.same for label in labels)
    ranks = {text: place for place, text in reversed([*enumerate(told)])}
    names: dict[str, str] = {}
    taken: set[str] = set()
    hubs = [group for group in proposal.groups if group.name not in attached]
    spoken: dict[str, set[str]] = defaultdict(set)
    for text in called.keys() & group_of.keys():
        group = group_of[text]
        spoken[attached[group].hub if group in attached else group].add(called[text])
    for group in sorted(hubs, key=lambda group: (-group.event_count, group.name)):
        before = known.get(group.name, {})
        first = _first_of_list(group, counts, ranks)
        plain_name = first if first and not before else group.name
        if before.keys() <= {plain_name} and group.name not in spoken and plain_name not in taken:
            names[group.name] = plain_name
            taken.add(plain_name)
            continue
        by_analyst = sorted(spoken.get(group.name, ()))
        remembered = [
            name  # which may be a label of another step tonight: what was one is told apart
            for name in sorted(before, key=lambda name: (-before[name], name != first, name))
            if (owner := group_of.get(clean(name), group.name)) == group.name
            or (owner in attached and attached[owner].hub == group.name)
        ]
        choices = itertools.chain(by_analyst, remembered, (group.name,), group.bare)
        names[group.name] = next((name for name in choices if name in by_analyst or name not in taken), group.name)
        taken.add(names[group.name])
    return names


def _first_of_list(group: Group, counts: Mapping[str, int], ranks: Mapping[str, int]) -> str | None:
    """Of the most frequent labels of a group the one an analyst's `same` has first, where that has any of them."""
    most = max((counts.get(text, 0) for text in group.texts), default=0) if ranks else 0
    told = (text for text in group.texts if text in ranks and counts.get(text, 0) == most)
    return min(told, key=ranks.__getitem__, default=None)


@dataclass(frozen=True)
class _Tonight:
    """What every label of the process is named by."""

    proposal: Proposal
    attached: Mapping[str, Attachment]
    names: Mapping[str, str]
    called: Collection[str]  # groups whose name is an analyst's
    apart: Collection[str]  # texts that an analyst's word alone keeps to themselves
    parted: Collection[str]  # those and what they were told apart from


def _named(label: str, group: str, tonight: _Tonight) -> Named:
    text, proposal, attached = clean(label), tonight.proposal, tonight.attached
    before = proposal.asked.known.get(label)
    activity = tonight.names[attached[group].hub if group in attached else group]
    changed = before.activity if before and before.activity != activity else None
    is_told = group in tonight.called or before is None or before.rule == "analyst"
    if label in proposal.known and not changed and group not in attached and not is_told:
        is_exact = before.rule in exact.RULES
        if not is_exact or not (proposal.read.is_new or text in tonight.apart):
            return before if before.previous_activity is None else before._replace(previous_activity=None)
    if group in attached:
        return _attached(label, activity, attached[group], changed)
    if rule := _rule(text, group, activity, tonight):
        is_parted = text in tonight.parted and (changed or (before and before.rule == "analyst"))
        if rule == "own" and (text in tonight.apart or is_parted):
            rule = "analyst"
        rule = "same letters" if rule == "own" and label != activity else rule  # a blank or a sign nobody sees
        return Named(label, activity, rule, previous_activity=changed)
    said = proposal.asked.said
    is_renamed = activity in said.call.values()  # the step has another name, and the label the same reason
    if is_renamed and before and before.hub and proposal.group_of.get(clean(before.hub)) == group:
        return before._replace(activity=activity, previous_activity=changed)
    is_spoken = text in remembering.words_of(said) or is_renamed
    return Named(label, activity, "analyst" if is_spoken else "known", previous_activity=changed)


def _rule(text: str, group: str, activity: str, tonight: _Tonight) -> str | None:
    """Why a text surely is its activity: whatever a name says that an analyst gave, it rests on that word."""
    rule = _rule_of_words(text, group, activity, tonight)
    said = tonight.proposal.asked.said
    is_spoken = rule not in (None, "own") and text in remembering.words_of(said)
    return "analyst" if is_spoken and not _is_so_by_words(text, group, activity, tonight.proposal) else rule


def _rule_of_words(text: str, group: str, activity: str, tonight: _Tonight) -> str | None:
    bare = tonight.proposal.read.bare[text]
    rule = exact.rule(text, bare, activity)
    if group not in tonight.called or rule == "own":
        return rule or (exact.rule(text, bare, group) if text != group else None)
    if text == group:
        return "analyst"
    rule = exact.rule(text, bare, group)
    return "analyst" if rule and text in remembering.called(tonight.proposal.asked.said) else rule


def _is_so_by_words(text: str, group: str, activity: str, proposal: Proposal) -> bool:
    """Whether words alone put a text to what its activity is called after, and no guard keeps the two apart."""
    leaders = proposal.leaders_of.get(clean(activity)) or proposal.leaders_of.get(group, ())
    return proposal.led_by.get(text, text) in leaders


def _attached(label: str, activity: str, found: Attachment, changed: str | None) -> Named:
    verdict = found.by.verdict
    score = round(max(0.5, 1 - verdict.cost / 5 - (0.1 if verdict.need not in SURE else 0)), 2)
    return Named(
        label, activity, verdict.rule, score, verdict.edits, found.by.log_odds, verdict.hub, found.runner_up, changed
    )


def name_activities(label_counts: Mapping[str, int], own_values: Collection[str] = ()) -> list[Named]:
    """Names from the words alone, where there is no log to ask. Naming the activities again changes nothing."""
    return decide(propose(Asked(label_counts, own_values), shipped_words()), None).named
