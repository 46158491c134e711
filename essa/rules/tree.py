"""A small decision tree, the same to the last bit whatever the order of rows and columns.

Grown by information gain on counts, so that ties are broken by the name of the input and never by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

DEPTH = 5
TIE_BITS, TIE_SHARE = 8.0, 0.02  # thresholds that gain so much less are as good: one slip of the pen costs six bits
FIRST_DAY = np.datetime64("1970-01-01")
FEW = 8  # times fewer rows than numbers: they are sorted by themselves
DECIMAL_DIGITS = 18  # more than a floating-point number has
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

    @property
    def is_number(self) -> bool:
        return self.texts is None

    @cached_property
    def ranked(self) -> tuple[np.ndarray, np.ndarray]:
        """The different numbers in order, and the place of each row's among them: sorted once for all nodes."""
        return np.unique(self.values, return_inverse=True)

    def take(self, rows: np.ndarray) -> Feature:
        return replace(self, values=self.values[rows])


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

    def goes_left(self, feature: Feature) -> np.ndarray:
        if feature.is_number:
            return feature.values <= self.at
        known = np.zeros(len(feature.texts or ()) + 1, bool)
        known[list(self.left)] = True
        return known[feature.values]


@dataclass(frozen=True)
class Node:
    counts: np.ndarray
    split: Split | None = None
    left: Node | None = None
    right: Node | None = None

    @property
    def predicts(self) -> int:
        return int(self.counts.argmax())

    @property
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
    counts = np.bincount(ways[rows], minlength=way_count)
    if depth == 0 or len(rows) < 2 * leaf_min or counts.max() == len(rows):
        return Node(counts)
    best: tuple[float, Split] | None = None
    for number, feature in enumerate(features):
        search = _best_cut if feature.is_number else _best_set
        found = search(number, feature, ways[rows], way_count, rows, leaf_min, logs)
        if found and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        return Node(counts)
    is_left = best[1].goes_left(features[best[1].feature].take(rows))
    grown = [
        _grow(features, ways, way_count, part, depth - 1, leaf_min, logs) for part in (rows[is_left], rows[~is_left])
    ]
    return Node(counts, best[1], *grown)


def _logs(count: int) -> np.ndarray:
    """n log2 n for every n there can be."""
    numbers = np.arange(count + 1, dtype=float)
    return numbers * np.log2(np.maximum(numbers, 1))


def _purity(counts: np.ndarray, totals: np.ndarray, logs: np.ndarray) -> np.ndarray:
    return logs[counts].sum(axis=0) - logs[totals]


def _gains(left: np.ndarray, whole: np.ndarray, leaf_min: int, logs: np.ndarray) -> np.ndarray:
    """What parting the whole gains in bits, for each column of `left`, a row a way; 0 where a part is too small."""
    on_left = left.sum(axis=0)
    on_right = whole.sum() - on_left
    bits = _purity(left, on_left, logs) + _purity(whole[:, None] - left, on_right, logs)
    gains = np.round(bits - (logs[whole].sum() - logs[whole.sum()]), DIGITS)
    return np.where((on_left >= leaf_min) & (on_right >= leaf_min), gains, 0.0)


def _counted(feature: Feature, ways: np.ndarray, way_count: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different numbers of some rows in order, and how often each is met, a row a way."""
    values, codes = feature.ranked
    codes = codes[rows]
    if len(rows) * FEW < len(values):
        kept, codes = np.unique(codes, return_inverse=True)
        values = values[kept]
    counts = np.bincount(ways * len(values) + codes, minlength=len(values) * way_count).reshape(way_count, -1)
    is_met = counts.any(axis=0)
    return (values, counts) if is_met.all() else (values[is_met], counts[:, is_met])


def _best_cut(
    number: int, feature: Feature, ways: np.ndarray, way_count: int, rows: np.ndarray, leaf_min: int, logs: np.ndarray
) -> tuple[float, Split] | None:
    values, counts = _counted(feature, ways, way_count, rows)
    if len(values) < 2:
        return None
    gains = _gains(counts.cumsum(axis=1)[:, :-1], counts.sum(axis=1), leaf_min, logs)
    if gains.max() <= 0:
        return None
    best = first = last = int(gains.argmax())
    good = gains[best] - min(TIE_BITS, TIE_SHARE * gains[best])
    while first > 0 and gains[first - 1] >= good:
        first -= 1
    while last + 1 < len(gains) and gains[last + 1] >= good:
        last += 1
    if values[0] == -np.inf and best > 0:
        first = max(first, 1)
    at = (
        roundest_between(*map(float, (values[first], values[last + 1])), feature.unit, _middle(values, best))
        if best or values[0] > -np.inf
        else -np.inf
    )
    return float(gains[best]), Split(number, at=at, has_missing=bool(values[0] == -np.inf))


def _middle(values: np.ndarray, place: int) -> float | None:
    """Between a number and the next, where the cut gains most."""
    return float(values[place] / 2 + values[place + 1] / 2) if values[place] > -np.inf else None


def _best_set(
    number: int, feature: Feature, ways: np.ndarray, way_count: int, rows: np.ndarray, leaf_min: int, logs: np.ndarray
) -> tuple[float, Split] | None:
    """Values in the order of their share of a common way: the best set of them is a beginning of that order."""
    code_count = len(feature.texts or ()) + 1
    codes = feature.values[rows]
    counts = np.bincount(ways * code_count + codes, minlength=code_count * way_count).reshape(way_count, -1)
    present = np.flatnonzero(counts.sum(axis=0))
    if len(present) < 2:
        return None
    whole, best = counts.sum(axis=1), None
    for way in np.argsort(-whole, kind="stable")[:3]:
        share = counts[way, present] / counts[:, present].sum(axis=0)
        order = present[np.argsort(-share, kind="stable")]
        gains = _gains(counts[:, order].cumsum(axis=1)[:, :-1], whole, leaf_min, logs)
        place = int(gains.argmax())
        if gains[place] > (best[0] if best else 0):
            left, right = order[: place + 1], order[place + 1 :]
            best = float(gains[place]), Split(number, left=frozenset(left.tolist()), right=frozenset(right.tolist()))
    return best


def roundest_between(low: float, high: float, unit: str, near: float | None = None) -> float:
    """The roundest value at or above `low` and below `high`: a short decimal, the end of a year, month or day."""
    if unit == "number" or low == -np.inf:
        return shortest_between(low, high, near)
    step = 1 if unit == "day" else 86_400
    first = FIRST_DAY + np.timedelta64(math.ceil(low / step), "D")
    for span in ("Y", "M"):
        begins = first.astype(f"datetime64[{span}]").astype("datetime64[D]")
        if unit == "day":  # the last day of it; times are told up to its first moment
            begins = (first.astype(f"datetime64[{span}]") + 1).astype("datetime64[D]") - 1
        elif begins < first:
            begins = (first.astype(f"datetime64[{span}]") + 1).astype("datetime64[D]")
        rounded = float((begins - FIRST_DAY).astype(int) * step)
        if low <= rounded < high:
            return rounded
    rounded = math.ceil(low / step) * step
    return float(rounded) if low <= rounded < high else low


def shortest_between(low: float, high: float, near: float | None = None) -> float:
    """The decimal of fewest digits at or above `low` and below `high`: most likely what the rule book says.

    Of several one that ends in 5, then the nearest to `near`, or to the middle.
    """
    if low == -np.inf:
        return low
    near = low / 2 + high / 2 if near is None else near
    whole = math.ceil(math.log10(max(abs(low), abs(high))))  # digits before the point
    for digits in range(max(-whole, -300), min(DECIMAL_DIGITS - whole, 300)):
        first, beyond, wanted = (one * 10**digits if digits >= 0 else one / 10**-digits for one in (low, high, near))
        for unit in (5, 1):
            least, most = math.ceil(round(first, 6) / unit), math.ceil(beyond / unit) - 1
            nearest = min(max(round(wanted / unit), least), most)
            for steps in (nearest * unit, (nearest - 1) * unit):  # of which the first may be a hair too much
                rounded = steps / 10**digits if digits >= 0 else float(steps * 10**-digits)
                if low <= rounded < high:
                    return rounded
    return low


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
            is_left = at.split.goes_left(features[at.split.feature].take(rows))
            stack += [(at.right, rows[~is_left]), (at.left, rows[is_left])]
