"""What is planted in the sample: every opportunity with its executions, and traps that only look like one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from essa.sample.events import Cases, Events
from essa.sample.paths import GAMMA_PACE
from essa.sample.processes import ALPHA, BETA, GAMMA, PROCESSES, STEPS
from essa.sample.work import Work

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


def claims(cases: Cases, events: Events, worked: Work) -> list[np.ndarray]:
    """For each of PLANTED the executions it consists of; a robot's are never among them."""
    return [np.flatnonzero(_is_claimed(planted, cases, events) & ~worked.is_robot) for planted in PLANTED]


def _is_claimed(planted: Planted, cases: Cases, events: Events) -> np.ndarray:
    process = [one.name for one in PROCESSES].index(planted.process)
    is_step = np.array([step in PROCESSES[process].steps for step in STEPS])
    if planted.activities:
        is_step &= np.isin(ACTIVITIES, planted.activities)
    if planted.is_repeat:
        is_step &= IS_REPEAT
    is_mine = is_step[events.step]
    mine = np.flatnonzero(is_mine)
    case = events.case[mine]
    if planted.provider is not None:
        is_mine[mine] &= cases.provider[case] == planted.provider
    if planted.when:
        is_mine[mine] &= cases.of(process, planted.when, case)
    if planted.reached:
        has_reached = np.zeros(len(cases.process), bool)
        has_reached[events.case[(planted.reached == ACTIVITIES)[events.step]]] = True
        is_mine[mine] &= has_reached[case]
    return is_mine
