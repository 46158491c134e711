"""A tree without the branches that are worth less than their price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from essa.rules.tree import DIGITS, Node


def prune(node: Node, price: float) -> Node:
    """The tree without the branches that set right fewer than `price` rows for each leaf they add."""
    return _prune(node, price)[0]


def _prune(node: Node, price: float) -> tuple[Node, float, int]:
    """The pruned tree, the rows it has wrong, its leaves."""
    if node.split is None or node.left is None or node.right is None:
        return node, node.wrong, 1
    left, left_wrong, left_leaves = _prune(node.left, price)
    right, right_wrong, right_leaves = _prune(node.right, price)
    wrong, leaves = left_wrong + right_wrong, left_leaves + right_leaves
    if node.wrong - wrong < price * (leaves - 1) or node.wrong == wrong:
        return Node(node.counts), node.wrong, 1
    return replace(node, left=left, right=right), wrong, leaves


def keep_informative(node: Node, price: float) -> Node:
    """The tree without the branches that gain fewer than `price` bits for each leaf they add."""
    return _keep(node, price)[0]


def _keep(node: Node, price: float) -> tuple[Node, float, int]:
    own = bits(node.counts)
    if node.split is None or node.left is None or node.right is None:
        return node, own, 1
    left, left_bits, left_leaves = _keep(node.left, price)
    right, right_bits, right_leaves = _keep(node.right, price)
    parts, leaves = left_bits + right_bits, left_leaves + right_leaves
    if round(own - parts - price * (leaves - 1), DIGITS) <= 0:
        return Node(node.counts), own, 1
    return replace(node, left=left, right=right), parts, leaves


def bits(counts: np.ndarray) -> float:
    """What it takes to tell each row's way, the shares being known."""
    present = counts[counts > 0]
    return float((present * np.log2(present.sum() / present)).sum())
