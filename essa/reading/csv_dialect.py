"""How a CSV file is written: its encoding, its delimiter, its columns, and where its first row begins.

Nothing is guessed. A byte order mark decides the encoding, else the feed, else the file is UTF-8 or refused. The
delimiter is the one under which the header holds the columns the feed names.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from essa.errors import ColumnsMissing, FeedError
from essa.mistakes import nearest
from essa.reading.opened import as_wanted, is_gzip, shown_names

HEAD_BYTES = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
WIDE = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))  # its mark begins as that of UTF-16
OTHERS = (
    *((mark, f"{name.upper()} text", "have it sent as UTF-8") for mark, name in WIDE),
    (b"PK\x03\x04", "an Excel file or a zip archive", "write `format: xlsx` if it is one, or have it sent as CSV"),
    (b"\x1f\x8b", "a gzip file", "have it sent under a name that ends in .gz"),
    (b"PAR1", "a Parquet file", "write `format: parquet` into the feed"),
    (b"\xd0\xcf\x11\xe0", "an Excel file of before 2007", "have it sent as XLSX or CSV"),
)
DATA_LIKE = re.compile(r"@|\d{4}|^[\d.,:/-]+$")
LONGEST_CELL = 1 << 22
QUOTE, NEWLINE, RETURN = b'"\n\r'


@dataclass(frozen=True)
class Dialect:
    """`columns` are the header's names in file order; `header_line_count` the lines before the first row."""

    delimiter: str
    quote: str
    encoding: str
    columns: tuple[str, ...]
    header_line_count: int


def understand(path: Path, wanted: Sequence[str], encoding: str | None = None, delimiter: str | None = None) -> Dialect:
    """How this file is written, from its first megabyte; FeedError where it does not say."""
    with _opened(path) as file:
        head, is_whole = file.read(HEAD_BYTES), not file.read(1)
    _refuse_others(path, head)
    encoding, text = _decoded(path, head, is_whole, encoding)
    if not text.strip():
        raise FeedError(f"{path.name} is empty", do="send a file with a header row, or none")
    chosen, columns, line_count = _header(path, text, wanted, delimiter, is_whole)
    columns = tuple(as_wanted(columns, wanted))
    now = "a tab" if chosen == "\t" else f"'{chosen}'"
    check_header(path, columns, wanted, setting=f"`delimiter:` (now {now})")
    return Dialect(chosen, '"', encoding, columns, line_count)


def broken_quote(path: Path, dialect: Dialect) -> int | None:
    """The line where a record begins whose quotes do not hold, or None. Reads the whole file.

    Readers of CSV pass over such a quote in silence and lose the rows up to the next one, so it is looked for first.
    """
    is_plain_in_bytes = dialect.delimiter.isascii() and '"\n'.encode(dialect.encoding) == b'"\n'
    if is_plain_in_bytes and _quotes_hold(path, dialect.delimiter):
        return None
    return _first_broken_record(path, dialect)


def check_header(path: Path, columns: Sequence[str], wanted: Sequence[str], setting: str) -> None:
    """Refuse a header that lacks a wanted column or names one twice; `setting` is what in the feed may be wrong."""
    missing = [name for name in wanted if name not in columns]
    twice = [name for name, count in Counter(columns).items() if count > 1 and name]
    is_any_found = len(missing) < len(wanted)
    if (missing or twice) and not is_any_found and any(DATA_LIKE.search(cell) for cell in columns):
        # Such a line may name people, so it is not shown.
        raise FeedError(
            f"{path.name} seems to have no header row: its first line reads like data",
            because=f"none of the columns {', '.join(missing)} is in it" if missing else None,
            do=f"have the file sent with a header row; if it has one, write {setting} into the feed",
        )
    if missing:
        raise ColumnsMissing(
            f"{path.name} lacks {len(missing)} of the columns the feed names",
            missing="\n".join(f"{name} ({_nearest(name, columns)})" for name in missing),
            # where none is found it may be data, and data may name people
            seen=shown_names(list(filter(None, columns))) if is_any_found else None,
            do=f"write the sender's column names into the feed, or {setting} if these are not the file's columns",
        ).lacking(missing)
    if twice:
        raise FeedError(
            f"{path.name} has columns of the same name: {', '.join(twice)}",
            because="a name must say which column is meant",
            do="ask the sender to name each column once",
        )


def _nearest(name: str, columns: Sequence[str]) -> str:
    near = nearest(name, filter(None, columns))
    return f"nearest: {near}" if near else "nothing near it"


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as file:
            yield file
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise FeedError(
            f"{path.name} is not a whole gzip file",
            because="it is cut off, damaged, or something else under the name .gz",
            do="have it sent again",
        ) from None


def _refuse_others(path: Path, head: bytes) -> None:
    """FeedError where the first bytes are those of a file that is no text."""
    for mark, kind, do in OTHERS:
        if head.startswith(mark):
            raise FeedError(f"{path.name} is not CSV: it begins as {kind} does", do=do)


def _decoded(path: Path, head: bytes, is_whole: bool, declared: str | None) -> tuple[str, str]:
    mark, encoding = next(((mark, name) for mark, name in MARKS if head.startswith(mark)), (b"", None))
    encoding = encoding or _codec_name(path, declared or "utf-8")
    body = head[len(mark) :]
    try:
        # The head may end in the middle of a character, which only an incremental decoder lets pass.
        text = codecs.getincrementaldecoder(encoding)().decode(body, final=is_whole)
        broken_at = 0 if _is_every_other_nul(text) else None  # UTF-16 without a mark is valid UTF-8 full of NULs
    except UnicodeDecodeError as error:
        broken_at = error.start
    if broken_at is None:
        return encoding, text
    line = body.count(b"\n", 0, broken_at) + 1
    hints = ["utf-16-le", "utf-16-be"] if b"\0" in body[:100] else ["latin-1", "cp1252"]
    hints = [hint for hint in hints if hint != encoding]
    raise FeedError(
        f"{path.name} is not {encoding}: line {line} does not decode",
        because="a wrong encoding turns names into other names, so it is never guessed",
        do="write the sender's encoding into the feed, for example " + " or ".join(f"`encoding: {it}`" for it in hints),
    )


def _is_every_other_nul(text: str) -> bool:
    return text[:100].count("\0") * 3 > len(text[:100])


def _codec_name(path: Path, declared: str) -> str:
    try:
        "x".encode(declared)
    except LookupError:
        raise FeedError(
            f"{path.name}: there is no encoding {declared!r}",
            do="write utf-8, utf-16-le, utf-16-be, latin-1 or cp1252",
        ) from None
    name = codecs.lookup(declared).name
    return {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(name, name)


def _header(
    path: Path, text: str, wanted: Sequence[str], declared: str | None, is_whole: bool
) -> tuple[str, tuple[str, ...], int]:
    told = re.match(r"sep=([^\r\n])\r?\n", text)  # Excel's way of saying its delimiter, above the header
    skipped_count, text = (1, text[told.end() :]) if told else (0, text)
    declared = declared or (told and told[1])
    lines = io.StringIO(text, newline="")
    tried = [(mark, *_first_record(lines, mark)) for mark in ([declared] if declared else DELIMITERS)]
    if not any(columns for _, columns, _ in tried):
        is_quoted = any('"' in line for line in text.lstrip().splitlines()[:1])
        raise FeedError(
            f"{path.name} has no readable header row",
            because="its first line opens a quote that does not close"
            if is_quoted
            else f"its first line is one text of more than {csv.field_size_limit():,} characters",
            do="have the file sent again with a header row, or write its `delimiter:` into the feed",
        )
    if not is_whole and not re.search(r"[\r\n]", text.lstrip()):
        raise FeedError(
            f"{path.name} has a first line that does not end within its first megabyte",
            because="no header is so long, or has so many columns",
            do="have it sent without the columns that nobody needs",
        )
    # Of equals the earlier delimiter stands, which only a file of one column can meet with all its names.
    best, columns, line_count = max(tried, key=lambda it: (len(set(wanted) & set(it[1])), len(it[1])))
    return best, columns, line_count + skipped_count


def _first_record(lines: io.StringIO, delimiter: str) -> tuple[tuple[str, ...], int]:
    """The cells of the first line that has any, none where it cannot be read so; and the lines up to there."""
    lines.seek(0)
    rows = csv.reader(lines, delimiter=delimiter)
    try:
        cells = next((row for row in rows if any(cell.strip() for cell in row)), [])
    except csv.Error:  # a cell without end
        return (), 0
    return tuple(cell.strip().lstrip("\ufeff").strip() for cell in cells), rows.line_num


def _quotes_hold(path: Path, delimiter: str) -> bool:
    """Whether every quote opens after a delimiter or line end and closes before one; False may be a false alarm."""
    is_edge = np.zeros(256, dtype=bool)
    is_edge[[NEWLINE, RETURN, QUOTE, ord(delimiter)]] = True
    is_inside, before = 0, NEWLINE
    with _opened(path) as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        while chunk := file.read(HEAD_BYTES):
            while chunk.endswith(b'"') and (more := file.read(1)):
                chunk += more
            codes = np.frombuffer(chunk, dtype=np.uint8)
            quotes_at = np.flatnonzero(codes == QUOTE)
            opening, closing = quotes_at[is_inside::2], quotes_at[1 - is_inside :: 2]
            ahead = codes[opening - 1]
            if opening.size and opening[0] == 0:
                ahead[0] = before
            after = codes[np.minimum(closing + 1, len(codes) - 1)]
            if not (is_edge[ahead].all() and is_edge[after].all()):
                return False
            is_inside ^= len(quotes_at) & 1
            before = chunk[-1]
    return not is_inside


def _first_broken_record(path: Path, dialect: Dialect) -> int | None:
    with _opened(path) as file, io.TextIOWrapper(file, encoding=dialect.encoding, errors="replace", newline="") as text:
        unmarked = (line.removeprefix("\ufeff") for line in text)
        rows = csv.reader(unmarked, delimiter=dialect.delimiter, strict=True)
        usual = csv.field_size_limit(LONGEST_CELL)  # of the whole process, so it is given back
        line = 1
        try:
            for _ in rows:
                line = rows.line_num + 1
        except csv.Error:
            return line
        finally:
            csv.field_size_limit(usual)
    return None
