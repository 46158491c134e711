"""The last seven nights as Markdown: which came, from which feeds, and what became of the candidates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from essa import publication
from essa.in_words import day, hours, many, spoken
from essa.report.asked import Row, rows
from essa.summary import plain

DAYS = 7
SHOWN = 10


def write(home: Path, last: date) -> Path:
    """Writes the week that ends on a night beside the published file, named by its ISO week; EssaError without one."""
    folder = publication.folder(home) / "weekly"
    folder.mkdir(exist_ok=True)
    year, week, _ = last.isocalendar()
    place = folder / f"{year}-W{week:02}.md"
    part = place.with_suffix(".part")
    part.write_text(text(home, last), encoding="utf-8")
    os.replace(part, place)
    return place


def text(home: Path, last: date) -> str:
    with publication.open_published(home) as connection:
        first = last - timedelta(days=DAYS - 1)
        parts = [
            f"# Week to {day(last)}",
            _nights(connection, first, last),
            _feeds(connection, first, last),
            *_candidates(connection, _as_of(home, first, last)),
            *_decided(connection, first, last),
            *_drifted(connection),
        ]
    return "\n\n".join(parts) + "\n"


def _nights(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> str:
    found = rows(connection, "SELECT night FROM ops.run WHERE night BETWEEN ? AND ?", [first, last])
    published = {row["night"] for row in found}
    missing = [f"{first + timedelta(days=n)}" for n in range(DAYS) if first + timedelta(days=n) not in published]
    told = f"Published on {len(published)} of {DAYS} nights"
    return told + (f"; none on {', '.join(missing)}." if missing else ".")


def _feeds(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> str:
    found = rows(
        connection,
        """SELECT feed, count(*) AS nights, count(*) FILTER (status = 'blocked') AS blocked,
            sum(new_file_count)::BIGINT AS files, arg_max(accepted_count, night) AS lines,
            coalesce(max_by(reason, night) FILTER (status = 'blocked'), '') AS reason
        FROM ops.feed WHERE night BETWEEN ? AND ? GROUP BY feed ORDER BY blocked DESC, feed""",
        [first, last],
    )
    lines = ["| feed | nights | blocked | new files | lines now | why blocked |", "|---|--:|--:|--:|--:|---|"]
    for row in found:
        name, reason = plain(row["feed"]), plain(row["reason"])
        lines.append(f"| {name} | {row['nights']} | {row['blocked']} | {row['files']} | {row['lines']:,} | {reason} |")
    return "\n".join(lines)


def _as_of(home: Path, first: date, last: date) -> Path | None:
    """The candidates as of the earliest night of the week that left its history, unless that is the last one."""
    history = publication.folder(home) / "history"
    nights = (str(first + timedelta(days=n)) for n in range(DAYS))
    kept = [history / night / "candidate.parquet" for night in nights if night != str(last)]
    return next((place for place in kept if place.exists()), None)


def _candidates(connection: duckdb.DuckDBPyConnection, then: Path | None) -> Iterator[str]:
    now = _ranked(connection, "mart.candidate", [])
    worth = f"{many(len(now), 'candidate')}, {hours(_sum(now))} h a year"
    if then is None:
        yield f"{worth} now; no earlier night of the week left its candidates."
        return
    was = _ranked(connection, "read_parquet(?)", [str(then)])
    yield f"{worth} now; on {then.parent.name} {many(len(was), 'candidate')}, {hours(_sum(was))} h."
    yield from _listed("New", [one for key, one in now.items() if key not in was])
    yield from _listed("Gone", [one for key, one in was.items() if key not in now])
    moved = [
        one | {"moved": f", from rank {was[key]['rank']} to {one['rank']}"}
        for key, one in now.items()
        if key in was and one["rank"] != was[key]["rank"]
    ]
    yield from _listed("Moved", moved)


def _ranked(connection: duckdb.DuckDBPyConnection, relation: str, parameters: list[str]) -> dict[str, Row]:
    found = rows(
        connection,
        f"""SELECT candidate_id, rank, lever, process::VARCHAR AS process, title, saving_h_per_year
        FROM {relation} WHERE rank IS NOT NULL ORDER BY rank""",
        parameters,
    )
    return {row["candidate_id"]: row for row in found}


def _sum(candidates: dict[str, Row]) -> float:
    return sum(one["saving_h_per_year"] for one in candidates.values())


def _listed(heading: str, candidates: list[Row]) -> Iterator[str]:
    if candidates:
        lines = [
            f"- {one['lever']}, {hours(one['saving_h_per_year'])} h a year, {plain(one['process'])}: "
            f"{plain(one['title'])} ({one['candidate_id']}){one.get('moved', '')}"
            for one in candidates[:SHOWN]
        ]
        more = [f"- and {len(candidates) - SHOWN} more"] if len(candidates) > SHOWN else []
        yield "\n".join([f"## {heading}", "", *lines, *more])


def _decided(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> Iterator[str]:
    found = rows(
        connection,
        """SELECT decision.candidate_id, decision.status, title
        FROM ops.decision AS decision LEFT JOIN mart.candidate USING (candidate_id)
        WHERE decided_on BETWEEN ? AND ? ORDER BY decided_on, candidate_id""",
        [first, last],
    )
    if found:
        lines = [
            f"- {spoken(row['status'])}: {plain(row['title'] or 'gone by now')} ({row['candidate_id']})"
            for row in found
        ]
        yield "\n".join(["## Decided", "", *lines])


def _drifted(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found = rows(
        connection,
        """SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, max(realised_accuracy) AS accuracy
        FROM mart.rule WHERE is_drifted GROUP BY ALL ORDER BY process, activity""",
    )
    if found:
        lines = [
            f"- {plain(row['process'])}, after {plain(row['activity'])}"
            + ("" if row["accuracy"] is None else f": now fits {row['accuracy']:.0%}")
            for row in found
        ]
        yield "\n".join(["## Rules that no longer hold", "", *lines])
