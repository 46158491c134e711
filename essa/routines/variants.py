"""The variants of a process as a log, and what telling one of its executions as part of a routine is worth."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from essa.routines.profiles import BIT, Log

WORTH = 2 * BIT  # bits; what an execution is worth that is told as part of a routine, so that short runs are told too


@dataclass(frozen=True)
class Variants:
    """A process's variants, the most frequent first: their keys, their steps as numbers, and the names of those."""

    process: str
    keys: pa.Array
    log: Log
    activities: list[str]


def variants(connection: duckdb.DuckDBPyConnection, process: str) -> Variants:
    """All of a process's."""
    found = connection.sql(
        """SELECT variant_key::VARCHAR AS variant_key, case_count,
            list_transform(activities, lambda one: enum_code(one::activity_t)::INTEGER) AS codes
        FROM core.variant WHERE process = ? ORDER BY case_count DESC, variant_id""",
        params=[process],
    ).to_arrow_table()
    codes = found["codes"].combine_chunks()
    held = codes.flatten().to_numpy(zero_copy_only=False)
    known, codes_now = np.unique(held, return_inverse=True)
    lengths = np.diff(codes.offsets.to_numpy())
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    weights = found["case_count"].to_numpy().astype(np.int64)
    named = connection.execute("SELECT unnest(enum_range(NULL::activity_t))").fetchall()
    names = [named[code][0] for code in known.tolist()]
    log = Log(codes_now.astype(np.int32), starts, weights, len(names))
    return Variants(process, found["variant_key"].combine_chunks(), log, names)


def processes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT DISTINCT process::VARCHAR FROM core.variant ORDER BY ALL").fetchall()
    return [process for (process,) in found]
