"""Which words the other processes of a home write as words of their own, so that here they are no slips."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from essa.naming.reading import singular
from essa.naming.words import plain

WORD = re.compile(r"[^\W\d_]+")
SLIP_RATIO = 50  # as often another word beside it makes it a slip there as well
EVENT_COUNT_MIN = 4  # of a process; fewer are somebody's slip


@dataclass(frozen=True)
class Home:
    """The labels of all processes, with events."""

    counts: Mapping[str, Mapping[str, int]]

    @cached_property
    def _word_counts(self) -> dict[str, Counter[str]]:
        """Events with each word, by process; read simply and only when somebody asks."""
        found = {}
        for process, labels in self.counts.items():
            here = found[process] = Counter()
            for label, count in labels.items():
                for word in {singular(word) for word in WORD.findall(plain(label).casefold())}:
                    here[word] += count
        return found

    def holds(self, word: str, meant: str, besides: str) -> bool:
        """Whether a process besides this one has the word, and not as the slip of another one."""
        others = (here for process, here in self._word_counts.items() if process != besides)
        return any(here[word] >= EVENT_COUNT_MIN and here[meant] < SLIP_RATIO * here[word] for here in others)
