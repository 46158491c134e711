"""The three providers, what they call things, and the feeds file that says so."""

from __future__ import annotations

from dataclasses import dataclass

ATTRIBUTES = ("Amount", "Category", "Channel", "Policy", "Terms", "Keyed amount", "Remark")
KNOWN_AT_START = ("Amount", "Category", "Channel", "Policy")
OURS = ("case_id", "process", "activity", "started_at", "ended_at", "resource", "system", "team", "outcome")
ROBOT = "BOT-01"


@dataclass(frozen=True)
class Provider:
    name: str
    country: str
    zone: str
    folder: str
    file_format: str
    theirs: tuple[str, ...]  # its names for OURS
    contract: str
    hours: str
    extra: tuple[str, ...] = ()  # lines of its feed that the others do not need


PROVIDERS = (
    Provider(
        *("Alpha BPO", "IN", "Asia/Kolkata", "alpha", "csv"),
        theirs=("Ref", "Process", "Step", "Start", "End", "Agent", "App", "Desk", "Result"),
        contract="{kind: fte, cost_per_hour: 14.0, currency: USD}",
        hours="09:00-18:00",
        extra=('datetime_format: "%d/%m/%Y %H:%M:%S"', 'robots: ["BOT-*"]'),
    ),
    Provider(
        *("Beta Services", "PL", "Europe/Warsaw", "beta", "parquet"),
        theirs=(
            *("case_number", "workflow", "task_name", "begin_ts", "finish_ts"),
            *("employee", "tool", "team", "verdict"),
        ),
        contract="{kind: per_transaction, price_each: 4.2, currency: EUR}",
        hours="08:00-16:00",
    ),
    Provider(
        *("Gamma Shared Services", "PH", "Asia/Manila", "gamma", "jsonl"),
        theirs=(
            *("ticketId", "service", "activityName", "startedAt", "completedAt"),
            *("handledBy", "application", "queue", "decision"),
        ),
        contract="{kind: outcome, currency: USD}",
        hours="09:00-18:00",
    ),
)


def feeds_text() -> str:
    """The feeds file, naming each column of each delivery once."""
    return "feeds:\n" + "".join(f"  {line}\n" for provider in PROVIDERS for line in _feed_lines(provider))


def _feed_lines(provider: Provider) -> list[str]:
    theirs = dict(zip(OURS, provider.theirs, strict=True))
    return [
        f"{provider.folder}_tasks:",
        f"  provider: {provider.name}",
        f"  country: {provider.country}",
        f"  process: {{column: {theirs.pop('process')}}}",
        f"  files: landing/{provider.folder}/*.{provider.file_format}",
        f"  format: {provider.file_format}",
        f"  timezone: {provider.zone}",
        *(f"  {line}" for line in provider.extra),
        "  columns:",
        *(f"    {ours}: {name}" for ours, name in theirs.items()),
        f"  attributes: [{', '.join(ATTRIBUTES)}]",
        f"  known_at_start: [{', '.join(KNOWN_AT_START)}]",
        f"  contract: {provider.contract}",
        f'  calendar: {{days: mon-fri, hours: "{provider.hours}"}}',
    ]
