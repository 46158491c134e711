"""Which activity each label of a process means, and why: first what the words say, then what the log says to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from essa.naming import exact
from essa.naming.context import Context
from essa.naming.exact import Group
from essa.naming.judging import Verdict, judge
from essa.naming.pollution import without_pollution
from essa.naming.reading import clean
from essa.naming.repair import languages, pairs
from essa.naming.stars import Attachment, Doubt, attach
from essa.naming.words import Words
from essa.naming.words import words as shipped_words


@dataclass(frozen=True)
class Named:
    """One label, the activity it means, and why."""

    label: str
    activity: str
    rule: str  # own, same letters, same words, moved blank, pollution, or what the words differ in
    score: float  # 0 to 1; exact rules are sure
    edits: int = 0
    log_odds: float | None = None
    hub: str | None = None  # the label it was attached to, where it was not the same anyway
    runner_up: str | None = None


@dataclass(frozen=True)
class Proposal:
    """What the words of a process say, before the log is asked."""

    counts: Mapping[str, int]  # events by label
    bare: Mapping[str, str]  # text: what of it is a name
    groups: tuple[Group, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class Decision:
    named: list[Named]
    doubts: list[Doubt] = field(default_factory=list)


def propose(label_counts: Mapping[str, int], own_values: Collection[str], words: Words) -> Proposal:
    """Groups of labels that are surely one step, and the pairs of groups that may be."""
    counts: Counter[str] = Counter()
    for label, count in label_counts.items():
        counts[clean(label)] += count
    bare = without_pollution(counts, own_values, words.organisation)
    groups = exact.groups(bare, counts)
    words = words.speaking(languages(groups))
    verdicts = judge(pairs(groups, words), {group.name: group for group in groups}, words)
    return Proposal(dict(label_counts), bare, tuple(groups), tuple(verdicts))


def decide(proposal: Proposal, context: Context | None) -> Decision:
    """One row per label, sorted by label. The order of labels changes nothing."""
    attached, doubts = attach(proposal.groups, proposal.verdicts, context)
    group_of = {text: group.name for group in proposal.groups for text in group.texts}
    named = []
    for label in sorted(proposal.counts):
        text = clean(label)
        group = group_of[text]
        if group in attached:
            named.append(_attached(label, attached[group]))
        else:
            named.append(Named(label, group, exact.rule(text, proposal.bare[text], group), 1.0))
    return Decision(named, doubts)


def _attached(label: str, found: Attachment) -> Named:
    verdict = found.by.verdict
    score = round(max(0.5, 1 - verdict.cost / 5 - (0.1 if verdict.need != "auto" else 0)), 2)
    return Named(label, found.hub, verdict.rule, score, verdict.edits, found.by.log_odds, verdict.hub, found.runner_up)


def name_activities(label_counts: Mapping[str, int], own_values: Collection[str] = ()) -> list[Named]:
    """Names from the words alone, where there is no log to ask. Naming the activities again changes nothing."""
    return decide(propose(label_counts, own_values, shipped_words()), None).named
