"""Logs of screens as task logs: every run of a routine found in them is a case, what was done in it are its steps."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from essa.contract_rule import quoted
from essa.routines import labels
from essa.warehouse import Warehouse

OTHER = "single steps"  # what is no part of a routine


def give_cases(warehouse: Warehouse) -> None:
    """Puts cases, processes and labels into `raw.event` for the feeds that have none; the lines stay the same."""
    feeds = warehouse.rows("SELECT feed, recorded_names FROM core.feed WHERE is_desktop ORDER BY feed")
    if not feeds:
        warehouse.fill("core.desktop_event", [])
        return
    found = [_of_feed(warehouse, row["feed"], row["recorded_names"]) for row in feeds]
    warehouse.fill("core.desktop_event", pa.concat_tables(found))
    # until here every line was a case of its own
    warehouse.connection.execute("DROP VIEW IF EXISTS raw.sent_event; ALTER VIEW raw.event RENAME TO sent_event")
    warehouse.define_view(
        "raw.event",
        """SELECT event.* REPLACE (
            coalesce(found.process, event.process) AS process, coalesce(found.case_id, event.case_id) AS case_id,
            coalesce(found.label, event.activity) AS activity
        )
        FROM raw.sent_event AS event
        LEFT JOIN core.desktop_event AS found
            ON found.delivery_no = event.delivery_no AND found.source_line = event.source_line""",
    )


def _of_feed(warehouse: Warehouse, feed: str, attributes: list[str]) -> pa.Table:
    kinds, events = _read(warehouse, feed, attributes)
    told = labels.found(kinds, events["kind"], _sequences(events, warehouse.settings.routine_pause_s))
    return _rows(events, told)


def _read(warehouse: Warehouse, feed: str, attributes: list[str]) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """The kinds of event of a feed, and its events in order by user; what is refused or delivered again is none."""
    places = "".join(f", event.attributes.{quoted(name)}" for name in attributes)
    warehouse.connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE seen AS
        SELECT event.delivery_no, event.source_line, event.row_hash, event.process, event.resource,
            epoch_ms(event.ended_at) AS at_ms, [event.system{places}, event.activity]::VARCHAR[] AS kind
        FROM raw.event
        LEFT JOIN raw.repeated_line AS repeated
            ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
        WHERE event.feed = ? AND event.failed_rules = 0 AND NOT coalesce(repeated.is_duplicate, false)""",
        [feed],
    )
    kinds = warehouse.connection.execute("SELECT DISTINCT kind FROM seen ORDER BY kind").fetchall()
    events = warehouse.connection.execute(
        """SELECT delivery_no, source_line, left(row_hash::VARCHAR, 13) AS line, process, at_ms,
            (dense_rank() OVER (ORDER BY resource) - 1)::INTEGER AS user_no,
            (dense_rank() OVER (ORDER BY kind) - 1)::INTEGER AS kind
        FROM seen ORDER BY resource, at_ms, delivery_no, source_line"""
    ).fetchnumpy()
    warehouse.connection.execute("DROP TABLE seen")
    return [tuple(kind) for (kind,) in kinds], events


def _sequences(events: dict[str, Any], pause_s: int) -> np.ndarray:
    """Where sequences begin, and where the last ends: another user, or a long pause."""
    user, at_ms = events["user_no"], events["at_ms"]
    is_new = (user[1:] != user[:-1]) | (at_ms[1:] - at_ms[:-1] > 1_000 * pause_s)
    return np.concatenate([[0], np.flatnonzero(is_new) + 1, [len(user)]]).astype(np.int64)


def _rows(events: dict[str, Any], told: labels.Found) -> pa.Table:
    """Whatever stands inside a run is of its case; between runs a case is what one sequence has there."""
    decoded, count = told.decoded, len(events["kind"])
    run = np.full(count, -1, np.int64)
    for number, (first, last) in enumerate(zip(decoded.firsts.tolist(), decoded.lasts.tolist(), strict=True)):
        run[first : last + 1] = number
    edges = [0, *(np.flatnonzero(run[1:] != run[:-1]) + 1).tolist(), count]
    names = _names(told)
    first_of = np.zeros(count, np.int64)
    process = np.empty(count, dtype=object)
    for low, high in pairwise(edges):
        first_of[low:high] = low
        routine = OTHER if run[low] < 0 else names[decoded.routines[run[low]]]
        process[low:high] = f"{events['process'][low]}: {routine}"
    return pa.table(
        {
            "delivery_no": pa.array(events["delivery_no"]),
            "source_line": pa.array(events["source_line"]),
            "process": pa.array(process.tolist(), pa.string()),
            "case_id": pa.array([f"run {line}" for line in events["line"][first_of].tolist()], pa.string()),
            "label": pa.array([told.labels[code] for code in told.codes.tolist()], pa.string()),
        }
    )


def _names(told: labels.Found) -> list[str]:
    """What each routine is called: by its first and last sure step, and what tells it from its namesakes."""
    names: list[str] = []
    for profile in told.profiles:
        sure = [step for step, done in zip(profile.steps, profile.done, strict=True) if done >= 0.5] or profile.steps
        name = f"{told.labels[sure[0]]} to {told.labels[sure[-1]]}"
        others = (told.labels[step] for step in sure[1:-1])
        while name in names:
            name = f"{name} by {next(others, len(names))}"
        names.append(name)
    return names
