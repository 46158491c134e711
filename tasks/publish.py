"""Publishes the night: the new file, checked and whole, in place of the last one."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.runtime import flow_run

from essa import in_words, publication, warehouse
from essa import night as nights
from tasks.log import log


@task(name="Publish", task_run_name="Publish", retries=2, retry_delay_seconds=[1, 5], cache_policy=None)
def publish(home: Path) -> None:
    """Moves the new file into place; whoever reads the old one keeps it."""
    tonight = warehouse.at(home)
    nights.describe_run(tonight, flow_run.id)
    row_counts = publication.publish(tonight)
    log.info("published: %s", in_words.many(len(row_counts), "table"))
