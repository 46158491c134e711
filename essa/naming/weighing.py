"""What the log says to each verdict of words: for it, against it, or nothing, and what is still wanting."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
LIKENESS_MIN = 0.9  # of the rare one's neighbours stand beside the hub as well: of words no list knows nearly all must
PLACE_SHARE_MIN = 0.5  # of what stands in a place is the hub: elsewhere the place tells nothing
# Short forms that are words themselves: one label in the hub's place may be its sibling, several labels are a habit.
POOLED = ("abbreviation", "initials", "prefix")
POOL_GROUP_COUNT = 3  # labels with one and the same tail that together show it says who or where
POOL_LOG_ODDS = 0.5  # for each of their events
# Labels behind the name of one system, none of which meets itself without: where a case is all one system's its
# neighbours differ as well and tell nothing.
SYSTEM_GROUP_COUNT = 5


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


def weigh(verdicts: Sequence[Verdict], groups: Mapping[str, Group], context: Context | None) -> list[Weighed]:
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
    systems: dict[tuple[str, str], list[float]] = defaultdict(list)
    for verdict in verdicts if context else ():
        is_pooled = verdict.need == "qualifier" or (verdict.need == "context" and verdict.steps[0].rule in POOLED)
        if is_pooled and (cases := context.case_counts.get(verdict.rare)):
            shared = context.shared_share(verdict.rare, verdict.hub) - 2 * context.repeat_share(verdict.hub)
            if verdict.rule == "system" and cases >= AGAINST_EVENT_COUNT:
                systems[_tail(verdict)].append(context.shared_share(verdict.rare, verdict.hub))
            odds[_tail(verdict)].append((context.log_odds(verdict.rare, verdict.hub), min(cases, 20), shared))
    apart = {tail for tail, shared in systems.items() if len(shared) >= SYSTEM_GROUP_COUNT and not any(shared)}
    return apart | {
        tail
        for tail, found in odds.items()
        if len(found) >= POOL_GROUP_COUNT
        and sum(one for one, _, _ in found) >= POOL_LOG_ODDS * sum(count for _, count, _ in found)
        and all(shared <= 0.15 for _, _, shared in found)
    }
