"""What is withheld of too few people before anything is published or told: see `people:` in a table's contract."""

from __future__ import annotations

import duckdb

from essa import contract
from essa.contract import Contract, quoted

NOT_TOLD = "Not told: fewer than people_min people do it."


def withhold(connection: duckdb.DuckDBPyConnection) -> None:
    """Empties every column that tells how people work where too few of them did it; done twice it is done once."""
    for promise in contract.all_contracts().values():
        if not promise.people:
            continue
        few = is_few(promise)
        if promise.withheld_rows:
            connection.execute(f"DELETE FROM {promise.table} WHERE ({promise.withheld_rows}) AND {few}")
        withheld = [name for name, column in promise.columns.items() if column.is_withheld]
        if withheld:
            emptied = ", ".join(f"{quoted(name)} = {_instead(name)}" for name in withheld)
            connection.execute(f"UPDATE {promise.table} SET {emptied} WHERE {few}")


def _instead(name: str) -> str:
    """Nothing; in the place of a sentence why it is not told."""
    return contract.literal(NOT_TOLD) if name == "reason" else "NULL"


def is_few(promise: Contract) -> str:
    """The condition of SQL under which a row is about too few people."""
    return "(" + " OR ".join(_is_in(names) for names in promise.people) + ")"


def _is_in(names: dict[str, str]) -> str:
    listed = ", ".join(f"{quoted(own)}::VARCHAR" for own in names.values())
    return f"[{listed}] IN (SELECT name FROM mart.small_group WHERE kind = {contract.literal(', '.join(names))})"
