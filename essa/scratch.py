"""A DuckDB connection to no file, for what is asked beside the night: one database a process, since opening takes long.

To open one costs 12 ms, a question to one that is open less than 1 ms; a night asks several of every file.
"""

from __future__ import annotations

import atexit
import functools

import duckdb


def connection() -> duckdb.DuckDBPyConnection:
    """To be closed after use; what is registered or set on it is on no other."""
    return _database().cursor()


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect(config={"threads": 1})
    atexit.register(opened.close)
    return opened
