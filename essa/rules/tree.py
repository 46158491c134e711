"""A small decision tree, the same to the last bit whatever the order of rows and columns.

Grown by information gain on counts, so that ties are broken by the name of the input and never by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from essa.rules.rounding import roundest_between

DEPTH = 5
TIE_BITS, TIE_SHARE = 8.0, 0.02  # thresholds that gain so much less are as good: one slip of the pen costs six bits
FEW = 8  # times fewer rows than numbers: they are sorted by themselves
COMMON_WAYS = 3  # by whose shares values are put in order
DIGITS = 9  # gains that differ less than this are a tie


@dataclass(frozen=True)
class Feature:
    """One input: a number for every row, -inf where it is missing, or a code for every row that `texts` spells."""

    expression: str  # as SQL says it
    attributes: tuple[str, ...]  # what it reads
    values: np.ndarray
    texts: tuple[str | None, ...] | None = None  # None: a number; a code past the last: any other value
    is_quoted: bool = True  # whether SQL writes the texts in quotes
    unit: str = "number"  # or day and time: days and seconds since 1970
    whole: tuple[Feature, np.ndarray] | None = None  # the input it is a part of, and which rows these are

    @property
    def is_number(self) -> bool:
        return self.texts is None

    @cached_property
    def ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """The different numbers in order, and the place of each row's among them: sorted once for all parts."""
        if self.whole is None:
            return np.unique(self.values, return_inverse=True)
        whole, rows = self.whole
        numbers, places = whole.ranked
        is_met = np.zeros(len(numbers), bool)
        is_met[places[rows]] = True
        return numbers[is_met], (np.cumsum(is_met) - 1)[places[rows]]

    def take(self, rows: np.ndarray) -> Feature:
        return replace(self, values=self.values[rows], whole=(self, rows))


def is_same(one: Feature, other: Feature) -> bool:
    return (one.expression, one.texts) == (other.expression, other.texts) and np.array_equal(one.values, other.values)


@dataclass(frozen=True)
class Split:
    """Which rows go left: numbers up to `at`, or the codes of `left`."""

    feature: int
    at: float = 0.0
    has_missing: bool = False
    left: frozenset[int] = frozenset()
    right: frozenset[int] = frozenset()

    def goes_left(self, feature: Feature, rows: np.ndarray) -> np.ndarray:
        if feature.is_number:
            return feature.values[rows] <= self.at
        known = np.zeros(len(feature.texts or ()) + 1, bool)
        known[list(self.left)] = True
        return known[feature.values[rows]]


@dataclass(frozen=True)
class Node:
    counts: np.ndarray
    split: Split | None = None
    left: Node | None = None
    right: Node | None = None

    @cached_property
    def predicts(self) -> int:
        return int(self.counts.argmax())

    @cached_property
    def wrong(self) -> int:
        return int(self.counts.sum() - self.counts.max())

    def leaves(
        self, path: tuple[tuple[Split, bool], ...] = ()
    ) -> Iterator[tuple[tuple[tuple[Split, bool], ...], Node]]:
        """Each leaf, behind the splits that lead to it and whether it lies to their left."""
        if self.split is None or self.left is None or self.right is None:
            yield path, self
        else:
            yield from self.left.leaves((*path, (self.split, True)))
            yield from self.right.leaves((*path, (self.split, False)))


def smallest_leaf(row_count: int) -> int:
    return max(min(20, max(5, row_count // 100)), row_count // 500)


@dataclass(frozen=True)
class Part:
    """The rows of one node, and what every search for a split of it asks."""

    rows: np.ndarray
    ways: np.ndarray  # a code for each of the rows
    counts: np.ndarray  # of each way
    leaf_min: int
    logs: np.ndarray  # n log2 n for every n there can be
    bits: float


Tried = tuple[np.ndarray, Callable[[int, np.ndarray], Split]]  # what goes left, and what makes a split of the gains


def grow(features: Sequence[Feature], ways: np.ndarray, way_count: int, depth: int = DEPTH) -> Node:
    """The whole tree; `ways` are codes below `way_count`."""
    return _grow(features, ways, way_count, np.arange(len(ways)), depth, smallest_leaf(len(ways)), _logs(len(ways)))


def _grow(
    features: Sequence[Feature],
    ways: np.ndarray,
    way_count: int,
    rows: np.ndarray,
    depth: int,
    leaf_min: int,
    logs: np.ndarray,
) -> Node:
    mine = ways[rows]
    counts = np.bincount(mine, minlength=way_count)
    if depth == 0 or len(rows) < 2 * leaf_min or counts.max() == len(rows):
        return Node(counts)
    part = Part(rows, mine, counts, leaf_min, logs, logs[counts].sum() - logs[len(rows)])
    tried = [(number, found) for number, one in enumerate(features) if (found := _tried(one, part)) is not None]
    if not tried:
        return Node(counts)
    gains = _gains(np.concatenate([left for _, (left, _) in tried], axis=1), part)
    if gains[best := int(gains.argmax())] <= 0:
        return Node(counts)
    begins = np.cumsum([0, *(left.shape[1] for _, (left, _) in tried)])
    at = int(np.searchsorted(begins, best, side="right")) - 1
    place, (_, made) = tried[at]
    split = made(place, gains[begins[at] : begins[at + 1]])
    is_left = split.goes_left(features[place], rows)
    grown = [
        _grow(features, ways, way_count, part, depth - 1, leaf_min, logs) for part in (rows[is_left], rows[~is_left])
    ]
    return Node(counts, split, *grown)


def _logs(count: int) -> np.ndarray:
    """n log2 n for every n there can be."""
    numbers = np.arange(count + 1, dtype=float)
    return numbers * np.log2(np.maximum(numbers, 1))


def _gains(left: np.ndarray, part: Part) -> np.ndarray:
    """What parting the whole gains in bits, for each column of `left`, a row a way; 0 where a part is too small."""
    on_left = np.add.reduce(left)
    on_right = len(part.rows) - on_left
    bits = _purity(left, on_left, part.logs) + _purity(part.counts[:, None] - left, on_right, part.logs)
    is_large = (on_left >= part.leaf_min) & (on_right >= part.leaf_min)
    return np.where(is_large, np.round(bits - part.bits, DIGITS), 0.0)


def _purity(counts: np.ndarray, totals: np.ndarray, logs: np.ndarray) -> np.ndarray:
    return np.add.reduce(logs.take(counts)) - logs.take(totals)


def _counted(feature: Feature, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers of some rows in order, and how often each is met, a row a way."""
    values, codes = feature.ranked
    codes = codes[part.rows]
    if len(codes) * FEW < len(values):
        kept, codes = np.unique(codes, return_inverse=True)
        values = values[kept]
    way_count = len(part.counts)
    counts = np.bincount(part.ways * len(values) + codes, minlength=len(values) * way_count).reshape(way_count, -1)
    is_met = counts.any(axis=0)
    return (values, counts) if is_met.all() else (values[is_met], counts[:, is_met])


def _tried(feature: Feature, part: Part) -> Tried | None:
    return (_cuts if feature.is_number else _sets)(feature, part)


def _cuts(feature: Feature, part: Part) -> Tried | None:
    values, counts = _counted(feature, part)
    if len(values) < 2:
        return None
    return counts.cumsum(axis=1)[:, :-1], partial(_cut, feature.unit, values)


def _cut(unit: str, values: np.ndarray, number: int, gains: np.ndarray) -> Split:
    best = first = last = int(gains.argmax())
    good = gains[best] - min(TIE_BITS, TIE_SHARE * gains[best])
    while first > 0 and gains[first - 1] >= good:
        first -= 1
    while last + 1 < len(gains) and gains[last + 1] >= good:
        last += 1
    if values[0] == -np.inf and best > 0:
        first = max(first, 1)
    at = (
        roundest_between(*map(float, (values[first], values[last + 1])), unit, _middle(values, best))
        if best or values[0] > -np.inf
        else -np.inf
    )
    return Split(number, at=at, has_missing=bool(values[0] == -np.inf))


def _middle(values: np.ndarray, place: int) -> float | None:
    """Between a number and the next, where the cut gains most."""
    return float(values[place] / 2 + values[place + 1] / 2) if values[place] > -np.inf else None


def _sets(feature: Feature, part: Part) -> Tried | None:
    """Values in the order of their share of a common way: the best set of them is a beginning of that order."""
    code_count, way_count = len(feature.texts or ()) + 1, len(part.counts)
    codes = feature.values[part.rows]
    counts = np.bincount(part.ways * code_count + codes, minlength=code_count * way_count).reshape(way_count, -1)
    totals = np.add.reduce(counts)
    present = np.flatnonzero(totals)
    if len(present) < 2:
        return None
    common = np.argsort(-part.counts, kind="stable")[:COMMON_WAYS]
    orders = present[np.argsort(-counts[common][:, present] / totals[present], axis=1, kind="stable")]
    return counts[:, orders].cumsum(axis=2)[:, :, :-1].reshape(way_count, -1), partial(_set, orders)


def _set(orders: np.ndarray, number: int, gains: np.ndarray) -> Split:
    order, place = divmod(int(gains.argmax()), orders.shape[1] - 1)
    left, right = orders[order, : place + 1], orders[order, place + 1 :]
    return Split(number, left=frozenset(left.tolist()), right=frozenset(right.tolist()))


def predict(node: Node, features: Sequence[Feature]) -> np.ndarray:
    """The way each row is to go."""
    ways = np.empty(len(features[0].values) if features else 0, np.int64)
    for rows, leaf in assign(node, features):
        ways[rows] = leaf.predicts
    return ways


def assign(node: Node, features: Sequence[Feature]) -> Iterator[tuple[np.ndarray, Node]]:
    """Each leaf with its rows, in the order of `Node.leaves`."""
    count = len(features[0].values) if features else 0
    stack = [(node, np.arange(count))]
    while stack:
        at, rows = stack.pop()
        if at.split is None or at.left is None or at.right is None:
            yield rows, at
        else:
            is_left = at.split.goes_left(features[at.split.feature], rows)
            stack += [(at.right, rows[~is_left]), (at.left, rows[is_left])]
