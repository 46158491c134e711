"""Labels that may be two steps under one name: they stand in two places of the process that have nothing in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from essa.naming.exact import Unions

CHANCE_SHARE = 0.02  # of a label's events between two neighbours: fewer join no places
PLACE_SHARE_MIN = 0.2  # of a label's events in each of its places
PLACE_EVENT_COUNT = 50


class Place(NamedTuple):
    """The most frequent neighbours of a label in one of its places, and its events in all of it."""

    before: str
    after: str
    event_count: int


def homonyms(rows: Iterable[Mapping]) -> dict[str, dict[str, list[Place]]]:
    """For each process the groups of labels with two places, those most frequent first."""
    between: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in rows:
        between[row["process"], row["label_group"]][row["previous_group"], row["next_group"]] += row["event_count"]
    found: dict[str, dict[str, list[Place]]] = defaultdict(dict)
    for (process, group), counts in sorted(between.items()):
        places = _places(group, counts)
        if len(places) > 1:
            found[process][group] = places
    return found


def _places(group: str, counts: Counter[tuple[str, str]]) -> list[Place]:
    """Neighbours that share a step before or behind make one place; a step repeated at once stands where it stood."""
    total = counts.total()
    usual = {pair: n for pair, n in counts.items() if n >= CHANCE_SHARE * total and group not in pair}
    unions = Unions({(side, step) for pair in usual for side, step in zip("<>", pair, strict=True)})
    for before, after in usual:
        unions.join(("<", before), (">", after))
    events: Counter[object] = Counter()
    for pair, count in usual.items():
        events[unions.top(("<", pair[0]))] += count
    enough = max(PLACE_SHARE_MIN * total, PLACE_EVENT_COUNT)
    found = []
    for top, count in events.items():
        here = (pair for pair in usual if unions.top(("<", pair[0])) == top)
        if count >= enough:
            before, after = min(here, key=lambda pair: (-usual[pair], pair))
            found.append(Place(before, after, count))
    return sorted(found, key=lambda place: (-place.event_count, place))
