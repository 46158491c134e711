"""The values that the feeds file leaves to environment variables; none of them is kept, logged or told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from essa.errors import FeedError
from essa.feed_place import environment_name


def filled(text: str) -> str:
    """A text of the feeds file, `env NAME` as that variable has it; FeedError where there is none."""
    name = environment_name(text)
    if name is None:
        return text
    value = os.environ.get(name, "").strip()
    if not value:
        raise FeedError(
            f"the environment variable {name} is not set",
            because="the feeds file names it, so that no secret stands there",
            do=f"set {name} where essa runs; `essa up` hands on what it was started with",
        )
    return value


def all_filled(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: filled(value) if isinstance(value, str) else value for name, value in options.items()}
