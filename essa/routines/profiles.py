"""What a log and a routine are here: sequences of numbered labels, and step lists with how often each step is done.

Costs are whole 1024ths of a bit, so that their sums are the same in any order and on any machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rapidfuzz.distance import LCSseq

BIT = 1024
Step = int


@dataclass(frozen=True)
class Log:
    """Sequences laid end to end: `starts` has one offset more than there are sequences, `weights` how often each is."""

    codes: np.ndarray
    starts: np.ndarray
    weights: np.ndarray
    label_count: int

    @classmethod
    def of(cls, sequences: Iterable[Sequence[int]], weights: Sequence[int] | None = None, label_count: int = 0) -> Log:
        held = [np.asarray(one, dtype=np.int32) for one in sequences]
        codes = np.concatenate(held) if held else np.empty(0, np.int32)
        starts = np.concatenate([[0], np.cumsum([len(one) for one in held])]).astype(np.int64)
        weight = np.asarray(weights if weights is not None else [1] * len(held), dtype=np.int64)
        return cls(codes, starts, weight, max(label_count, int(codes.max(initial=-1)) + 1))

    @cached_property
    def weight_of_event(self) -> np.ndarray:
        return np.repeat(self.weights, np.diff(self.starts))

    @cached_property
    def sequence_of_event(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.weights)), np.diff(self.starts))

    @cached_property
    def label_weights(self) -> np.ndarray:
        """How often each label is, a sequence counted as often as it is."""
        counts = np.zeros(self.label_count, np.int64)
        np.add.at(counts, self.codes, self.weight_of_event)
        return counts

    @cached_property
    def background(self) -> np.ndarray:
        """What an event costs that belongs to no routine."""
        return bits(
            -np.log2((self.label_weights + 0.5) / (self.label_weights.sum() + 0.5 * max(self.label_count, 1))) + 0.5
        )

    def without_repeats(self) -> Log:
        """The log where a label right after itself stands once."""
        is_new = np.ones(len(self.codes), bool)
        is_new[1:] = self.codes[1:] != self.codes[:-1]
        is_new[self.starts[:-1][self.starts[:-1] < len(self.codes)]] = True
        starts = np.concatenate([[0], np.cumsum(is_new)])[self.starts].astype(np.int64)
        return Log(self.codes[is_new], starts, self.weights, self.label_count)

    def cut(self, seams: frozenset[tuple[Step, Step]]) -> Log:
        """The log with a new sequence wherever one step of a seam comes right after the other."""
        pairs = self.codes[:-1].astype(np.int64) * self.label_count + self.codes[1:]
        keys = [before * self.label_count + after for before, after in seams]
        starts = np.union1d(self.starts, np.flatnonzero(np.isin(pairs, keys)) + 1)
        return Log(self.codes, starts, self.weight_of_event[starts[:-1]], self.label_count)

    def part(self, sequences: np.ndarray) -> Log:
        """Some of its sequences, in the order asked for."""
        lengths = np.diff(self.starts)[sequences]
        places = np.repeat(self.starts[:-1][sequences] - np.cumsum(lengths) + lengths, lengths) + np.arange(
            lengths.sum()
        )
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return Log(self.codes[places], starts, self.weights[sequences], self.label_count)

    def first(self, events: int) -> Log:
        """Its first sequences, as many as hold so many events."""
        count = max(1, int(np.searchsorted(self.starts, events, side="right")) - 1)
        return self if count >= len(self.weights) else self.part(np.arange(count))


@dataclass(frozen=True)
class Profile:
    """The ordered steps of a routine, how often each is done, its part of all instances, and how often it goes back."""

    steps: tuple[Step, ...]
    done: tuple[float, ...]
    share: float = 1.0
    back_share: float = 0.0

    @classmethod
    def guess(cls, steps: Iterable[Step], share: float) -> Profile:
        steps = tuple(int(step) for step in steps)
        return cls(steps, (0.9,) * len(steps), share)


def bits(costs: np.ndarray | float) -> np.ndarray:
    return np.rint(np.asarray(costs) * BIT).astype(np.int64)


def like(one: Sequence[int], other: Sequence[int]) -> float:
    """How much of the longer of two step lists stands in both in the same order, 0 to 1."""
    return LCSseq.normalized_similarity(one, other)


def stands_in(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether a step list is another with some steps left out."""
    left = iter(other)
    return all(step in left for step in one)
