"""Four made-up back-office processes as plain data: their steps in order, who does them, with what, and for how long.

Loops are unrolled: a step done again is a step of its own. Each step names the drawn column (sample_paths) of the cases
that do it, so that all cases of a process are drawn at once and none is walked through by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

ALPHA, BETA, GAMMA = range(3)
CHANNELS = ("Portal", "E-mail", "Phone", "Post")
POLICIES = ("Standard", "Plus", "Premium")
TERMS = ("30 days", "60 days", "Prepaid", "Cash on delivery")
CATEGORIES = (
    *("IT", "Office", "Services", "Travel"),
    *("Hire", "Raise", "Leave", "Address"),
    *("Billing", "Delivery", "Quality", "Service"),
    *("Domestic", "EU", "Overseas"),
)
OUTCOMES = (
    *("Approved", "Rejected", "Sent back", "OK", "Not OK"),
    *("Granted", "Declined", "Clear", "Hit", "Low", "Medium"),
)
TEAMS = {"front": "Front desk", "clerk": "Processing", "senior": "Approvals", "expert": "Specialists"}


@dataclass(frozen=True)
class Step:
    activity: str
    role: str
    system: str
    minutes: float
    when: str = ""  # the drawn column of the cases that do it; empty: all
    outcome: str = ""  # the drawn column with its outcome
    effort: str = ""  # the drawn column by which the case makes it longer or shorter
    wait_h: float = 1.2  # working hours before anybody looks at it: an inbox, an answer awaited
    is_timed: bool = False  # that wait is a fixed interval, as of a reminder
    joins: bool = False  # in one go with the step before, by the same hand
    is_repeat: bool = False  # an execution that a better process would not need again
    free_at: int = -1  # its place among the steps whose order is free at one provider


@dataclass(frozen=True)
class Process:
    name: str
    prefix: str  # of its case numbers
    share: float  # of all cases
    provider_shares: tuple[float, float, float]  # Alpha, Beta, Gamma
    steps: tuple[Step, ...]


PURCHASES = (
    Step("Receive purchase request", "front", "Outlook", 14),
    Step("Check completeness", "clerk", "Coupa", 29),
    Step("Return to requester", "clerk", "Outlook", 16, when="incomplete"),
    Step("Check completeness", "clerk", "Coupa", 26, when="incomplete", wait_h=14, is_repeat=True),
    Step("Return to requester", "clerk", "Outlook", 16, when="incomplete_again"),
    Step("Check completeness", "clerk", "Coupa", 26, when="incomplete_again", wait_h=14, is_repeat=True),
    Step("Choose approval route", "clerk", "SAP", 13),
    Step("Approve as manager", "senior", "SAP", 19, when="small", outcome="verdict"),
    Step("Approve as director", "senior", "SAP", 32, when="large", outcome="verdict"),
    Step("Close as rejected", "clerk", "SAP", 11, when="rejected"),
    Step("Verify account coding", "clerk", "SAP", 22, when="approved", outcome="coding"),
    Step("Create purchase order", "clerk", "SAP", 40, when="approved"),
    Step("Attach documents", "clerk", "SAP", 14, when="approved", joins=True),
    Step("Send purchase order", "clerk", "Outlook", 10, when="approved", joins=True),
    Step("Record delivery date", "clerk", "SAP", 13, when="tracked", wait_h=10),
    Step("Close request", "clerk", "SAP", 8, when="approved"),
)
PAYROLL = (
    Step("Receive change form", "front", "Outlook", 14),
    Step("Check tax code", "clerk", "Workday", 24, free_at=0),
    Step("Check bank details", "clerk", "Workday", 21, free_at=1),
    Step("Check contract terms", "clerk", "SharePoint", 32, free_at=2),
    Step("Search personnel file", "clerk", "SharePoint", 26, when="searched", free_at=3),
    Step("Call employee", "clerk", "Outlook", 19, when="called", free_at=4),
    Step("Enter change in Workday", "clerk", "Workday", 32),
    Step("Re-enter change in SAP", "clerk", "SAP", 29),
    Step("Approve payroll change", "senior", "Workday", 22, outcome="verdict"),
    Step("Correct payroll change", "clerk", "Workday", 26, when="sent_back"),
    Step("Approve payroll change", "senior", "Workday", 18, when="sent_back", outcome="second_verdict", is_repeat=True),
    Step("Post to payroll run", "clerk", "SAP", 14),
    Step("Notify employee", "clerk", "Outlook", 10),
    Step("Archive documents", "clerk", "SharePoint", 8, when="archived"),
)
_ROUND = [
    (
        Step("Consult specialist", "expert", "Outlook", 35, when=f"consult_{turn}", is_repeat=turn > 1),
        Step("Investigate complaint", "clerk", "Salesforce", 38, when=f"consult_{turn}", is_repeat=True),
    )
    for turn in (1, 2, 3, 4, 5)
]
COMPLAINTS = (
    Step("Register complaint", "clerk", "Salesforce", 22),
    Step("Forward to department", "front", "Outlook", 1.2, wait_h=16),
    Step("Ask customer for papers", "clerk", "Outlook", 13, when="papers"),
    *(
        Step("Remind customer", "clerk", "Outlook", 6, when=f"remind_{turn}", wait_h=45, is_timed=True)
        for turn in (1, 2, 3, 4)
    ),
    Step("Investigate complaint", "clerk", "Salesforce", 61),
    Step("Withdraw complaint", "clerk", "Salesforce", 10, when="withdrawn"),
    *(step for turn in _ROUND for step in turn),
    Step("Decide compensation", "senior", "Salesforce", 35, when="stays", outcome="decision"),
    Step("Pay compensation", "clerk", "SAP", 19, when="granted"),
    Step("Explain decision", "clerk", "Outlook", 24, when="declined"),
    Step("Close complaint", "clerk", "Salesforce", 10, when="stays"),
)
SUPPLIERS = (
    Step("Receive supplier request", "front", "Outlook", 14),
    Step("Check supplier documents", "clerk", "SharePoint", 42, effort="effort"),
    Step("Screen sanctions list", "clerk", "SharePoint", 16, outcome="screening"),
    Step("Block supplier", "senior", "SAP", 19, when="hit"),
    Step("Assess supplier risk", "senior", "SharePoint", 42, when="clear", outcome="risk"),
    Step("Request references", "clerk", "Outlook", 22, when="medium"),
    Step("Route to regional office", "front", "Outlook", 18, when="detour"),
    Step("Transfer to country desk", "front", "Outlook", 16, when="detour", wait_h=6),
    Step("Set payment terms", "clerk", "SAP", 14, when="clear"),
    Step("Request bank guarantee", "clerk", "Outlook", 26, when="guarantee"),
    Step("Create supplier record", "clerk", "SAP", 35, when="clear"),
    Step("Create supplier record", "clerk", "SAP", 35, when="double", joins=True, is_repeat=True),
    Step("Inform requester", "clerk", "Outlook", 8),
)
PROCESSES = (
    Process("Purchase requests", "PR", 0.30, (0.6, 0.4, 0.0), PURCHASES),
    Process("Payroll changes", "PC", 0.27, (0.0, 0.5, 0.5), PAYROLL),
    Process("Customer complaints", "CC", 0.20, (0.45, 0.0, 0.55), COMPLAINTS),
    Process("Supplier master data", "SM", 0.23, (0.4, 0.3, 0.3), SUPPLIERS),
)
BATCHED = ("Post to payroll run", GAMMA)  # laid aside all week and done in one sitting
ROBOT_STEP = ("Inform requester", ALPHA)
STEPS = tuple(step for process in PROCESSES for step in process.steps)
