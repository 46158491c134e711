"""The tree that decides: its size chosen by cases kept aside, inputs it can do without left out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from essa.rules.pruning import bits, keep_informative, prune
from essa.rules.tree import Feature, Node, grow, predict

FOLDS = 3
PRICES = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)  # rows set right a leaf, as a share
SMALLEST_ERROR = 0.001  # of accuracy: smaller differences between two prices are none
CAUTION = 2.0  # standard errors that a rule must be better than none; history, which it is held against, needs one
NEEDLESS = 0.005  # of accuracy: an input that brings less is left out
DERIVED_MAX = 3
DEARER = 1.25  # a step of the price of a leaf
BITS_A_LEAF = 4.0  # times log2 n: the search over many inputs and thresholds finds some gain in any noise


def learn(features: Sequence[Feature], ways: np.ndarray, way_count: int, folds: np.ndarray) -> Node:
    """The tree over `features`, in their order; one leaf alone where nothing decides."""
    node, _ = _fitted(features, ways, way_count, folds, caution=1)
    return node


def learn_rule(
    features: Sequence[Feature], ways: np.ndarray, way_count: int, folds: np.ndarray
) -> tuple[Node, list[Feature]]:
    """The simplest tree that is as good as any, and the features its splits count by."""
    plain = list(features)
    node, accuracy = _fitted(plain, ways, way_count, folds)
    if derived := derive(plain, ways, way_count):
        richer, better = _fitted([*plain, *derived], ways, way_count, folds)
        if better > accuracy + NEEDLESS:
            plain, node, accuracy = [*plain, *derived], richer, better
    used = sorted({split.feature for path, _ in node.leaves() for split, _ in path})
    while len(used) > 1:
        trials = [[plain[number] for number in used if number != left_out] for left_out in used]
        fitted = [_fitted(trial, ways, way_count, folds) for trial in trials]
        best = max(range(len(trials)), key=lambda number: (round(fitted[number][1], 9), -number))
        if fitted[best][1] < accuracy - NEEDLESS:
            break
        plain, node = trials[best], fitted[best][0]
        used = sorted({split.feature for path, _ in node.leaves() for split, _ in path})
    return node, plain


def learn_sure(features: Sequence[Feature], ways: np.ndarray, way_count: int) -> Node:
    """The tree whose leaves tell how sure they are, so that some may be left to a rule where others are judgement."""
    return keep_informative(grow(features, ways, way_count), BITS_A_LEAF * math.log2(max(len(ways), 2)))


def cut_down(node: Node, is_short: Callable[[Node], bool], cut: Callable[[Node, float], Node]) -> Node:
    """The tree without the branches that are worth least, until it is short enough to be read."""
    price = 1.0
    while not is_short(node):
        node, price = cut(node, price), price * DEARER
    return node


def _fitted(
    features: Sequence[Feature], ways: np.ndarray, way_count: int, folds: np.ndarray, caution: float = CAUTION
) -> tuple[Node, float]:
    """The tree, and its accuracy on cases kept aside; no tree where one leaf is as good within `caution` errors."""
    if not features or not len(ways):
        return Node(np.bincount(ways, minlength=way_count)), 0.0
    right = np.zeros((len(PRICES), len(ways)), bool)
    for fold in range(FOLDS):
        is_aside = folds == fold
        if is_aside.all() or not is_aside.any():
            continue
        kept, aside = np.flatnonzero(~is_aside), np.flatnonzero(is_aside)
        whole = grow([feature.take(kept) for feature in features], ways[kept], way_count)
        held = [feature.take(aside) for feature in features]
        for number, price in enumerate(PRICES):
            right[number, aside] = predict(prune(whole, price * len(kept)), held) == ways[aside]
    shares = right.mean(axis=1)
    best = int(shares.argmax())
    error = max(SMALLEST_ERROR, math.sqrt(shares[best] * (1 - shares[best]) / len(ways)))
    chosen = max(number for number in range(len(PRICES)) if shares[number] >= shares[best] - error)
    if shares[-1] >= shares[best] - caution * error:
        return Node(np.bincount(ways, minlength=way_count)), float(shares[best])
    return prune(grow(features, ways, way_count), PRICES[chosen] * len(ways)), float(shares[best])


# Numbers made of numbers


def derive(features: Sequence[Feature], ways: np.ndarray, way_count: int) -> list[Feature]:
    """The few differences, sums and ratios that by themselves tell more than any of their parts."""
    numbers = [one for one in features if one.is_number and one.unit == "number" and len(one.attributes) == 1][:6]
    alone = {feature.expression: root_gain(feature, ways, way_count) for feature in numbers}
    made = [_difference(one, other) for one, other in itertools.combinations(numbers, 2)]
    made += [
        _difference(_sum(one, other), third)
        for one, other in itertools.combinations(numbers, 2)
        for third in numbers
        if third not in (one, other)
    ]
    for one, other in itertools.combinations(numbers, 2):
        ratios = [_ratio(*pair) for pair in ((one, other), (other, one)) if _is_divisor(pair[1])]
        made += sorted(ratios, key=lambda ratio: _limit_length(ratio, ways, way_count))[:1]
    found = []
    for feature in made:
        gain = root_gain(feature, ways, way_count)
        parts = max(alone[part.expression] for part in numbers if part.attributes[0] in feature.attributes)
        if gain > 1.1 * parts + BITS_A_LEAF * math.log2(max(len(ways), 2)):
            found.append((-round(gain, 6), len(feature.attributes), feature.expression, feature))
    return [feature for *_, feature in sorted(found, key=lambda one: one[:3])[:DERIVED_MAX]]


def root_gain(feature: Feature, ways: np.ndarray, way_count: int) -> float:
    node = grow([feature], ways, way_count, depth=1)
    if node.left is None or node.right is None:
        return 0.0
    return bits(node.counts) - bits(node.left.counts) - bits(node.right.counts)


def _filled(feature: Feature) -> tuple[str, np.ndarray]:
    """A missing part counts as nothing: what was not charged yet is not owed."""
    is_missing = feature.values == -np.inf
    expression = f"coalesce({feature.expression}, 0)" if is_missing.any() else feature.expression
    return expression, np.where(is_missing, 0.0, feature.values)


def _difference(one: Feature, other: Feature) -> Feature:
    (said, values), (said_other, others) = _filled(one), _filled(other)
    return Feature(f"{said} - {said_other}", (*one.attributes, *other.attributes), np.round(values - others, 6))


def _limit_length(feature: Feature, ways: np.ndarray, way_count: int) -> int:
    """Of two ratios that tell the same, a rule book has the one with the rounder limit."""
    split = grow([feature], ways, way_count, depth=1).split
    return len(repr(split.at)) if split else 99


def _is_divisor(feature: Feature) -> bool:
    """Whether more of it is more: through a negative number a ratio would turn round."""
    known = feature.values[feature.values > -np.inf]
    return bool(len(known)) and bool(known.min() >= 0 and known.max() > 0)


def _ratio(one: Feature, other: Feature) -> Feature:
    is_known = (one.values > -np.inf) & (other.values > 0)
    values = np.full(len(one.values), -np.inf)
    np.divide(one.values, other.values, out=values, where=is_known)
    said = f"{one.expression} / nullif({other.expression}, 0)"
    return Feature(said, (*one.attributes, *other.attributes), values)


def _sum(one: Feature, other: Feature) -> Feature:
    (said, values), (said_other, others) = _filled(one), _filled(other)
    return Feature(f"{said} + {said_other}", (*one.attributes, *other.attributes), np.round(values + others, 6))
