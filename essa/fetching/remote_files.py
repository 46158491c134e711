"""The files a URL names on its server, each fetched whole, and the mark that tells whether one is as it was."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from fsspec.utils import glob_translate

from essa.errors import FeedError, Unanswered
from essa.feed_place import scheme
from essa.fetching import servers, web
from essa.settings import Settings

SETTLED_S = 3_600  # a time of change this young may see a second change that it does not tell, clocks differing
CHANGED_AT = ("mtime", "LastModified", "last_modified", "updated", "Last-Modified")
LONGEST_NAME = 120
CHUNK_BYTES = 1 << 20

# Where a connection breaks, a thread of Paramiko's shows a traceback beside what is told of it anyway.
_shown_before = threading.excepthook
threading.excepthook = lambda said: None if "_prefetch_thread" in str(said.thread) else _shown_before(said)


@dataclass(frozen=True)
class Remote:
    """A file on a server: its path there, its name below the feed's folder, what the server says of it."""

    path: str
    name: str
    said: Mapping[str, Any]

    def mark(self) -> str | None:
        return mark(self.said)

    def file_name(self) -> str:
        """A name for it on this disk, with the endings it has."""
        return PurePosixPath(self.name.replace("\0", "")).name[-LONGEST_NAME:] or "file"


def mark(said: Mapping[str, Any]) -> str | None:
    """What changes when a file does; None where nothing sure does, and the file must be fetched to know."""
    size, tag = said.get("size"), said.get("ETag") or said.get("etag")
    if size is None:
        return None
    if isinstance(tag, str) and tag and not tag.startswith("W/"):
        return f"{size} {tag}"
    changed_at = _instant(next((said[name] for name in CHANGED_AT if said.get(name)), None))
    if changed_at is None or time.time() - changed_at.timestamp() < SETTLED_S:
        return None
    return f"{size} {changed_at.isoformat()}"


def _instant(told: Any) -> datetime | None:
    try:
        at = parsedate_to_datetime(told) if "," in str(told) else datetime.fromisoformat(str(told))
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def listed(server: Any, url: str, settings: Settings) -> list[Remote]:
    """The files a URL matches now, by name; FeedError where there are none."""
    path, is_web = servers.path_of(url), scheme(url) == "https"
    signs = "*[" if is_web else "*?["  # in a web address the ? begins a query
    fixed = path[: min((path.find(sign) for sign in signs if sign in path), default=len(path))]
    folder = fixed.partition("?")[0].rpartition("/")[0] + "/"
    if fixed != path:
        pattern = path.replace("?", "[?]") if is_web else path
        found = _matching(server, folder, pattern, settings)
    else:
        found = {path: {} if is_web else server.info(path, **_limit(server, settings.source_silence_s_max))}
        if not _is_file(found[path]):
            raise FeedError("its url is a folder", do="name its files too, for example `.../*.csv`")
    if not found:
        do = "check `url:` of the feed, or ask the provider for the delivery"
        raise FeedError("no file on its server matches", do=do)
    if is_web:
        found = {name: web.look(server, name, settings.source_silence_s_max) for name in found}
    return [Remote(name, _name(name, folder, fixed != path), found[name]) for name in sorted(found)]


def _name(path: str, folder: str, is_one_of_many: bool) -> str:
    """How a file is called below the feed's folder; what follows the ? of the only one may be a key to it."""
    return unquote(path if is_one_of_many else path.partition("?")[0]).removeprefix(unquote(folder))


def _matching(server: Any, folder: str, pattern: str, settings: Settings) -> dict[str, Mapping[str, Any]]:
    """What the server says of each file that matches, by path; a folder that cannot be listed is an error.

    fsspec's own `glob` leaves such a folder out in silence.
    """
    fits = re.compile(glob_translate(pattern))
    deepest = None if "**" in pattern else pattern.count("/")
    found: dict[str, Mapping[str, Any]] = {}
    ahead, seen = [folder], set()
    while ahead:
        here = ahead.pop()
        seen.add(here)
        for said in server.ls(here, detail=True, **_limit(server, settings.source_silence_s_max)):
            path = str(said["name"])
            said = (
                server.info(path, **_limit(server, settings.source_silence_s_max))
                if said.get("type") == "link"
                else said
            )
            below = path.rstrip("/") + "/"
            if _is_file(said):
                if fits.match(path):
                    _check_within(path.removeprefix(folder), path.startswith(("https://", "http://")))
                found |= {path: said} if fits.match(path) else {}
            elif below not in seen and below.startswith(folder) and (deepest is None or path.count("/") < deepest):
                ahead.append(below)
    return found


def _check_within(name: str, is_web: bool) -> None:
    """FeedError where a listed name would lead out of its folder."""
    if ".." in (unquote(name) if is_web else name).split("/") or (is_web and "%2f" in name.lower()):
        raise FeedError(
            "its server lists a file whose name leads to another folder",
            do="ask the provider what that file is; to go without it, narrow `url:`",
        )


def _is_file(said: Mapping[str, Any]) -> bool:
    return said.get("type", "file") != "directory"


def _limit(server: Any, limit_s: int) -> dict[str, int]:
    """Ends a call, whatever the server's library tries again within it; Paramiko's end by themselves."""
    return {"timeout": limit_s} if getattr(server, "async_impl", False) else {}


def fetch(server: Any, one: Remote, target: Path, settings: Settings) -> str | None:
    """Writes a file to `target`; its mark. Unanswered where it came in part or changed on the way."""
    if one.path.startswith(("https://", "http://")):
        after = web.download(server, one.path, target, settings.source_whole_s_max)
    else:
        limit = _limit(server, settings.source_silence_s_max)
        if limit:
            server.get_file(one.path, str(target), timeout=settings.source_whole_s_max)
        else:
            _copy(server, one.path, target, settings)
        after = server.info(one.path, **limit)
        if mark(after) != one.mark() or after.get("size") != one.said.get("size"):
            raise Unanswered("the file changed while it was fetched", do="it is tried again")
    if after.get("size") not in (None, target.stat().st_size):
        raise Unanswered("the file came in part", kept="nothing of it", do="it is tried again")
    return mark(after)


def _copy(server: Any, path: str, target: Path, settings: Settings) -> None:
    """Over SFTP, ended where it takes longer than a file may."""
    ends_at = time.monotonic() + settings.source_whole_s_max
    with server.ftp.open(path) as remote, target.open("wb") as file:
        remote.prefetch()
        while chunk := remote.read(CHUNK_BYTES):
            file.write(chunk)
            if time.monotonic() > ends_at:
                raise TimeoutError
