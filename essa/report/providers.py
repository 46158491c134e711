"""Who does the steps of a candidate, and how much of its saving is found at each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from essa import in_words
from essa.report.asked import Row, by, listed, rows

DOING = """SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, provider::VARCHAR AS provider
FROM mart.activity_profile ORDER BY ALL"""
# Experience and a year are the same factor for every second of a candidate
SAVING = """SELECT candidate_id, provider::VARCHAR AS provider,
    (sum(saved_s) / sum(sum(saved_s)) OVER (PARTITION BY candidate_id))::DOUBLE AS part,
    list(DISTINCT [process::VARCHAR, provider::VARCHAR, activity::VARCHAR]) AS groups
FROM mart.saving JOIN core.activity_instance USING (activity_instance_id)
GROUP BY candidate_id, provider ORDER BY ALL"""
SMALL_GROUP = ("kind", "name")


@dataclass(frozen=True)
class Providers:
    """By step who does it, by candidate whose seconds it saves."""

    doing: dict[Any, list[Row]]
    parts: dict[Any, list[Row]]
    few: frozenset[tuple[str, ...]]

    def of(self, one: Row) -> Row:
        """The names, the one alone whose it is, and by name the hours a year, which add up to what it saves.

        Where too few people of one do it none are told apart: the whole less the others would be theirs.
        """
        doing = {row["provider"] for step in one["activities"] for row in self.doing.get((one["process"], step), [])}
        parts = self.parts.get(one["candidate_id"], [])
        hours = float(one["saving_h_per_year"] or 0)
        names = [row["provider"] for row in parts if hours]
        exact = [hours * row["part"] for row in parts if hours]
        thousandths = in_words.apportioned(round(1000 * hours), exact)
        saving = {name: part / 1000 for name, part in zip(names, thousandths, strict=True)}
        told = dict(zip(names, in_words.hours_apart(hours, exact), strict=True))
        if any(all(tuple(group) in self.few for group in row["groups"]) for row in parts):
            saving, told = dict.fromkeys(names), dict.fromkeys(names, in_words.NOT_TOLD)
        return {
            "providers": [one["provider"]] if one["provider"] else sorted(doing),
            "saving_by_provider": saving,
            "hours_by_provider": told,
        }


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every provider whose work there is."""
    return sorted({row["provider"] for row in rows(connection, DOING)})


def read(connection: duckdb.DuckDBPyConnection) -> Providers:
    small = listed(connection, "mart.small_group", SMALL_GROUP, SMALL_GROUP)
    few = frozenset(tuple(row["name"]) for row in small if row["kind"] == "process, provider, activity")
    parts = by(rows(connection, SAVING), "candidate_id")
    return Providers(by(rows(connection, DOING), "process", "activity"), parts, few)
