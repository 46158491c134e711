"""What an opened file is to those who read it: rows that DuckDB can scan, each with the line it stood on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from essa import privacy
from essa.errors import FeedError

OURS = re.compile("(?:essa:)+", re.IGNORECASE | re.ASCII)
LINE = "essa:source_line"  # no column of a sender is called so
DELIVERED = "delivered"  # how DuckDB knows Arrow rows
HELD, MALFORMED = "essa:held", "essa:malformed"
TYPED = "essa:typed:"  # before the name of a column of times that are no texts
ROWS_AT_ONCE = 1 << 13
WHOLE_BELOW = {"FLOAT": 1 << 24, "DOUBLE": 1 << 53}  # from here on such a column has no room for each whole number
# What the libraries raise for a file that is not what it should be; anything else is a fault of ours.
# DuckDB has no kind of its own for what it hears from Parquet's library.
BROKEN_FILE = (pa.ArrowInvalid, OSError, EOFError, UnicodeError, duckdb.Error)
OF_A_FILE = (duckdb.Error, duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException)
SHOWN_COUNT, SHOWN_MARKS = 40, 60  # of a file's columns in a message, and of the name of each
OF_OURS = "occurred while executing the UDF"  # a function of ours failed on a text, whatever file that stands in


@dataclass
class Source:
    """A file's rows. `relation` is what stands after FROM; Arrow rows are known there as `delivered`.

    `types` are the DuckDB types of the columns as the file gives them. `refused` fills while rows are read: the lines
    that could not be taken apart, with the reason.
    """

    relation: str
    types: dict[str, str]
    names: dict[str, str] = field(
        default_factory=dict
    )  # of columns that stand there under another name than the file's
    rows: pa.RecordBatchReader | None = None
    line_sql: str = f'"{LINE}"'
    malformed_sql: str = "NULL::VARCHAR"
    held_sql: str | None = None  # everything a row holds, where there is a shorter way than its columns
    written: str = ""  # how a file is written whose rows hold more than the values of its columns
    refused: list[tuple[int, str]] = field(default_factory=list)
    trouble: Exception | None = None  # what a reader said while DuckDB, which would garble it, was reading

    def called(self, theirs: str) -> str:
        """What a column of the file is called in `relation` and `types`."""
        return self.names.get(theirs, theirs)

    def on(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Makes the rows known to a connection; the text that stands after FROM."""
        if self.rows is not None:
            watched = pa.RecordBatchReader.from_batches(self.rows.schema, self._watched(self.rows))
            connection.register(DELIVERED, watched)
        return self.relation

    def as_texts(self, columns: Sequence[str], connection: duckdb.DuckDBPyConnection) -> Source:
        """The same with Arrow rows, read through a connection where they are none: these columns as texts.

        Of a column of times there are these too, as they are, behind `TYPED`.
        """
        if self.relation == DELIVERED:
            return self
        taken = {name: _as_text(quoted_name(name), self.types[name]) for name in columns}
        taken |= {TYPED + name: quoted_name(name) for name in columns if is_typed(self.types[name])}
        taken |= {HELD: self.held_sql, MALFORMED: self.malformed_sql, LINE: self.line_sql}
        listed = ", ".join(f"{sql} AS {quoted_name(name)}" for name, sql in taken.items())
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.sql(f"SELECT {listed} FROM {self.on(connection)}").to_arrow_reader(ROWS_AT_ONCE)
        line, malformed, held = map(quoted_name, (LINE, MALFORMED, HELD))
        return replace(self, relation=DELIVERED, rows=rows, line_sql=line, malformed_sql=malformed, held_sql=held)

    def first(self, columns: Sequence[str], count: int) -> list[list[str | None]]:
        """Of each of these columns the texts of the first rows."""
        rows = self.rows
        begun = list(_until(rows, count))
        self.rows = pa.RecordBatchReader.from_batches(rows.schema, itertools.chain(begun, rows))
        taken = pa.Table.from_batches(begun, rows.schema).slice(0, count)
        return [taken.column(column).to_pylist() for column in columns]

    def distinct(self, column: str) -> set[str | None]:
        """The texts that stand in a column of all rows, which are spent then."""
        place = self.rows.schema.get_field_index(column)
        return {text for batch in self.rows for text in batch.column(place).unique().to_pylist()}

    def _watched(self, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        try:
            yield from rows
        except BROKEN_FILE:
            raise
        except Exception as error:
            self.trouble = error
            raise


def _as_text(x: str, kind: str) -> str:
    """A cell as text; a whole number comes without `.0`, for a column with a gap is often written as fractions.

    Where a table has no number, a file of fractions says NaN. By what a file says of its numbers, which leaves NaN
    out, DuckDB takes conditions for settled; a cast that may fail holds whatever it takes.
    """
    if kind not in WHOLE_BELOW:
        return f"{x}::VARCHAR"
    whole = f"try_cast({x} AS BIGINT)"
    return f"""CASE WHEN isfinite({x}) THEN
        CASE WHEN {whole} = {x} AND abs({x}) < {WHOLE_BELOW[kind]} THEN {whole}::VARCHAR ELSE {x}::VARCHAR END END"""


def _until(batches: Iterable[pa.RecordBatch], count: int) -> Iterator[pa.RecordBatch]:
    """Batches until they hold that many rows."""
    for batch in batches:
        yield batch
        count -= batch.num_rows
        if count <= 0:
            return


def told_apart(columns: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """A name for each of a file's columns that no other has, upper and lower case alike; the wanted keep theirs first.

    DuckDB knows no case, and a sender may write both `Amount` and `amount`; what begins with `essa:` is ours.
    """
    called: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(columns), key=lambda one: (wanted.index(one) if one in wanted else len(wanted), one)):
        number, unlike, bare = 1, name, OURS.sub("", name)
        while unlike.lower() in taken or OURS.match(unlike):
            number += 1
            unlike = f"{bare} ({number})"
        taken.add(unlike.lower())
        called[name] = unlike
    return called


def as_wanted(columns: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """A file's columns, each under the feed's name for it where the two differ by blanks at their ends alone."""
    bare = {name.strip(): name for name in wanted if name not in columns}
    return [name if name in wanted else bare.pop(name.strip(), name) for name in columns]


def only_changed(names: Mapping[str, str]) -> dict[str, str]:
    return {name: called for name, called in names.items() if name != called}


def unreadable(path: Path, error: Exception) -> FeedError:
    """Why a file could not be read, in our words: what a library says of it quotes cells and paths."""
    said = str(error)
    if isinstance(error, duckdb.Error) and (type(error) not in OF_A_FILE or OF_OURS in said):
        raise error
    if "pattern too large" in said:
        because, do = "tonight's names are too long to be looked for in it", "see what stands in the resource columns"
    elif "straddling" in said:
        because, do = "a line of it is longer than 4 MB", "ask the sender what stands there; no step is called that"
    elif "UTF8" in said or isinstance(error, UnicodeError):
        do = "write the sender's encoding if it is CSV, for example `encoding: cp1252`; else have it sent as UTF-8"
        because = "its text does not decode"
    else:
        because, do = "it is cut off, damaged, or not what its ending says", "ask the sender for it again"
    return FeedError(f"{privacy.redact(path.name)} cannot be read", because=because, do=do)


def shown_names(names: Sequence[str]) -> str:
    """Some names of a file's columns, of each as much as tells it, so that what to do is read below them."""
    told = map(privacy.redact, names[:SHOWN_COUNT])
    return ", ".join(name if len(name) <= SHOWN_MARKS else f"{name[:SHOWN_MARKS]} ..." for name in told)


def is_typed(kind: str) -> bool:
    """Whether a column of that DuckDB type holds times already, and not text or numbers."""
    return kind.startswith("TIMESTAMP") or kind == "DATE"


def is_gzip(path: Path) -> bool:
    """By its ending, in capitals too; DuckDB's and Arrow's own look knows small letters alone."""
    return path.suffix.lower() == ".gz"


def quoted_name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def quoted_text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
