"""Publishes the night: the new file, checked and whole, in place of the last one."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from essa import in_words, publication, time_limit, warehouse
from essa import night as nights
from essa.errors import TookTooLong
from tasks import progress
from tasks.log import log, passing


def _is_worth_retrying(task: object, task_run: object, state: State) -> bool:
    """What took four hours will take them again."""
    return not isinstance(state.result(raise_on_failure=False), TookTooLong)


@task(
    name="Publish",
    task_run_name="Publish",
    retries=2,
    retry_delay_seconds=[1, 5],
    retry_condition_fn=_is_worth_retrying,
    cache_policy=None,
)
def publish(home: Path) -> None:
    """Moves the new file into place; whoever reads the old one keeps it."""
    passing.info("Publish")
    tonight = warehouse.at(home)
    with time_limit.of_step("Publish", tonight):
        nights.describe_run(tonight, flow_run.id)
        row_counts = publication.publish(tonight)
    log.info("published: %s", in_words.many(len(row_counts), "table"))
    progress.passed(home, "Publish")
