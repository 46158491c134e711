"""What was known at each execution of one decision point, as columns that a tree can be grown on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from essa.rules.tree import Feature
from essa.rules.wording import name, number

OWN = "essa_"  # columns of ours beside a log's attributes
HISTORY = {"previous": f"{OWN}previous", "visit_no": f"{OWN}visit_no", "position": f"{OWN}position"}
REST = "any other way"  # what is too rare to be learned
WAYS_MAX = 20
CODES_MAX = 50  # different whole numbers that may be names of things instead of amounts
SLICES = ("learn", "confirm", "test")


@dataclass(frozen=True)
class Limits:
    values_max: int
    support_min: int
    way_min: int

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Limits:
        return cls(*rows(connection, "SELECT rule_values_max, support_min, rule_way_min FROM ops.tonight")[0].values())


@dataclass(frozen=True)
class Point:
    process: str
    activity: str
    decides: str

    @property
    def key(self) -> dict[str, str]:
        return {"process": self.process, "activity": self.activity, "decides": self.decides}


@dataclass(frozen=True)
class Input:
    """One attribute of the point's process."""

    attribute: str
    is_number: bool
    is_known_at_start: bool


@dataclass(frozen=True)
class Sample:
    """The sampled executions of one point, by event number; `ways` are codes of `names`, the last of them any other."""

    point: Point
    table: pa.Table
    inputs: tuple[Input, ...]
    names: tuple[str, ...]
    ways: np.ndarray
    folds: np.ndarray
    slices: np.ndarray
    limits: Limits

    def part(self, is_kept: np.ndarray) -> Sample:
        kept = np.flatnonzero(is_kept)
        return Sample(
            *(self.point, self.table.take(pa.array(kept)), self.inputs, self.names),
            *(self.ways[kept], self.folds[kept], self.slices[kept], self.limits),
        )

    @property
    def to_learn(self) -> Sample:
        return self.part(self.slices == SLICES.index("learn"))

    def column(self, struct: str, attribute: str) -> pa.Array:
        return pc.struct_field(self.table.column(struct).combine_chunks(), attribute)

    def recorded(self, one: Input) -> pa.Array:
        """What could be known: of an outcome, what was before it."""
        is_before = self.point.decides == "outcome" and not one.is_known_at_start
        return self.column("earlier" if is_before else "known", one.attribute)

    def texts(self, column: str) -> np.ndarray:
        return np.array(self.table.column(column).cast(pa.string()).to_pylist(), dtype=object)


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    found = connection.execute(sql, list(parameters))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def points(connection: duckdb.DuckDBPyConnection) -> list[Point]:
    found = rows(connection, "SELECT process, activity, decides FROM mart.decision_point ORDER BY ALL")
    return sorted((Point(**row) for row in found), key=lambda point: (point.process, point.activity, point.decides))


def samples(connection: duckdb.DuckDBPyConnection) -> Iterator[Sample]:
    """The sample of each decision point, one at a time."""
    limits = Limits.of(connection)
    for point in points(connection):
        table = connection.sql(
            "SELECT * FROM mart.choice WHERE process = ? AND activity = ? AND decides = ? ORDER BY event_no",
            params=[point.process, point.activity, point.decides],
        ).to_arrow_table()
        if table.num_rows:
            yield _sample(point, table, inputs(connection, point.process), limits)


def inputs(connection: duckdb.DuckDBPyConnection, process: str) -> tuple[Input, ...]:
    """The attributes that rules may read, by name."""
    found = rows(
        connection,
        """SELECT attribute, is_number, is_known_at_start FROM mart.rule_input
        WHERE process = ? AND is_read ORDER BY attribute""",
        [process],
    )
    return tuple(Input(**row) for row in found if not row["attribute"].startswith(OWN))


def _sample(point: Point, table: pa.Table, read: tuple[Input, ...], limits: Limits) -> Sample:
    ways = np.array(table.column("way").to_pylist(), dtype=object)
    slices = np.array([SLICES.index(one) for one in table.column("slice").to_pylist()])
    counted = pd.Series(ways[slices == 0]).value_counts()
    common = sorted(counted.index, key=lambda way: (-counted[way], way))[:WAYS_MAX]
    names = (*sorted(way for way in common if counted[way] >= limits.way_min), REST)
    place = {way: code for code, way in enumerate(names)}
    codes = np.array([place.get(way, len(names) - 1) for way in ways], np.int64)
    keys = table.column("case_key").to_numpy().astype(np.uint64)
    folds = ((keys * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) % np.uint64(3)
    return Sample(point, table, read, names, codes, folds.astype(np.int64), slices, limits)


# Columns as features


def data_features(sample: Sample) -> list[Feature]:
    """What the data says, by attribute; whole numbers of few kinds stand also as names."""
    found = []
    for one in sample.inputs:
        recorded = sample.recorded(one)
        if recorded.null_count < len(recorded):
            found += features_of(one, recorded, sample.limits)
    return found


def features_of(one: Input, recorded: pa.Array, limits: Limits) -> list[Feature]:
    said = name(one.attribute)
    if not one.is_number:
        return [categories(said, (one.attribute,), texts(recorded), limits)]
    values = numbers(recorded)
    found = [Feature(said, (one.attribute,), values)]
    present = np.unique(values[np.isfinite(values)])
    if 2 < len(present) <= CODES_MAX and (present == np.floor(present)).all():
        spelled = np.array([None if value == -np.inf else number(value) for value in values], dtype=object)
        found.append(categories(said, (one.attribute,), spelled, limits, is_quoted=False))
    return found


def history_features(sample: Sample) -> list[Feature]:
    """What the flow itself tells: the step before, how often it came here, how far it is."""
    return [
        categories(HISTORY["previous"], (), sample.texts("previous"), sample.limits),
        *(
            Feature(HISTORY[column], (), sample.table.column(column).to_numpy().astype(float))
            for column in ("visit_no", "position")
        ),
    ]


def texts(recorded: pa.Array) -> np.ndarray:
    return np.array(recorded.cast(pa.string()).to_pylist(), dtype=object)


def numbers(recorded: pa.Array) -> np.ndarray:
    """Numbers as SQL would read them; -inf where there is none."""
    read = pd.to_numeric(pd.Series(texts(recorded)), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(read), read, -np.inf)


def categories(
    said: str, attributes: tuple[str, ...], spelled: np.ndarray, limits: Limits, is_quoted: bool = True
) -> Feature:
    """Codes of the most frequent values, none among them, and one code for all others."""
    found, kinds = pd.factorize(spelled, use_na_sentinel=True)
    counts = np.bincount(found[found >= 0], minlength=len(kinds))
    frequent = [place for place in range(len(kinds)) if counts[place] >= limits.support_min]
    top = sorted(frequent, key=lambda place: (-counts[place], kinds[place]))[: limits.values_max]
    kept = sorted(top, key=lambda place: kinds[place])
    is_missing = bool((found < 0).any())
    listed: tuple[str | None, ...] = (*(kinds[place] for place in kept), *([None] if is_missing else []))
    code_of = np.full(len(kinds) + 1, len(listed))
    code_of[kept] = np.arange(len(kept))
    code_of[-1] = len(kept)
    codes = code_of[found].astype(np.int64)
    return Feature(said, attributes, codes, listed, is_quoted)
