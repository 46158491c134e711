"""The rows of one sheet of an Excel file as text, each with the number of its row in the sheet.

The first row that holds anything is the header. Whole numbers come without `.0`, dates and times as
`2026-01-31 09:00:00`, times of day as `09:00:00`, spans as `36:00:00`, truth as `true` and `false`; a cell that is
empty, or whose formula failed, is null.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from essa.errors import FeedError
from essa.mistakes import nearest
from essa.reading.csv_dialect import check_header

BATCH_ROWS = 10_000
MOST_BYTES, MOST_GROWTH = 1 << 30, 100


def columns(path: Path, sheet: str | None) -> list[str]:
    """The names in the sheet's header, in order."""
    _, names = _header(path, _sheet(path, sheet), wanted=())
    return [name for name in names if name]


def read(path: Path, sheet: str | None, wanted: Sequence[str] | None) -> pa.Table:
    """The wanted columns (None: all) of every row that holds anything, and `source_line`, its row in the sheet."""
    cells = _sheet(path, sheet)
    header_row, names = _header(path, cells, wanted or ())
    chosen = [name for name in names if name] if wanted is None else list(wanted)
    schema = pa.schema([*((name, pa.string()) for name in chosen), ("source_line", pa.int64())])
    places = [names.index(name) for name in chosen]
    nameless = [place for place, name in enumerate(names) if not name]
    batches, held = [], [[] for _ in schema]
    for number, row in enumerate(cells.iter_rows(), start=1):
        if number <= header_row or not _holds_anything(row):
            continue
        if any(row[place] != "" for place in nameless):
            raise _nameless(path, number, [cells.start[1] + place for place in nameless if row[place] != ""])
        for values, place in zip(held, places, strict=False):
            values.append(TEXT[type(row[place])](row[place]))
        held[-1].append(number)
        if len(held[-1]) == BATCH_ROWS:  # as Python's strings a big sheet takes several times the memory
            batches.append(pa.record_batch(held, schema=schema))
            held = [[] for _ in schema]
    return pa.Table.from_batches([*batches, pa.record_batch(held, schema=schema)])


def _holds_anything(row: Sequence[Any]) -> bool:
    return any(cell != "" for cell in row)


def _sheet(path: Path, sheet: str | None) -> CalamineSheet:
    try:
        _refuse_bomb(path)
        with CalamineWorkbook.from_path(path) as book:
            return book.get_sheet_by_name(_sheet_name(path, book, sheet))
    except (CalamineError, zipfile.BadZipFile):
        raise FeedError(
            f"{path.name} is not a readable XLSX file",
            because="it is damaged, locked with a password, or another format under this name",
            do="have it sent again as XLSX without a password, or as CSV",
        ) from None


def _refuse_bomb(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked_bytes = sum(part.file_size for part in archive.infolist())
    if unpacked_bytes > max(MOST_BYTES, MOST_GROWTH * path.stat().st_size):
        raise FeedError(
            f"{path.name} would unpack to {unpacked_bytes / MOST_BYTES:.1f} GB, more than 100 times its size",
            because="such a file is made to fill a machine's memory",
            do="have it sent as CSV if it is real",
        )


def _sheet_name(path: Path, book: CalamineWorkbook, sheet: str | None) -> str:
    names = [it.name for it in book.sheets_metadata if it.typ == SheetTypeEnum.WorkSheet]
    if sheet in names:
        return sheet
    if sheet is None and len(names) == 1:
        return names[0]
    if sheet is None:
        what, near = f"{path.name} has {len(names)} sheets and the feed names none", names[:1]
    else:
        what, near = f"{path.name} has no sheet {sheet!r}", [nearest(sheet, names)]
    example = f", for example `sheet: {near[0]}`" if near and near[0] else ""
    raise FeedError(what, sheets=", ".join(names), do=f"write the sheet's name into the feed{example}")


def _header(path: Path, cells: CalamineSheet, wanted: Sequence[str]) -> tuple[int, list[str]]:
    """The header's row number and its names; a column without one has an empty name."""
    for number, row in enumerate(cells.iter_rows(), start=1):
        if _holds_anything(row):
            names = [(TEXT[type(cell)](cell) or "").strip() for cell in row]
            check_header(path, names, wanted, setting="`sheet:`")
            return number, names
    raise FeedError(f"{path.name} is empty", do="send a sheet with a header row, or none")


def _nameless(path: Path, row: int, places: Sequence[int]) -> FeedError:
    return FeedError(
        f"{path.name} has a value without a column name in row {row:,}, column {', '.join(map(_letters, places))}",
        because="a name must say what a value means",
        do="have the header name every column that is used",
    )


def _letters(place: int) -> str:
    more, letter = divmod(place, 26)
    return (_letters(more - 1) if more else "") + chr(ord("A") + letter)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)


def _span(span: timedelta) -> str:
    whole_s = round(span.total_seconds())  # Excel keeps a span as a fraction of a day, never exactly
    return f"{whole_s // 3600}:{whole_s // 60 % 60:02}:{whole_s % 60:02}"


TEXT: dict[type, Callable[[Any], str | None]] = {
    str: lambda text: text or None,
    float: _number,
    int: str,
    bool: lambda is_true: "true" if is_true else "false",
    datetime: lambda at: at.isoformat(" "),
    date: lambda on: f"{on.isoformat()} 00:00:00",
    time: time.isoformat,
    timedelta: _span,
}
