"""What happens around a group of labels, and how much that speaks for two groups being one step.

Context breaks ties and never merges alone: siblings such as approving and rejecting stand in the same places.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

CHANNELS = ("before", "after", "system")
TEMPERED_COUNT = 20  # neighbours of one group depend on each other, so more events prove no more
USUAL_SHARE = 0.02  # of a hub's events: a neighbour seen more rarely stands there by chance
PRIOR_COUNT = 4  # events of the process at large that every hub is credited with


@dataclass(frozen=True)
class Context:
    """Counts of one process over the cases looked at."""

    neighbours: Mapping[tuple[str, str], Mapping[str, int]]  # (group, channel): events with each neighbour
    background: Mapping[str, Mapping[str, int]]  # channel: the same over all groups
    case_counts: Mapping[str, int]
    repeat_counts: Mapping[str, int]  # cases that hold the group more than once
    shared_counts: Mapping[tuple[str, str], int]  # cases that hold both, the rarer named first

    @cached_property
    def _event_counts(self) -> dict[tuple[str, str], int]:
        return {beside: sum(counts.values()) for beside, counts in self.neighbours.items()}

    @cached_property
    def _background_counts(self) -> dict[str, int]:
        return {channel: sum(counts.values()) for channel, counts in self.background.items()}

    def log_odds(self, rare: str, hub: str) -> float:
        """How much likelier the rare group's neighbours are where the hub stands than anywhere in the process."""
        return round(sum(self._of_channel(rare, hub, channel) for channel in CHANNELS), 2)

    def _of_channel(self, rare: str, hub: str, channel: str) -> float:
        seen, of_hub = self.neighbours.get((rare, channel), {}), self.neighbours.get((hub, channel), {})
        everywhere = self.background.get(channel, {})
        total, hub_total = self._event_counts.get((rare, channel), 0), self._event_counts.get((hub, channel), 0)
        all_total = self._background_counts.get(channel, 0)
        odds = 0.0
        for value in sorted(seen):
            usual = everywhere[value] / all_total
            share = (of_hub.get(value, 0) + PRIOR_COUNT * usual) / (hub_total + PRIOR_COUNT)
            odds += seen[value] / total * math.log(share / usual)
        return min(total, TEMPERED_COUNT) * odds

    def place_share(self, rare: str, hub: str) -> float:
        """Of what stands where the rare group stands, the share that is the hub: before or behind."""
        return max(self._of_place(rare, hub, channel) for channel in ("before", "after"))

    def _of_place(self, rare: str, hub: str, channel: str) -> float:
        seen, of_hub = self.neighbours.get((rare, channel), {}), self.neighbours.get((hub, channel), {})
        others = {value: self.background[channel][value] - count for value, count in seen.items()}
        shares = (
            count * of_hub.get(value, 0) / others[value] for value, count in sorted(seen.items()) if others[value]
        )
        return sum(shares) / max(self._event_counts.get((rare, channel), 0), 1)

    def likeness(self, rare: str, hub: str) -> float:
        """Share of what stands before and behind the rare group that is usual beside the hub, the lower of both."""
        return min(self._usual_share(rare, hub, channel) for channel in ("before", "after"))

    def _usual_share(self, rare: str, hub: str, channel: str) -> float:
        seen, of_hub = self.neighbours.get((rare, channel), {}), self.neighbours.get((hub, channel), {})
        least = max(USUAL_SHARE * self._event_counts.get((hub, channel), 0), 1)
        usual = sum(count for value, count in sorted(seen.items()) if of_hub.get(value, 0) >= least)
        return usual / self._event_counts[rare, channel] if seen else 1.0

    def shared_share(self, rare: str, hub: str) -> float:
        """Share of the rare group's cases that hold the hub as well."""
        return self.shared_counts.get((rare, hub), 0) / max(self.case_counts.get(rare, 0), 1)

    def repeat_share(self, group: str) -> float:
        return self.repeat_counts.get(group, 0) / max(self.case_counts.get(group, 0), 1)


def gather(neighbours: Iterable[Mapping], cases: Iterable[Mapping], meetings: Iterable[Mapping]) -> dict[str, Context]:
    """The context of each process, from the rows of the three tables that count it."""
    around: dict[str, dict] = defaultdict(lambda: defaultdict(dict))
    everywhere: dict[str, dict] = defaultdict(lambda: defaultdict(dict))
    for row in neighbours:
        process, group, channel = row["process"], row["label_group"], row["channel"]
        place = everywhere[process][channel] if group is None else around[process][group, channel]
        place[row["neighbour"]] = row["event_count"]
    held: dict[str, dict[str, int]] = defaultdict(dict)
    repeated: dict[str, dict[str, int]] = defaultdict(dict)
    shared: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in cases:
        held[row["process"]][row["label_group"]] = row["case_count"]
        repeated[row["process"]][row["label_group"]] = row["repeat_count"]
    for row in meetings:
        shared[row["process"]][row["rare"], row["hub"]] = row["case_count"]
    return {
        process: Context(around[process], everywhere[process], held[process], repeated[process], shared[process])
        for process in sorted(held)
    }
