"""Deliveries: each file by the hash of its content, read once into a private Parquet file, after the door.

What is kept of a file is typed, in UTC, pseudonymised and redacted; the file itself need not be opened again.
"""

from __future__ import annotations

import glob
import hashlib
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb
import pyarrow as pa

from essa import privacy
from essa.errors import EssaError, FeedError
from essa.feeds import Column, Feed
from essa.reading import times
from essa.reading.source import BROKEN_FILE, Source, open_source, unreadable
from essa.settings import Settings

SAMPLE_LINES = 1_000
ATTRIBUTE = "attribute:"  # how an attribute's column is called in the kept Parquet
NOTES = ("team", "outcome")
SUSPECT, HELD = '"essa:suspect"', '"essa:held"'


@dataclass(frozen=True)
class Delivery:
    """One file of a feed: `kept` is its Parquet, `source_file` how it is called in what people see."""

    feed: str
    path: Path
    source_file: str
    content_hash: str
    reading: str
    kept: Path


def files(feed: Feed) -> list[Path]:
    """The files a feed matches now, by name; FeedError where there are none."""
    found = [Path(path) for path in sorted(glob.glob(feed.files, recursive=True)) if Path(path).is_file()]
    if not found:
        raise FeedError(
            f"{feed.name}: no file matches {Path(feed.files).name}",
            do="check `files:` of the feed, or ask the provider for the delivery",
        )
    return found


def find(feed: Feed, base: Path, kept_folder: Path, secret: str) -> list[Delivery]:
    """A feed's deliveries as its folder has them now, by name."""
    reading = f"{feed.reading_fingerprint()}-{privacy.fingerprint(secret)}-{privacy.REDACTION_VERSION}"
    return [_delivery(feed, path, base, kept_folder, reading) for path in files(feed)]


def _delivery(feed: Feed, path: Path, base: Path, kept_folder: Path, reading: str) -> Delivery:
    with path.open("rb") as file:
        content_hash = hashlib.file_digest(file, "sha256").hexdigest()
    kept = kept_folder / feed.name / f"{content_hash[:32]}-{reading}.parquet"
    return Delivery(feed.name, path, _shown(path, base), content_hash, reading, kept)


def _shown(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path, base)).as_posix()


def keep(delivery: Delivery, feed: Feed, settings: Settings, connection: duckdb.DuckDBPyConnection) -> int:
    """Reads a delivery into its Parquet, unless that is there already; the number of its lines."""
    if not delivery.kept.exists():
        readings = understand(delivery.path, feed).times
        privacy.know_people(connection, _names(delivery.path, feed, connection))
        source = open_source(delivery.path, feed)
        delivery.kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # two files of one content may be read side by side
        half_done = delivery.kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        try:
            _write(source, feed, readings, settings, connection, half_done)
        except BROKEN_FILE as error:
            raise source.trouble or unreadable(delivery.path, error) from None
        else:
            os.replace(half_done, delivery.kept)
        finally:
            half_done.unlink(missing_ok=True)
    return connection.execute("SELECT count(*) FROM read_parquet(?)", [str(delivery.kept)]).fetchall()[0][0]


def _names(path: Path, feed: Feed, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The names in the resource column, software left out; read first, and held in memory only."""
    if feed.columns.resource is None:
        return []
    source = open_source(path, feed, is_glance=True)
    relation, name = source.on(connection), _trimmed(feed.columns.resource)
    try:
        found = connection.execute(f"SELECT DISTINCT {name} FROM {relation}").fetchall()
    except BROKEN_FILE as error:
        raise source.trouble or unreadable(path, error) from None
    return [row[0] for row in found if row[0] and not any(fnmatchcase(row[0], robot) for robot in feed.robots)]


@dataclass(frozen=True)
class Understanding:
    """How a file's columns are read: their types, a few redacted samples of each, and the reading of each time."""

    types: dict[str, str]
    samples: dict[str, tuple[str, ...]]
    times: dict[str, times.TimeReading]

    def example(self, ours: str, theirs: str) -> str:
        """One value as it may be shown: redacted, and no name at all."""
        given = self.samples.get(theirs, ())
        return "" if not given or ours == "resource" else privacy.redact(given[0])[:40]


def understand(path: Path, feed: Feed) -> Understanding:
    """Reads the first lines of a file and nothing else; FeedError where the feed does not fit it."""
    source = open_source(path, feed, is_glance=True)
    wanted = feed.wanted_columns()
    with duckdb.connect(config={"threads": 1}) as connection:
        listed = ", ".join(f"{_name(column)}::VARCHAR" for column in wanted)
        relation = source.on(connection)
        try:
            rows = connection.execute(f"SELECT {listed} FROM {relation} LIMIT {SAMPLE_LINES}").fetchall()
        except BROKEN_FILE as error:
            raise source.trouble or unreadable(path, error) from None
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    samples = {name: tuple(x for x in values if x is not None) for name, values in zip(wanted, columns, strict=True)}
    types = {name: source.types[name] for name in wanted}
    return Understanding(types, samples, times.understand_all(types, samples, feed))


def _write(
    source: Source,
    feed: Feed,
    readings: dict[str, times.TimeReading],
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    target: Path,
) -> None:
    relation = source.on(connection)
    select = staging_sql(source, feed, readings, settings, relation)
    connection.execute(f"COPY ({select}) TO {_text(target)} (FORMAT parquet, COMPRESSION snappy)")
    if source.refused:  # they are known only once every row was read
        refused = pa.table({
            "source_line": pa.array([line for line, _ in source.refused], pa.int64()),
            "malformed": pa.array([reason for _, reason in source.refused]),
        })  # fmt: skip
        connection.register("refused", refused)
        whole = target.with_suffix(".whole")
        connection.execute(
            f"""COPY (FROM read_parquet({_text(target)})
                UNION ALL BY NAME SELECT source_line, malformed, false AS is_robot FROM refused)
            TO {_text(whole)} (FORMAT parquet, COMPRESSION snappy)"""
        )
        connection.unregister("refused")
        os.replace(whole, target)


def staging_sql(
    source: Source, feed: Feed, readings: dict[str, times.TimeReading], settings: Settings, relation: str
) -> str:
    """The one statement that sees originals: it types, pseudonymises and redacts row by row, and sorts nothing."""
    columns = feed.columns
    text = {ours: _name(theirs) for ours, theirs in columns.model_dump().items() if theirs is not None}
    instants = {ours: reading.sql.format(x=text[ours]) for ours, reading in readings.items()}
    read = {ours: _name(f"essa:{ours}") for ours in instants}  # worked out once, asked for twice
    inner = "".join(f", {sql} AS {read[ours]}" for ours, sql in instants.items())
    ended = read.get("ended_at") or read["occurred_at"]
    process = _name(feed.process.column) if isinstance(feed.process, Column) else _text(feed.process)
    robot = " OR ".join(f"{text['resource']} GLOB {_text(pattern)}" for pattern in feed.robots if "resource" in text)
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
        "unreadable_time": _unreadable({ours: sql for ours, sql in read.items() if _is_text(ours, feed, source)}, text),
        "resource": f"pseudonym('r-', {text['resource']})" if "resource" in text else "NULL::VARCHAR",
        "is_robot": f"coalesce({robot or 'false'}, false)",
        "instance_id": _past_door("redacted_id", text.get("instance_id"), length),
        "system": _past_door("redacted", text.get("system"), length),
        **{name: _past_door("redacted_value", text.get(name), length) for name in NOTES},
        **{ATTRIBUTE + name: _past_door("redacted_value", _name(name), length) for name in feed.attributes},
    }
    listed = ",\n    ".join(f"{expression} AS {_name(name)}" for name, expression in selected.items())
    texts = [name for name in feed.wanted_columns() if not times.is_typed(source.types[name])]
    trimmed = ", ".join(f"{_trimmed(name)} AS {_name(name)}" for name in texts)
    held = f"SELECT *, {_held(source)} AS {HELD} FROM {relation}"
    looks = f'{_row_hash(feed)} AS "essa:row_hash", is_suspect({_seen(feed)}) AS {SUSPECT}'
    looked_at = f"SELECT *, {looks} FROM ({held})"
    taken_apart = f"SELECT *{inner} FROM (SELECT * REPLACE ({trimmed}) FROM ({looked_at}))"
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
    listed = ", ".join(f"coalesce({_name(name)}::VARCHAR, chr(0))" for name in sorted(source.types))
    return source.held_sql or f"concat_ws(chr(31), {listed})"


def _row_hash(feed: Feed) -> str:
    """Tells lines of a feed apart: by their event id where the feed names one, else by everything they hold."""
    held = f"coalesce({_trimmed(feed.event_id)}, chr(30) || {HELD})" if feed.event_id else HELD
    return f"keyed({_text(feed.name)}, {held})"


def _seen(feed: Feed) -> str:
    """One text in which whatever is to be redacted in a line can be seen; the resource itself never stands there."""
    hidden = {feed.columns.resource, *(getattr(feed.columns, ours) for ours in times.TIME_COLUMNS)}
    shown = [name for name in feed.wanted_columns() if name not in hidden or name in feed.attributes]
    return f"concat_ws(chr(31), {', '.join(_name(name) + '::VARCHAR' for name in shown)})"


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


def _trimmed(theirs: str) -> str:
    x = f"{_name(theirs)}::VARCHAR"  # looking for blanks at the ends is four times cheaper than trimming
    return f"CASE WHEN {x} LIKE ' %' OR {x} LIKE '% ' OR {x} = '' THEN nullif(trim({x}), '') ELSE {x} END"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def event_view(deliveries: Sequence[tuple[int, str, Path]], failed_rules_sql: str) -> str:
    """The SELECT behind `raw.event`: every kept line of (delivery_no, feed, Parquet), in that order."""
    if not deliveries:
        raise EssaError("no feed could be believed", do="see the reasons above; nothing was published")
    listed = ", ".join(_text(kept) for _, _, kept in deliveries)
    numbers = ", ".join(str(number) for number, _, _ in deliveries)
    feeds = ", ".join(_text(feed) for _, feed, _ in deliveries)
    relation = f"read_parquet([{listed}], union_by_name = true)"
    with duckdb.connect(config={"threads": 1}) as connection:
        described = connection.execute(f"DESCRIBE FROM {relation}").fetchall()
    attributes = [row[0] for row in described if row[0].startswith(ATTRIBUTE)]
    others = ", ".join(_name(row[0]) for row in described if row[0] not in attributes)
    packed = ", ".join(f"{_name(name.removeprefix(ATTRIBUTE))} := {_name(name)}" for name in attributes)
    return f"""SELECT
        ([{feeds}])[file_index::BIGINT + 1] AS feed,
        ([{numbers}])[file_index::BIGINT + 1]::USMALLINT AS delivery_no,
        {others},
        struct_pack({packed or '"none" := NULL::VARCHAR'}) AS attributes,
        {failed_rules_sql} AS failed_rules
    FROM {relation}"""
