"""What was known at each execution of one decision point, as columns that a tree can be grown on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from essa.rules import reading

OWN = "essa_"  # columns of ours beside a log's attributes
HISTORY = {  # what the flow itself tells
    name: f"{OWN}{name}" for name in ("previous", "last_way", "visit_no", "position")
}
REST = "(any other way)"  # what is too rare to be learned
WAYS_MAX = 20
OWN_SHARE = 0.5  # of the executions that know it
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
    read_as: str
    is_known_at_start: bool

    @property
    def unit(self) -> str:
        return reading.unit(self.read_as)


@dataclass(frozen=True)
class Coded:
    """A column of texts: a code for every row, -1 where there is none, and the text of each code in their order."""

    codes: np.ndarray
    kinds: tuple[str, ...]

    @property
    def is_filled(self) -> np.ndarray:
        return self.codes >= 0


def coded(column: pa.Array) -> Coded:
    held = column.dictionary_encode() if not pa.types.is_dictionary(column.type) else column
    codes = held.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    used = np.unique(codes[codes >= 0])
    spelled = held.dictionary.take(pa.array(used)).cast(pa.string())
    order = pc.array_sort_indices(spelled).to_numpy()
    place = np.full(len(held.dictionary) + 1, -1, np.int64)
    place[used[order]] = np.arange(len(order))
    return Coded(place[codes], tuple(spelled.take(pa.array(order)).to_pylist()))


@dataclass(frozen=True)
class Sample:
    """The sampled executions of one point, by case; `ways` are codes of `names`, the last of them any other."""

    point: Point
    table: pa.Table
    inputs: tuple[Input, ...]
    names: tuple[str, ...]
    ways: np.ndarray
    folds: np.ndarray
    slices: np.ndarray
    limits: Limits
    unread: tuple[Input, ...] = ()  # attributes of which the log does not say when they were known
    met: dict[tuple[str, str], Coded] = field(default_factory=dict)  # what was read of it so far

    def part(self, is_kept: np.ndarray) -> Sample:
        kept = np.flatnonzero(is_kept)
        return Sample(
            *(self.point, self.table.take(pa.array(kept)), self.inputs, self.names),
            *(self.ways[kept], self.folds[kept], self.slices[kept], self.limits, self.unread),
        )

    @property
    def to_learn(self) -> Sample:
        return self.part(self.slices == SLICES.index("learn"))

    def recorded(self, when: str, attribute: str) -> Coded:
        """Worked out once; where nothing new became known at any step, both are the same."""
        if (when, attribute) not in self.met:
            column = self._field(when, attribute)
            is_known = when == "earlier" and column.equals(self._field("known", attribute))
            self.met[when, attribute] = self.recorded("known", attribute) if is_known else coded(column)
        return self.met[when, attribute]

    def _field(self, when: str, attribute: str) -> pa.Array:
        return pc.struct_field(self.table.column("recorded"), f"{when} {attribute}").combine_chunks()

    def known(self, one: Input) -> Coded:
        """What could be known: of an outcome, what was before it."""
        return self.before(one) if self.point.decides == "outcome" else self.recorded("known", one.attribute)

    def before(self, one: Input) -> Coded:
        """What was known when the step began."""
        return self.recorded("known" if one.is_known_at_start else "earlier", one.attribute)

    def is_own(self, one: Input) -> bool:
        """Whether the step itself mostly records it, or records it anew."""
        if one.is_known_at_start or self.point.decides == "outcome":
            return False
        known, before = self._known_and_before(one)
        filled_count = int((known >= 0).sum())
        own_count = int(((known >= 0) & ((known != before) | self.is_inherited(one))).sum())
        return filled_count > 0 and own_count >= OWN_SHARE * filled_count

    def is_inherited(self, one: Input) -> np.ndarray:
        """Whether what was known when the step began is what an earlier visit of the step itself recorded."""
        visits, keys = (self.table.column(column).to_numpy() for column in ("visit_no", "case_key"))
        found = np.zeros(len(visits), bool)
        if one.is_known_at_start or not (visits > 1).any():
            return found
        known, before = self._known_and_before(one)
        is_told = known != before
        for visit_no in np.unique(visits[1:][keys[1:] == keys[:-1]]):
            rows = 1 + np.flatnonzero((visits[1:] == visit_no) & (keys[1:] == keys[:-1]))
            found[rows] = (before[rows] >= 0) & (before[rows] == known[rows - 1]) & is_told[rows - 1]
            is_told[rows] |= found[rows]
        return found

    def _known_and_before(self, one: Input) -> tuple[np.ndarray, np.ndarray]:
        """Codes of both in one list, -1 where there is none."""
        both = [self._field(when, one.attribute).cast(pa.string()) for when in ("known", "earlier")]
        codes = pa.concat_arrays(both).dictionary_encode().indices.cast(pa.int64()).fill_null(-1).to_numpy()
        return codes[: len(both[0])], codes[len(both[0]) :]

    def column(self, column: str) -> Coded:
        return coded(self.table.column(column).combine_chunks())


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    found = connection.execute(sql, list(parameters))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def points(connection: duckdb.DuckDBPyConnection) -> list[Point]:
    found = rows(connection, "SELECT process, activity, decides FROM mart.decision_point ORDER BY ALL")
    return sorted((Point(**row) for row in found), key=lambda point: (point.process, point.activity, point.decides))


def samples(connection: duckdb.DuckDBPyConnection, may_ask_later: bool = False) -> Iterator[Sample]:
    """The sample of each decision point, one at a time; what was recorded later is in it if it may be asked for."""
    limits = Limits.of(connection)
    for point in points(connection):
        read = inputs(connection, point.process, point.activity)
        unread = inputs(connection, point.process, is_read=False)
        # those of other processes stand in the same struct, and reading them takes longer than learning
        packed = ", ".join(_packed(one, may_ask_later) for one in (*read, *unread))
        table = connection.sql(
            "SELECT * EXCLUDE (event_no, process, activity, decides)"
            f" REPLACE (struct_pack({packed}) AS recorded) FROM mart.choice"
            " WHERE process = ? AND activity = ? AND decides = ? ORDER BY case_key, position",
            params=[point.process, point.activity, point.decides],
        ).to_arrow_table()
        if table.num_rows:
            yield replace(of_table(point, table, read, limits), unread=unread)


def _packed(one: Input, may_ask_later: bool) -> str:
    """As known, earlier and later: known is what the step records before the next begins, or was recorded before it."""
    own, earlier, later, known = (
        '"' + f"{when} {one.attribute}".replace('"', '""') + '"' for when in ("own", "earlier", "later", "known")
    )
    asked = f", {later} := recorded.{later}" if may_ask_later else ""
    if one.is_known_at_start:
        return f"{known} := coalesce(recorded.{own}, recorded.{earlier}, recorded.{later}){asked}"
    own = f"CASE WHEN recorded.{OWN}is_told THEN recorded.{own} END"
    return f"{known} := coalesce({own}, recorded.{earlier}), {earlier} := recorded.{earlier}{asked}"


def inputs(
    connection: duckdb.DuckDBPyConnection, process: str, activity: str | None = None, is_read: bool = True
) -> tuple[Input, ...]:
    """The attributes that rules may read, at one activity or any, or those they may not; never what tells people."""
    found = rows(
        connection,
        """SELECT attribute, read_as, is_known_at_start FROM mart.rule_input
        WHERE process = ? AND is_read = ? AND NOT is_of_people
            AND NOT coalesce(list_contains(unread_at, ?), false) ORDER BY attribute""",
        [process, is_read, activity],
    )
    return tuple(Input(**row) for row in found)


def of_table(point: Point, table: pa.Table, read: tuple[Input, ...], limits: Limits) -> Sample:
    ways, slice_names = coded(table.column("way").combine_chunks()), coded(table.column("slice").combine_chunks())
    slices = np.array([SLICES.index(one) for one in slice_names.kinds])[slice_names.codes]
    counted = np.bincount(ways.codes[slices == 0], minlength=len(ways.kinds))
    common = sorted(
        place for place in np.argsort(-counted, kind="stable")[:WAYS_MAX] if counted[place] >= limits.way_min
    )
    names = (*(ways.kinds[place] for place in common), REST)
    code_of = np.full(len(ways.kinds), len(common))
    code_of[common] = np.arange(len(common))
    codes = code_of[ways.codes].astype(np.int64)
    keys = table.column("case_key").to_numpy().astype(np.uint64)
    folds = ((keys * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) % np.uint64(3)
    return Sample(point, table, read, names, codes, folds.astype(np.int64), slices, limits)


def recorded_at(connection: duckdb.DuckDBPyConnection, sample: Sample, one: Input) -> np.ndarray:
    """By row of the sample: the activity at which its case first recorded the attribute, as a code, -1 at none."""
    found = connection.sql(
        "SELECT case_key, activity::VARCHAR AS activity FROM mart.recorded_value"
        " WHERE process = ? AND attribute = ? ORDER BY case_key",
        params=[sample.point.process, one.attribute],
    ).to_arrow_table()
    keys, codes = found.column("case_key").to_numpy(), coded(found.column("activity").combine_chunks()).codes
    asked = sample.table.column("case_key").to_numpy()
    at = np.searchsorted(keys, asked)
    is_found = keys[np.minimum(at, len(keys) - 1)] == asked if len(keys) else np.zeros(len(asked), bool)
    return np.where(is_found, np.append(codes, -1)[np.minimum(at, len(codes))], -1)
