"""Tells the night's story in the Prefect UI: a summary in words, the candidates, the feeds, the broken rules."""

from __future__ import annotations

import os
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from essa import summary, warehouse
from essa.warehouse import Warehouse
from tasks import announce
from tasks.log import log


@task(name="Tell the story", task_run_name="Tell the story", cache_policy=None)
def tell(home: Path) -> None:
    """Four artifacts and the events of what was found, all from tables that passed the door."""
    tonight = warehouse.at(home)
    try:
        _tell(tonight)
    except Exception:  # the night is published; its story is in the file as well
        log.exception("the artifacts could not be written")
    announce.findings(tonight)


def _tell(tonight: Warehouse) -> None:
    create_markdown_artifact(summary.in_words(tonight), key="summary", description="The night in words")
    found = summary.first_candidates(tonight, os.environ.get("ESSA_PAGE_URL"))
    create_table_artifact(found, key="candidates", description="The first twenty, ranked")
    create_table_artifact(summary.feeds(tonight), key="feeds", description="Where every delivered line went")
    create_table_artifact(summary.broken_rules(tonight), key="broken-rules", description="Rules that did not hold")
