"""Rare groups attached to the frequent ones they most likely are; what is close but unsure is left to people.

The frequent ones are settled first. A slip is never of another slip; of two hubs as likely neither is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from essa.naming.context import Context
from essa.naming.exact import Group
from essa.naming.judging import Verdict
from essa.naming.weighing import SURE, SURE_LOG_ODDS, Weighed, weigh

AMBIGUOUS_COST = 0.5  # another hub this close is as likely
AMBIGUOUS_LOG_ODDS = 2.0
AMBIGUOUS_EVENT_SHARE = 0.05
KNOWN_LOG_ODDS = 2 * SURE_LOG_ODDS  # what it takes to move a name that earlier nights knew


class Attachment(NamedTuple):
    """A group and the hub it belongs to, with why."""

    group: str
    hub: str
    by: Weighed | None  # memory alone where words and log no longer say so
    runner_up: str | None


class Doubt(NamedTuple):
    """A group that stays apart, and from whom."""

    group: str
    hub: str
    by: Weighed
    trouble: str


def attach(
    groups: Sequence[Group],
    verdicts: Sequence[Verdict],
    context: Context | None,
    apart: Iterable[frozenset[str]] = (),
    known: Iterable[str] = (),
    together: Mapping[str, str] = MappingProxyType({}),
) -> tuple[dict[str, Attachment], list[Doubt]]:
    """Attachments by group, and doubts.

    `apart` are pairs that somebody told apart; `known` had a name before, and those that had one and the same name are
    `together`, each with the mark of them all.
    """
    asked = {name for verdict in verdicts for name in (verdict.rare, verdict.hub)} | together.keys()
    by_name = {group.name: group for group in groups if group.name in asked}
    of_rare: dict[str, list[Weighed]] = defaultdict(list)
    for weighed in weigh(verdicts, by_name, context):
        of_rare[weighed.verdict.rare].append(weighed)
    apart, known = set(apart), set(known)
    attached: dict[str, Attachment] = {}
    members: dict[str, set[str]] = {}
    doubts: list[Doubt] = []
    settled: set[str] = set()
    firsts: dict[str, str] = {}
    late = _ties(verdicts, by_name)
    for group in sorted(by_name.values(), key=lambda group: (-group.event_count, group.name in late, group.name)):
        name = group.name
        sure, unsure = _sort_out(name, of_rare[name], attached, members, apart, settled)
        settled.add(name)
        hub = _held_by(name, together, firsts, attached)
        if hub and not (apart and _are_apart({name}, members.get(hub, {hub}), apart)):
            best, _ = _best([one for one in sure if one[1] == hub], by_name)
            found, rivals = best or (None, hub), []
        else:
            found, rivals = _best(sure, by_name)
            if found and name in known and not rivals and not _is_clear(found[0]):
                found, unsure = None, [*unsure, *sure]
        if found and not rivals:
            by, hub = found
            runner_up = next((other for _, other, _ in sorted(_ranked(sure, by_name)) if other != hub), None)
            attached[name] = Attachment(name, hub, by, runner_up)
            members.setdefault(hub, {hub}).add(name)
            continue
        doubts += [Doubt(name, hub, weighed, "several hubs") for weighed, hub in rivals]
        doubts += [Doubt(name, hub, weighed, weighed.trouble or "known apart") for weighed, hub in unsure]
    return attached, doubts


def _held_by(
    name: str, together: Mapping[str, str], firsts: dict[str, str], attached: Mapping[str, Attachment]
) -> str | None:
    """Where those are that had the same name before, once the first of them has its place."""
    first = firsts.setdefault(together[name], name) if name in together else name
    if first == name:
        return None
    return attached[first].hub if first in attached else first


def _is_clear(weighed: Weighed) -> bool:
    """Whether it moves a name that earlier nights knew."""
    if weighed.verdict.need == "told":
        return True
    return weighed.verdict.need in SURE if weighed.log_odds is None else weighed.log_odds >= KNOWN_LOG_ODDS


def with_right_hubs(attached: Mapping[str, Attachment], kept: Collection[str]) -> dict[str, Attachment]:
    """The same, but where a slip is the more frequent the word it is a slip of is the hub, whenever that came.

    `kept` are groups that an analyst named.
    """
    found = dict(attached)
    members: dict[str, set[str]] = defaultdict(set)
    for one, other in attached.items():
        members[other.hub].add(one)
    for rare in sorted(attached):
        by, hub = attached[rare].by, attached[rare].hub
        if by is None or not by.verdict.is_hub_strange or hub != by.verdict.hub or hub in kept or hub in found:
            continue
        turned = by.verdict._replace(rare=hub, hub=rare, is_hub_strange=False)
        found.pop(rare)
        members[rare] = members.pop(hub) - {rare}
        for one in members[rare]:
            found[one] = found[one]._replace(hub=rare)
        members[rare].add(hub)
        found[hub] = Attachment(hub, rare, by._replace(verdict=turned), attached[rare].runner_up)
    return found


def _ties(verdicts: Iterable[Verdict], groups: Mapping[str, Group]) -> set[str]:
    """Groups to be mended into others that are as frequent: those come first, whatever they are called."""
    believed = (one for one in verdicts if one.need != "log")
    return {one.rare for one in believed if groups[one.rare].event_count == groups[one.hub].event_count}


def _sort_out(
    name: str,
    options: list[Weighed],
    attached: Mapping[str, Attachment],
    members: Mapping[str, set[str]],
    apart: set[frozenset[str]],
    settled: set[str],
) -> tuple[list[tuple[Weighed, str]], list[tuple[Weighed, str]]]:
    """The hubs a group may attach to, and those it is merely close to."""
    sure, unsure = [], []
    for weighed in options:
        hub = weighed.verdict.hub
        if hub not in settled and weighed.verdict.need != "log":
            continue  # as frequent, and a slip itself
        if hub in attached:
            through = attached[hub]
            if through.by and through.by.verdict.edits and weighed.verdict.edits:
                continue
            hub = through.hub
        if apart and _are_apart(members.get(name, {name}), members.get(hub, {hub}), apart):
            continue
        (unsure if weighed.trouble else sure).append((weighed, hub))
    return sure, unsure


def _are_apart(these: set[str], those: set[str], apart: set[frozenset[str]]) -> bool:
    return any(frozenset((one, other)) in apart for one in these for other in those)


def _ranked(options: list[tuple[Weighed, str]], groups: Mapping[str, Group]) -> list[tuple[float, str, int]]:
    return [(weighed.score(groups[hub].event_count), hub, place) for place, (weighed, hub) in enumerate(options)]


def _best(
    options: list[tuple[Weighed, str]], groups: Mapping[str, Group]
) -> tuple[tuple[Weighed, str] | None, list[tuple[Weighed, str]]]:
    """The likeliest hub, and all that are as likely where there are several."""
    if not options:
        return None, []
    ranked = [options[place] for _, _, place in sorted(_ranked(options, groups))]
    best, hub = ranked[0]
    rivals = {}
    for other, other_hub in ranked[1:]:
        is_close = other.verdict.cost - best.verdict.cost < AMBIGUOUS_COST
        is_close &= (best.log_odds or 0) - (other.log_odds or 0) < AMBIGUOUS_LOG_ODDS
        is_close &= groups[other_hub].event_count >= AMBIGUOUS_EVENT_SHARE * groups[hub].event_count
        if other_hub != hub and is_close:
            rivals.setdefault(other_hub, (other, other_hub))
    return ranked[0], [ranked[0], *rivals.values()] if rivals else []
