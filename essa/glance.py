"""How the columns of one delivered file are read: their types, a few samples, the reading of each time.

Only the first lines are looked at. Every mistake is told at once: a column that is missing hides no time that cannot be
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from essa import people, privacy, scratch
from essa.errors import ColumnsMissing, EssaError, FeedError, together
from essa.feeds import Feed
from essa.reading import times
from essa.reading.opened import quoted_name
from essa.reading.source import BROKEN_FILE, Source, open_source, unreadable

SAMPLE_LINES = 1_000
LONGEST_EXAMPLE = 400  # characters looked at to show 40 of them


@dataclass(frozen=True)
class Understanding:
    """How a file's columns are read, by the sender's names; the times by ours."""

    types: dict[str, str]
    samples: dict[str, tuple[str, ...]]
    times: dict[str, times.TimeReading]
    feed: Feed
    unread: tuple[str, ...] = ()  # columns of theirs that the feed does not name

    def example(self, ours: str, theirs: str, those: people.People) -> str:
        """One value as it may be shown: redacted, and no name of `those`."""
        given = [text[:LONGEST_EXAMPLE] for text in self.samples.get(theirs, ()) if text.strip()]
        if not given or ours == "resource":
            return ""
        if ours in times.TIME_COLUMNS:
            return times.shown(given[0], self.feed)
        return privacy.redact(those.blanked(given[0]))[:40]

    def is_like(self, other: Understanding) -> bool:
        return (self.types, self.times) == (other.types, other.times)


def understand(path: Path, feed: Feed) -> Understanding:
    """Reads the first lines of a file and nothing else; FeedError where the feed does not fit it."""
    with scratch.connection() as connection:
        return opened(path, feed, connection, feed.wanted_columns())[1]


def opened(
    path: Path, feed: Feed, connection: duckdb.DuckDBPyConnection, only: Sequence[str] | None = None
) -> tuple[Source, Understanding]:
    """A file with Arrow rows, for as long as the connection is open, and how its columns are read."""
    troubles: list[EssaError] = []
    try:
        source = open_source(path, feed, only)
    except ColumnsMissing as lacking:
        troubles.append(lacking)
        feed = feed.without(lacking.columns)
        if not feed.wanted_columns():
            raise
        source = open_source(path, feed, feed.wanted_columns())
    types = {name: source.types[source.called(name)] for name in feed.wanted_columns()}
    try:
        source = source.as_texts([source.called(name) for name in feed.wanted_columns()], connection)
        samples = _samples(source, feed)
    except BROKEN_FILE as error:
        raise source.trouble or unreadable(path, error) from None
    readings, unreadable_times = times.understand_all(types, samples, feed)
    if troubles := [*troubles, *unreadable_times]:
        raise together(f"{feed.name}: {len(troubles)} mistakes in {privacy.redact(path.name)}", troubles)
    named = {source.called(name) for name in feed.wanted_columns()}
    unread = tuple(name for name in source.types if name not in named)
    return source, Understanding(types, samples, readings, feed, unread)


def _samples(source: Source, feed: Feed) -> Mapping[str, tuple[str, ...]]:
    wanted = feed.wanted_columns()
    columns = source.first([source.called(column) for column in wanted], SAMPLE_LINES)
    return {name: tuple(x for x in texts if x is not None) for name, texts in zip(wanted, columns, strict=True)}


def look(paths: list[Path], feed: Feed) -> tuple[list[tuple[list[Path], Understanding]], list[EssaError]]:
    """The files of a feed, those read alike together, and what keeps the others from being read."""
    alike: list[tuple[list[Path], Understanding]] = []
    troubles: list[EssaError] = []
    for path in paths:
        try:
            understood = understand(path, feed)
        except FeedError as trouble:
            troubles.append(trouble)
            continue
        if trouble := _swapped(path, feed, understood):
            troubles.append(trouble)
        group = next((paths for paths, other in alike if other.is_like(understood)), None)
        if group is None:
            alike.append(([path], understood))
        else:
            group.append(path)
    if alike:
        troubles = [one.that_others_have() if isinstance(one, ColumnsMissing) else one for one in troubles]
    return alike, troubles


def _swapped(path: Path, feed: Feed, understood: Understanding) -> FeedError | None:
    """What to say where most of the first lines end before they start."""
    if not {"started_at", "ended_at"} <= understood.times.keys():
        return None
    source = open_source(path, feed, feed.wanted_columns())
    started, ended = (
        understood.times[ours].sql.format(x=quoted_name(source.called(getattr(feed.columns, ours))))
        for ours in ("started_at", "ended_at")
    )
    with scratch.connection() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        counted = f"""SELECT count(*) FILTER ({started} > {ended}), count(*)
            FROM (FROM {source.on(connection)} LIMIT {SAMPLE_LINES}) WHERE {started} <> {ended}"""
        ((swapped, count),) = connection.execute(counted).fetchall()
    if swapped * 2 <= count:
        return None
    return FeedError(
        f"{feed.name}: {swapped:,} of the first {count:,} lines of {privacy.redact(path.name)} end before they start",
        do="see whether `started_at` and `ended_at` name each other's columns",
    )
