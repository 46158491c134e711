"""What each label of a process is called tonight and why, once the log was asked."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from essa.naming import exact, remembering
from essa.naming.attaching import Attachment, Doubt, attach, with_right_hubs
from essa.naming.context import Context
from essa.naming.exact import Group
from essa.naming.proposing import Asked, Proposal, propose, uncollected
from essa.naming.reading import clean
from essa.naming.remembering import Named
from essa.naming.weighing import SURE, Weighed
from essa.naming.words import words as shipped_words


@dataclass(frozen=True)
class Decision:
    named: list[Named]
    doubts: list[Doubt]
    hubs: Mapping[str, str]  # the hub of each group that was attached


@uncollected()
def decide(proposal: Proposal, context: Context | None) -> Decision:
    """One row per label, sorted by label; the doubts that are left."""
    group_of = proposal.group_of
    known = {group_of[text] for text in map(clean, proposal.known) if text in group_of}
    own = {group_of[text] for text in remembering.called(proposal.asked.said) if text in group_of}
    attached, doubts = attach(proposal.groups, proposal.verdicts, context, proposal.apart, known, proposal.together)
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
            names_before = known[_holder(group_of[clean(label)], proposal, attached)]
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
        before = {name: count for name, count in known[group.name].items() if not _is_bare_here(name, group, proposal)}
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


def _is_bare_here(name: str, group: Group, proposal: Proposal) -> bool:
    """Whether a name holds what is no part of one ("Approve - Dep2") and the bare label has come since it was given."""
    bare = proposal.read.bare.get(clean(name), name)
    return bare != clean(name) and bare in group.texts


def _holder(group: str, proposal: Proposal, attached: Mapping[str, Attachment]) -> str:
    """What stands for all that had one name before, for any of them; else the group itself."""
    together = proposal.together
    hub = attached[group].hub if group in attached else group
    return hub if group in together and together[group] == together.get(hub) else group


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
    is_own = _holder(group, proposal, attached) == (attached[group].hub if group in attached else group)
    if label in proposal.known and not changed and is_own and not is_told:
        is_exact = before.rule in exact.RULES
        if not is_exact or not (proposal.read.is_new or text in tonight.apart):
            return before if before.previous_activity is None else before._replace(previous_activity=None)
    said = proposal.asked.said
    if group in attached and (by := attached[group].by):
        if text in remembering.words_of(said) and not _is_so_by_words(text, group, group, proposal):
            return Named(label, activity, "analyst", previous_activity=changed)  # put to what is a slip itself
        return _attached(label, activity, attached[group], by, changed)
    if rule := _rule(text, group, activity, tonight):
        is_parted = text in tonight.parted and (changed or (before and before.rule == "analyst"))
        if rule == "own" and (text in tonight.apart or is_parted):
            rule = "analyst"
        rule = "same letters" if rule == "own" and label != activity else rule  # a blank or a sign nobody sees
        return Named(label, activity, rule, previous_activity=changed)
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


def _attached(label: str, activity: str, found: Attachment, by: Weighed, changed: str | None) -> Named:
    verdict = by.verdict
    score = round(max(0.5, 1 - verdict.cost / 5 - (0.1 if verdict.need not in SURE else 0)), 2)
    return Named(
        label, activity, verdict.rule, score, verdict.edits, by.log_odds, verdict.hub, found.runner_up, changed
    )


def name_activities(label_counts: Mapping[str, int], own_values: Collection[str] = ()) -> list[Named]:
    """Names from the words alone, where there is no log to ask. Naming the activities again changes nothing."""
    return decide(propose(Asked(label_counts, own_values), shipped_words()), None).named
