"""A step of the night ends when its time is up, and says which it was and which setting held it.

Prefect's own limits end a thread between two lines of Python, which a statement inside DuckDB does not have.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import duckdb

from essa import in_words
from essa.errors import FeedError, TookTooLong
from essa.warehouse import Warehouse

Limit = contextlib.AbstractContextManager[None]
AGAIN_S = 0.2  # between two statements there is nothing to end


def of_step(step: str, warehouse: Warehouse) -> Limit:
    """For as long as it is open, the night's own statements run; then TookTooLong."""
    trouble = TookTooLong(
        f"`{step}` took longer than {in_words.many(warehouse.settings.step_s_max, 'second')}",
        because="step_s_max in settings.yaml allows no more",
        kept="the last publication stands",
        do="see what else the machine did, and run the night again; or raise step_s_max, 0 for no limit",
    )
    return ended(warehouse.connection, warehouse.settings.step_s_max, trouble)


def of_file(name: str, connection: duckdb.DuckDBPyConnection, seconds: float) -> Limit:
    """The same for one file of a feed, whose neighbours go on without it."""
    trouble = FeedError(
        f"{name} took longer than {seconds:,} seconds to read",
        because="step_s_max in settings.yaml allows no more",
        do="ask for smaller deliveries, or raise step_s_max, 0 for no limit",
    )
    return ended(connection, seconds, trouble)


@contextlib.contextmanager
def ended(connection: duckdb.DuckDBPyConnection, seconds: float, trouble: Exception) -> Iterator[None]:
    """Ends every statement of the connection that runs when the time is up, until what asks gives up; 0 is no limit."""
    is_done, is_up = threading.Event(), threading.Event()

    def watch() -> None:
        if is_done.wait(seconds):
            return
        is_up.set()
        while not is_done.is_set():
            connection.interrupt()
            is_done.wait(AGAIN_S)

    watcher = threading.Thread(target=watch, daemon=True)
    if seconds:
        watcher.start()
    try:
        yield
    except Exception:  # whoever asked may have made another error of it
        if is_up.is_set():
            raise trouble from None
        raise
    finally:
        is_done.set()
        if seconds:
            watcher.join()
