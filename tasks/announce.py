"""Prefect events that an automation can wait for: a feed is blocked, a candidate is new, a rule no longer holds."""

from __future__ import annotations

from typing import Any

from prefect.events import emit_event

from essa import summary
from essa.in_words import pictured
from essa.warehouse import Warehouse
from tasks.log import log


def feeds(warehouse: Warehouse) -> None:
    """`essa.feed.blocked`, one for each feed that is not believed tonight."""
    for row in summary.blocked_feeds(warehouse):
        _announce("essa.feed.blocked", f"essa.feed.{row['feed']}", row["feed"], row)


def findings(warehouse: Warehouse) -> None:
    """`essa.candidate.new` for each that was never ranked before, `essa.rule.drifted` for each that once held."""
    for row in summary.new_candidates(warehouse):
        _announce("essa.candidate.new", f"essa.candidate.{row['candidate_id']}", row["title"], row)
    for row in summary.drifted_rules(warehouse):
        where = f"{row['process']}.{row['activity']}.{row['decides']}"
        _announce("essa.rule.drifted", f"essa.rule.{where}", row["activity"], row)


def _announce(event: str, resource: str, name: str, row: dict[str, Any]) -> None:
    try:
        emit_event(
            event,
            resource=pictured({"prefect.resource.id": resource, "prefect.resource.name": name}),
            payload={
                column: value if isinstance(value, int | float) else pictured(str(value))
                for column, value in row.items()
            },
        )
    except Exception:  # the same stands in the published file; a server that takes no events is no trouble of the night
        log.exception("%s could not be announced", event)
