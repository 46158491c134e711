"""What the published file answers: rows as mappings of plain values, and what it says of its own columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import duckdb

Row = dict[str, Any]


def rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """One mapping a row; decimals as floats."""
    found = connection.execute(sql, list(parameters))
    names = [column[0] for column in found.description]
    return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table and what the file says of each; none where this publication has no such table."""
    found = rows(
        connection,
        """SELECT column_name, comment FROM duckdb_columns()
        WHERE schema_name || '.' || table_name = ? ORDER BY column_index""",
        [table],
    )
    return {row["column_name"]: row["comment"] or "" for row in found}


def listed(connection: duckdb.DuckDBPyConnection, table: str, wanted: Iterable[str], order: Iterable[str]) -> list[Row]:
    """Every row of a table; of the columns asked for those it has, the others None. None of it where it is absent."""
    wanted = list(wanted)
    present = columns(connection, table)
    chosen = [name for name in wanted if name in present]
    if not chosen:
        return []
    ordered = [name for name in order if name in present] or chosen
    found = rows(connection, f"SELECT {_quoted(chosen)} FROM {table} ORDER BY {_quoted(ordered)}")
    return [dict.fromkeys(wanted) | row for row in found]


def by(found: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    """The rows under each value of a column, or of several."""
    grouped: dict[Any, list[Row]] = {}
    for row in found:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        grouped.setdefault(key, []).append(row)
    return grouped


def _quoted(names: Iterable[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
