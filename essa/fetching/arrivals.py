"""A feed's deliveries wherever they lie, as files of this machine that are deleted once they were read.

`warehouse/remote/<feed>.json` remembers by keyed hashes which content a file on a server had, so that a file that did
not change is not fetched again.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import hmac
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from essa import delivery, privacy
from essa.delivery import Delivery
from essa.errors import FeedError
from essa.feed_place import OPTIONS, is_open_to_others, scheme
from essa.feeds import Feed
from essa.fetching import environment, faults, remote_files, servers
from essa.in_words import many
from essa.settings import Settings
from essa.warehouse import Warehouse

LOOKED_AT = 3  # files of a feed that a look at it fetches, the last by name


def find(feed: Feed, base: Path, warehouse: Warehouse) -> list[Delivery]:
    """A feed's deliveries now, by name; FeedError where there are none or they cannot be had."""
    if warehouse.delivered_by and not feed.files:
        raise FeedError(
            f"{feed.name}: what its server held on {warehouse.delivered_by} cannot be told",
            do="run that night over files, or leave this feed to the nights to come",
        )
    kept_folder, reading = warehouse.folder / "deliveries", delivery.reading(feed, warehouse.secret, warehouse.settings)
    if feed.url:
        return _fetched(feed, kept_folder, reading, warehouse)
    if feed.database:
        from essa.fetching import query  # SQLAlchemy takes as long to load as a small file to read

        base = warehouse.home / "landed" / feed.name
        if count := query.land(feed, base, warehouse.night, warehouse.settings):
            bear = many(count, "row bears", "rows bear")
            warehouse.remarks[feed.name] = (
                f"{bear} a `{feed.watermark}` from the future; how far was read is told by the others"
            )
        feed = feed.model_copy(update={"files": str(Path(glob.escape(str(base))) / "*.parquet")})
    return delivery.find(feed, base, kept_folder, reading, warehouse.delivered_by)


def forget(feed: Feed, warehouse: Warehouse) -> None:
    """Deletes what was fetched of a feed, now that it was read or cannot be."""
    shutil.rmtree(_folder(feed, warehouse), ignore_errors=True)


def _folder(feed: Feed, warehouse: Warehouse) -> Path:
    """Where originals may lie for a while: emptied at every start."""
    return warehouse.folder / "spill" / f"fetched-{feed.name}"


def _fetched(feed: Feed, kept_folder: Path, reading: str, warehouse: Warehouse) -> list[Delivery]:
    forget(feed, warehouse)
    memory = warehouse.folder / "remote" / f"{feed.name}.json"
    known, now, found = _remembered(memory), {}, []
    with _listed(feed, warehouse.settings) as (server, files, place):
        for number, one in enumerate(files):
            content_hash = known.get(_key(warehouse.secret, place, one, one.mark()))
            if content_hash and delivery.kept_place(kept_folder, feed.name, content_hash, reading).exists():
                path, mark = Path(one.file_name()), one.mark()
            else:
                path = _folder(feed, warehouse) / str(number) / one.file_name()
                mark, content_hash = _fetch(feed, server, one, path, warehouse.settings), None
            found.append(delivery.arrived(feed, path, one.name, kept_folder, reading, content_hash))
            if mark:
                now[_key(warehouse.secret, place, one, mark)] = found[-1].content_hash
    memory.parent.mkdir(exist_ok=True, mode=0o700)
    memory.with_suffix(".part").write_text(json.dumps(now), encoding="utf-8")
    os.replace(memory.with_suffix(".part"), memory)
    return found


def _remembered(memory: Path) -> dict[str, str]:
    try:
        return dict(json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _key(secret: str, place: str, one: remote_files.Remote, mark: str | None) -> str:
    return hmac.new(secret.encode(), f"{place}\0{one.path}\0{mark}".encode(), hashlib.sha256).hexdigest()


@contextlib.contextmanager
def _listed(feed: Feed, settings: Settings) -> Iterator[tuple[object, list[remote_files.Remote], str]]:
    """The server of a feed, its files there, and where that is."""
    url, options = _filled(feed)
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(servers.connected(url, options, settings))
            files = remote_files.listed(server, url, settings)
        except Exception as error:
            raise _told(feed, "", error) from None
        yield server, files, f"{url} {options.get('endpoint_url', '')}"


def _filled(feed: Feed) -> tuple[str, dict[str, object]]:
    url = environment.filled(feed.url or "")
    if scheme(url) not in OPTIONS:
        raise FeedError(
            f"{feed.name}: the URL in `{feed.url}` begins as none that is known",
            do=f"put one there that begins with {', '.join(f'{name}://' for name in OPTIONS)}",
        )
    options = environment.all_filled(feed.options)
    if any(is_open_to_others(address) for address in (url, str(options.get("endpoint_url", "")))):
        raise FeedError(
            f"{feed.name}: its address begins with http://, which can be read and changed on the way",
            kept="the log-in, which was not sent",
            do="put the https:// address there, or ask the provider for one",
        )
    return url, options


def _fetch(feed: Feed, server: object, one: remote_files.Remote, path: Path, settings: Settings) -> str | None:
    path.parent.mkdir(parents=True, mode=0o700)
    try:
        return remote_files.fetch(server, one, path, settings)
    except Exception as error:
        path.unlink(missing_ok=True)
        raise _told(feed, one.name, error) from None


def _told(feed: Feed, name: str, error: Exception) -> FeedError:
    whole = f"{feed.name}: {privacy.redact(name)}" if name else feed.name
    told = faults.in_words(error, whole)
    if told is error and not told.what.startswith(feed.name):
        told.what = f"{whole}: {told.what}"
    return told


@contextlib.contextmanager
def to_look_at(feeds: Sequence[Feed], settings: Settings) -> Iterator[tuple[list[Feed], dict[str, FeedError]]]:
    """The feeds with a few files of those that lie elsewhere, for as long as one looks; what kept others away."""
    near: list[Feed] = []
    troubles: dict[str, FeedError] = {}
    with tempfile.TemporaryDirectory(prefix="essa-") as place:
        for feed in feeds:
            folder = Path(place) / feed.name
            try:
                near.append(_brought(feed, folder, settings))
            except FeedError as trouble:
                troubles[feed.name] = trouble
                near.append(feed.model_copy(update={"files": str(folder / "none")}))
        yield near, troubles


def _brought(feed: Feed, folder: Path, settings: Settings) -> Feed:
    if feed.files:
        return feed
    if feed.database:
        from essa.fetching import query

        query.sample(feed, folder, settings)
        return feed.model_copy(update={"files": str(folder / "*.parquet"), "database": None})
    with _listed(feed, settings) as (server, files, _):
        for number, one in enumerate(files[-LOOKED_AT:]):
            _fetch(feed, server, one, folder / str(number) / one.file_name(), settings)
    return feed.model_copy(update={"files": str(folder / "*" / "*"), "url": None, "format": feed.file_format})
