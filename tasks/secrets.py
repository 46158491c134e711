"""What Prefect's Secret blocks hold that the feeds file names, in memory alone, for as long as feeds are read."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from prefect.blocks.system import Secret

from essa.feeds import Feed
from essa.fetching import environment


def known(feeds: Sequence[Feed]) -> contextlib.AbstractContextManager[None]:
    """Asks Prefect's server for each block once; one that is not there is its feed's trouble."""
    return environment.blocks({name: _held(name) for name in environment.blocks_of(feeds)})


def _held(name: str) -> str | None:
    try:
        value = Secret.load(name).get()
    except ValueError:  # as Prefect says that there is none
        return None
    return value if isinstance(value, str) else None
