"""The rows of a query as Parquet files in `HOME/landed/<feed>`, read from there as any delivery is.

With `watermark:` each night's new rows are a file of their own, which says how far it reaches; without, tonight's rows
take the place of last night's. All cells are text, so that a row is written the same on every night.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy

from essa.errors import FeedError
from essa.feeds import Feed
from essa.fetching import databases, environment, faults
from essa.in_words import many
from essa.reading.opened import quoted_name
from essa.settings import Settings

BATCH_ROWS = 10_000
SAMPLE_ROWS = 1_000
MARK, COLUMN, ASKED = b"essa:mark", b"essa:watermark", b"essa:query"
SNAPSHOT = "snapshot.parquet"
# Transactions are seen when they commit and bear the time, or the number, they began with.
LOOKBACK_OF_TIMES, LOOKBACK_OF_NUMBERS = timedelta(days=1), 1_000
Mark = datetime | int


@dataclass
class Reach:
    """How far the rows read so far reach, by their watermark; one from days to come says nothing of that."""

    column: str
    kind: type
    night: date
    future_days: int
    highest: Mark | None = None
    future_count: int = 0
    strange_count: int = 0

    def see(self, cells: Sequence[Any]) -> None:
        marks = [mark for cell in cells if cell is not None and (mark := self._mark(cell)) is not None]
        self.future_count += sum(is_after(mark, self.night, self.future_days) for mark in marks)
        reached = [mark for mark in marks if not is_after(mark, self.night)]
        self.highest = max([*reached, *([self.highest] if self.highest is not None else [])], default=None)

    def _mark(self, cell: Any) -> Mark | None:
        found = cell
        if isinstance(found, Decimal) and found == found.to_integral_value():
            found = int(found)
        elif isinstance(found, str):
            with contextlib.suppress(ValueError):
                found = datetime.fromisoformat(found)
        elif isinstance(found, date) and not isinstance(found, datetime):
            found = datetime(found.year, found.month, found.day)
        if isinstance(found, bool) or not isinstance(found, self.kind):
            self.strange_count += 1
            return None
        return found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo else found

    def check(self, count: int) -> None:
        if self.strange_count:
            kind = "times" if self.kind is datetime else "whole numbers"
            raise FeedError(
                f"`{self.column}` does not hold {kind}, as `since:` does, in {self.strange_count:,} of "
                f"{many(count, 'row')}",
                do="leave those rows out with WHERE, or mend `watermark:` or `since:`",
            )


def is_after(mark: Mark, night: date, days: int = 0) -> bool:
    """Whether a watermark lies so many days past the night; of a number nobody knows."""
    return isinstance(mark, datetime) and mark.toordinal() > night.toordinal() + days


def _reach(feed: Feed, night: date, settings: Settings) -> Reach | None:
    kind = int if isinstance(feed.since, int) else datetime
    return Reach(feed.watermark, kind, night, settings.future_days) if feed.watermark else None


def land(feed: Feed, folder: Path, night: date, settings: Settings) -> int:
    """Reads what is new; how many rows of it bear a watermark from the future.

    Nothing stays of a query that fails in the middle.
    """
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(PermissionError):  # who may write there need not own it
        folder.parent.chmod(0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    for left_over in folder.glob("*.part"):
        left_over.unlink()
    reach = _reach(feed, night, settings)
    if reach is None:
        os.replace(_read(feed, folder, None, settings), folder / SNAPSHOT)
        return 0
    landed = sorted(folder.glob("[0-9]*.parquet"))
    part = _read(feed, folder, _since(feed, landed, night), settings, reach)
    if landed and not _is_anything_new(feed, part, landed[-1]):
        part.unlink()
        return reach.future_count
    number = int(landed[-1].name.partition("-")[0]) + 1 if landed else 1
    os.replace(part, folder / f"{number:06}-{night}.parquet")
    return reach.future_count


def _is_anything_new(feed: Feed, part: Path, last: Path) -> bool:
    """Whether a row came that the last file does not hold as often; that file holds all that tonight's overlaps with.

    FeedError where the columns are others, for then no row is alike.
    """
    names, before = pq.read_schema(part).names, pq.read_schema(last).names
    if differing := sorted(set(names) ^ set(before)):
        part.unlink()
        raise FeedError(
            f"{feed.name}: its query yields other columns than it did: {', '.join(differing[:10])}",
            because="rows landed before would not be known again, and would count twice",
            do="have it SELECT the columns by name that it had before; for others give the feed another name",
        )
    row = f"md5(concat_ws(chr(31), {', '.join(f'coalesce({quoted_name(name)}, chr(0))' for name in sorted(names))}))"
    with duckdb.connect(config={"threads": 1, "temp_directory": ""}) as connection:  # what spills is original
        ((count,),) = connection.execute(
            f"""WITH tonight AS (SELECT {row} AS row, count(*) AS times FROM read_parquet(?) GROUP BY ALL),
            before AS (
                SELECT row, count(*) AS times FROM (SELECT {row} AS row FROM read_parquet(?))
                WHERE row IN (SELECT row FROM tonight) GROUP BY ALL
            )
            SELECT count(*) FROM tonight LEFT JOIN before USING (row)
            WHERE tonight.times > coalesce(before.times, 0)""",
            [str(part), str(last)],
        ).fetchall()
    return count > 0


def sample(feed: Feed, folder: Path, settings: Settings) -> None:
    """The first rows from where the feed begins, in a file of their own."""
    folder.mkdir(parents=True, mode=0o700)
    part = _read(feed, folder, feed.since, settings, _reach(feed, date.max, settings), SAMPLE_ROWS)
    os.replace(part, folder / "sample.parquet")


def _since(feed: Feed, landed: Sequence[Path], night: date) -> Mark:
    """Where tonight's rows begin: so far back of the last mark that what was committed late is seen.

    A mark past the night would leave out what comes until then.
    """
    said = [pq.read_metadata(path).metadata for path in landed]
    held = [json.loads(one[MARK]) for one in said]
    if strange := {one[COLUMN].decode() for one in said} - {feed.watermark}:
        raise FeedError(
            f"{feed.name}: what was landed so far has `{min(strange)}` as its watermark",
            do="write that again, or give the feed another name; then all is read anew, and the old counts no more",
        )
    marks = [datetime.fromisoformat(one) if isinstance(one, str) else one for one in held if one is not None]
    marks = [one for one in marks if not is_after(one, night)]
    if not marks or any(isinstance(one, int) != isinstance(feed.since, int) for one in marks):
        return feed.since
    is_same = said[-1][ASKED].decode() == _asked(feed)  # another query may write a row otherwise: then none comes twice
    if isinstance(feed.since, int):
        lookback = LOOKBACK_OF_NUMBERS if feed.lookback is None else feed.lookback
        return max(marks) - (lookback if is_same else 0)
    back = LOOKBACK_OF_TIMES if feed.lookback is None else feed.lookback
    return max(marks) - (back if is_same else timedelta())


def _asked(feed: Feed) -> str:
    return hashlib.sha256(" ".join((feed.query or "").split()).encode()).hexdigest()


def _read(
    feed: Feed,
    folder: Path,
    since: Mark | None,
    settings: Settings,
    reach: Reach | None = None,
    most: int | None = None,
) -> Path:
    """The rows from a mark on, in a file half named."""
    part = folder / "rows.part"
    try:
        address = environment.filled(feed.database or "")
        with databases.connected(address, settings) as connection:
            _write(feed, connection, since, part, time.monotonic() + settings.source_whole_s_max, reach, most)
    except Exception as error:
        part.unlink(missing_ok=True)
        told = faults.in_words(error, feed.name)
        if told is error and not told.what.startswith(feed.name):
            told.what = f"{feed.name}: {told.what}"
        raise told from None
    return part


def _write(
    feed: Feed,
    connection: sqlalchemy.Connection,
    since: Mark | None,
    part: Path,
    ends_at: float,
    reach: Reach | None,
    most: int | None,
) -> None:
    count, in_batches = 0, {"stream_results": True}
    result = connection.execute(_statement(feed), _bound(feed, connection, since), execution_options=in_batches)
    names = list(result.keys())
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FeedError(f"two columns of its query are called {', '.join(twice)}", do="tell them apart with AS")
    if feed.watermark and feed.watermark not in names:
        raise FeedError(f"its query yields no column `{feed.watermark}`, its watermark", do="add it to the SELECT")
    schema = pa.schema([(name, pa.string()) for name in names])
    with _private(part) as file, pq.ParquetWriter(file, schema) as writer:
        for rows in result.partitions(BATCH_ROWS if most is None else most):
            columns = list(zip(*rows, strict=True))
            if reach:
                reach.see(columns[names.index(reach.column)])
            writer.write_batch(pa.record_batch([list(map(as_text, cells)) for cells in columns], schema=schema))
            count += len(rows)
            if most is not None and count >= most:
                break
            if time.monotonic() > ends_at:
                raise TimeoutError
        if reach:
            reach.check(count)
        highest = reach.highest if reach else None
        held = highest.isoformat() if isinstance(highest, datetime) else highest
        writer.add_key_value_metadata(
            {MARK.decode(): json.dumps(held), COLUMN.decode(): feed.watermark or "", ASKED.decode(): _asked(feed)}
        )


@contextlib.contextmanager
def _private(path: Path) -> Iterator[Any]:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file


def _statement(feed: Feed) -> sqlalchemy.TextClause:
    statement = sqlalchemy.text((feed.query or "").strip().rstrip(";"))
    if strange := sorted(set(statement._bindparams) - {"since"}):
        raise FeedError(
            f"its query asks for :{strange[0]}, which nothing fills", do=rf"write \:{strange[0]} for a plain text"
        )
    return statement


def _bound(feed: Feed, connection: sqlalchemy.Connection, since: Mark | None) -> dict[str, Any]:
    if feed.watermark is None:
        return {}
    is_text = connection.dialect.name == "sqlite" and isinstance(since, datetime)  # it has times as text alone
    return {"since": since.isoformat(" ") if is_text else since}


def as_text(cell: Any) -> str | None:
    """A cell as it is written on every night: times in ISO 8601, instants in UTC, numbers without exponents."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return (cell.astimezone(UTC) if cell.tzinfo else cell).isoformat(" ")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).hex()
    if isinstance(cell, list | tuple | dict):
        return json.dumps(cell, sort_keys=True, default=as_text, ensure_ascii=False)
    return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
