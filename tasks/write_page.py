"""Writes the report page of what was just published."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact

from essa.report import page
from tasks.log import log, passing


@task(name="Write the page", task_run_name="Write the page", cache_policy=None)
def write_page(home: Path) -> None:
    """The page beside the published file; none where it cannot be written, for the old one tells of another night."""
    passing.info("Write the page")
    try:
        place = page.write(home)
    except BaseException:
        page.remove(home)
        log.warning("the page could not be written; what is published stands, and `essa report` tries again")
        raise
    log.info("page written, %s kB", f"{place.stat().st_size / 1000:,.0f}")
    said = "The report page"
    if address := os.environ.get("ESSA_PAGE_URL"):
        create_link_artifact(address, link_text=address, key="page", description=said)
    else:  # a browser follows no link from a server to the disk
        command = f"essa report --open --home {shlex.quote(str(home))}"
        create_markdown_artifact(f"`{place}`\n\n`{command}`", key="page", description=said)
