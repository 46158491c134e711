"""Rows of `mart.rule_branch`: for each decision point the conditions of its rule, its history and its sure leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from essa import in_words
from essa.rules import learning, wording
from essa.rules.pruning import keep_informative, prune
from essa.rules.sample import Sample, before_features, data_features, history_features, samples
from essa.rules.tree import Feature, Node, is_same


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return [row for sample in samples(connection) for row in of_point(sample)]


def of_point(sample: Sample) -> list[dict[str, Any]]:
    """Its models; the way predicted where no condition holds is the first row's, numbered 0."""
    learned = sample.to_learn
    if not len(learned.ways):
        return []
    data, history = data_features(learned), history_features(learned)
    way_count = len(learned.names)
    whole, rule_features = learning.learn_rule(data, learned.ways, way_count, learned.folds)
    rule = learning.cut_down(whole, lambda node: wording.is_readable(node, rule_features), prune)
    habit = learning.learn(history, learned.ways, way_count, learned.folds)
    sure_features = _sure_features(learned, data, rule, rule_features)
    sure = learning.cut_down(
        learning.learn_sure(sure_features, learned.ways, way_count),
        lambda node: sum(1 for _ in node.leaves()) <= 2 * wording.ALTERNATIVES_MAX,
        keep_informative,
    )
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


def _sure_features(sample: Sample, data: list[Feature], rule: Node, rule_features: list[Feature]) -> list[Feature]:
    """Those of the rule, as they stood when the step began: what it records itself may be its judgement."""
    before = before_features(sample)
    if all(map(is_same, data, before)) and len(data) == len(before):
        return [*rule_features] if rule.split else data
    earlier, features = learning.learn_rule(before, sample.ways, len(sample.names), sample.folds)
    return features if earlier.split else before


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
