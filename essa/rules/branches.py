"""Rows of `mart.rule_branch`: for each decision point the conditions of its rule, its history and its sure leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from essa import in_words
from essa.rules import learning, wording
from essa.rules.features import before_features, data_features, history_features, to_learn
from essa.rules.pruning import keep_informative, prune
from essa.rules.sample import Sample, samples
from essa.rules.tree import Feature, Node, Split, assign, is_same

INHERITED_MAX = 0.1  # of a leaf's executions: of so few it may be chance that the step said it before


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [row for sample in samples(connection) for row in of_point(sample)]


def of_point(sample: Sample) -> list[dict[str, Any]]:
    """Its models; the way predicted where no condition holds is the first row's, numbered 0."""
    learned = sample.to_learn
    if not len(learned.ways):
        return []
    way_count, history = len(learned.names), history_features(learned)
    known = data_features(sample)
    data, before = (to_learn(sample, made) for made in (known, before_features(sample, known)))
    whole, rule_features = _rule(learned, data)
    rule = learning.cut_down(whole, lambda node: wording.is_readable(node, rule_features), prune)
    habit = learning.learn_sure(history, learned.ways, way_count)
    sure, sure_features = _sure(learned, _known_before(learned, data, before, rule, rule_features))
    ruled = _rows(sample, "rule", wording.way_conditions(rule, rule_features).items(), rule, rule_features)
    return [
        *({**row, "is_cut": rule is not whole} for row in ruled),
        *_rows(sample, "history", _by_leaf(habit, history), habit, history),
        *_rows(sample, "sure", _by_leaf(sure, sure_features), sure, sure_features),
    ]


def _by_leaf(node: Node, features: Sequence[Feature]) -> list[tuple[int, str]]:
    """What is known with what certainty: leaves of one way are not told together."""
    return [(leaf.predicts, wording.leaf_condition(path, features)) for path, leaf in node.leaves()]


def _rule(learned: Sample, data: Sequence[Feature]) -> tuple[Node, list[Feature]]:
    """The rule and its features; an outcome is not told by what an earlier visit of the step said of it."""
    rule, features = learning.learn_rule(data, learned.ways, len(learned.names), learned.folds)
    own = _inherited(learned, rule, features) if learned.point.decides == "outcome" else set()
    return _rule(learned, _without(data, own)) if own else (rule, features)


def _sure(learned: Sample, features: list[Feature]) -> tuple[Node, list[Feature]]:
    """The tree whose leaves may be left to rules: they hang on nothing the step itself said at an earlier visit."""
    sure = learning.cut_down(
        learning.learn_sure(features, learned.ways, len(learned.names)),
        lambda node: sum(1 for _ in node.leaves()) <= 2 * wording.ALTERNATIVES_MAX,
        keep_informative,
    )
    own = _inherited(learned, sure, features)
    return _sure(learned, _without(features, own)) if own else (sure, features)


def _known_before(
    learned: Sample, data: list[Feature], before: list[Feature], rule: Node, rule_features: list[Feature]
) -> list[Feature]:
    """Those of the rule, as they stood when the step began: what it records itself may be its judgement."""
    if not rule.split:
        return before
    changed = {one.attribute for one in learned.inputs if not _is_alike(one.attribute, data, before)}
    if not changed & {one for split, _ in _asked(rule) for one in rule_features[split.feature].attributes}:
        return _without(rule_features, changed)
    earlier, features = learning.learn_rule(before, learned.ways, len(learned.names), learned.folds)
    return features if earlier.split else before


def _is_alike(attribute: str, data: list[Feature], before: list[Feature]) -> bool:
    one, other = ([feature for feature in made if attribute in feature.attributes] for made in (data, before))
    return len(one) == len(other) and all(map(is_same, one, other))


def _without(features: Sequence[Feature], left_out: set[str]) -> list[Feature]:
    return [feature for feature in features if not left_out & {*feature.attributes}]


def _asked(node: Node) -> list[tuple[Split, bool]]:
    return [step for path, _ in node.leaves() for step in path]


def _inherited(learned: Sample, node: Node, features: Sequence[Feature]) -> set[str]:
    """What a leaf reads that in a part of its executions an earlier visit of the step itself recorded."""
    masks = {one.attribute: learned.is_inherited(one) for one in learned.inputs}
    if not node.split or not any(mask.any() for mask in masks.values()):
        return set()
    found: set[str] = set()
    for (path, _), (rows, _) in zip(node.leaves(), assign(node, features), strict=True):
        read = {one for split, _ in path for one in features[split.feature].attributes}
        found |= {one for one in read if len(rows) and masks[one][rows].mean() > INHERITED_MAX}
    return found


def _rows(
    sample: Sample, model: str, said: Sequence[tuple[int, str]] | Any, node: Node, features: Sequence[Feature]
) -> list[dict[str, Any]]:
    read = {split.feature for split, _ in _asked(node)}
    attributes = sorted({attribute for number in read for attribute in features[number].attributes})
    own = [one.attribute for one in sample.inputs if one.attribute in attributes and sample.is_own(one)]
    own = own if model == "rule" else []
    shared = {**sample.point.key, "model": model, "reads": attributes, "own": own, "is_cut": False}
    first = {**shared, "branch_no": 0, "condition": None, "says": None, "predicts": sample.names[node.predicts]}
    if node.split is None:
        return [first]
    listed = sorted(said) if model == "rule" else list(said)
    return [
        first,
        *(
            {
                **shared,
                "branch_no": number,
                "condition": condition,
                "says": in_words.condition(condition),
                "predicts": sample.names[way],
            }
            for number, (way, condition) in enumerate(listed, 1)
        ),
    ]
