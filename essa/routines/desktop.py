"""Logs of screens as task logs: every run of a routine found in them is a case, what was done in it are its steps."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa

from essa.contract_rule import literal, quoted
from essa.routines import labels
from essa.routines.profiles import Profile
from essa.routines.told import apart
from essa.warehouse import Warehouse

OTHER = "single steps"  # what is no part of a routine
SURE_MIN = 0.5  # of a routine's runs; what is done in fewer is not what it is known by
LONGEST_NAME = 60  # letters of a process; a longer one fits no table and no line


def give_cases(warehouse: Warehouse) -> None:
    """Puts cases, processes and labels into `raw.event` for the feeds that have none; the lines stay the same."""
    feeds = warehouse.rows("SELECT feed, recorded_names FROM core.feed WHERE is_desktop ORDER BY feed")
    if not feeds:
        warehouse.fill("core.desktop_event", [])
        return
    names = {row["feed"]: row["recorded_names"] for row in feeds}
    found = [_of_process(warehouse, {feed: names[feed] for feed in those}) for those in _together(warehouse, names)]
    warehouse.fill("core.desktop_event", pa.concat_tables(found) if found else [])
    # until here every line was a case of its own
    warehouse.connection.execute("DROP VIEW IF EXISTS raw.sent_event; ALTER VIEW raw.event RENAME TO sent_event")
    warehouse.build(
        "raw.event",
        select=f"""SELECT event.* REPLACE (
            coalesce(found.process, event.process) AS process, coalesce(found.case_id, event.case_id) AS case_id,
            coalesce(found.label, event.activity) AS activity, {_without_values(names)} AS attributes
        )
        FROM raw.sent_event AS event
        LEFT JOIN core.desktop_event AS found
            ON found.delivery_no = event.delivery_no AND found.source_line = event.source_line""",
    )


def _without_values(names: dict[str, list[str]]) -> str:
    """The attributes of an event, what a log of screens has in them without its values."""
    of_name: dict[str, list[str]] = defaultdict(list)
    for feed, places in names.items():
        for number, name in enumerate(places, 1):
            # what is refused has no place, and is not to be read either
            of_name[name].append(f"WHEN {literal(feed)} THEN found.places[{number}]")
    if not of_name:
        return "event.attributes"
    changed = ", ".join(
        f"{quoted(name)} := CASE event.feed {' '.join(cases)} ELSE event.attributes.{quoted(name)} END"
        for name, cases in of_name.items()
    )
    return f"struct_update(event.attributes, {changed})"


def _together(warehouse: Warehouse, names: dict[str, list[str]]) -> list[list[str]]:
    """Feeds of one process that tell places alike: what their people do is the same work."""
    rows = warehouse.rows(
        """SELECT feed, min(process) AS process FROM raw.event
        WHERE failed_rules = 0 AND list_contains(?::VARCHAR[], feed) GROUP BY feed ORDER BY feed""",
        [list(names)],
    )
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for row in rows:
        groups[row["process"], len(names[row["feed"]])].append(row["feed"])
    return [groups[key] for key in sorted(groups)]


def _of_process(warehouse: Warehouse, names: dict[str, list[str]]) -> pa.Table:
    kinds, events = _read(warehouse, names)
    starts = _sequences(events, warehouse.settings.routine_pause_s)
    told = labels.found(kinds, events["kind"], starts)
    is_pause = _pauses(events["at_ms"], starts, warehouse.settings.estimate_outlier_ratio)
    return _rows(events, starts, told, *_ends(told, is_pause))


def _read(warehouse: Warehouse, names: dict[str, list[str]]) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """The kinds of event of feeds, and their events in order by user; what is refused or delivered again is none."""
    kinds_sql = " ".join(
        f"WHEN {literal(feed)} THEN [event.system, "
        + "".join(f"event.attributes.{quoted(name)}, " for name in places)
        + "event.activity]::VARCHAR[]"
        for feed, places in names.items()
    )
    warehouse.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE seen AS
        SELECT event.feed, event.delivery_no, event.source_line, event.row_hash, event.process, event.resource,
            epoch_ms(event.ended_at) AS at_ms, CASE event.feed {kinds_sql} END AS kind
        FROM raw.event
        LEFT JOIN raw.repeated_line AS repeated
            ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
        WHERE list_contains(?::VARCHAR[], event.feed) AND event.failed_rules = 0
            AND NOT coalesce(repeated.is_duplicate, false)""",
        [list(names)],
    )
    kinds = warehouse.connection.execute("SELECT DISTINCT kind FROM seen ORDER BY kind").fetchall()
    events = warehouse.connection.execute(
        """SELECT delivery_no, source_line, left(row_hash::VARCHAR, 13) AS line, process, at_ms,
            (dense_rank() OVER (ORDER BY feed, resource) - 1)::INTEGER AS user_no,
            (dense_rank() OVER (ORDER BY kind) - 1)::INTEGER AS kind
        FROM seen ORDER BY feed, resource, at_ms, delivery_no, source_line"""
    ).fetchnumpy()
    warehouse.connection.execute("DROP TABLE seen")
    return [tuple(kind) for (kind,) in kinds], events


def _sequences(events: dict[str, Any], pause_s: int) -> np.ndarray:
    """Where sequences begin, and where the last ends: another user, or a long pause."""
    user, at_ms = events["user_no"], events["at_ms"]
    is_new = (user[1:] != user[:-1]) | (at_ms[1:] - at_ms[:-1] > 1_000 * pause_s)
    return np.concatenate([[0], np.flatnonzero(is_new) + 1, [len(user)]]).astype(np.int64)


def _pauses(at_ms: np.ndarray, starts: np.ndarray, outlier_ratio: float) -> np.ndarray:
    """Whether a sequence lay still before each event for longer than between nearly all others."""
    gaps = np.diff(at_ms, prepend=at_ms[:1])
    gaps[starts[:-1]] = 0
    low, high = np.quantile(gaps[gaps > 0], [0.25, 0.75], method="lower") if gaps.any() else (0, 0)
    return gaps > high + outlier_ratio * (high - low)


def _ends(told: labels.Found, is_pause: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run begins and ends, without what it seldom does before a pause at its front or after one at its end.

    What is done between two tasks is told as a step of one of them where that is cheaper; the pause is in neither.
    """
    firsts, lasts, step = told.decoded.firsts, told.decoded.lasts, told.decoded.step
    done = np.array([share for profile in told.profiles for share in profile.done] + [0.0])
    is_sure, is_step = done[step] >= SURE_MIN, step >= 0
    front, back = _next(is_sure)[firsts], _last(is_sure)[lasts]
    is_known = front <= lasts
    begun = _next(is_step)[np.maximum(firsts, _last(is_pause)[np.where(is_known, front, firsts)])]
    held = np.where(is_known, back, lasts)
    ended = _last(is_step)[np.minimum(lasts, _next(is_pause)[held + 1] - 1)]
    return begun, ended


def _next(is_so: np.ndarray) -> np.ndarray:
    """Of each event, and of the place after the last, the first from it on that is so; that place where none is."""
    places = np.append(np.where(is_so, np.arange(len(is_so)), len(is_so)), len(is_so))
    return np.minimum.accumulate(places[::-1])[::-1]


def _last(is_so: np.ndarray) -> np.ndarray:
    """Of each event, the last up to it that is so; the first event where none is."""
    return np.maximum.accumulate(np.where(is_so, np.arange(len(is_so)), 0))


def _rows(
    events: dict[str, Any], starts: np.ndarray, told: labels.Found, firsts: np.ndarray, lasts: np.ndarray
) -> pa.Table:
    """Whatever stands inside a run is of its case; between runs a case is what one sequence has there."""
    decoded, count = told.decoded, len(events["kind"])
    routine = np.full(count, -1, np.int64)
    is_first = np.zeros(count, bool)
    for number, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        routine[first : last + 1] = decoded.routines[number]
        is_first[first] = True
        is_first[last + 1 : last + 2] = True
    is_first[starts[:-1]] = True
    first_of = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
    processes, of_event = np.unique(events["process"].astype(str), return_inverse=True)
    names = [[*_names(told, process), f"{process}: {OTHER}"] for process in processes.tolist()]
    flat = pa.array([name for those in names for name in those], pa.string())
    number = of_event[first_of] * len(names[0]) + np.where(routine < 0, len(names[0]) - 1, routine)
    cases = pa.array(_cases(events["line"][is_first].tolist()), pa.string())
    places = pa.array([list(one) for one in told.places], pa.list_(pa.string()))
    return pa.table(
        {
            "delivery_no": pa.array(events["delivery_no"]),
            "source_line": pa.array(events["source_line"]),
            "process": flat.take(pa.array(number)),
            "case_id": cases.take(pa.array(np.cumsum(is_first) - 1)),
            "label": pa.array([_said(label) for label in told.labels], pa.string()).take(pa.array(told.codes)),
            "places": places.take(pa.array(events["kind"])),
        }
    )


def _cases(lines: list[str]) -> list[str]:
    """Of each run its case, by the line it begins with; where several begin alike, as in one minute, by number too."""
    seen: Counter[str] = Counter()
    cases = []
    for line in lines:
        seen[line] += 1
        cases.append(f"run {line}" if seen[line] == 1 else f"run {line} {seen[line]}")
    return cases


def _said(label: str) -> str:
    """A label in words: `outlook | inbox | message list | open` is `open message list in outlook, inbox`."""
    application, *places, action = label.split(" | ") if " | " in label else ("", label)
    *windows, element = places or [""]
    where = ", ".join(filter(None, [application, *windows]))
    return " ".join(filter(None, [action, element, "in" if where else "", where]))


def _names(told: labels.Found, process: str) -> list[str]:
    """What each routine is called: by its first and last sure step, and what tells it from its namesakes."""
    room = max(LONGEST_NAME - len(process) - 2, LONGEST_NAME // 2)
    names: list[str] = []
    known = [_steps(told, profile) for profile in told.profiles]
    for steps in known:
        ways = [[steps[0], steps[-1], *([one] if one else [])] for one in apart(steps, known)]
        called = [_joined(way, room) for way in ways]
        numbered = (
            f"{_joined([steps[0], steps[-1]], room - 4)} {number}" for number in range(2, len(told.profiles) + 2)
        )
        names.append(next(name for name in [*called, *numbered] if name not in names))
    return [f"{process}: {name}" for name in names]


def _steps(told: labels.Found, profile: Profile) -> list[str]:
    """Of a routine the steps that are mostly done, in words."""
    sure = [step for step, done in zip(profile.steps, profile.done, strict=True) if done >= SURE_MIN] or profile.steps
    return [" ".join(reversed(told.labels[step].split(" | ")[-2:])) for step in sure]


def _joined(way: list[str], room: int) -> str:
    """The first step, the last, and one that tells the way, each as long as there is room."""
    joints = ["", " to ", " by "]
    each = (room - len("".join(joints[: len(way)]))) // len(way)
    spare = sum(max(each - len(step), 0) for step in way) // max(sum(len(step) > each for step in way), 1)
    short = [step if len(step) <= each + spare else f"{step[: each + spare - 1].rstrip()}…" for step in way]
    return "".join(joint + step for joint, step in zip(joints, short, strict=False))
