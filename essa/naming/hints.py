"""Rare labels that stand where one frequent label stands and never meet it in a case: questions, for words say nothing.

Siblings such as paying and settling stand in one place too, so nothing is ever merged for that.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from essa.naming.context import Context
from essa.naming.reading import prepare
from essa.naming.road import Decision, Proposal
from essa.naming.stars import PLACE_SHARE_MIN

LOG_ODDS_MIN = 6.0
EVENT_COUNT_MIN = 5  # fewer events may stand anywhere by chance
RATIO_MIN = 3  # of two that are both frequent each is a step
HINTS_MAX = 20  # of a process, the most frequent: more nobody reads
LOOKED_AT = 1_000  # groups of a process, the most frequent
Pair = tuple[str, str]  # rare, hub


def places_of(rows: Iterable[Mapping]) -> dict[str, Context]:
    """What stands before and behind every group of each process, from its places."""
    around: dict[str, dict] = defaultdict(lambda: defaultdict(Counter))
    anywhere: dict[str, dict] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        for channel, neighbour in (("before", row["previous_group"]), ("after", row["next_group"])):
            around[row["process"]][row["label_group"], channel][neighbour] += row["event_count"]
            anywhere[row["process"]][channel][neighbour] += row["event_count"]
    return {process: Context(around[process], anywhere[process], {}, {}, {}) for process in sorted(around)}


def candidates(proposal: Proposal, places: Context) -> list[Pair]:
    """Rare groups and the one group each that holds their place, of those no rule of words puts together."""
    count_of = {group.name: group.event_count for group in proposal.groups}
    judged = {frozenset((one.rare, one.hub)) for one in proposal.verdicts} | proposal.apart
    holders = _holders(places)
    found = []
    for rare in sorted(count_of, key=lambda name: (-count_of[name], name))[:LOOKED_AT]:
        if count_of[rare] < EVENT_COUNT_MIN:
            continue
        near = (holders[one] for one in _places(rare, places) if one in holders)
        hubs = {hub for these in near for hub in these if count_of[hub] >= RATIO_MIN * count_of[rare]}
        likely = [hub for hub in sorted(hubs) if _speaks_for(rare, hub, places)]
        if len(likely) == 1 and frozenset((rare, likely[0])) not in judged and _may_be_one(rare, likely[0]):
            found.append((rare, likely[0]))
    return found[: 3 * HINTS_MAX]


def hints(pairs: Iterable[Pair], context: Context | None, decision: Decision) -> list[tuple[str, str, float]]:
    """Those of which the log says the same when asked about them: rare, hub, log-odds."""
    found = []
    for rare, hub in pairs if context else ():
        is_open = rare not in decision.hubs and hub not in decision.hubs
        if is_open and not context.shared_share(rare, hub) and _speaks_for(rare, hub, context):
            found.append((rare, hub, context.log_odds(rare, hub)))
    return found[:HINTS_MAX]


def _places(group: str, places: Context) -> list[tuple[str, str]]:
    return [(channel, one) for channel in ("before", "after") for one in places.neighbours.get((group, channel), ())]


def _holders(places: Context) -> dict[tuple[str, str], list[str]]:
    """For each neighbour the two groups that stand beside it most often."""
    beside: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (group, channel), counts in places.neighbours.items():
        for neighbour, count in counts.items():
            beside[channel, neighbour][group] += count
    return {one: sorted(counts, key=lambda name: (-counts[name], name))[:2] for one, counts in beside.items()}


def _speaks_for(rare: str, hub: str, context: Context) -> bool:
    return context.log_odds(rare, hub) >= LOG_ODDS_MIN and context.place_share(rare, hub) >= PLACE_SHARE_MIN


def _may_be_one(rare: str, hub: str) -> bool:
    return prepare(rare).numbers == prepare(hub).numbers and prepare(rare).is_negated == prepare(hub).is_negated
