"""Which remembered candidate each opportunity of tonight is, and routine: known by executions, not by its name.

Executions keep their ids from night to night whatever a step is called here, so a candidate outlives a name put in
names.yaml, a night in which it was not found and a growing history. Where the sender writes rows delivered before anew,
as with another name for a step, their ids are others but their places in their cases and their times are not, and by
these it is known as well. Of each candidate only sketches are kept, its smallest ids and places: below the smaller end
of two sketches both are whole, and what they share there is what they share in all.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

NAME_WEIGHT = 0.2  # of two that share as much, the one about the same activities; never enough alone
SKETCHES = ("sketch", "place_sketch")


@dataclass(frozen=True)
class Likeness:
    """What two opportunities share: parts of either one's executions, and how surely they are one."""

    of_old: float
    of_new: float
    has_same_steps: bool

    @property
    def of_smaller(self) -> float:
        return max(self.of_old, self.of_new)

    @property
    def score(self) -> float:
        return round((1 - NAME_WEIGHT) * self.of_smaller + NAME_WEIGHT * self.has_same_steps, 9)


Row = Mapping[str, Any]
Pair = tuple[str, Any]  # a remembered candidate's id and tonight's number


def of_candidates(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of `mart.identity`."""
    tonight = _rows(connection, "FROM mart.found_sketch ORDER BY candidate_no")
    remembered = _rows(connection, "FROM ops.candidate_work ORDER BY seen_on DESC, candidate_id")
    decided = {row["candidate_id"] for row in _rows(connection, "FROM ops.decision")}
    return _decided(connection, tonight, remembered, decided)


def of_routines(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of `mart.routine_identity`. Whatever process it is said to be of, its executions tell which one it is."""
    tonight = _rows(connection, "FROM mart.routine_sketch ORDER BY named_id")
    remembered = _rows(connection, "FROM ops.routine_work ORDER BY seen_on DESC, routine_id")
    found = _decided(
        connection,
        [{**row, "candidate_no": row["named_id"]} for row in tonight],
        [{**row, "candidate_id": row["routine_id"]} for row in remembered],
        set(),
    )
    return [
        {"routine_id": row["candidate_id"], "named_id": row["candidate_no"]}
        | {name: row[name] for name in ("what", "related_id")}
        for row in found
    ]


TABLES = {"mart.identity": of_candidates, "mart.routine_identity": of_routines}


def _decided(
    connection: duckdb.DuckDBPyConnection, tonight: Sequence[Row], remembered: Sequence[Row], decided: set[str]
) -> list[dict[str, Any]]:
    settings = _rows(connection, "FROM ops.tonight")[0]
    known = [
        row
        for row in remembered
        if row["seen_on"] < settings["night"]
        and ((settings["night"] - row["seen_on"]).days <= settings["identity_days"] or row["candidate_id"] in decided)
    ]
    latest = list({row["candidate_id"]: row for row in reversed(known)}.values())
    salt = str(settings["night"])
    return decide(tonight, latest, settings["identity_share_min"], settings["sketch_size"], salt)


def decide(
    tonight: Sequence[Row], remembered: Sequence[Row], share_min: float, sketch_size: int, salt: str
) -> list[dict[str, Any]]:
    """Each opportunity's id and what became of each remembered candidate, in the order of their ids."""
    likeness = _likenesses(tonight, remembered, sketch_size)
    alike = {pair: found for pair, found in likeness.items() if found.of_smaller >= share_min}
    same = _matched(alike, {row["candidate_id"]: row["execution_count"] for row in remembered})
    _match_by_words(same, tonight, remembered)
    taken = {row["candidate_id"] for row in remembered}
    rows = []
    for row in tonight:
        number = row["candidate_no"]
        known = same.get(number)
        if known is None:
            parent = _closest({old: found.of_new for (old, new), found in alike.items() if new == number}, share_min)
            named = _fresh(row["named_id"], taken, salt)
            taken.add(named)
            rows.append(_row(named, number, "split" if parent else "new", parent))
        else:
            rows.append(_row(known, number, "known", None))
    called = {row["candidate_no"]: row["candidate_id"] for row in rows}
    for row in remembered:
        old = row["candidate_id"]
        if old not in same.values():
            into = _closest({called[new]: found.of_old for (one, new), found in alike.items() if one == old}, share_min)
            rows.append(_row(old, None, "merged" if into else "gone", into))
    return sorted(rows, key=lambda row: row["candidate_id"])


def _likenesses(tonight: Sequence[Row], remembered: Sequence[Row], sketch_size: int) -> dict[Pair, Likeness]:
    """Of every two of one process, lever, pattern and provider that share an execution."""
    holders: dict[tuple[Any, ...], list[Row]] = {}
    for row in remembered:
        for mark in _marks(row):
            holders.setdefault((mark, *_kind(row)), []).append(row)
    found = {}
    for new in tonight:
        near = {old["candidate_id"]: old for mark in _marks(new) for old in holders.get((mark, *_kind(new)), ())}
        for old in near.values():
            like = compare(old, new, sketch_size)
            if like.of_smaller > 0:
                found[old["candidate_id"], new["candidate_no"]] = like
    return found


def _marks(row: Row) -> Iterator[Any]:
    return itertools.chain.from_iterable(row[name] or () for name in SKETCHES)


def _kind(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("process", "lever", "pattern", "provider"))


def compare(old: Row, new: Row, sketch_size: int) -> Likeness:
    """What two opportunities share by the ids of their executions, or by their places where those share more."""
    told = [_shares(old[name] or (), new[name], sketch_size) for name in SKETCHES]  # an older home knows no places
    return Likeness(*max(told, key=max), list(old["activities"]) == list(new["activities"]))


def _shares(old: Sequence[Any], new: Sequence[Any], sketch_size: int) -> tuple[float, float]:
    """Of what either sketch stands for, the part that is in both."""
    end = min((max(one) for one in (old, new) if len(one) >= sketch_size), default=None)
    before, now = ({mark for mark in one if end is None or mark <= end} for one in (old, new))
    shared = len(before & now)
    return shared / len(before) if before else 0.0, shared / len(now) if now else 0.0


def _matched(alike: Mapping[Pair, Likeness], old_counts: Mapping[str, int]) -> dict[int, str]:
    """Tonight's number to the id it keeps: the surest pair first, each id and each number once."""
    same: dict[int, str] = {}
    given: set[str] = set()
    surest = sorted(alike, key=lambda pair: (-alike[pair].score, -alike[pair].of_old * old_counts[pair[0]], *pair))
    for old, new in surest:
        if old not in given and new not in same:
            same[new] = old
            given.add(old)
    return same


def _match_by_words(same: dict[int, str], tonight: Sequence[Row], remembered: Iterable[Row]) -> None:
    """What shares no execution any more, as where a feed delivers only its last weeks, is known by its words."""
    left = {
        (row["named_id"], _kind(row)): row["candidate_id"]
        for row in remembered
        if row["candidate_id"] not in same.values()
    }
    for row in tonight:
        if row["candidate_no"] not in same and (known := left.pop((row["named_id"], _kind(row)), None)):
            same[row["candidate_no"]] = known


def _closest(shares: Mapping[str, float], share_min: float) -> str | None:
    """The id that holds most of it, if that is enough."""
    best = min(shares, key=lambda one: (-shares[one], one), default=None)
    return best if best is not None and shares[best] >= share_min else None


def _fresh(named: str, taken: set[str], salt: str) -> str:
    """The id of its words, or where a candidate of other work has that one, another."""
    while named in taken:
        named = named[0] + hashlib.md5(f"{named}{salt}".encode(), usedforsecurity=False).hexdigest()[:10]
    return named


def _row(candidate_id: str, number: int | None, what: str, related: str | None) -> dict[str, Any]:
    return {"candidate_id": candidate_id, "candidate_no": number, "what": what, "related_id": related}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
