"""The one statement that sees what a file says: it types, pseudonymises and redacts, row by row, and sorts nothing."""

from __future__ import annotations

from collections.abc import Iterable

from essa.feeds import Column, Feed
from essa.reading import times
from essa.reading.opened import Source, quoted_name, quoted_text
from essa.settings import Settings

ATTRIBUTE = "attribute:"  # how an attribute's column is called in the kept Parquet
NOTES = ("team", "outcome")
SUSPECT, HELD = '"essa:suspect"', '"essa:held"'


def staging_sql(
    source: Source, feed: Feed, readings: dict[str, times.TimeReading], settings: Settings, relation: str
) -> str:
    """The SELECT that takes a file's rows past the door; `relation` is where they stand."""
    columns = feed.columns
    text = {ours: quoted_name(theirs) for ours, theirs in columns.model_dump().items() if theirs is not None}
    instants = {ours: reading.sql.format(x=text[ours]) for ours, reading in readings.items()}
    read = {ours: quoted_name(f"essa:{ours}") for ours in instants}  # worked out once, asked for twice
    inner = "".join(f", {sql} AS {read[ours]}" for ours, sql in instants.items())
    ended = read.get("ended_at") or read["occurred_at"]
    process = quoted_name(feed.process.column) if isinstance(feed.process, Column) else quoted_text(feed.process)
    robots = feed.robots if "resource" in text else ()
    robot = " OR ".join(f"{text['resource']} GLOB {quoted_text(pattern)}" for pattern in robots)
    length = settings.longest_text_length
    selected = {
        "source_line": source.line_sql,
        "malformed": source.malformed_sql,
        "row_hash": '"essa:row_hash"::UUID',
        "process": _past_door("redacted", process, length),
        "case_id": _past_door("redacted_id", text["case_id"], length),
        "activity": _past_door("redacted", text["activity"], length),
        "lifecycle": f"lower({_past_door('redacted', text.get('lifecycle'), length)})",
        "started_at": read.get("started_at", "NULL::TIMESTAMP"),
        "ended_at": ended,
        "due_at": read.get("due_at", "NULL::TIMESTAMP"),
        "unreadable_time": _unreadable({ours: at for ours, at in read.items() if _is_text(ours, feed, source)}, text),
        "resource": f"pseudonym('r-', {text['resource']})" if "resource" in text else "NULL::VARCHAR",
        "is_robot": f"coalesce({robot or 'false'}, false)",
        "instance_id": _past_door("redacted_id", text.get("instance_id"), length),
        "system": _past_door("redacted", text.get("system"), length),
        **{name: _past_door("redacted_value", text.get(name), length) for name in NOTES},
        **{ATTRIBUTE + name: _past_door("redacted_value", quoted_name(name), length) for name in feed.attributes},
    }
    listed = ",\n    ".join(f"{expression} AS {quoted_name(name)}" for name, expression in selected.items())
    texts = [name for name in feed.wanted_columns() if not times.is_typed(source.types[name])]
    stripped = ", ".join(f"{trimmed(name)} AS {quoted_name(name)}" for name in texts)
    held = f"SELECT *, {_held(source)} AS {HELD} FROM {relation}"
    looks = f'{_row_hash(feed)} AS "essa:row_hash", is_suspect({_seen(feed)}) AS {SUSPECT}'
    looked_at = f"SELECT *, {looks} FROM ({held})"
    taken_apart = f"SELECT *{inner} FROM (SELECT * REPLACE ({stripped}) FROM ({looked_at}))"
    return f"SELECT\n    {listed}\nFROM ({_in_four_digits(read.values())} FROM ({taken_apart}))"


def _past_door(macro: str, text: str | None, length: int) -> str:
    """A text as it may be kept. One look at the whole line spares nearly every line the look at each of its texts."""
    if text is None:
        return "NULL::VARCHAR"
    return (
        f"CASE WHEN {SUSPECT} THEN left({macro}({text}), {length})"
        f" WHEN strlen({text}) > {length} THEN left({text}, {length}) ELSE {text} END"
    )


def _in_four_digits(columns: Iterable[str]) -> str:
    """Years 1 to 9999; one `infinity` or year 290000 would stop whatever subtracts times, for the whole log."""
    kept = (f"CASE WHEN {x} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59' THEN {x} END AS {x}"
            for x in columns)  # fmt: skip
    return f"SELECT * REPLACE ({', '.join(kept)})"


def _held(source: Source) -> str:
    """Everything a line holds, as one text."""
    listed = ", ".join(f"coalesce({quoted_name(name)}::VARCHAR, chr(0))" for name in sorted(source.types))
    return source.held_sql or f"concat_ws(chr(31), {listed})"


def _row_hash(feed: Feed) -> str:
    """Tells lines of a feed apart: by their event id where the feed names one, else by everything they hold."""
    held = f"coalesce({trimmed(feed.event_id)}, chr(30) || {HELD})" if feed.event_id else HELD
    return f"keyed({quoted_text(feed.name)}, {held})"


def _seen(feed: Feed) -> str:
    """One text in which whatever is to be redacted in a line can be seen; the resource itself never stands there."""
    hidden = {feed.columns.resource, *(getattr(feed.columns, ours) for ours in times.TIME_COLUMNS)}
    shown = [name for name in feed.wanted_columns() if name not in hidden or name in feed.attributes]
    return f"concat_ws(chr(31), {', '.join(quoted_name(name) + '::VARCHAR' for name in shown)})"


def _unreadable(read: dict[str, str], text: dict[str, str]) -> str:
    parts = [
        f"CASE WHEN {text[ours]} IS NOT NULL AND {sql} IS NULL"
        f" THEN '{ours}: ' || left(time_shape({text[ours]}), 40) END"
        for ours, sql in read.items()
    ]
    bad = " OR ".join(f"({sql} IS NULL AND {text[ours]} IS NOT NULL)" for ours, sql in read.items())
    return f"CASE WHEN {bad} THEN concat_ws('; ', {', '.join(parts)}) END" if parts else "NULL::VARCHAR"


def _is_text(ours: str, feed: Feed, source: Source) -> bool:
    return not times.is_typed(source.types[getattr(feed.columns, ours)])


def trimmed(theirs: str) -> str:
    x = f"{quoted_name(theirs)}::VARCHAR"  # looking for blanks at the ends is four times cheaper than trimming
    return f"CASE WHEN {x} LIKE ' %' OR {x} LIKE '% ' OR {x} = '' THEN nullif(trim({x}), '') ELSE {x} END"
