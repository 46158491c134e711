"""The tree that decides: its size chosen by cases kept aside, inputs it can do without left out."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from essa.rules.pruning import bits, keep_informative, prune
from essa.rules.tree import Feature, Node, grow, predict

FOLDS = 3
PRICES = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)  # rows set right a leaf, as a share
SMALLEST_ERROR = 0.001  # of accuracy: smaller differences between two prices are none
CAUTION = 2.0  # standard errors that a rule must be better than none
NEEDLESS = 0.005  # of accuracy: an input that brings less is left out
DERIVED_MAX = 3
DEARER = 1.25  # a step of the price of a leaf
BITS_A_LEAF = 4.0  # times log2 n: the search over many inputs and thresholds finds some gain in any noise


def learn_rule(
    features: Sequence[Feature], ways: np.ndarray, way_count: int, folds: np.ndarray, may_derive: bool = True
) -> tuple[Node, list[Feature]]:
    """The simplest tree that is as good as any, and the features its splits count by; numbers made of numbers too."""
    plain = list(features)
    node, accuracy = _fitted(plain, ways, way_count, folds)
    if may_derive and (derived := derive(plain, ways, way_count)):
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
    return _informative(node, ways), plain


def learn_sure(features: Sequence[Feature], ways: np.ndarray, way_count: int) -> Node:
    """The tree whose leaves tell how sure they are, so that some may be left to a rule where others are judgement."""
    return _informative(grow(features, ways, way_count), ways)


def _informative(node: Node, ways: np.ndarray) -> Node:
    return keep_informative(node, BITS_A_LEAF * math.log2(max(len(ways), 2)))


def cut_down(node: Node, is_short: Callable[[Node], bool], cut: Callable[[Node, float], Node]) -> Node:
    """The tree without the branches that are worth least, until it is short enough to be read."""
    price = 1.0
    while not is_short(node):
        node, price = cut(node, price), price * DEARER
    return node


def _fitted(features: Sequence[Feature], ways: np.ndarray, way_count: int, folds: np.ndarray) -> tuple[Node, float]:
    """The tree, and its accuracy on cases kept aside; no tree where one leaf is as good within CAUTION errors."""
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
    if shares[-1] >= shares[best] - CAUTION * error:
        return Node(np.bincount(ways, minlength=way_count)), float(shares[best])
    return prune(grow(features, ways, way_count), PRICES[chosen] * len(ways)), float(shares[best])


# Numbers made of numbers


def derive(features: Sequence[Feature], ways: np.ndarray, way_count: int) -> list[Feature]:
    """The few differences, sums and ratios that by themselves tell more than any of their parts."""
    single = [one for one in features if one.is_number and len(one.attributes) == 1]
    numbers = [one for one in single if one.unit == "number"][:6]
    days = [one for one in single if one.unit == "day"][:4]
    alone = {one.attributes[0]: root_gain(one, ways, way_count) for one in (*numbers, *days)}
    made = [_difference(one, other) for one, other in itertools.combinations(numbers, 2)]
    made += [
        _difference(_sum(one, other), third)
        for one, other in itertools.combinations(numbers, 2)
        for third in numbers
        if third not in (one, other)
    ]
    made += [_days_between(one, other) for one, other in itertools.combinations(days, 2)]
    made += [_ratio(one, other) for one, other in itertools.permutations(numbers, 2) if _is_divisor(other)]
    found: dict[frozenset[str] | str, tuple[Any, ...]] = {}
    for feature in made:
        node = grow([feature], ways, way_count, depth=1)
        gain, parts = _gain(node), max(alone[part] for part in feature.attributes)
        if node.split and gain > 1.1 * parts + BITS_A_LEAF * math.log2(max(len(ways), 2)):
            # of a ratio and its inverse, which tell about the same, a rule book has the one with the rounder limit
            is_ratio = " / " in feature.expression
            order = (len(repr(node.split.at)) if is_ratio else 0, -round(gain, 6), len(feature.attributes))
            key = frozenset(feature.attributes) if is_ratio else feature.expression
            found[key] = min(found.get(key, (math.inf,)), (*order, feature.expression, feature), key=lambda it: it[:4])
    best = sorted(found.values(), key=lambda one: one[1:4])
    return [feature for *_, feature in best[:DERIVED_MAX]]


def root_gain(feature: Feature, ways: np.ndarray, way_count: int) -> float:
    return _gain(grow([feature], ways, way_count, depth=1))


def _gain(node: Node) -> float:
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


def _is_divisor(feature: Feature) -> bool:
    """Whether more of it is more: through a negative number a ratio would turn round."""
    known = feature.values[feature.values > -np.inf]
    return bool(len(known)) and bool(known.min() >= 0 and known.max() > 0)


def _days_between(one: Feature, other: Feature) -> Feature:
    """From the one that is mostly earlier to the other."""
    if np.median(one.values) < np.median(other.values):
        one, other = other, one
    is_known = (one.values > -np.inf) & (other.values > -np.inf)
    values = np.full(len(one.values), -np.inf)
    np.subtract(one.values, other.values, out=values, where=is_known)
    return Feature(f"{one.expression} - {other.expression}", (*one.attributes, *other.attributes), values)


def _ratio(one: Feature, other: Feature) -> Feature:
    is_known = (one.values > -np.inf) & (other.values > 0)
    values = np.full(len(one.values), -np.inf)
    np.divide(one.values, other.values, out=values, where=is_known)
    said = f"{one.expression} / nullif({other.expression}, 0)"
    return Feature(said, (*one.attributes, *other.attributes), values)


def _sum(one: Feature, other: Feature) -> Feature:
    (said, values), (said_other, others) = _filled(one), _filled(other)
    return Feature(f"{said} + {said_other}", (*one.attributes, *other.attributes), np.round(values + others, 6))
