"""Where each variant holds the routines of its process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from essa.routines.decoding import Decoded, decode
from essa.routines.orders import Way
from essa.routines.profiles import Log, Profile
from essa.routines.variants import WORTH, Variants, processes, variants

EVENTS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Told:
    """Events that are steps: their variant and place, the routine, which of the variant's runs, which step of it."""

    variant: np.ndarray
    position: np.ndarray
    routine: np.ndarray
    run_no: np.ndarray
    step: np.ndarray


def match(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Rows of `mart.routine_match`."""
    parts = [part for process in processes(connection) for part in _matches(connection, process)]
    return pa.concat_tables(parts) if parts else _table(Told(*[np.empty(0, np.int32)] * 5), pa.array([""]), "", [""])


def _matches(connection: duckdb.DuckDBPyConnection, process: str) -> Iterator[pa.Table]:
    rows = connection.execute(
        """SELECT named_id, way_no, step_no - 1, activity::VARCHAR, done_share, run_share, back_share
        FROM mart.routine_step WHERE process = ? ORDER BY named_id, way_no, place_no""",
        [process],
    ).fetchall()
    if not rows:
        return
    sure_min = connection.execute("SELECT routine_step_share_min FROM ops.tonight").fetchall()[0][0]
    one = variants(connection, process)
    number = {name: place for place, name in enumerate(one.activities)}
    known: dict[str, list[Way]] = {}
    for (named_id, _), those in itertools.groupby(rows, key=lambda row: row[:2]):
        _, _, step_of, activities, done, share, back = zip(*those, strict=True)
        profile = Profile(tuple(number[name] for name in activities), done, share[0], back[0])
        known.setdefault(named_id, []).append(Way(profile, step_of))
    while known:
        told = list(_told(one, list(known.values())))
        loose = _without_sure_step(one, len(known), told, sure_min)
        if not loose:
            yield from (_table(part, one.keys, process, list(known)) for part in told)
            return
        known = {named_id: held for place, (named_id, held) in enumerate(known.items()) if place not in loose}


def _without_sure_step(one: Variants, count: int, told: list[Told], sure_min: float) -> set[int]:
    """Routines none of whose steps is in most of their runs: what has nothing that is always done is no routine."""
    runs = np.zeros(count, np.int64)
    done = np.zeros((count, 1 + max(int(part.step.max(initial=0)) for part in told)), np.int64)
    for part in told:
        runs_of = np.unique(np.stack([part.variant, part.run_no, part.routine]), axis=1)
        np.add.at(runs, runs_of[2], one.log.weights[runs_of[0]])
        steps_of = np.unique(np.stack([part.variant, part.run_no, part.routine, part.step]), axis=1)
        np.add.at(done, (steps_of[2], steps_of[3]), one.log.weights[steps_of[0]])
    return set(np.flatnonzero(done.max(axis=1) < sure_min * runs).tolist())


def _told(one: Variants, tasks: list[list[Way]]) -> Iterator[Told]:
    """Some variants at a time, as many as are told together."""
    background = one.log.background + WORTH
    edges = np.searchsorted(one.log.starts, np.arange(0, len(one.log.codes) + EVENTS_AT_ONCE, EVENTS_AT_ONCE))
    for low, high in itertools.pairwise(edges):
        sequences = np.arange(low, min(high, len(one.log.weights)))
        if len(sequences):
            yield _told_of(one, sequences, tasks, background)


def _told_of(one: Variants, sequences: np.ndarray, tasks: list[list[Way]], background: np.ndarray) -> Told:
    log = one.log.part(sequences)
    ways = [way for task in tasks for way in task]
    profiles = tuple(way.profile for way in ways)
    step_of = np.array([step for way in ways for step in way.step_of])
    task_of = np.repeat(np.arange(len(tasks)), [len(task) for task in tasks])
    told = decode(log, profiles, background)
    step, of_event = _in_either_order(log, profiles, told)
    events = np.flatnonzero(step >= 0)
    instance, codes = of_event[events], log.codes[events]
    lowest = np.full(len(told.routines), log.label_count, np.int64)
    highest = np.full(len(told.routines), -1, np.int64)
    np.minimum.at(lowest, instance, codes)
    np.maximum.at(highest, instance, codes)
    events = events[(lowest < highest)[instance]]  # one activity alone is no run of steps, however often it is done
    instance = of_event[events]
    sequence = log.sequence_of_event[events]
    runs, run = np.unique(instance, return_inverse=True)
    first_of = sequence[np.unique(run, return_index=True)[1]]
    run_no = np.arange(len(runs)) - np.searchsorted(first_of, first_of) + 1
    return Told(
        variant=sequences[sequence],
        position=events - log.starts[sequence] + 1,
        routine=task_of[told.routines[instance]],
        run_no=run_no[run],
        step=step_of[step[events]],
    )


def _offsets(profiles: tuple[Profile, ...]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum([len(profile.steps) for profile in profiles])])


def _in_either_order(log: Log, profiles: tuple[Profile, ...], told: Decoded) -> tuple[np.ndarray, np.ndarray]:
    """Of each event its step and its run; a step that a run does not do in its place, but elsewhere, is done there."""
    step_of = np.full((max(len(profiles), 1), log.label_count), -1, np.int64)
    for routine, (first, profile) in enumerate(zip(_offsets(profiles).tolist(), profiles, strict=False)):
        for place, label in reversed(list(enumerate(profile.steps))):
            step_of[routine, label] = first + place
    spans = told.lasts - told.firsts + 1
    within = np.repeat(np.arange(len(spans)), spans)
    places = np.repeat(told.firsts - np.cumsum(spans) + spans, spans) + np.arange(len(within))
    is_free = told.step[places] < 0
    keys = within * log.label_count + log.codes[places]
    elsewhere = step_of[told.routines[within], log.codes[places]]
    is_put = is_free & (elsewhere >= 0) & ~np.isin(keys, keys[~is_free])
    step, instance = told.step.copy(), told.instance.copy()
    step[places[is_put]], instance[places[is_put]] = elsewhere[is_put], within[is_put]
    return step, instance


def _table(told: Told, keys: pa.Array, process: str, ids: list[str]) -> pa.Table:
    """Texts by number, which is how DuckDB reads them too."""

    def number(values: np.ndarray) -> pa.Array:
        return pa.array(values.astype(np.int32))

    return pa.table(
        {
            "process": pa.DictionaryArray.from_arrays(np.zeros(len(told.variant), np.int32), pa.array([process])),
            "variant_key": pa.DictionaryArray.from_arrays(number(told.variant), keys),
            "position": number(told.position),
            "named_id": pa.DictionaryArray.from_arrays(number(told.routine), pa.array(ids)),
            "run_no": number(told.run_no),
            "step_no": number(told.step + 1),
        }
    )
