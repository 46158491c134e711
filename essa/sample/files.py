"""Each provider's deliveries as files: its own format, clock, column names and bad habits.

Lines are joined column by column in Arrow, and the bytes of the joined column are the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from essa.sample.clock import FIRST_DAY, WEEK_COUNT
from essa.sample.feeds import ATTRIBUTES, OURS, PROVIDERS

TIMES = ("started_at", "ended_at")
MONEY = ("Amount", "Keyed amount")
BAD_LINES = ("missing_case", "ended_before_started", "unreadable_time", "far_future")
WEEKS_WITH_BAD_LINES = (8, 17, 25)
ONE_IN_AGAIN = 25
MONTHS = np.arange(np.datetime64("2026-05"), np.datetime64("2026-12"))
_DATES = np.arange(np.datetime64("2026-05-01"), np.datetime64("2026-12-01"))
_TIME_OF_DAY = pa.array([f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}" for s in range(24 * 3600)])


@dataclass(frozen=True)
class Delivered:
    files: list[str]
    event_count: int
    duplicate_count: int
    bad_line_count: dict[str, int]  # by kind


def deliver(rng: np.random.Generator, directory: Path, number: int, table: pa.Table) -> Delivered:
    """Write one provider's lines, given in order of their ends: times in local seconds since 1970, money in cents."""
    (directory / "landing" / PROVIDERS[number].folder).mkdir(parents=True, exist_ok=True)
    if number == 0:
        return _write_alpha(rng, directory, table)
    return (_write_beta, _write_gamma)[number - 1](directory, table)


def _write_alpha(rng: np.random.Generator, directory: Path, table: pa.Table) -> Delivered:
    """Weekly CSV: the last file of a month delivers some lines of the week before again, and a few lines are broken."""
    mondays = FIRST_DAY + 7 * np.arange(WEEK_COUNT + 1)
    starts = np.searchsorted(_day(table), mondays)
    fridays = mondays + 4
    is_last_of_month = fridays[1:].astype("datetime64[M]") != fridays[:-1].astype("datetime64[M]")
    header = ";".join(PROVIDERS[0].theirs + ATTRIBUTES).encode() + b"\n"
    lines = _as_text(table, "%d/%m/%Y ")
    names, again_count, broken_count = [], 0, 0
    for week in range(WEEK_COUNT):
        part = lines.slice(starts[week], starts[week + 1] - starts[week])
        pieces = [part]
        if week and is_last_of_month[week]:
            pieces.append(lines.take(pa.array(np.arange(starts[week - 1], starts[week], ONE_IN_AGAIN))))
            again_count += len(pieces[-1])
        if week in WEEKS_WITH_BAD_LINES and len(part):
            pieces.append(_broken(part.take(pa.array(rng.integers(0, len(part), len(BAD_LINES))))))
            broken_count += 1
        names.append(f"landing/alpha/tasks_{fridays[week]}.csv")
        (directory / names[-1]).write_bytes(header + b"".join(_csv_bytes(piece) for piece in pieces))
    return Delivered(names, len(table), again_count, dict.fromkeys(BAD_LINES, broken_count))


def _broken(lines: pa.Table) -> pa.Table:
    """Four lines, each broken in one way, in the order of BAD_LINES."""
    columns = lines.to_pydict()
    columns["case_id"][0] = ""
    columns["started_at"][1], columns["ended_at"][1] = columns["ended_at"][1], columns["started_at"][1]
    columns["started_at"][2] = "31/06/2026 25:10:00"
    columns["started_at"][3], columns["ended_at"][3] = "01/03/2062 09:00:00", "01/03/2062 09:10:00"
    return pa.table(columns, schema=lines.schema)


def _write_beta(directory: Path, table: pa.Table) -> Delivered:
    """Monthly Parquet, the clock on the wall without its zone."""
    columns = {}
    for name, column in zip(_their_names(1, table), table.columns, strict=True):
        if name in MONEY:
            column = pc.divide(pc.cast(column, pa.float64()), 100.0)
        elif pa.types.is_integer(column.type):
            column = pc.cast(pc.multiply(column, 1000), pa.timestamp("ms"))
        columns[name] = column
    names = _by_month(directory, "beta", "parquet", _day(table), pa.table(columns), pq.write_table)
    return Delivered(names, len(table), 0, {})


def _write_gamma(directory: Path, table: pa.Table) -> Delivered:
    """Monthly JSON lines, the offset on every time."""
    lines = _as_text(table, "%Y-%m-%dT", "+08:00").rename_columns(_their_names(2, table))

    def write(part: pa.Table, path: Path) -> None:
        path.write_bytes(_json_bytes(part))

    return Delivered(_by_month(directory, "gamma", "jsonl", _day(table), lines, write), len(table), 0, {})


def _by_month(
    directory: Path, folder: str, ending: str, day: np.ndarray, table: pa.Table, write: Callable[[pa.Table, Path], None]
) -> list[str]:
    month = day.astype("datetime64[M]")
    names = []
    for one in MONTHS:
        first, end = np.searchsorted(month, one), np.searchsorted(month, one, side="right")
        name = f"landing/{folder}/{one}.{ending}"
        if first == end:
            (directory / name).unlink(missing_ok=True)  # of an older sample
        else:
            write(table.slice(first, end - first), directory / name)
            names.append(name)
    return names


def _their_names(number: int, table: pa.Table) -> list[str]:
    theirs = dict(zip(OURS, PROVIDERS[number].theirs, strict=True))
    return [theirs.get(name, name) for name in table.column_names]


def _day(table: pa.Table) -> np.ndarray:
    return (table["ended_at"].to_numpy() // 86400).astype("datetime64[D]")


def _as_text(table: pa.Table, date_format: str, tail: str = "") -> pa.Table:
    """Times and money spelt out; the rest stays as places in a vocabulary."""
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    columns |= {name: _time_text(columns[name].to_numpy(), date_format, tail) for name in TIMES}
    columns |= {name: _money_text(columns[name]) for name in MONEY}
    return pa.table(columns)


def _time_text(local_s: np.ndarray, date_format: str, tail: str) -> pa.Array:
    # Looking up the day and the second is several times faster than formatting each time.
    day, second = np.divmod(local_s, 86400)
    dates = pa.array([date.strftime(date_format) for date in _DATES.tolist()])
    return pc.binary_join_element_wise(
        dates.take(pa.array(day - _DATES[0].astype(int))), _TIME_OF_DAY.take(pa.array(second)), tail, ""
    )


def _money_text(cents: pa.Array) -> pa.Array:
    hundredths = pa.array([f"{number:02}" for number in range(100)])
    rest = pa.array(cents.fill_null(0).to_numpy() % 100)
    return pc.binary_join_element_wise(pc.cast(pc.divide(cents, 100), pa.string()), hundredths.take(rest), ".")


def _csv_bytes(lines: pa.Table) -> bytes:
    fields = [_words(column, _csv_word, "") for column in lines.columns]
    fields[-1] = pc.binary_join_element_wise(fields[-1], "\n", "")
    return _text_bytes(pc.binary_join_element_wise(*fields, ";"))


def _csv_word(word: str) -> str:
    return '"' + word.replace('"', '""') + '"' if any(mark in word for mark in ';"\n') else word


def _json_bytes(lines: pa.Table) -> bytes:
    fields: list[pa.Array | str] = []
    for name, column in zip(lines.column_names, lines.columns, strict=True):
        value = _words(column, json.dumps, "null")
        if pa.types.is_string(column.type) and name not in MONEY:  # case numbers and times need no escapes
            value = pc.binary_join_element_wise('"', value, '"', "")
        fields += [(", " if fields else "{") + json.dumps(name) + ": ", value]
    return _text_bytes(pc.binary_join_element_wise(*fields, "}\n", ""))


def _words(column: pa.ChunkedArray, spell: Callable[[str], str], missing: str) -> pa.Array:
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = pa.array([spell(word) for word in array.dictionary.to_pylist()], pa.string()).take(array.indices)
    return pc.fill_null(array, missing)


def _text_bytes(lines: pa.Array) -> bytes:
    """The text of all lines one after the other, which is how the column already lies in memory."""
    if not len(lines):
        return b""
    offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return lines.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()
