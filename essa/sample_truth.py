"""What is really in the sample: every planted opportunity, its executions and true hours, the traps, and all counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from essa.sample_clock import wall_clock
from essa.sample_events import Cases, Events
from essa.sample_feeds import PROVIDERS
from essa.sample_files import Delivered
from essa.sample_labels import Labels
from essa.sample_paths import GAMMA_PACE
from essa.sample_processes import ALPHA, BETA, GAMMA, PROCESSES, STEPS
from essa.sample_work import Work

ACTIVITIES = np.array([step.activity for step in STEPS])
IS_REPEAT = np.array([step.is_repeat for step in STEPS])


@dataclass(frozen=True)
class Planted:
    """One planted opportunity: the executions of `activities`, or of all, narrowed by what else is said."""

    process: str
    lever: str
    pattern: str
    activities: tuple[str, ...]
    provider: int | None = None
    when: str = ""
    reached: str = ""  # only cases that have come to this activity: before, nothing shows
    is_repeat: bool = False
    excess_share: float | None = None  # share of the hours above best practice, where it was set


PLANTED = (
    Planted("Purchase requests", "eliminate", "rework", ("Check completeness",), is_repeat=True),
    Planted("Purchase requests", "eliminate", "rubber_stamp", ("Verify account coding",)),
    Planted("Purchase requests", "automate", "rule_based_step", ("Choose approval route",)),
    Planted(
        "Purchase requests", "automate", "routine", ("Create purchase order", "Attach documents", "Send purchase order")
    ),
    Planted("Payroll changes", "eliminate", "rework", ("Approve payroll change",), is_repeat=True),
    Planted("Payroll changes", "simplify", "batching", ("Post to payroll run",), provider=GAMMA),
    Planted(
        "Payroll changes",
        "standardize",
        "path_spread",
        ("Check tax code", "Check bank details", "Check contract terms", "Search personnel file", "Call employee"),
        provider=GAMMA,
        when="off_path",
        reached="Enter change in Workday",
    ),
    Planted("Payroll changes", "automate", "rekeying", ("Re-enter change in SAP",)),
    Planted("Customer complaints", "eliminate", "abandoned", (), when="withdrawn", reached="Withdraw complaint"),
    Planted("Customer complaints", "simplify", "forwarding", ("Forward to department",)),
    Planted(
        "Customer complaints", "simplify", "ping_pong", ("Investigate complaint", "Consult specialist"), is_repeat=True
    ),
    Planted("Customer complaints", "standardize", "judgement_gap", ("Decide compensation",)),
    Planted(
        "Supplier master data", "eliminate", "duplicate", ("Create supplier record",), provider=ALPHA, is_repeat=True
    ),
    Planted(
        "Supplier master data",
        "simplify",
        "long_way_round",
        ("Route to regional office", "Transfer to country desk"),
        provider=BETA,
    ),
    Planted(
        "Supplier master data",
        "standardize",
        "provider_gap",
        ("Check supplier documents",),
        provider=GAMMA,
        excess_share=1 - 1 / GAMMA_PACE,
    ),
    Planted("Supplier master data", "automate", "rule_based_step", ("Set payment terms",)),
)
TRAPS = (
    ("Customer complaints", "Remind customer", "rework", "repeats weekly by nature until the customer answers"),
    ("Purchase requests", "Approve as director", "rubber_stamp", "one in ten is rejected and ends the case"),
    ("Supplier master data", "Screen sanctions list", "rubber_stamp", "hits are rare, and each blocks the supplier"),
    (
        "Supplier master data",
        "Assess supplier risk",
        "rule_based_step",
        "no attribute and no person explains the outcome",
    ),
    (
        "Supplier master data",
        "Check supplier documents",
        "provider_gap",
        "Beta Services is sent the overseas suppliers",
    ),
    ("Payroll changes", "Check tax code", "rule_based_step", "steps in free order seem to decide one another"),
)


def claimed(planted: Planted, cases: Cases, events: Events, worked: Work) -> np.ndarray:
    """Which executions one planted opportunity consists of; a robot's are never among them."""
    process = [one.name for one in PROCESSES].index(planted.process)
    is_mine = (cases.process[events.case] == process) & ~worked.is_robot
    if planted.activities:
        is_mine &= np.isin(ACTIVITIES, planted.activities)[events.step]
    if planted.is_repeat:
        is_mine &= IS_REPEAT[events.step]
    if planted.provider is not None:
        is_mine &= worked.provider == planted.provider
    if planted.when:
        mine = np.flatnonzero(is_mine)
        is_mine[mine] = cases.of(process, planted.when, events.case[mine])
    if planted.reached:
        has_reached = np.zeros(len(cases.process), bool)
        has_reached[events.case[(planted.reached == ACTIVITIES)[events.step]]] = True
        is_mine &= has_reached[events.case]
    return is_mine


def planted_truth(cases: Cases, events: Events, worked: Work, labels: Labels, delivered: list[Delivered]) -> dict:
    opportunities = []
    for planted in PLANTED:
        is_mine = claimed(planted, cases, events, worked)
        entry = _entry(
            planted.process, planted.activities, planted.lever, planted.pattern, planted.provider, is_mine, events
        )
        if planted.excess_share is not None:
            entry["excess_h"] = round(entry["handling_h"] * planted.excess_share, 2)
        opportunities.append(entry)
    opportunities += _label_spread(cases, events, worked, labels)
    return {
        "opportunities": opportunities,
        "traps": [dict(zip(("process", "activity", "looks_like", "why_not"), trap, strict=True)) for trap in TRAPS],
        "totals": {
            "event_count": len(events.case),
            "case_count": len(np.unique(events.case)),
            "bad_line_count": sum(sum(one.bad_line_count.values()) for one in delivered),
            "duplicate_count": sum(one.duplicate_count for one in delivered),
        },
        "feeds": [_feed_entry(number, one) for number, one in enumerate(delivered)],
        "labels": _label_pairs(labels),
    }


def _entry(
    process: str, activities: tuple, lever: str, pattern: str, provider: int | None, is_mine: np.ndarray, events: Events
) -> dict:
    return {
        "process": process,
        "activities": list(activities) or sorted(set(ACTIVITIES[events.step[is_mine]].tolist())),
        "lever": lever,
        "pattern": pattern,
        "provider": None if provider is None else PROVIDERS[provider].name,
        "event_count": int(is_mine.sum()),
        "handling_h": round(int(events.handling_s[is_mine].sum()) / 3600, 2),
    }


def _label_spread(cases: Cases, events: Events, worked: Work, labels: Labels) -> list[dict]:
    """By activity and provider: the executions under another spelling than the proper one."""
    is_untidy = labels.place != labels.canonical
    pairs = np.unique(np.stack([labels.canonical[is_untidy], worked.provider[is_untidy]]), axis=1).T
    entries = []
    for canonical, provider in pairs.tolist():
        is_mine = is_untidy & (labels.canonical == canonical) & (worked.provider == provider) & ~worked.is_robot
        process, activity = labels.process[canonical], labels.activity[canonical]
        entries.append(_entry(process, (activity,), "standardize", "label_spread", provider, is_mine, events))
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


def truth_executions(cases: Cases, events: Events, worked: Work, case_ids: pa.Array) -> pa.Table:
    """One row per execution of a planted opportunity; case, activity and local start find it in the deliveries."""
    claims = [np.flatnonzero(claimed(planted, cases, events, worked)) for planted in PLANTED]
    lines = np.concatenate(claims)
    which = pa.array(np.repeat(np.arange(len(PLANTED)), [len(claim) for claim in claims]))
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
