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
from essa.rules.tree import Feature, Node, assign, is_same

INHERITED_MAX = 0.1  # of a leaf's executions: of so few it may be chance that the step said it before


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [row for sample in samples(connection) for row in of_point(sample)]


def of_point(sample: Sample) -> list[dict[str, Any]]:
    """Its models; the way predicted where no condition holds is the first row's, numbered 0."""
    learned = sample.to_learn
    if not len(learned.ways):
        return []
    way_count, history = len(learned.names), history_features(learned)
    whole, rule_features, sample = _rule(sample)
    rule = learning.cut_down(whole, lambda node: wording.is_readable(node, rule_features), prune)
    habit = learning.learn(history, learned.ways, way_count, learned.folds)
    sure, sure_features = _sure(sample, rule, rule_features)
    ruled = _rows(sample, "rule", wording.way_conditions(rule, rule_features).items(), rule, rule_features)
    return [
        *({**row, "is_cut": rule is not whole} for row in ruled),
        *_rows(sample, "history", wording.way_conditions(habit, history).items(), habit, history),
        *_rows(
            *(sample, "sure"),
            [(leaf.predicts, wording.leaf_condition(path, sure_features)) for path, leaf in sure.leaves()],
            *(sure, sure_features),
        ),
    ]


def _rule(sample: Sample) -> tuple[Node, list[Feature], Sample]:
    """The rule, its features, and the sample without what tells of an outcome only what was said there before."""
    learned = sample.to_learn
    rule, features = learning.learn_rule(
        to_learn(sample, data_features(sample)), learned.ways, len(learned.names), learned.folds
    )
    own = _inherited(learned, rule, features) if sample.point.decides == "outcome" else set()
    return _rule(sample.without(own)) if own else (rule, features, sample)


def _sure(sample: Sample, rule: Node, rule_features: list[Feature]) -> tuple[Node, list[Feature]]:
    """The tree whose leaves may be left to rules: they hang on nothing the step itself said at an earlier visit."""
    learned = sample.to_learn
    features = _sure_features(sample, rule, rule_features)
    sure = learning.cut_down(
        learning.learn_sure(features, learned.ways, len(learned.names)),
        lambda node: sum(1 for _ in node.leaves()) <= 2 * wording.ALTERNATIVES_MAX,
        keep_informative,
    )
    own = _inherited(learned, sure, features)
    return _sure(sample.without(own), rule, rule_features) if own else (sure, features)


def _sure_features(sample: Sample, rule: Node, rule_features: list[Feature]) -> list[Feature]:
    """Those of the rule, as they stood when the step began: what it records itself may be its judgement."""
    learned = sample.to_learn
    data, before = (to_learn(sample, made(sample)) for made in (data_features, before_features))
    is_whole = {one for feature in rule_features for one in feature.attributes} <= {
        one.attribute for one in sample.inputs
    }
    if is_whole and all(map(is_same, data, before)) and len(data) == len(before):
        return [*rule_features] if rule.split else data
    earlier, features = learning.learn_rule(before, learned.ways, len(learned.names), learned.folds)
    return features if earlier.split else before


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
    read = {split.feature for path, _ in node.leaves() for split, _ in path}
    attributes = sorted({attribute for number in read for attribute in features[number].attributes})
    own = [one.attribute for one in sample.inputs if one.attribute in attributes and sample.is_own(one)]
    own = own if model == "rule" else []
    shared = {**sample.point.key, "model": model, "reads": attributes, "own": own, "is_cut": False}
    first = {**shared, "branch_no": 0, "condition": None, "says": None, "predicts": sample.names[node.predicts]}
    if node.split is None:
        return [first]
    listed = sorted(said) if model != "sure" else list(said)
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
