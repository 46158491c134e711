"""Rows of `mart.decision_contrast`: where data decides nothing, whether people, teams, an entity or a later input do.

People are told apart only inside one figure for all of them; what each did is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np

from essa.rules import learning
from essa.rules.features import data_features, features_of, frequent, to_learn
from essa.rules.reading import TEXT
from essa.rules.sample import Input, Sample, recorded_at, samples
from essa.rules.tree import Feature, Node, assign, predict

SHUFFLES = 5
GROUP_MIN = 10  # executions of one worker in one cell, to say how they decide there
OCTILES = 8
RECORDED_MIN = 0.8  # of every way: what only one way records is its effect, not its cause
SHARED_MIN = 0.05  # of a way's executions that a step comes after, to be a step of that way as well
UNIQUE_SHARE = 0.5  # of values that are different: above, it is a number of the case or free text, not an entity
COVERED = 0.5  # of executions that carry it


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [
        {**sample.point.key, **row}
        for sample in samples(connection, may_ask_later=True)
        for row in of_point(sample, lambda one, sample=sample: recorded_at(connection, sample, one))  # type: ignore[misc]
    ]


Places = Callable[[Input], np.ndarray]


def of_point(sample: Sample, places: Places) -> Iterator[dict[str, Any]]:
    """`places` tells by row at which activity of the case an attribute was first recorded, as a code, -1 at none."""
    learned = sample.to_learn
    if not len(learned.ways):
        return
    way_count = len(sample.names)
    whole = data_features(sample)
    features = to_learn(sample, whole)
    node = learning.learn_sure(features, learned.ways, way_count)
    leaf = _leaves(node, whole, len(sample.ways))
    cell = leaf * OCTILES + _octiles(features, whole, learned.ways, way_count)
    team = sample.column("team").codes
    in_team = cell * (team.max(initial=-1) + 2) + team + 1  # people of one team are compared: others have other work
    for kind, column, within in (
        ("worker", "resource", in_team),
        ("team", "team", cell),
        ("provider", "provider", cell),
    ):
        yield {"kind": kind, "attribute": None, **_told_apart(sample, within, sample.column(column).codes)}
    for one in sample.inputs:
        if one.unit in ("day", "time"):  # that comes back by the calendar
            continue
        entity = sample.known(one)
        listed_count = max(sample.limits.values_max, len(frequent(entity, sample.limits)))
        if listed_count < len(entity.kinds) <= UNIQUE_SHARE * entity.is_filled.sum():
            found = _told_apart(sample, leaf, entity.codes)
            # a number is an entity's only where it comes back like one; what is seldom recorded names nothing
            if found["coverage_share"] >= COVERED or (one.unit == TEXT and entity.is_filled.mean() >= COVERED):
                yield {"kind": "entity", "attribute": one.attribute, **found}
    if whole and node.split:
        yield from _followers(sample, predict(node, whole))
    yield from _told(sample, whole, node, places)


def _leaves(node: Node, features: list[Feature], count: int) -> np.ndarray:
    leaf = np.zeros(count, np.int64)
    for number, (rows, _) in enumerate(assign(node, features)):
        leaf[rows] = number
    return leaf


def _octiles(features: list[Feature], whole: list[Feature], ways: np.ndarray, way_count: int) -> np.ndarray:
    """Of the number that tells most by itself: people may each have a limit of their own on it."""
    numbers = [number for number, feature in enumerate(features) if feature.is_number]
    if not numbers:
        return np.zeros(len(whole[0].values) if whole else 1, np.int64)
    gains = [round(learning.root_gain(features[number], ways, way_count), 6) for number in numbers]
    values = whole[numbers[int(np.argmax(gains))]].values
    edges = np.quantile(np.sort(values), np.arange(1, OCTILES) / OCTILES, method="inverted_cdf")
    return np.searchsorted(edges, values)


def _told_apart(sample: Sample, cell: np.ndarray, who: np.ndarray) -> dict[str, Any]:
    """How much knowing who adds where all else is equal; group_count: how many were told apart."""
    way_count = len(sample.names)
    nothing = {"group_count": len(np.unique(who[who >= 0])), "coverage_share": 0.0, "gain": None, "held_out_gain": None}
    pair = cell * (who.max() + 2) + who + 1
    _, codes, counts = np.unique(pair, return_inverse=True, return_counts=True)
    is_kept = (counts[codes] >= GROUP_MIN) & (who >= 0)
    if not is_kept.any() or nothing["group_count"] < 2:
        return nothing
    coverage = round(float(is_kept.mean()), 6)
    kept_cell, kept_pair, ways = _numbered(cell[is_kept]), _numbered(codes[is_kept]), sample.ways[is_kept]
    open_bits = _bits(kept_cell, ways, way_count)
    told_bits = _bits(kept_pair, ways, way_count)
    chance_bits = np.mean([_bits(mixed, ways, way_count) for mixed in _shuffled(kept_cell, kept_pair)])
    gain = round((chance_bits - told_bits) / open_bits, 6) if open_bits > 1e-9 else 0.0
    slices = sample.slices[is_kept]
    return {
        **nothing,
        "coverage_share": coverage,
        "gain": gain,
        "held_out_gain": _held_out(kept_cell, kept_pair, ways, slices, way_count),
    }


def _numbered(groups: np.ndarray) -> np.ndarray:
    """The same groups, numbered from 0 without a gap."""
    return np.unique(groups, return_inverse=True)[1]


def _shuffled(cell: np.ndarray, pair: np.ndarray) -> Iterator[np.ndarray]:
    """Who did what, dealt anew among the executions of each cell, several times."""
    order = np.argsort(cell, kind="stable")
    for seed in range(SHUFFLES):
        mixed = np.empty_like(pair)
        mixed[order] = pair[np.argsort(cell * len(cell) + np.random.default_rng(seed).permutation(len(cell)))]
        yield mixed


def _bits(group: np.ndarray, ways: np.ndarray, way_count: int) -> float:
    counts = np.bincount(group * way_count + ways, minlength=(group.max() + 1) * way_count).reshape(-1, way_count)
    totals = counts.sum(axis=1, keepdims=True)
    present = counts > 0
    return float((counts[present] * np.log2(np.broadcast_to(totals, counts.shape)[present] / counts[present])).sum())


def _held_out(cell: np.ndarray, pair: np.ndarray, ways: np.ndarray, slices: np.ndarray, way_count: int) -> float | None:
    """What shares by cell and who, learned earlier, save later of the bits that those by cell alone leave open.

    In bits, not in guesses set right: that somebody tosses a coin where others follow a rule changes no best guess.
    """
    is_learned = slices == 0
    if is_learned.all() or not is_learned.any():
        return None
    usual = np.bincount(ways[is_learned], minlength=way_count) + 1.0
    by_cell = _shares(cell, ways, is_learned, np.tile(usual / usual.sum(), (len(ways), 1)))
    by_pair = _shares(pair, ways, is_learned, by_cell)
    plain, told = (-np.log2(one[~is_learned, ways[~is_learned]]).sum() for one in (by_cell, by_pair))
    return round(float((plain - told) / plain), 6) if plain > 1e-9 else 0.0


def _shares(group: np.ndarray, ways: np.ndarray, is_learned: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """By row the share of each way in its group, drawn to the one expected by as many rows as there are ways."""
    way_count = expected.shape[1]
    seen = group[is_learned] * way_count + ways[is_learned]
    counts = np.bincount(seen, minlength=(group.max() + 1) * way_count).reshape(-1, way_count)[group]
    return (counts + way_count * expected) / (counts.sum(axis=1, keepdims=True) + way_count)


def _followers(sample: Sample, predicted: np.ndarray) -> Iterator[dict[str, Any]]:
    """The provider whose later ways what is recorded foretells best, beside all others together."""
    provider, worker = sample.column("provider"), sample.column("resource").codes
    is_held, is_right = sample.slices != 0, predicted == sample.ways
    best: dict[str, Any] | None = None
    for code, name in enumerate(provider.kinds):
        mine, others = is_held & (provider.codes == code), is_held & (provider.codes != code)
        if min(mine.sum(), others.sum()) < sample.limits.support_min:
            continue
        people = [len(np.unique(worker[part & (worker >= 0)])) for part in (mine, others)]
        found = {
            "kind": "follower", "attribute": name, "group_count": min(people),
            "coverage_share": round(float(mine.sum() / is_held.sum()), 6),
            "gain": round(float(is_right[mine].mean()), 6), "held_out_gain": round(float(is_right[others].mean()), 6),
        }  # fmt: skip
        if best is None or found["gain"] > best["gain"]:
            best = found
    if best:
        yield best


def _told(sample: Sample, whole: list[Feature], node: Node, places: Places) -> Iterator[dict[str, Any]]:
    """What attributes would have decided that are recorded only later, or with the outcome itself."""
    later = [one for one in sample.inputs if _is_told_later(sample, one, places)]
    yield from _with(sample, whole, node, "later", "later", later)
    if sample.point.decides == "outcome":
        same = [one for one in (*sample.inputs, *sample.unread) if not one.is_known_at_start]
        yield from _with(sample, whole, node, "same", "known", same)


def _with(
    sample: Sample, whole: list[Feature], node: Node, kind: str, when: str, told: list[Input]
) -> Iterator[dict[str, Any]]:
    held = np.flatnonzero(sample.slices != 0)
    learned = np.flatnonzero(sample.slices == 0)
    added = [
        replace(feature, expression=f"{kind} {feature.expression}")
        for one in told
        for feature in features_of(one, sample.recorded(when, one.attribute), sample.limits)
    ]
    if not added or not len(held):
        return
    way_count, features = len(sample.names), [*whole, *added]
    later, used = learning.learn_rule(
        [feature.take(learned) for feature in features],
        *(sample.ways[learned], way_count, sample.folds[learned]),
        may_derive=False,
    )
    said = {split.feature for path, _ in later.leaves() for split, _ in path}
    known = {feature.expression for feature in whole}
    new = sorted({one for number in said if used[number].expression not in known for one in used[number].attributes})
    if not new:
        return
    kept = {(feature.expression, feature.texts): feature for feature in features}
    accuracy = (
        predict(later, [kept[feature.expression, feature.texts].take(held) for feature in used]) == sample.ways[held]
    ).mean()
    before = (predict(node, [feature.take(held) for feature in whole]) == sample.ways[held]).mean() if whole else 0.0
    base = np.bincount(sample.ways[held], minlength=way_count).max() / len(held)
    gain = round(float((accuracy - max(before, base)) / (1 - base)), 6) if base < 1 else 0.0
    yield {
        "kind": kind, "attribute": ", ".join(new), "group_count": len(new), "coverage_share": 1.0,
        "gain": gain, "held_out_gain": gain,
    }  # fmt: skip


def _is_told_later(sample: Sample, one: Input, places: Places) -> bool:
    """Recorded after most executions, whichever way they went, and not yet known at them."""
    known = sample.known(one).is_filled
    if known.mean() >= 1 - RECORDED_MIN:
        return False
    later = sample.recorded("later", one.attribute).is_filled
    ways = [way for way in np.unique(sample.ways) if (sample.ways == way).sum() >= GROUP_MIN]
    if min((later[sample.ways == way].mean() for way in ways), default=0) < RECORDED_MIN:
        return False
    return _is_of_any_way(sample.ways, places(one), ~known, ways)


def _is_of_any_way(ways: np.ndarray, place: np.ndarray, is_open: np.ndarray, listed: list[int]) -> bool:
    """Whether it is mostly recorded at steps that come after several ways: else it is an effect of each."""
    shares = np.zeros((len(listed), place.max(initial=0) + 1))
    for number, way in enumerate(listed):
        mine = place[is_open & (ways == way) & (place >= 0)]
        shares[number] = np.bincount(mine, minlength=shares.shape[1]) / max(len(mine), 1)
    is_shared = (shares >= SHARED_MIN).sum(axis=0) > 1
    return bool((shares[:, is_shared].sum(axis=1) >= RECORDED_MIN).all())
