"""Rare groups attached to the frequent ones they most likely are; what is close but unsure is left to people.

The frequent ones are settled first. A slip is never of another slip; of two hubs as likely neither is chosen.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from essa.naming.context import Context
from essa.naming.exact import Group
from essa.naming.judging import Verdict

SURE = ("told", "auto")  # needs that ask nothing of the log
SURE_LOG_ODDS = 3.0  # context this much for it makes a doubtful pair one
SYNONYM_LOG_ODDS = 6.0  # two words of one meaning need twice that, for siblings stand in the same places
AGAINST_LOG_ODDS = -4.0
AGAINST_EVENT_COUNT = 3  # fewer events say little against
SHARED_SHARE_MAX = 0.3  # of the rare group's cases hold the hub too: two steps of one case
SHARED_CASE_COUNT = 5
SYNONYM_SHARED_MAX = 0.02  # two names of one step hardly meet in a case
SYNONYM_EVENT_COUNT = 10
AMBIGUOUS_COST = 0.5  # another hub this close is as likely
AMBIGUOUS_LOG_ODDS = 2.0
AMBIGUOUS_EVENT_SHARE = 0.05
KNOWN_LOG_ODDS = 2 * SURE_LOG_ODDS  # what it takes to move a name that earlier nights knew
LIKENESS_MIN = 0.9  # of the rare one's neighbours stand beside the hub as well: of words no list knows nearly all must
PLACE_SHARE_MIN = 0.5  # of what stands in a place is the hub: elsewhere the place tells nothing
# Short forms that are words themselves: one label in the hub's place may be its sibling, several labels are a habit.
POOLED = ("abbreviation", "initials", "prefix")
POOL_GROUP_COUNT = 3  # labels with one and the same tail that together show it says who or where
POOL_LOG_ODDS = 0.5  # for each of their events


class Weighed(NamedTuple):
    """A verdict and what the log says to it."""

    verdict: Verdict
    log_odds: float | None
    shared_share: float | None
    trouble: str  # empty where it may be believed: needs context, context against, same cases, ...

    def score(self, hub_event_count: int) -> float:
        """Lower is likelier."""
        odds = min(max(self.log_odds or 0.0, -5.0), 20.0)
        return self.verdict.cost - 0.03 * odds - 0.3 * math.log10(hub_event_count)


class Attachment(NamedTuple):
    """A group and the hub it belongs to, with why."""

    group: str
    hub: str
    by: Weighed
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
) -> tuple[dict[str, Attachment], list[Doubt]]:
    """Attachments by group, and doubts. `apart` are pairs that somebody told apart; `known` had a name before."""
    asked = {name for verdict in verdicts for name in (verdict.rare, verdict.hub)}
    by_name = {group.name: group for group in groups if group.name in asked}
    of_rare: dict[str, list[Weighed]] = defaultdict(list)
    for weighed in _weigh(verdicts, by_name, context):
        of_rare[weighed.verdict.rare].append(weighed)
    apart, known = set(apart), set(known)
    attached: dict[str, Attachment] = {}
    members: dict[str, set[str]] = {}
    doubts: list[Doubt] = []
    settled: set[str] = set()
    late = _ties(verdicts, by_name)
    for group in sorted(by_name.values(), key=lambda group: (-group.event_count, group.name in late, group.name)):
        sure, unsure = _sort_out(group, of_rare[group.name], attached, members, apart, known, settled)
        settled.add(group.name)
        best, rivals = _best(sure, by_name)
        if best and not rivals:
            runner_up = next((found[1] for found in sorted(_ranked(sure, by_name)) if found[1] != best[1]), None)
            attached[group.name] = Attachment(group.name, best[1], best[0], runner_up)
            members.setdefault(best[1], {best[1]}).update(members.get(group.name, {group.name}))
            continue
        for weighed, hub in rivals:
            doubts.append(Doubt(group.name, hub, weighed, "several hubs"))
        doubts += [Doubt(group.name, hub, weighed, weighed.trouble or "known apart") for weighed, hub in unsure]
    return attached, doubts


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
        if not by.verdict.is_hub_strange or hub != by.verdict.hub or hub in kept or hub in found:
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
    group: Group,
    options: list[Weighed],
    attached: Mapping[str, Attachment],
    members: Mapping[str, set[str]],
    apart: set[frozenset[str]],
    known: set[str],
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
            if through.by.verdict.edits and weighed.verdict.edits:
                continue
            hub = through.hub
        if apart and _are_apart(members.get(group.name, {group.name}), members.get(hub, {hub}), apart):
            continue
        is_clear = weighed.verdict.need in SURE if weighed.log_odds is None else weighed.log_odds >= KNOWN_LOG_ODDS
        is_clear |= weighed.verdict.need == "told"
        if weighed.trouble or (group.name in known and not is_clear):
            unsure.append((weighed, hub))
        else:
            sure.append((weighed, hub))
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


def _weigh(verdicts: Sequence[Verdict], groups: Mapping[str, Group], context: Context | None) -> list[Weighed]:
    pooled = _pooled(verdicts, context)
    found = []
    for verdict in verdicts:
        if context is None or not context.case_counts.get(verdict.rare):
            if verdict.need != "log":
                found.append(Weighed(verdict, None, None, "" if verdict.need in SURE else f"needs {verdict.need}"))
            continue
        odds = context.log_odds(verdict.rare, verdict.hub)
        shared = round(context.shared_share(verdict.rare, verdict.hub), 3)
        trouble = _trouble(verdict, groups[verdict.rare], odds, shared, context, pooled)
        if verdict.need != "log" or trouble in ("needs frequency", "needs verbs", "needs act"):
            found.append(Weighed(verdict, odds, shared, trouble))
    return found


def _trouble(
    verdict: Verdict, rare: Group, odds: float, shared: float, context: Context, pooled: set[tuple[str, str]]
) -> str:
    if verdict.need == "told":
        return ""
    is_many = context.case_counts.get(verdict.rare, 0) >= SHARED_CASE_COUNT
    if is_many and shared > max(SHARED_SHARE_MAX, 3 * context.repeat_share(verdict.hub)):
        return "same cases"
    if verdict.need == "auto":
        is_against = odds < AGAINST_LOG_ODDS and rare.event_count >= AGAINST_EVENT_COUNT
        return "context against" if is_against else ""
    holds_place = context.place_share(verdict.rare, verdict.hub) >= PLACE_SHARE_MIN
    if verdict.need == "alone" and shared:
        return "some cases"
    if verdict.need in ("place", "context", "alone", "form") and odds >= SYNONYM_LOG_ODDS and not holds_place:
        return "others there"
    if verdict.need == "alone" and context.likeness(verdict.rare, verdict.hub) < LIKENESS_MIN:
        return "needs alone"
    if verdict.need == "place":
        if not holds_place or odds <= AGAINST_LOG_ODDS:
            return "needs place"
        return "" if verdict.is_rare_slip else "needs frequency"
    if verdict.need in ("context", "alone"):
        holds_place &= odds >= SURE_LOG_ODDS
        is_told = (
            verdict.is_rare_slip if verdict.edits else verdict.steps[0].rule not in POOLED or _tail(verdict) in pooled
        )
        if holds_place and not is_told:
            return "needs frequency" if verdict.edits else "needs habit"
        return "" if holds_place else "needs context"
    if verdict.need in ("synonym", "form"):
        if odds < SYNONYM_LOG_ODDS or not (holds_place or verdict.need == "synonym"):
            return f"needs {verdict.need}"
        if shared > SYNONYM_SHARED_MAX:
            return "some cases"
        return "" if rare.event_count >= SYNONYM_EVENT_COUNT else "needs events"
    if verdict.need == "log":
        missing = {"inflected": "needs verbs", "derived": "needs act"}.get(verdict.steps[0].rule, "needs frequency")
        return missing if odds > SURE_LOG_ODDS and not shared else "needs log"
    if verdict.need == "qualifier":
        return "" if _tail(verdict) in pooled else "needs qualifier"
    return "needs review"


def _tail(verdict: Verdict) -> tuple[str, str]:
    return verdict.steps[0].was, verdict.steps[0].means


def _pooled(verdicts: Sequence[Verdict], context: Context | None) -> set[tuple[str, str]]:
    """Tails and short forms of several labels whose full forms do the same in the log and not in the same cases."""
    odds: dict[tuple[str, str], list[tuple[float, int, float]]] = defaultdict(list)
    for verdict in verdicts if context else ():
        is_pooled = verdict.need == "qualifier" or (verdict.need == "context" and verdict.steps[0].rule in POOLED)
        if is_pooled and (cases := context.case_counts.get(verdict.rare)):
            shared = context.shared_share(verdict.rare, verdict.hub) - 2 * context.repeat_share(verdict.hub)
            odds[_tail(verdict)].append((context.log_odds(verdict.rare, verdict.hub), min(cases, 20), shared))
    return {
        tail
        for tail, found in odds.items()
        if len(found) >= POOL_GROUP_COUNT
        and sum(one for one, _, _ in found) >= POOL_LOG_ODDS * sum(count for _, count, _ in found)
        and all(shared <= 0.15 for _, _, shared in found)
    }
