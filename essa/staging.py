"""The one statement that sees what a file says: it types, pseudonymises and redacts, row by row, and sorts nothing.

Nearly every row holds nothing personal and nothing untidy. `looks` says so, and only the others are taken through the
redaction of each of their texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from essa import looks, redaction
from essa.feeds import Column, Feed
from essa.people import IS_ROBOT, PSEUDONYM
from essa.reading import times
from essa.reading.opened import TYPED, Source, is_typed, quoted_name, quoted_text
from essa.settings import Settings

ATTRIBUTE = "attribute:"  # how an attribute's column is called in the kept Parquet
NAMES = ("process", "activity", "lifecycle", "system")
IDS = ("case_id", "instance_id")
NOTES = ("team", "outcome")
OTHERS, LABELS = "others", "labels"
FLOATS, INFINITE = ("FLOAT", "DOUBLE"), ("nan", "inf", "-inf")
ROW_HASH, UNREADABLE, SUSPECT, CARE = '"essa:row_hash"', '"essa:unreadable"', f'"{looks.SUSPECT}"', f'"{looks.CARE}"'
NAMED = {OTHERS: f'"{looks.NAMED}"', LABELS: f'"{looks.NAMED_IN_LABELS}"'}


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

    def looked_at(self) -> tuple[list[str], list[str]]:
        """The file's columns of others and of labels."""
        return [*self.ids.values(), *self.values.values()], list(self.names.values())

    def apart(self) -> dict[str, dict[str, str]]:
        """Labels, which lose more, and the others, those there are."""
        return {of: columns for of, columns in ((OTHERS, self.ids | self.values), (LABELS, self.names)) if columns}

    def all(self) -> dict[str, str]:
        """In the order in which they stand in the one text of a row."""
        return self.ids | self.values | self.names


def staging_sql(
    source: Source,
    feed: Feed,
    readings: dict[str, times.TimeReading],
    settings: Settings,
    relation: str,
    remove_people: str,
) -> str:
    """The SELECT that takes a file's rows past the door; `relation` is where they stand, looked through.

    `remove_people` is the SQL function that takes names out of a text. Each level works out what the next asks for more
    than once.
    """
    texts, length = Texts.of(feed), settings.longest_text_length
    of_time = {ours: getattr(feed.columns, ours) for ours in readings}
    times_as_text = {ours: _time_text(theirs, source) for ours, theirs in of_time.items()}
    given = {ours: quoted_name(f"essa:text:{ours}") for ours in readings}
    read = {ours: quoted_name(f"essa:{ours}") for ours in readings}
    instants = {ours: quoted_name(f"essa:instant:{ours}") for ours in readings}
    as_text = {ours: given[ours] for ours, theirs in of_time.items() if not is_typed(source.types[theirs])}
    unreadable = " OR ".join(f"({read[ours]} IS NULL AND {text} IS NOT NULL)" for ours, text in as_text.items())
    inner = relation
    for columns in (
        {ROW_HASH: _row_hash(source, feed), **{given[ours]: text for ours, text in times_as_text.items()}},
        {instants[ours]: reading.sql.format(x=given[ours]) for ours, reading in readings.items()},
        {read[ours]: _in_four_digits(instant) for ours, instant in instants.items()},
        {UNREADABLE: unreadable or "false"} | _bare_texts(texts),
        _nameless_texts(texts, remove_people),
        *redaction.levels(_in_a_row(texts, list(as_text.values()))),
    ):
        inner = f"(SELECT *, {_listed(columns)}\nFROM {inner})"
    kept = {quoted_name(name): sql for name, sql in _kept(source, feed, length, as_text, read).items()}
    return f"SELECT {_listed(kept)}\nFROM {inner}"


def _kept(source: Source, feed: Feed, length: int, as_text: dict[str, str], read: dict[str, str]) -> dict[str, str]:
    """What is kept of a row, by its name in the kept Parquet."""
    passed = {ours: "NULL::VARCHAR" for ours in (*NAMES, *IDS, *NOTES)}
    theirs = Texts.of(feed).all()
    for place, (ours, column) in enumerate(theirs.items(), start=1):
        passed[ours] = _passed(column, place, length)
    if not isinstance(feed.process, Column):
        passed["process"] = quoted_text(feed.process)
    for ours in theirs.keys() & passed.keys():
        if source.types[theirs[ours]] in FLOATS:  # where a table has no number, a file of floats says NaN
            passed[ours] = f"CASE WHEN {quoted_name(theirs[ours])} NOT IN {INFINITE} THEN {passed[ours]} END"
    has_workers = feed.columns.resource is not None
    return {
        "source_line": source.line_sql,
        "malformed": source.malformed_sql,
        "row_hash": ROW_HASH,
        **passed,
        "lifecycle": f"lower({passed['lifecycle']})",
        "started_at": read.get("started_at", "NULL::TIMESTAMP"),
        "ended_at": read.get("ended_at") or read["occurred_at"],
        "due_at": read.get("due_at", "NULL::TIMESTAMP"),
        "unreadable_time": _unreadable(as_text, read, len(theirs)),
        "resource": quoted_name(PSEUDONYM) if has_workers else "NULL::VARCHAR",
        "is_robot": f"coalesce({quoted_name(IS_ROBOT)}, false)" if has_workers else "false",
    }


def _bare_texts(texts: Texts) -> dict[str, str]:
    """The texts of a row that needs care, labels apart; of others NULL."""
    return {
        _at("bare", of): f"CASE WHEN {CARE} THEN concat_ws(chr(31), {', '.join(map(_bare, columns.values()))}) END"
        for of, columns in texts.apart().items()
    }


def _nameless_texts(texts: Texts, remove_people: str) -> dict[str, str]:
    """The same without the names of people."""
    return {
        _at("nameless", of): f"CASE WHEN {NAMED[of]} THEN {remove_people}({bare}, {of == LABELS}) ELSE {bare} END"
        for of in texts.apart()
        for bare in (_at("bare", of),)
    }


def _in_a_row(texts: Texts, times_as_text: Sequence[str]) -> redaction.InARow:
    """The texts of a row that needs care; doubtful are those that may hold more than names, the times behind them."""
    bare, nameless = (" || chr(31) || ".join(_at(stage, of) for of in texts.apart()) for stage in ("bare", "nameless"))
    nothing = quoted_text("\x1f" * (len(texts.all()) - 1))
    times_said = "".join(f" || chr(31) || coalesce(replace({text}, chr(31), ' '), '')" for text in times_as_text)
    doubtful = f"""CASE WHEN {SUSPECT} OR {UNREADABLE} OR {nameless} <> {bare}
        THEN coalesce({nameless}, {nothing}){times_said} END"""
    return redaction.InARow(bare, nameless, doubtful, len(texts.ids), len(texts.values))


def _passed(theirs: str, place: int, length: int) -> str:
    """One text as it is kept; `place` is where it stands among those of its row, from 1."""
    return f"nullif(CASE WHEN {CARE} THEN left({redaction.KEPT}[{place}], {length}) ELSE {quoted_name(theirs)} END, '')"


def _at(stage: str, of: str) -> str:
    return quoted_name(f"essa:{stage}:{of}")


def _bare(theirs: str) -> str:
    return f"coalesce(trim(replace({quoted_name(theirs)}, chr(31), ' ')), '')"


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


def _row_hash(source: Source, feed: Feed) -> str:
    """Tells lines of a feed apart: by their event id where the feed names one, else by everything they hold."""
    held = _held(source)
    if feed.event_id:
        held = f"coalesce({trimmed(feed.event_id)}, chr(30) || {held})"
    return f"keyed({quoted_text(feed.name)}, {held})"


def _unreadable(as_text: dict[str, str], read: dict[str, str], texts_before: int) -> str:
    """Which of a row's times could not be read, and what they look like; they stand behind its texts."""
    parts = [
        f"CASE WHEN {text} IS NOT NULL AND {read[ours]} IS NULL"
        f" THEN '{ours}: ' || left(shape({redaction.CLEAN}[{place}]), 40) END"
        for place, (ours, text) in enumerate(as_text.items(), start=texts_before + 1)
    ]
    return f"CASE WHEN {UNREADABLE} THEN concat_ws('; ', {', '.join(parts)}) END" if parts else "NULL::VARCHAR"


def trimmed(theirs: str) -> str:
    x = quoted_name(theirs)  # looking for blanks at the ends is four times cheaper than trimming
    return f"CASE WHEN {x} LIKE ' %' OR {x} LIKE '% ' OR {x} = '' THEN nullif(trim({x}), '') ELSE {x} END"
