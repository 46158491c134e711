"""Nights that were missed, or lie before the first one: oldest first, one at a time, each on what was there by then."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from essa import publication
from flows.missed import nights_of
from flows.nightly import nightly
from tasks.log import log


def _name() -> str:
    return f"{flow_run.parameters['first']} to {flow_run.parameters['last']}"


@flow(name="backfill", flow_run_name=_name, persist_result=False)
def backfill(first: date, last: date, home: Path = Path("data"), feeds: Path | None = None, every: int = 1) -> None:
    """Run the nights of a range that come after the last one published; run again, it goes on where it ended.

    A file counts from the day it was last changed, in UTC. The first night that fails ends it.

    Args:
        first: The first night.
        last: The last night.
        home: Where the warehouse, the key and what is published live.
        feeds: The feeds file; feeds.yaml in the home unless said.
        every: Days from one night to the next; 7 for one a week. The last night is always run.
    """
    nights = nights_of(first, last, every, publication.last_night(home))
    if not nights:
        log.info("backfill: no night to run, all up to %s are published", last)
    within = nightly.with_options(name="night of a backfill")  # who is told of failed nights is told of the backfill
    for night in nights:
        log.info("backfill: night %s", night)
        within(night=night, home=home, feeds=feeds, delivered_by=night)
