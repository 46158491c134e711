"""Who works in the files that are new, before one of them is read whole: names that no text may keep."""

from __future__ import annotations

import contextlib
import glob
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from essa import delivery, known_names, people, scratch, spelling, time_limit
from essa.errors import FeedError
from essa.feeds import Feed
from essa.fetching import arrivals
from essa.warehouse import Warehouse

T = TypeVar("T")


@dataclass(frozen=True)
class Met:
    """A feed's deliveries, who stands in the resource column of the new ones, and of the words those names may have."""

    deliveries: tuple[delivery.Delivery, ...]
    names: frozenset[str]
    words: frozenset[str]


def meet_all(feeds: Sequence[Feed], base: Path, warehouse: Warehouse) -> None:
    """Meets the people of all feeds, for a note may name who works for another provider.

    Whatever is wrong with a feed is said when it is pulled, and blocks that feed alone.
    """

    def try_one(feed: Feed) -> None:
        with contextlib.suppress(Exception):
            meet(feed, base, warehouse)

    with ThreadPoolExecutor(warehouse.settings.threads) as pool:
        list(pool.map(try_one, feeds))


def meet(feed: Feed, base: Path, warehouse: Warehouse) -> Met:
    """Looks through the deliveries of a feed that were not read before for names; FeedError where there are none.

    A note in one file may name who works in another, or who was met on an earlier night. Whoever cannot be read now
    says so when it is kept.
    """
    found = arrivals.find(feed, base, warehouse)
    has_known = known_names.are_any(warehouse.folder)
    called = {word for one in found for word in spelling.words_and_log_ins_of(one.source_file)}

    def known(words: set[str]) -> set[str]:
        return known_names.met(warehouse.folder, warehouse.secret, words)

    def look(one: delivery.Delivery, connection: duckdb.DuckDBPyConnection) -> tuple[set[str], set[str]]:
        if one.kept.exists():
            return set(), set()
        names = delivery.names(one.path, feed, connection)
        return names, known(delivery.words(one, feed, connection)) if has_known else set()

    seen = [one for one in of_each(found, look, warehouse) if not isinstance(one, FeedError)]
    names, words = (frozenset().union(*(each[place] for each in seen)) for place in (0, 1))
    met = Met(tuple(found), names, words | called)
    with warehouse.meeting:
        warehouse.met[feed.name] = met
        warehouse.names |= people.those_of(names, feed.robots, feed.roles)
    return met


def who_works(feeds: Sequence[Feed]) -> set[str]:
    """The names in the files of these feeds as far as they can be read, to look at the feeds and keep nothing."""
    found: set[str] = set()
    for feed in feeds:
        for path in sorted(map(Path, glob.glob(feed.files or "", recursive=True))):
            with contextlib.suppress(Exception), scratch.connection() as connection:
                found |= people.those_of(delivery.names(path, feed, connection), feed.robots, feed.roles)
    return found


def of_each(
    deliveries: Sequence[delivery.Delivery],
    do: Callable[[delivery.Delivery, duckdb.DuckDBPyConnection], T],
    warehouse: Warehouse,
) -> list[T | FeedError]:
    """What `do` makes of each delivery, or what keeps it from doing so; each on a connection of its own."""

    def work(one: delivery.Delivery) -> T | FeedError:
        connection = warehouse.reader()
        try:
            with time_limit.of_file(one.source_file, connection, warehouse.settings.step_s_max):
                return do(one, connection)
        except FeedError as trouble:
            return trouble
        finally:
            connection.close()

    with ThreadPoolExecutor(warehouse.settings.threads) as pool:
        return list(pool.map(work, deliveries))
