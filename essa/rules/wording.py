"""A leaf of a tree as one SQL condition that a person can read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from essa.rules.rounding import FIRST_DAY
from essa.rules.tree import Feature, Node, Split

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What DuckDB would read as its own.
RESERVED = frozenset({
    "all", "analyse", "analyze", "and", "anti", "any", "array", "as", "asc", "asof", "asymmetric", "at",
    "authorization", "binary", "both", "by", "case", "cast", "check", "collate", "collation", "column",
    "concurrently", "constraint", "create", "cross", "default", "deferrable", "desc", "describe", "distinct",
    "do", "else", "end", "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "glob", "group",
    "having", "ilike", "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lambda",
    "lateral", "leading", "left", "like", "limit", "natural", "not", "notnull", "null", "offset", "on", "only",
    "or", "order", "outer", "overlaps", "pivot", "pivot_longer", "pivot_wider", "placing", "positional",
    "primary", "qualify", "references", "returning", "right", "select", "semi", "show", "similar", "some",
    "summarize", "symmetric", "table", "tablesample", "then", "to", "trailing", "true", "union", "unique",
    "unpack", "unpivot", "using", "variadic", "verbose", "when", "where", "window", "with",
})  # fmt: skip
ALWAYS = "true"
SMALLEST, LARGEST = 1e-12, 1e36
ALTERNATIVES_MAX, TERMS_MAX = 4, 4  # of one way, that a person still reads


def name(text: str) -> str:
    """A column as SQL writes it, in quotes only where it must be."""
    if PLAIN.fullmatch(text) and text.lower() not in RESERVED:
        return text
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def said_value(value: float, unit: str) -> str:
    if unit == "day":
        return f"DATE '{FIRST_DAY + np.timedelta64(int(value), 'D')}'"
    if unit == "time":
        return f"TIMESTAMP '{str(FIRST_DAY + np.timedelta64(int(value), 's')).replace('T', ' ')}'"
    return number(value)


def number(value: float) -> str:
    """In digits as people write them; what has more of those than an integer holds stays as a computer does."""
    if value == int(value) and abs(value) < LARGEST:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if SMALLEST <= abs(value) < LARGEST else repr(value)


@dataclass(frozen=True)
class Between:
    """Numbers above `low` up to `high`; -inf stands for missing ones."""

    low: float | None = None  # None: from the missing ones on
    high: float = np.inf
    may_miss: bool = False  # whether any was missing among those asked

    @property
    def is_all(self) -> bool:
        return self.low is None and self.high == np.inf

    def meets(self, other: Between) -> bool:
        lows = [low for low in (self.low, other.low) if low is not None]
        return not lows or max(lows) < min(self.high, other.high)

    def cut(self, split: Split, is_left: bool) -> Between:
        may_miss = self.may_miss or split.has_missing
        return replace(self, high=split.at, may_miss=may_miss) if is_left else Between(split.at, self.high, may_miss)

    def beside(self, other: Between) -> Between | None:
        """Both as one, where the one begins as the other ends."""
        first, second = (self, other) if self.high < other.high else (other, self)
        if second.low != first.high:
            return None
        return Between(first.low, second.high, self.may_miss or other.may_miss)

    def said(self, feature: Feature) -> str:
        said, unit = feature.expression, feature.unit
        if self.high == -np.inf:
            return f"{said} IS NULL"
        if self.low == -np.inf:
            return f"{said} IS NOT NULL" if self.high == np.inf else f"{said} <= {said_value(self.high, unit)}"
        parts = [] if self.low is None else [f"{said} > {said_value(self.low, unit)}"]
        parts += [] if self.high == np.inf else [f"{said} <= {said_value(self.high, unit)}"]
        return " AND ".join(parts) + (f" OR {said} IS NULL" if self.low is None and self.may_miss else "")


@dataclass(frozen=True)
class Among:
    """Codes, and those that were told from them."""

    inside: frozenset[int]
    outside: frozenset[int] = frozenset()

    @property
    def is_all(self) -> bool:
        return not self.outside

    def meets(self, other: Among) -> bool:
        return not self.inside.isdisjoint(other.inside)

    def cut(self, split: Split, is_left: bool) -> Among:
        kept = split.left if is_left else split.right
        return Among(self.inside & kept, self.outside | (self.inside - kept))

    def beside(self, other: Among) -> Among | None:
        inside = self.inside | other.inside
        return Among(inside, (self.outside | other.outside) - inside)

    def said(self, feature: Feature) -> str:
        """The values themselves; where any other value is among them, those that are not."""
        texts = feature.texts or ()
        values = [texts[code] for code in sorted(self.inside) if code < len(texts)]
        others = [texts[code] for code in sorted(self.outside) if code < len(texts)]
        is_open = len(texts) in self.inside
        terms = _listed(feature, others, "<>", "NOT IN") if is_open else _listed(feature, values, "=", "IN")
        if None in values:
            terms.append(f"{feature.expression} IS NULL")
        elif is_open and not terms:
            terms.append(f"{feature.expression} IS NOT NULL")
        return " OR ".join(terms)


Box = dict[int, Between | Among]  # by feature, what a leaf lets in


def leaf_condition(path: Sequence[tuple[Split, bool]], features: Sequence[Feature]) -> str:
    """What holds in a leaf: one term an input, in the order the tree asks."""
    return _condition(_box(path, features), features)


def way_conditions(node: Node, features: Sequence[Feature]) -> dict[int, str]:
    """By way: the condition under which the tree sends a row there, leaves beside each other as one."""
    found = _boxes(node, features)
    said = {
        way: _shortened(boxes, [box for other in found if other != way for box in found[other]])
        for way, boxes in found.items()
    }
    return {way: _either([_condition(box, features) for box in boxes]) for way, boxes in said.items()}


def is_readable(node: Node, features: Sequence[Feature]) -> bool:
    """Whether each way has few alternatives, of few terms each."""
    return all(
        len(boxes) <= ALTERNATIVES_MAX and all(len(box) <= TERMS_MAX for box in boxes)
        for boxes in _boxes(node, features).values()
    )


def _boxes(node: Node, features: Sequence[Feature]) -> dict[int, list[Box]]:
    found: dict[int, list[Box]] = {}
    for path, leaf in node.leaves():
        found.setdefault(leaf.predicts, []).append(_box(path, features))
    return {way: _merged(boxes) for way, boxes in found.items()}


def _box(path: Sequence[tuple[Split, bool]], features: Sequence[Feature]) -> Box:
    box: Box = {}
    for split, is_left in path:
        feature = features[split.feature]
        whole = Between() if feature.is_number else Among(split.left | split.right)
        box[split.feature] = box.get(split.feature, whole).cut(split, is_left)  # type: ignore[union-attr]
    return box


def _merged(boxes: list[Box]) -> list[Box]:
    for first, second in itertools.combinations(range(len(boxes)), 2):
        if (one := _one(boxes[first], boxes[second])) is not None:
            rest = [box for place, box in enumerate(boxes) if place not in (first, second)]
            return _merged([*rest[:first], one, *rest[first:]])
    return boxes


def _shortened(boxes: list[Box], others: list[Box]) -> list[Box]:
    """The same without terms that keep nothing of another way out, and each box once."""
    found: list[Box] = []
    for box in boxes:
        for place in list(box):
            rest = {one: term for one, term in box.items() if one != place}
            if rest and all(_are_apart(rest, other) for other in others):
                box = rest
        if box not in found:
            found.append(box)
    return found


def _are_apart(box: Box, other: Box) -> bool:
    return any(not box[place].meets(other[place]) for place in box.keys() & other.keys())  # type: ignore[arg-type]


def _one(box: Box, other: Box) -> Box | None:
    """Two boxes as one, where they differ in one input alone."""
    unlike = [place for place in box.keys() | other.keys() if box.get(place) != other.get(place)]
    if len(unlike) != 1 or unlike[0] not in box or unlike[0] not in other:
        return None
    joined = box[unlike[0]].beside(other[unlike[0]])  # type: ignore[arg-type]
    if joined is None:
        return None
    return {
        place: joined if place == unlike[0] else term
        for place, term in box.items()
        if not (place == unlike[0] and joined.is_all)
    }


def _condition(box: Box, features: Sequence[Feature]) -> str:
    said = [term.said(features[place]) for place, term in box.items()]
    if len(said) == 1:
        return said[0]
    return " AND ".join(f"({term})" if " OR " in term else term for term in said) or ALWAYS


def _either(conditions: list[str]) -> str:
    if len(conditions) == 1:
        return conditions[0]
    return " OR ".join(f"({one})" if " AND " in one else one for one in conditions)


def _listed(feature: Feature, values: Sequence[str | None], one: str, several: str) -> list[str]:
    spelled = [literal(value) if feature.is_quoted else value for value in values if value is not None]
    if len(spelled) > 1:
        return [f"{feature.expression} {several} ({', '.join(spelled)})"]
    return [f"{feature.expression} {one} {spelled[0]}"] if spelled else []
