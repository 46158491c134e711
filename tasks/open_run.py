"""Opens a night: the settings, the feeds, the warehouse; and lets go of it however the night ends."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from prefect import task

from essa import in_words, pulling, warehouse
from essa.errors import of_the_disk
from essa.expectations_on_duckdb import import_great_expectations
from essa.feeds import Feed
from essa.settings import Settings
from tasks import progress
from tasks.log import log


@contextlib.contextmanager
def open_home(home: Path, settings: Settings, night: date, delivered_by: date | None = None) -> Iterator[None]:
    """Holds a home for one run; a second run is refused."""
    try:
        warehouse.begin(home, settings, night, delivered_by)
        try:
            yield
        finally:
            warehouse.end(home)
    except Exception as error:
        if trouble := of_the_disk(error, home):
            raise trouble from None
        raise


@task(name="Open the night", task_run_name="Open the night", cache_policy=None)
def open_run(home: Path, feeds: tuple[Feed, ...], night: date) -> None:
    """The parameters of the night, and what earlier nights left."""
    threading.Thread(target=import_great_expectations, daemon=True).start()  # three seconds, while files are read
    tonight = warehouse.at(home)
    tonight.open_night(str(night))
    pulling.describe_feeds(feeds, tonight)
    progress.begin(home)
    log.info("night %s, %s, in %s", night, in_words.many(len(feeds), "feed"), home)
