"""Builds one table and keeps it only if its contract holds."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from essa import contract, warehouse
from essa import night as nights
from essa.naming.names_file import NamesFile
from tasks.log import log


@task(name="Gather names", task_run_name="Gather names", cache_policy=None)
def gather_names(said: NamesFile, home: Path) -> None:
    """What each spelling means; from here on names are numbers."""
    tonight = warehouse.at(home)
    renamed, unheard = nights.name_activities(tonight, said)
    for line in unheard:
        log.warning("names.yaml: %s", line)
    nights.make_vocabularies(tonight)
    log.info("names gathered, %d spellings renamed", renamed)


@task(name="Build a table", task_run_name="Build {table}", cache_policy=None)
def build(table: str, home: Path) -> int:
    """Fills a table from its SQL, checks it, and only then lets it stand."""
    row_count = nights.build(warehouse.at(home), table)
    if contract.load(table).kind == "view":
        log.info("%s: a view", table)
    else:
        log.info("%s: %s rows", table, f"{row_count:,}")
    return row_count
