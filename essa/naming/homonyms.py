"""Labels that may be two steps under one name: they stand in two places of the process that have nothing in common."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from essa.naming.exact import Unions

CHANCE_SHARE = 0.02  # of a label's events between two neighbours: fewer join no places
PLACE_SHARE_MIN = 0.2  # of a label's events in each of its places
PLACE_EVENT_COUNT = 50
OWN_SHARE_MIN = 0.9  # of a label's events in one of the places: it is that place's own


class Place(NamedTuple):
    """The most frequent neighbours of a label in one of its places, and its events in all of it."""

    before: str
    after: str
    event_count: int
    label: str | None = None  # the one that stands here most and hardly anywhere else


def homonyms(rows: Iterable[Mapping]) -> dict[str, dict[str, list[Place]]]:
    """For each process the groups of labels with two places, those most frequent first."""
    between: dict[tuple[str, str], dict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        beside = row["previous_group"], row["next_group"]
        between[row["process"], row["label_group"]][beside][row["label"]] += row["event_count"]
    found: dict[str, dict[str, list[Place]]] = defaultdict(dict)
    for (process, group), labels in sorted(between.items()):
        places = _places(group, labels)
        if len(places) > 1:
            found[process][group] = places
    return found


def _places(group: str, labels: Mapping[tuple[str, str], Counter[str]]) -> list[Place]:
    """Neighbours that share a step before or behind make one place; a step repeated at once stands where it stood."""
    counts = {pair: here.total() for pair, here in labels.items()}
    total = sum(counts.values())
    usual = {pair: n for pair, n in counts.items() if n >= CHANCE_SHARE * total and group not in pair}
    unions = Unions({(side, step) for pair in usual for side, step in zip("<>", pair, strict=True)})
    for before, after in usual:
        unions.join(("<", before), (">", after))
    written: dict[object, Counter[str]] = defaultdict(Counter)
    for pair in usual:
        written[unions.top(("<", pair[0]))] += labels[pair]
    enough = max(PLACE_SHARE_MIN * total, PLACE_EVENT_COUNT)
    anywhere = sum(written.values(), Counter())
    found = []
    for top, here in written.items():
        if here.total() >= enough:
            pairs = (pair for pair in usual if unions.top(("<", pair[0])) == top)
            before, after = min(pairs, key=lambda pair: (-usual[pair], pair))
            label = min(here, key=lambda label: (-here[label], label))
            is_own = here[label] >= OWN_SHARE_MIN * anywhere[label]
            found.append(Place(before, after, here.total(), label if is_own else None))
    return sorted(found, key=lambda place: (-place.event_count, place.before, place.after))
