"""Deliveries: each file by the hash of its content, read once into a private Parquet file, after the door.

What is kept of a file is typed, in UTC, pseudonymised and redacted; the file itself need not be opened again.
"""

from __future__ import annotations

import glob
import hashlib
import itertools
import os
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from essa import escapes, glance, looks, privacy, scratch, spelling
from essa.errors import ColumnsMissing, EssaError, FeedError, of_the_disk
from essa.feeds import Feed
from essa.reading.opened import quoted_name, quoted_text
from essa.reading.source import BROKEN_FILE, Source, open_source, unreadable
from essa.settings import Settings
from essa.staging import ATTRIBUTE, SENT_AS, Texts, staging_sql

KEPT_AS = "FORMAT parquet, COMPRESSION snappy, WRITE_BLOOM_FILTER false"  # it is always read whole


@dataclass(frozen=True)
class Delivery:
    """One file of a feed: `kept` is its Parquet, `source_file` how it is called in what people see.

    `called` is the same with what is personal in it, where the file is called after somebody.
    """

    feed: str
    path: Path
    source_file: str
    content_hash: str
    reading: str
    kept: Path
    called: str = ""

    def shown_as(self, blanked: Callable[[str], str]) -> Delivery:
        """The same called without what is personal in its name."""
        shown = blanked(self.source_file)
        if shown == self.source_file:
            return self
        mark = hashlib.sha256(self.source_file.encode()).hexdigest()[:8]  # in two folders, files may be called alike
        return replace(self, source_file=f"{shown} {mark}", called=self.source_file)


def files(feed: Feed, by: date | None = None) -> list[Path]:
    """The files a feed matches now, by name; FeedError where there are none.

    With `by`, those alone that were last changed on that day or before, in UTC.
    """
    there = sorted(map(Path, glob.glob(feed.files, recursive=True)))
    found = [path for path in there if path.is_file()]
    _refuse_links_out(feed, found)
    if by:
        found = [path for path in found if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() <= by]
    if not found:
        called = f"{privacy.told(Path(feed.files).name)} in {_folder(feed)}"
        if there and not any(path.is_file() for path in there):
            do = "have a file put there; a folder, a pipe, a device and a link that leads nowhere are none"
            raise FeedError(f"{feed.name}: what matches {called} is there, but no file", do=do)
        when = f" that was there by {by}" if by else ""
        raise FeedError(
            f"{feed.name}: no file{when} matches {called}",
            do="check `files:` of the feed, or ask the provider for the delivery",
        )
    return found


def _folder(feed: Feed) -> str:
    """The last two folders of the pattern: enough to see what is wrong with it, and no path of a machine."""
    return privacy.told("/".join(Path(feed.files).parent.parts[-2:]))


IN_BRACKETS = re.compile(r"\[([?*[])\]")  # as a pattern says a mark that stands for itself


def _refuse_links_out(feed: Feed, found: Sequence[Path]) -> None:
    """FeedError where a link leads out of the folder that the pattern names: who delivers could have any file read."""
    fixed = itertools.takewhile(
        lambda part: not glob.has_magic(IN_BRACKETS.sub("", part)), Path(feed.files).parent.parts
    )
    folder = Path(*(IN_BRACKETS.sub(r"\1", part) for part in fixed)).resolve()
    if any(not path.resolve().is_relative_to(folder) for path in found):
        raise FeedError(
            f"{feed.name}: a link in {_folder(feed)} leads out of it",
            because="through it any file of this machine could be read and published",
            do="have the file itself put there, or name the folder it lies in under `files:`",
        )


def reading(feed: Feed, secret: str, settings: Settings) -> str:
    """Changes when the same file would be kept otherwise; how its lines are told apart comes first."""
    told_apart_by = hashlib.sha256(f"{feed.identity_fingerprint()}{privacy.fingerprint(secret)}".encode())
    redaction = f"{privacy.REDACTION_VERSION}.{settings.ids_looked_for().fingerprint()}"
    read_by = f"{feed.reading_fingerprint()}-{redaction}-{settings.longest_text_length}"
    return f"{told_apart_by.hexdigest()[:8]}-{read_by}"


def find(feed: Feed, base: Path, kept_folder: Path, read_as: str, by: date | None = None) -> list[Delivery]:
    """A feed's deliveries as its folder has them now, or had by a day, by name."""
    return [
        arrived(feed, path, Path(os.path.relpath(path, base)).as_posix(), kept_folder, read_as)
        for path in files(feed, by)
    ]


def is_comparable(reading: str, other: str) -> bool:
    """Whether lines read in these two ways are told apart by the same hash, so that a row in both counts once."""
    return reading.partition("-")[0] == other.partition("-")[0]


def arrived(feed: Feed, path: Path, name: str, kept_folder: Path, read_as: str, content: str | None = None) -> Delivery:
    """A file as a delivery; one whose content is known need not be there."""
    if content is None:
        content = content_hash(path)
    kept = kept_place(kept_folder, feed.name, content, read_as)
    return Delivery(feed.name, path, _shown(name), content, read_as, kept)


def content_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kept_place(kept_folder: Path, feed: str, content_hash: str, read_as: str) -> Path:
    return kept_folder / feed / f"{content_hash[:32]}-{read_as}.parquet"


def _shown(name: str) -> str:
    """How a file is called in what people see: redacted, and told apart from others by a hash where that took hold."""
    as_text = os.fsencode(name).decode("utf-8", "backslashreplace")
    shown = privacy.redact(as_text)
    return shown if shown == as_text else f"{shown} {hashlib.sha256(os.fsencode(Path(name).name)).hexdigest()[:8]}"


def names(path: Path, feed: Feed, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Who stands in the resource column of a file, be it without other columns; held in memory only."""
    if feed.columns.resource is None:
        return set()
    try:
        source = open_source(path, feed, [feed.columns.resource])
    except ColumnsMissing as lacking:
        if feed.columns.resource in lacking.columns:
            return set()
        return names(path, feed.without(lacking.columns), connection)
    column = source.called(feed.columns.resource)
    try:
        found = source.as_texts([column], connection).distinct(column)
    except BROKEN_FILE as error:
        raise source.trouble or unreadable(path, error) from None
    return found - {None} | {""}  # a line that is blank but for other columns is not among them


def words(delivery: Delivery, feed: Feed, connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The words of its texts and what log-ins are made of, folded and in lower case; held in memory only."""
    theirs = list(Texts.of(feed).all().values())
    source = open_source(delivery.path, feed, theirs)
    columns = [source.called(name) for name in theirs]
    together = ", ".join(f"{quoted_name(column)}::VARCHAR" for column in columns)
    apart = quoted_text(rf"[^\p{{L}}\p{{M}}\p{{N}}_{spelling.APOSTROPHES}{spelling.UNSEEN}]+")
    may_be_escaped = " OR ".join(f"contains(x, '{sign}')" for sign in escapes.SIGNS)  # then the text as a whole too
    found = f"""SELECT DISTINCT unnest(string_split_regex(x, {apart}) || CASE
            WHEN ({may_be_escaped}) AND regexp_matches(x, {quoted_text(escapes.ESCAPED)}) THEN [x] ELSE [] END)
        FROM (SELECT lower(concat_ws(' ', {together})) AS x FROM {source.on(connection)})"""
    try:
        runs = [row[0] for row in connection.execute(found).fetchall()]
    except BROKEN_FILE as error:
        raise source.trouble or unreadable(delivery.path, error) from None
    is_one = [run.isascii() and (run.isalpha() or run.isdigit()) for run in runs]
    mixed = (
        spelling.words_and_log_ins_of(escapes.undone(run))
        for run, is_word in zip(runs, is_one, strict=True)
        if not is_word
    )
    return set(itertools.compress(runs, is_one)).union(*mixed)


def keep(
    delivery: Delivery,
    feed: Feed,
    look: looks.Look,
    workers: pa.Table,
    connection: duckdb.DuckDBPyConnection,
) -> int:
    """Reads a delivery into its Parquet, unless that is there already; the number of its lines.

    `look` finds what none of its texts may keep; `workers` is who stands in its resource column.
    """
    if not delivery.kept.exists():
        delivery.kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # two files of one content may be read side by side
        half_done = delivery.kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
        with scratch.connection() as beside:
            source, understood = glance.opened(delivery.path, feed, beside)
            feed = feed.renamed(source.names)
            texts = Texts.of(feed).looked_at()
            source.rows = looks.Looked(texts, look, feed.columns.resource, workers).through(source.rows)
            try:
                select = staging_sql(source, feed, understood.times, source.on(connection))
                _write(source, select, connection, half_done)
            except BROKEN_FILE as error:
                no_room = of_the_disk(error, delivery.kept.parents[2])
                raise no_room or source.trouble or unreadable(delivery.path, error) from None
            else:
                os.replace(half_done, delivery.kept)
            finally:
                half_done.unlink(missing_ok=True)
    return connection.execute("SELECT count(*) FROM read_parquet(?)", [str(delivery.kept)]).fetchall()[0][0]


def _write(source: Source, select: str, connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    connection.execute(f"COPY ({select}) TO {quoted_text(target)} ({KEPT_AS})")
    if source.refused:  # they are known only once every row was read
        refused = pa.table({
            "source_line": pa.array([line for line, _ in source.refused], pa.int64()),
            "malformed": pa.array([reason for _, reason in source.refused]),
        })  # fmt: skip
        connection.register("refused", refused)
        whole = target.with_suffix(".whole")
        connection.execute(
            f"""COPY (FROM read_parquet({quoted_text(target)})
                UNION ALL BY NAME SELECT source_line, malformed, false AS is_robot FROM refused)
            TO {quoted_text(whole)} ({KEPT_AS})"""
        )
        connection.unregister("refused")
        os.replace(whole, target)


def lines_sql(deliveries: Sequence[tuple[int, str, Path]]) -> str:
    """The SELECT of every kept line of (delivery_no, feed, Parquet), in that order."""
    if not deliveries:
        raise EssaError("no feed could be believed", do="see the reasons above; nothing was published")
    listed = ", ".join(quoted_text(kept) for _, _, kept in deliveries)
    numbers = ", ".join(str(number) for number, _, _ in deliveries)
    feeds = ", ".join(quoted_text(feed) for _, feed, _ in deliveries)
    relation = f"read_parquet([{listed}], union_by_name = true)"
    with scratch.connection() as connection:
        described = connection.execute(f"DESCRIBE FROM {relation}").fetchall()
    attributes = [row[0] for row in described if row[0].startswith(ATTRIBUTE)]
    others = ", ".join(quoted_name(row[0]) for row in described if row[0] not in attributes)
    if SENT_AS not in (row[0] for row in described):  # all were read by an older version
        others += f", NULL::UBIGINT AS {SENT_AS}"
    packed = ", ".join(f"{quoted_name(name.removeprefix(ATTRIBUTE))} := {quoted_name(name)}" for name in attributes)
    return f"""SELECT
        ([{feeds}])[file_index::BIGINT + 1] AS feed,
        ([{numbers}])[file_index::BIGINT + 1]::USMALLINT AS delivery_no,
        {others},
        struct_pack({packed or '"none" := NULL::VARCHAR'}) AS attributes
    FROM {relation}"""
