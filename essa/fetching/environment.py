"""The values that the feeds file leaves to environment variables and Prefect's blocks; none is kept, logged or told."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from essa.errors import FeedError
from essa.feed_place import elsewhere
from essa.feeds import Feed

_blocks: dict[str, str | None] = {}  # by name, for as long as feeds are read; None where there is no such text


@contextlib.contextmanager
def blocks(known: Mapping[str, str | None]) -> Iterator[None]:
    """For as long as it is open, these are what the blocks hold; whoever knows Prefect asks it."""
    _blocks.update(known)
    try:
        yield
    finally:
        for name in known:
            _blocks.pop(name, None)


def blocks_of(feeds: Iterable[Feed]) -> list[str]:
    """The names of the blocks that feeds ask for."""
    said = [text for feed in feeds for text in (feed.url, feed.database, *feed.options.values())]
    found = [elsewhere(text) for text in said if isinstance(text, str)]
    return sorted({place[1] for place in found if place and place[0] == "block"})


def filled(text: str) -> str:
    """A text of the feeds file, `env NAME` or `block NAME` as it stands there; FeedError where there is nothing."""
    place = elsewhere(text)
    if place is None:
        return text
    kind, name = place
    value = (os.environ.get(name) if kind == "env" else _blocks.get(name)) or ""
    if value.strip():
        return value.strip()
    what = f"the environment variable {name} is not set"
    do = f"set {name} where essa runs; `essa up` hands on what it was started with"
    if kind == "block":
        what = f"Prefect has no Secret block `{name}` that holds a text"
        do = "make it in the UI of `essa up`, Blocks, Secret, on the server that runs the night"
    raise FeedError(what, because="the feeds file names it, so that no secret stands there", do=do)


def all_filled(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: filled(value) if isinstance(value, str) else value for name, value in options.items()}
