"""Where the flow runs: the server a home has up, or one of its own; telemetry off, nothing said at exit."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

SERVER_FILE = "prefect/server.json"


def prepare_environment(home: Path) -> None:
    """Prefect's environment for a run in this home, before Prefect is loaded; what the user set stands."""
    place = (home / "prefect").resolve()
    place.mkdir(parents=True, exist_ok=True)  # without it Prefect restarts its server for ever
    environment = {
        "PREFECT_HOME": str(place),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "essa",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_EXTRA_LOGGERS_LEVEL": "INFO",
        "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # the first start makes its database
    }
    for name, value in environment.items():
        os.environ.setdefault(name, value)
    if address := running_server(home):
        os.environ.setdefault("PREFECT_API_URL", address)


def running_server(home: Path) -> str | None:
    """The API address of the server this home has up, if it answers."""
    place = home / SERVER_FILE
    if not place.exists():
        return None
    try:
        address = json.loads(place.read_text())["api_url"]
        with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
            return address if answer.status == 200 else None
    except (OSError, ValueError, KeyError):
        return None


@contextlib.contextmanager
def quiet_exit() -> Iterator[None]:
    """The embedded server complains on stderr while it goes down; nobody needs to read that."""
    yield
    sys.stderr.flush()


def up(home: Path, feeds: Path, out: Console) -> None:
    raise NotImplementedError
