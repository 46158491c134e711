"""Builds the tables of a stage and keeps each only if its contract holds."""

from __future__ import annotations

from pathlib import Path

from prefect import task

from essa import in_words, time_limit, warehouse
from essa import night as nights
from essa.naming.names_file import NamesFile
from essa.order import Stage
from tasks import fan, progress
from tasks.log import log, passing


@task(name="Gather names", task_run_name="Gather names", cache_policy=None)
def gather_names(said: NamesFile, home: Path) -> None:
    """What each spelling means; from here on names are numbers."""
    passing.info("Gather names")
    tonight = warehouse.at(home)
    with time_limit.of_step("Gather names", tonight):
        renamed, unheard = nights.name_activities(tonight, said)
        nights.make_vocabularies(tonight)
    for line in unheard:
        log.warning("names.yaml: %s", line)
    log.info("gather names: %s renamed", in_words.many(renamed, "spelling"))
    progress.passed(home, "Gather names")


@task(name="Build a stage", task_run_name="{stage.name}", cache_policy=None)
def build(stage: Stage, home: Path) -> None:
    """Fills each table from its SQL, checks it, and only then lets it stand."""
    tonight, row_counts = warehouse.at(home), {}
    with time_limit.of_step(stage.name, tonight):
        for table in stage.tables:
            passing.info("%s: %s", stage.name, table)
            row_counts[table] = fan.build(tonight, table)
    told = [in_words.many(row_counts[table], one) for table, one in stage.counted.items()]
    log.info("%s: %s", stage.name.lower(), ", ".join(told))
    progress.passed(home, stage.name)
