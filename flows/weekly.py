"""One page of Markdown a week: what its nights brought, from what they published."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from essa.report import week
from tasks.log import log


def _name() -> str:
    return f"week to {flow_run.parameters.get('last') or datetime.now(UTC).date()}"


@flow(name="weekly", flow_run_name=_name, persist_result=False)
def weekly(last: date | None = None, home: Path = Path("data")) -> None:
    """Sum up the seven nights up to one; it reads what is published and changes nothing of it.

    Args:
        last: The last night of the week; today in UTC unless said.
        home: Where the nights published.
    """
    tell_week(last or datetime.now(UTC).date(), home)


@task(name="Sum up the week", task_run_name="Sum up the week", cache_policy=None)
def tell_week(last: date, home: Path) -> None:
    """A file in `published/weekly` and the same as an artifact."""
    place = week.write(home, last)
    log.info("week written: %s", place.name)
    create_markdown_artifact(place.read_text(encoding="utf-8"), key="week", description=f"The week to {last}")
