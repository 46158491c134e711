"""A leaf of a tree as one SQL condition that a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from essa.rules.tree import Feature, Node, Split

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What DuckDB would read as its own.
RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
    deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect
    into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary
    qualify references returning select show some summarize symmetric table then to trailing true union unique unpivot
    using variadic when where window with""".split()
)
ALWAYS = "true"


def name(text: str) -> str:
    """A column as SQL writes it, in quotes only where it must be."""
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def leaf_condition(path: Sequence[tuple[Split, bool]], features: Sequence[Feature]) -> str:
    """What holds in a leaf: one term an input, in the order the tree asks."""
    asked = list(dict.fromkeys(split.feature for split, _ in path))
    terms = [_term(features[one], [(split, left) for split, left in path if split.feature == one]) for one in asked]
    said = [term for term in terms if term != ALWAYS]
    if len(said) == 1:
        return said[0]
    return " AND ".join(f"({term})" if " OR " in term else term for term in said) or ALWAYS


def way_conditions(node: Node, features: Sequence[Feature]) -> dict[int, str]:
    """By way: the condition under which the tree sends a row there."""
    found: dict[int, list[str]] = {}
    for path, leaf in node.leaves():
        found.setdefault(leaf.predicts, []).append(leaf_condition(path, features))
    return {way: either(conditions) for way, conditions in found.items()}


def either(conditions: Iterable[str]) -> str:
    listed = list(conditions)
    if len(listed) == 1:
        return listed[0]
    return " OR ".join(f"({one})" if " AND " in one or " OR " in one else one for one in listed)


def _term(feature: Feature, asked: Sequence[tuple[Split, bool]]) -> str:
    return _number_term(feature, asked) if feature.is_number else _set_term(feature, asked)


def _number_term(feature: Feature, asked: Sequence[tuple[Split, bool]]) -> str:
    said = feature.expression
    upper = min((split.at for split, left in asked if left), default=np.inf)
    lower = max((split.at for split, left in asked if not left), default=None)
    has_missing = lower is None and any(split.has_missing for split, _ in asked)
    if upper == -np.inf:
        return f"{said} IS NULL"
    parts = []
    if lower is not None:
        parts.append(f"{said} IS NOT NULL" if lower == -np.inf else f"{said} > {number(lower)}")
    if upper != np.inf:
        parts.append(f"{said} <= {number(upper)}")
        if lower == -np.inf:
            parts = parts[1:]
    term = " AND ".join(parts)
    return f"{term} OR {said} IS NULL" if has_missing else term


def _set_term(feature: Feature, asked: Sequence[tuple[Split, bool]]) -> str:
    """The values left after every question; where any other value is among them, those that are not."""
    texts = feature.texts or ()
    inside = set(range(len(texts) + 1))
    seen: set[int] = set()
    for split, left in asked:
        inside &= split.left if left else split.right
        seen |= split.left | split.right
    values = [texts[code] for code in sorted(inside) if code < len(texts)]
    others = [texts[code] for code in sorted(seen - inside) if code < len(texts)]
    listed, excluded = _listed(feature, values), _listed(feature, others)
    has_rest, has_null = len(texts) in inside, None in values
    if has_rest and excluded:
        term = f"{feature.expression} {'<>' if _is_one(others) else 'NOT IN'} {excluded}"
    elif has_rest:
        return f"{feature.expression} IS NOT NULL" if not has_null else ALWAYS
    elif listed:
        term = f"{feature.expression} {'=' if _is_one(values) else 'IN'} {listed}"
    else:
        return f"{feature.expression} IS NULL"
    return f"{term} OR {feature.expression} IS NULL" if has_null else term


def _is_one(values: Sequence[str | None]) -> bool:
    return sum(value is not None for value in values) == 1


def _listed(feature: Feature, values: Sequence[str | None]) -> str:
    spelled = [literal(value) if feature.is_quoted else value for value in values if value is not None]
    return "" if not spelled else spelled[0] if len(spelled) == 1 else f"({', '.join(spelled)})"

