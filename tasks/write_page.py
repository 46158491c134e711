"""Writes the report page of what was just published."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact

from essa.report import page
from tasks.log import log


@task(name="Write the page", task_run_name="Write the page", cache_policy=None)
def write_page(home: Path) -> None:
    """The page beside the published file; none where it cannot be written, for the old one tells of another night."""
    try:
        place = page.write(home)
    except BaseException:
        page.remove(home)
        log.warning("the page could not be written; what is published stands, and `essa report` tries again")
        raise
    log.info("page written, %s kB", f"{place.stat().st_size / 1000:,.0f}")
    create_link_artifact(place.resolve().as_uri(), link_text=str(place), key="page", description="The report page")
