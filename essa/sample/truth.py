"""What is really in the sample: every planted opportunity, its executions and true hours, the traps, and all counts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from essa.sample.clock import wall_clock
from essa.sample.events import Events
from essa.sample.feeds import PROVIDERS
from essa.sample.files import Delivered
from essa.sample.labels import Labels
from essa.sample.planted import ACTIVITIES, PLANTED, TRAPS
from essa.sample.work import Work


def planted_truth(
    claimed: list[np.ndarray], events: Events, worked: Work, labels: Labels, delivered: list[Delivered]
) -> dict:
    opportunities = []
    for planted, lines in zip(PLANTED, claimed, strict=True):
        entry = _entry(
            planted.process, planted.activities, planted.lever, planted.pattern, planted.provider, lines, events
        )
        if planted.excess_share is not None:
            entry["excess_h"] = round(entry["handling_h"] * planted.excess_share, 2)
        opportunities.append(entry)
    opportunities += _label_spread(events, worked, labels)
    return {
        "opportunities": opportunities,
        "traps": [dict(zip(("process", "activity", "looks_like", "why_not"), trap, strict=True)) for trap in TRAPS],
        "totals": {
            "event_count": len(events.case),
            "case_count": int((np.diff(events.case) != 0).sum()) + 1,
            "bad_line_count": sum(sum(one.bad_line_count.values()) for one in delivered),
            "duplicate_count": sum(one.duplicate_count for one in delivered),
        },
        "feeds": [_feed_entry(number, one) for number, one in enumerate(delivered)],
        "labels": _label_pairs(labels),
    }


def _entry(
    process: str, activities: tuple, lever: str, pattern: str, provider: int | None, lines: np.ndarray, events: Events
) -> dict:
    return {
        "process": process,
        "activities": list(activities) or sorted(set(ACTIVITIES[events.step[lines]].tolist())),
        "lever": lever,
        "pattern": pattern,
        "provider": None if provider is None else PROVIDERS[provider].name,
        "event_count": len(lines),
        "handling_h": round(int(events.handling_s[lines].sum()) / 3600, 2),
    }


def _label_spread(events: Events, worked: Work, labels: Labels) -> list[dict]:
    """By activity and provider: the executions under another spelling than the proper one."""
    is_untidy = labels.place != labels.canonical
    pairs = np.unique(np.stack([labels.canonical[is_untidy], worked.provider[is_untidy]]), axis=1).T
    entries = []
    for canonical, provider in pairs.tolist():
        is_mine = is_untidy & (labels.canonical == canonical) & (worked.provider == provider) & ~worked.is_robot
        process, activity = labels.process[canonical], labels.activity[canonical]
        entries.append(
            _entry(process, (activity,), "standardize", "label_spread", provider, np.flatnonzero(is_mine), events)
        )
    return entries


def _feed_entry(number: int, delivered: Delivered) -> dict:
    bad_count = sum(delivered.bad_line_count.values())
    return {
        "feed": f"{PROVIDERS[number].folder}_tasks",
        "line_count": delivered.event_count + delivered.duplicate_count + bad_count,
        "event_count": delivered.event_count,
        "duplicate_count": delivered.duplicate_count,
        "bad_lines": delivered.bad_line_count,
        "file_count": len(delivered.files),
    }


def _label_pairs(labels: Labels) -> list[dict]:
    used = np.flatnonzero(np.bincount(labels.place, minlength=len(labels.label)))
    pairs = sorted((labels.process[at], labels.label[at], labels.activity[at]) for at in used.tolist())
    return [{"process": process, "label": label, "activity": activity} for process, label, activity in pairs]


def truth_executions(claimed: list[np.ndarray], events: Events, worked: Work, case_ids: pa.Array) -> pa.Table:
    """One row per execution of a planted opportunity; case, activity and local start find it in the deliveries."""
    lines = np.concatenate(claimed)
    which = pa.array(np.repeat(np.arange(len(PLANTED)), [len(one) for one in claimed]))
    local_s = wall_clock(worked.provider[lines], worked.start_s[lines], is_end=False)
    return pa.table(
        {
            "pattern": pa.array([planted.pattern for planted in PLANTED]).take(which),
            "process": pa.array([planted.process for planted in PLANTED]).take(which),
            "case_id": case_ids.take(pa.array(lines)),
            "activity": pa.array(ACTIVITIES.tolist()).take(pa.array(events.step[lines])),
            "started_at_local": pa.array(local_s.astype("datetime64[s]")),
            "handling_s": pa.array(events.handling_s[lines]),
        }
    )
