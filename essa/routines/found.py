"""The routines of every process tonight, found in its variants, and where each variant holds them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from essa.routines import composing, fitting, grams
from essa.routines.decoding import decode
from essa.routines.linked import linked
from essa.routines.profiles import BIT, Log, Profile

WORTH = 2 * BIT  # bits; what an execution is worth that is told as part of a routine, so that short runs are told too
CASE_SHARE_MIN = 0.002  # a run in fewer cases is no routine
ROUNDS = 4
EVENTS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Variants:
    """A process's variants, the most frequent first: their keys, their steps as numbers, and the names of those."""

    process: str
    keys: pa.Array
    log: Log
    activities: list[str]


def variants(connection: duckdb.DuckDBPyConnection, process: str) -> Variants:
    """All of a process's."""
    found = connection.sql(
        """SELECT variant_key::VARCHAR AS variant_key, case_count,
            list_transform(activities, lambda one: enum_code(one::activity_t)::INTEGER) AS codes
        FROM core.variant WHERE process = ? ORDER BY case_count DESC, variant_id""",
        params=[process],
    ).to_arrow_table()
    codes = found["codes"].combine_chunks()
    held = codes.flatten().to_numpy(zero_copy_only=False)
    known, codes_now = np.unique(held, return_inverse=True)
    lengths = np.diff(codes.offsets.to_numpy())
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    weights = found["case_count"].to_numpy().astype(np.int64)
    named = connection.execute("SELECT unnest(enum_range(NULL::activity_t))").fetchall()
    names = [named[code][0] for code in known.tolist()]
    log = Log(codes_now.astype(np.int32), starts, weights, len(names))
    return Variants(process, found["variant_key"].combine_chunks(), log, names)


def find(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of `mart.routine_step`."""
    rows: list[dict[str, Any]] = []
    for process in _processes(connection):
        one = variants(connection, process)
        rows += _rows(one, _profiles(connection, one))
    return rows


def match(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Rows of `mart.routine_match`."""
    parts = [part for process in _processes(connection) for part in _matches(connection, process)]
    return pa.concat_tables(parts) if parts else _table(np.empty(0, np.int32), pa.array([""]), {})


TABLES = {"mart.routine_step": find, "mart.routine_match": match}


def _processes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT DISTINCT process::VARCHAR FROM core.variant ORDER BY ALL").fetchall()
    return [process for (process,) in found]


def _profiles(connection: duckdb.DuckDBPyConnection, one: Variants) -> tuple[Profile, ...]:
    """What recurs in the commonest variants; what is rare in them is told apart later in all of them."""
    support_min, count_max, steps_max = connection.execute(
        "SELECT support_min, routine_count_max, routine_steps_max FROM ops.tonight"
    ).fetchall()[0]
    log = one.log.first(steps_max)
    return recurring(log, *_worth(connection, one, log.without_repeats()), support_min, count_max).profiles


def recurring(log: Log, own: np.ndarray, leading: np.ndarray, support_min: int, count_max: int) -> fitting.Fit:
    """The routines of a log of variants; `own` and `leading`, as of `grams.closed`, are of it without repeats."""
    least = (support_min, CASE_SHARE_MIN)
    instances_min = max(support_min, round(CASE_SHARE_MIN * int(log.weights.sum())))
    short = log.without_repeats()
    runs = grams.closed(short, own, leading, instances_min)
    chosen = grams.cover(short, [run for run in runs if len(set(run.steps)) > 1], count_max, instances_min)

    def refit(profiles: Iterable[Profile]) -> fitting.Fit:
        several = [one for one in profiles if len(set(one.steps)) > 1]
        return fitting.fit(log, several, rounds=ROUNDS, least=least, worth=WORTH)

    found = composing.thinned(refit(Profile.guess(run.steps, 1 / len(chosen)) for run in chosen), refit)
    # within a case an order is sure, so that a longer routine must tell more to be worth reading
    return linked(log, composing.joined(log, found, refit, 1.0), WORTH, refit)


def _worth(connection: duckdb.DuckDBPyConnection, one: Variants, log: Log) -> tuple[np.ndarray, np.ndarray]:
    """Mean seconds of work of each event and of the wait that leads to it; where there are none, one for each way."""
    own = np.zeros(log.label_count, np.int64)
    leading = np.zeros((log.label_count + 1, log.label_count), np.int64)
    number = {name: place for place, name in enumerate(one.activities)}
    for before, activity, handling_s, waiting_s in connection.execute(
        """SELECT previous_activity::VARCHAR, activity::VARCHAR,
            (sum(handling_s) OVER (PARTITION BY activity) // sum(event_count) OVER (PARTITION BY activity))::BIGINT,
            (waiting_s // event_count)::BIGINT
        FROM mart.step_worth WHERE process = ? ORDER BY ALL""",
        [one.process],
    ).fetchall():
        own[number[activity]] = handling_s
        leading[number[before] if before is not None else -1, number[activity]] = waiting_s
    if not own.any() and not leading.any():
        leading[:] = 1
    previous = np.concatenate([[-1], log.codes[:-1]])
    previous[log.starts[:-1][log.starts[:-1] < len(log.codes)]] = -1
    return own[log.codes], leading[previous, log.codes]


def _rows(one: Variants, profiles: tuple[Profile, ...]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for profile in sorted(profiles, key=lambda it: (-it.share, it.steps)):
        steps = [one.activities[step] for step in profile.steps]
        sure = [name for name, done in zip(steps, profile.done, strict=True) if done >= 0.5]
        routine_id = _id(one.process, sure)
        if routine_id in seen:
            routine_id = _id(one.process, ["", *steps])
        seen.add(routine_id)
        for step_no, (activity, done) in enumerate(zip(steps, profile.done, strict=True), 1):
            yield {
                "process": one.process, "routine_id": routine_id, "step_no": step_no, "activity": activity,
                "done_share": round(done, 6), "run_share": round(profile.share, 6),
                "back_share": round(profile.back_share, 6),
            }  # fmt: skip


def _id(process: str, steps: list[str]) -> str:
    """The same from night to night, also where a step that is seldom done comes or goes."""
    return "r" + hashlib.md5("\x1f".join([process, *steps]).encode()).hexdigest()[:10]


def _matches(connection: duckdb.DuckDBPyConnection, process: str) -> Iterator[pa.Table]:
    steps: dict[str, list[tuple]] = {}
    for routine_id, activity, done, share, back in connection.execute(
        """SELECT routine_id, activity::VARCHAR, done_share, run_share, back_share
        FROM mart.routine_step WHERE process = ? ORDER BY routine_id, step_no""",
        [process],
    ).fetchall():
        steps.setdefault(routine_id, []).append((activity, done, share, back))
    if not steps:
        return
    one = variants(connection, process)
    number = {name: place for place, name in enumerate(one.activities)}
    profiles = tuple(
        Profile(tuple(number[row[0]] for row in rows), tuple(row[1] for row in rows), rows[0][2], rows[0][3])
        for rows in steps.values()
    )
    background = one.log.background + WORTH
    edges = np.searchsorted(one.log.starts, np.arange(0, len(one.log.codes) + EVENTS_AT_ONCE, EVENTS_AT_ONCE))
    for low, high in itertools.pairwise(edges):
        sequences = np.arange(low, min(high, len(one.log.weights)))
        if len(sequences):
            yield _matched(one, sequences, profiles, list(steps), background)


def _matched(
    one: Variants, sequences: np.ndarray, profiles: tuple[Profile, ...], ids: list[str], background: np.ndarray
) -> pa.Table:
    log = one.log.part(sequences)
    told = decode(log, profiles, background)
    step_counts = np.array([len(profile.steps) for profile in profiles])
    offsets = np.concatenate([[0], np.cumsum(step_counts)])
    events = np.flatnonzero(told.step >= 0)
    instance = told.instance[events]
    lowest = np.full(len(told.routines), offsets[-1], np.int64)
    highest = np.full(len(told.routines), -1, np.int64)
    np.minimum.at(lowest, instance, told.step[events])
    np.maximum.at(highest, instance, told.step[events])
    events = events[(lowest < highest)[instance]]  # one step alone is no run of steps
    instance = told.instance[events]
    sequence = log.sequence_of_event[events]
    runs, run = np.unique(instance, return_inverse=True)
    first_of = sequence[np.unique(run, return_index=True)[1]]
    run_no = np.arange(len(runs)) - np.searchsorted(first_of, first_of) + 1
    routine = told.routines[instance]
    columns = {
        "position": events - log.starts[sequence] + 1,
        "routine": routine,
        "run_no": run_no[run],
        "step_no": told.step[events] - offsets[routine] + 1,
    }
    return _table(sequences[sequence].astype(np.int32), one.keys, columns, one.process, ids)


def _table(
    sequence: np.ndarray,
    keys: pa.Array,
    columns: dict[str, np.ndarray],
    process: str = "",
    ids: list[str] | None = None,
) -> pa.Table:
    """Texts by number, which is how DuckDB reads them too."""

    def number(name: str) -> pa.Array:
        return pa.array(columns.get(name, np.empty(0)).astype(np.int32))

    of_none = pa.array([""])
    return pa.table(
        {
            "process": pa.DictionaryArray.from_arrays(np.zeros(len(sequence), np.int32), pa.array([process])),
            "variant_key": pa.DictionaryArray.from_arrays(sequence, keys),
            "position": number("position"),
            "routine_id": pa.DictionaryArray.from_arrays(number("routine"), pa.array(ids) if ids else of_none),
            "run_no": number("run_no"),
            "step_no": number("step_no"),
        }
    )
