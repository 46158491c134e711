"""The one statement that sees what a file says: it types, pseudonymises and redacts, row by row, and sorts nothing.

Nearly every row holds nothing personal and nothing untidy. One look at the whole row says so, and only the others are
taken through the redaction of each of their texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from essa.feeds import Column, Feed
from essa.people import WORKERS, People
from essa.reading import times
from essa.reading.opened import Source, quoted_name, quoted_text
from essa.settings import Settings

ATTRIBUTE = "attribute:"  # how an attribute's column is called in the kept Parquet
NAMES = ("process", "activity", "lifecycle", "system")
IDS = ("case_id", "instance_id")
NOTES = ("team", "outcome")
NAME_MACRO, ID_MACRO, VALUE_MACRO = "redacted", "redacted_id", "redacted_values"
FLOATS = ("FLOAT", "DOUBLE")
HELD, ROW_HASH, CARE = '"essa:held"', '"essa:row_hash"', '"essa:care"'


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

    def kinds(self) -> dict[str, dict[str, str]]:
        """By the macro that redacts them, those there are."""
        kinds = {NAME_MACRO: self.names, ID_MACRO: self.ids, VALUE_MACRO: self.values}
        return {macro: columns for macro, columns in kinds.items() if columns}


@dataclass(frozen=True)
class Door:
    """What is known before a file is read whole: its people, and the SQL function that takes them out of a text."""

    people: People
    remove_people: str


def staging_sql(
    source: Source, feed: Feed, readings: dict[str, times.TimeReading], settings: Settings, relation: str, door: Door
) -> str:
    """The SELECT that takes a file's rows past the door; `relation` is where they stand.

    Each level works out what the next asks for more than once; `WORKERS` must be known to the connection.
    """
    texts, length = Texts.of(feed), settings.longest_text_length
    of_time = {ours: getattr(feed.columns, ours) for ours in readings}
    times_as_text = {ours: _time_text(theirs, source) for ours, theirs in of_time.items()}
    given = {ours: quoted_name(f"essa:text:{ours}") for ours in readings}
    read = {ours: quoted_name(f"essa:{ours}") for ours in readings}
    instants = {read[ours]: _in_four_digits(reading.sql.format(x=given[ours])) for ours, reading in readings.items()}
    looks = {
        ROW_HASH: _row_hash(feed),
        CARE: _needs_care(texts, door, length),
        **{given[ours]: text for ours, text in times_as_text.items()},
    }
    care = [_bare_texts(texts), _nameless_texts(texts, door), _redacted_texts(texts)]
    inner = f"SELECT *, {_held(source)} AS {HELD} FROM {relation}"
    for columns in (looks, instants | care[0], *care[1:]):
        inner = f"SELECT *, {_listed(columns)}\nFROM ({inner})"
    kept = {quoted_name(name): sql for name, sql in _kept(source, feed, length, given, read).items()}
    return f"SELECT {_listed(kept)}\nFROM ({inner}) AS read\n{_join_workers(feed)}"


def _kept(source: Source, feed: Feed, length: int, given: dict[str, str], read: dict[str, str]) -> dict[str, str]:
    """What is kept of a row, by its name in the kept Parquet."""
    passed = {ours: "NULL::VARCHAR" for ours in (*NAMES, *IDS, *NOTES)}
    for macro, columns in Texts.of(feed).kinds().items():
        for place, (ours, theirs) in enumerate(columns.items(), start=1):
            passed[ours] = _passed(macro, ours, theirs, place, length)
    if not isinstance(feed.process, Column):
        passed["process"] = quoted_text(feed.process)
    theirs = {ours: name for columns in Texts.of(feed).kinds().values() for ours, name in columns.items()}
    for ours in theirs.keys() & passed.keys():
        if source.types[theirs[ours]] in FLOATS:  # where a table has no number, a file of floats says NaN
            passed[ours] = f"CASE WHEN isfinite({quoted_name(theirs[ours])}) THEN {passed[ours]} END"
    has_workers = feed.columns.resource is not None
    as_text = {ours: at for ours, at in read.items() if not times.is_typed(source.types[getattr(feed.columns, ours)])}
    return {
        "source_line": source.line_sql,
        "malformed": source.malformed_sql,
        "row_hash": ROW_HASH,
        **passed,
        "lifecycle": f"lower({passed['lifecycle']})",
        "started_at": read.get("started_at", "NULL::TIMESTAMP"),
        "ended_at": read.get("ended_at") or read["occurred_at"],
        "due_at": read.get("due_at", "NULL::TIMESTAMP"),
        "unreadable_time": _unreadable(as_text, given),
        "resource": _pseudonym(feed) if has_workers else "NULL::VARCHAR",
        "is_robot": f"coalesce({WORKERS}.is_robot, false)" if has_workers else "false",
    }


def _pseudonym(feed: Feed) -> str:
    """The file was read once for its names; whoever was not there then came in between."""
    name = _text(feed.columns.resource)
    return (
        f"CASE WHEN {WORKERS}.name IS NULL AND {name} IS NOT NULL"
        f" THEN error('the file changed while it was read') ELSE {WORKERS}.pseudonym END"
    )


def _join_workers(feed: Feed) -> str:
    if feed.columns.resource is None:
        return ""
    return f"LEFT JOIN {WORKERS} ON {WORKERS}.name = {_text(feed.columns.resource)}"


def _needs_care(texts: Texts, door: Door, length: int) -> str:
    """Whether a text of a row may be personal, too long, or begin or end with a blank."""
    together = _joined([theirs for columns in texts.kinds().values() for theirs in columns.values()])
    is_doubtful = f"is_suspect({together}) OR strlen({together}) > {length}"
    if not door.people.is_nobody():
        is_doubtful += f" OR {door.people.look_sql(together)}"
    return is_doubtful


def _careful(texts: Texts) -> dict[str, list[str]]:
    """The file's columns by what is redacted at once: ids one by one, the others as one text.

    So each pattern is compiled but once a file.
    """
    taken: dict[str, list[str]] = {}
    for macro, columns in texts.kinds().items():
        taken |= (
            {ours: [theirs] for ours, theirs in columns.items()}
            if macro == ID_MACRO
            else {macro: list(columns.values())}
        )
    return taken


def _bare_texts(texts: Texts) -> dict[str, str]:
    """The texts of a row that needs care; of others NULL."""
    return {
        _at("bare", of): f"CASE WHEN {CARE} THEN concat_ws(chr(31), {', '.join(map(_bare, columns))}) END"
        for of, columns in _careful(texts).items()
    }


def _nameless_texts(texts: Texts, door: Door) -> dict[str, str]:
    """The same without the names of people."""
    nameless = {}
    for of in _careful(texts):
        bare = _at("bare", of)
        without = f"{door.remove_people}({bare}, {of == NAME_MACRO})"
        nameless[_at("nameless", of)] = f"CASE WHEN {door.people.look_sql(bare)} THEN {without} ELSE {bare} END"
    return nameless


def _redacted_texts(texts: Texts) -> dict[str, str]:
    """The same without what else is personal: an id as one text, the others as a list of texts."""
    redacted: dict[str, str] = {}
    for of in _careful(texts):
        bare, nameless = _at("bare", of), _at("nameless", of)
        redacted[_at("redacted", of)] = {
            NAME_MACRO: f"string_split({NAME_MACRO}({nameless}), chr(31))",
            VALUE_MACRO: f"{VALUE_MACRO}({bare}, {nameless})",
        }.get(of, f"CASE WHEN {nameless} <> {bare} THEN pseudonym('case-', {bare}) ELSE {ID_MACRO}({bare}) END")
    return redacted


def _passed(macro: str, ours: str, theirs: str, place: int, length: int) -> str:
    """One text as it is kept; `place` is where it stands in its row's list, from 1."""
    redacted = _at("redacted", ours) if macro == ID_MACRO else f"{_at('redacted', macro)}[{place}]"
    return f"nullif(CASE WHEN {CARE} THEN left({redacted}, {length}) ELSE {_text(theirs)} END, '')"


def _at(stage: str, of: str) -> str:
    return quoted_name(f"essa:{stage}:{of}")


def _bare(theirs: str) -> str:
    return f"coalesce(replace(trim({_text(theirs)}), chr(31), ' '), '')"


def _joined(columns: Sequence[str]) -> str:
    return f"concat_ws(chr(31), {', '.join(map(_text, columns))})"


def _text(theirs: str) -> str:
    return f"{quoted_name(theirs)}::VARCHAR"


def _listed(columns: Mapping[str, str]) -> str:
    return ",\n    ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _time_text(theirs: str, source: Source) -> str:
    return quoted_name(theirs) if times.is_typed(source.types[theirs]) else trimmed(theirs)


def _in_four_digits(at: str) -> str:
    """Years 1 to 9999; one `infinity` or year 290000 would stop whatever subtracts times, for the whole log."""
    return f"if({at} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59', {at}, NULL)"


def _held(source: Source) -> str:
    """Everything a line holds, as one text."""
    listed = ", ".join(f"coalesce({quoted_name(name)}::VARCHAR, chr(0))" for name in sorted(source.types))
    return source.held_sql or f"concat_ws(chr(31), {listed})"


def _row_hash(feed: Feed) -> str:
    """Tells lines of a feed apart: by their event id where the feed names one, else by everything they hold."""
    held = f"coalesce({trimmed(feed.event_id)}, chr(30) || {HELD})" if feed.event_id else HELD
    return f"keyed({quoted_text(feed.name)}, {held})"


def _unreadable(read: dict[str, str], text: dict[str, str]) -> str:
    parts = [
        f"CASE WHEN {text[ours]} IS NOT NULL AND {sql} IS NULL"
        f" THEN '{ours}: ' || left(time_shape({text[ours]}), 40) END"
        for ours, sql in read.items()
    ]
    bad = " OR ".join(f"({sql} IS NULL AND {text[ours]} IS NOT NULL)" for ours, sql in read.items())
    return f"CASE WHEN {bad} THEN concat_ws('; ', {', '.join(parts)}) END" if parts else "NULL::VARCHAR"


def trimmed(theirs: str) -> str:
    x = _text(theirs)  # looking for blanks at the ends is four times cheaper than trimming
    return f"CASE WHEN {x} LIKE ' %' OR {x} LIKE '% ' OR {x} = '' THEN nullif(trim({x}), '') ELSE {x} END"
