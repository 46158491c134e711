"""The one statement that takes what a file says past the door, row by row: it types, and sorts nothing.

Its rows come from `looks`, with what is kept of their texts, redacted there, and the pseudonym of who did each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from essa import looks, redaction
from essa.feeds import Column, Feed
from essa.people import IS_ROBOT, PSEUDONYM
from essa.reading import times
from essa.reading.opened import TYPED, Source, is_typed, quoted_name, quoted_text

ATTRIBUTE = "attribute:"  # how an attribute's column is called in the kept Parquet
NAMES = ("process", "activity", "lifecycle", "system")
IDS = ("case_id", "instance_id")
NOTES = ("team", "outcome")
SENT_AS = "sent_as"
ROW_HASH = '"essa:row_hash"'


@dataclass(frozen=True)
class Texts:
    """The texts of a feed's rows that are kept, by what the door does to them: our name of each to the file's."""

    names: dict[str, str]
    ids: dict[str, str]
    values: dict[str, str]

    @classmethod
    def of(cls, feed: Feed) -> Texts:
        theirs = {ours: name for ours, name in feed.columns.model_dump().items() if name is not None}
        if isinstance(feed.process, Column):
            theirs["process"] = feed.process.column
        return cls(
            names={ours: theirs[ours] for ours in NAMES if ours in theirs},
            ids={ours: theirs[ours] for ours in IDS if ours in theirs},
            values={ours: theirs[ours] for ours in NOTES if ours in theirs}
            | {ATTRIBUTE + name: name for name in feed.attributes},
        )

    def looked_at(self) -> dict[str, tuple[str, str]]:
        """What the door does to each, and the file's column, by our name."""
        kinds = {redaction.ID: self.ids, redaction.VALUE: self.values, redaction.LABEL: self.names}
        return {ours: (kind, theirs) for kind, columns in kinds.items() for ours, theirs in columns.items()}

    def all(self) -> dict[str, str]:
        return self.ids | self.values | self.names


def staging_sql(source: Source, feed: Feed, readings: dict[str, times.TimeReading], relation: str) -> str:
    """The SELECT that takes a file's rows past the door; `relation` is where they stand, looked through.

    Each level works out what the next asks for more than once.
    """
    of_time = {ours: getattr(feed.columns, ours) for ours in readings}
    given = {ours: quoted_name(f"essa:text:{ours}") for ours in readings}
    read = {ours: quoted_name(f"essa:{ours}") for ours in readings}
    instants = {ours: quoted_name(f"essa:instant:{ours}") for ours in readings}
    as_text = {ours: given[ours] for ours, theirs in of_time.items() if not is_typed(source.types[theirs])}
    inner = relation
    for columns in (
        {ROW_HASH: _row_hash(source, feed)} | {given[ours]: _time_text(it, source) for ours, it in of_time.items()},
        {instants[ours]: reading.sql.format(x=given[ours]) for ours, reading in readings.items()},
        {read[ours]: _in_four_digits(instant) for ours, instant in instants.items()},
    ):
        inner = f"(SELECT *, {_listed(columns)}\nFROM {inner})"
    kept = {quoted_name(name): sql for name, sql in _kept(source, feed, as_text, read).items()}
    return f"SELECT {_listed(kept)}\nFROM {inner}"


def _kept(source: Source, feed: Feed, as_text: dict[str, str], read: dict[str, str]) -> dict[str, str]:
    """What is kept of a row, by its name in the kept Parquet."""
    passed = {ours: "NULL::VARCHAR" for ours in (*NAMES, *IDS, *NOTES)}
    theirs = Texts.of(feed).all()
    passed |= {ours: f"nullif({quoted_name(looks.KEPT + ours)}, '')" for ours in theirs}
    if not isinstance(feed.process, Column):
        passed["process"] = quoted_text(feed.process)
    has_workers = feed.columns.resource is not None
    return {
        "source_line": source.line_sql,
        "malformed": source.malformed_sql,
        "row_hash": ROW_HASH,
        SENT_AS: f"{_form(source)}::UBIGINT",
        **passed,
        "lifecycle": f"lower({passed['lifecycle']})",
        "started_at": read.get("started_at", "NULL::TIMESTAMP"),
        "ended_at": read.get("ended_at") or read["occurred_at"],
        "due_at": read.get("due_at", "NULL::TIMESTAMP"),
        "unreadable_time": _unreadable(as_text, read),
        "resource": quoted_name(PSEUDONYM) if has_workers else "NULL::VARCHAR",
        "is_robot": f"coalesce({quoted_name(IS_ROBOT)}, false)" if has_workers else "false",
    }


def _listed(columns: Mapping[str, str]) -> str:
    return ",\n    ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _time_text(theirs: str, source: Source) -> str:
    return quoted_name(TYPED + theirs) if is_typed(source.types[theirs]) else trimmed(theirs)


def _in_four_digits(at: str) -> str:
    """Years 1 to 9999; one `infinity` or year 290000 would stop whatever subtracts times, for the whole log."""
    return f"if({at} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59', {at}, NULL)"


def _held(source: Source) -> str:
    """Everything a line holds, as one text."""
    listed = ", ".join(f"coalesce({quoted_name(name)}, chr(0))" for name in sorted(source.types))
    return source.held_sql or f"concat_ws(chr(31), {listed})"


def _form(source: Source) -> int:
    """A number for the columns a file has and how it holds them: only where it is one can lines hold the same."""
    told = hashlib.sha256(json.dumps([sorted(source.types.items()), source.written]).encode())
    return int.from_bytes(told.digest()[:8])


def _row_hash(source: Source, feed: Feed) -> str:
    """Tells lines of a feed apart: by their event id where the feed names one, else by everything they hold."""
    held = _held(source)
    if feed.event_id:
        held = f"coalesce({trimmed(feed.event_id)}, chr(30) || {held})"
    return f"keyed({quoted_text(feed.name)}, {held})"


def _unreadable(as_text: dict[str, str], read: dict[str, str]) -> str:
    """Which of a row's times could not be read, and what they look like."""
    parts = [
        f"CASE WHEN {text} IS NOT NULL AND {read[ours]} IS NULL"
        f" THEN '{ours}: ' || left(shape(replace({text}, chr(31), ' ')), 40) END"
        for ours, text in as_text.items()
    ]
    return f"nullif(concat_ws('; ', {', '.join(parts)}), '')" if parts else "NULL::VARCHAR"


def trimmed(theirs: str) -> str:
    x = quoted_name(theirs)  # looking for blanks at the ends is four times cheaper than trimming
    return f"CASE WHEN {x} LIKE ' %' OR {x} LIKE '% ' OR {x} = '' THEN nullif(trim({x}), '') ELSE {x} END"
