"""Where the flow runs: the server a home has up, or one of its own; telemetry off, the terminal left to us."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from essa.errors import EssaError
from essa.feeds import Feed
from essa.fetching import environment
from flows import leash
from tasks.log import log

SERVER_FILE = "prefect/server.json"
LOCK_FILE = "prefect/up.lock"
PAGE_URL = "ESSA_PAGE_URL"  # where the page can be seen, for the link that a run leaves in the UI
START_S = 180.0  # the first start in a home makes the server's database
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "essa",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
EMBEDDED = {
    "PREFECT__SERVER_EPHEMERAL": "1",  # the API and what records runs; no scheduler, no UI
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",  # nothing here makes a block, and it takes three seconds
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",  # loads every collection to see whether there were new
}


def prepare_environment(home: Path) -> None:
    """Prefect's environment for this home, before Prefect is loaded; what the user set stands."""
    place = _folder(home).resolve()  # without it Prefect restarts its server for ever
    for name, value in {"PREFECT_HOME": str(place), **QUIET}.items():
        os.environ.setdefault(name, value)


def _folder(home: Path) -> Path:
    """Prefect's folder in a home, the owner's alone: its database holds blocks, and beside them what opens them."""
    place = home / "prefect"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):  # who may write there need not own it
        place.chmod(0o700)
    return place


@contextlib.contextmanager
def server(home: Path) -> Iterator[Callable[[], None]]:
    """A server for one run: it starts while the caller goes on, who then calls what this yields to wait for it.

    In this order: the one the user named, the one this home has up, one of our own that ends with the run.
    """
    prepare_environment(home)
    # What Prefect says of a failed task is in its UI; the terminal has our own lines
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: None
        return
    if address := running_server(home):
        os.environ["PREFECT_API_URL"] = address
        os.environ[PAGE_URL] = _announced(home).get("page_url", "")
        with _outlasting(home, address, lambda: not is_up(home), "`essa up` was stopped"):
            yield lambda: None
        return
    port = free_port()
    address = f"http://127.0.0.1:{port}/api"
    child = start(home, port, EMBEDDED)
    has_answered = threading.Event()
    os.environ["PREFECT_API_URL"] = address

    def wait() -> None:
        wait_for(address, child, home)
        has_answered.set()

    def is_gone() -> bool:
        return has_answered.is_set() and child.poll() is not None

    try:
        with _outlasting(home, address, is_gone, "Prefect's server ended"):
            yield wait
    finally:
        del os.environ["PREFECT_API_URL"]
        leash.stop(child)


@contextlib.contextmanager
def blocks(feeds: Sequence[Feed], home: Path) -> Iterator[None]:
    """What the blocks hold that feeds name, for a look at them; a server is asked only where there are any."""
    if not environment.blocks_of(feeds):
        yield
        return
    with server(home) as wait:
        wait()
        from tasks import secrets

        with secrets.known(feeds):
            yield


@contextlib.contextmanager
def _outlasting(home: Path, address: str, is_gone: Callable[[], bool], said: str) -> Iterator[None]:
    """Lets a run go on when the server it reports to is gone: with a server of its own at the same address."""
    is_over = threading.Event()

    def stand_by() -> None:
        while not is_over.wait(0.5):
            if is_gone():
                log.warning("%s; this run goes on with a server of its own", said)
                child = start(home, urllib.parse.urlparse(address).port or 0, EMBEDDED)
                is_over.wait()
                leash.stop(child)
                return

    watch = threading.Thread(target=stand_by)
    watch.start()
    try:
        yield
    finally:
        is_over.set()
        watch.join()


def start(home: Path, port: int, environment: dict[str, str]) -> subprocess.Popen:
    """Prefect's server as a child; it writes to `HOME/prefect/log/server.log`."""
    uvicorn = ["uvicorn", "--factory", "prefect.server.api.server:create_app", "--host", "127.0.0.1"]
    return leash.start(
        [*uvicorn, "--port", str(port), "--log-level", "error", "--lifespan", "on"],
        log_file(home, "server"),
        # the pages ask their server at an address they are told, and know of no port but Prefect's own
        {
            **environment,
            "PREFECT_API_URL": "",
            "PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_UI_URL": os.environ.get("PREFECT_UI_URL") or f"http://127.0.0.1:{port}",  # in what is posted
        },
    )


def wait_for(address: str, child: subprocess.Popen, home: Path) -> None:
    """Returns when the server answers; EssaError where it ends before, or never answers."""
    give_up_at = time.monotonic() + START_S
    while not answers(address):
        if child.poll() is not None or time.monotonic() > give_up_at:
            raise EssaError(
                "Prefect's server did not start",
                because="it ended" if child.poll() is not None else f"it did not answer within {START_S:.0f} s",
                do=f"see the end of {log_file(home, 'server')}",
            )
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Whether a Prefect API is well at this address."""
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def running_server(home: Path) -> str | None:
    """The API address of the server this home has up, if it answers."""
    if not is_up(home):
        return None  # a server.json without its `essa up` was left by one that was killed; its port may be another's
    address = _announced(home).get("api_url")
    return address if address and answers(address) else None


def _announced(home: Path) -> dict[str, str]:
    try:
        return json.loads((home / SERVER_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def start_page(home: Path, port: int) -> subprocess.Popen:
    """The report page on loopback as a child, for a browser follows no link from a server to the disk."""
    folder = home / "published" / "report"
    folder.mkdir(parents=True, exist_ok=True)
    address = ["http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder.resolve())]
    return leash.start(address, log_file(home, "page"), {})


def is_up(home: Path) -> bool:
    """Whether an `essa up` of this home is alive; the system lets go of its lock when it is not."""
    try:
        with hold(home):
            return False
    except BlockingIOError:
        return True


@contextlib.contextmanager
def hold(home: Path) -> Iterator[None]:
    """Holds the lock of `essa up`; BlockingIOError where another one has it."""
    _folder(home)
    with (home / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def free_port(wanted: int = 0) -> int:
    """The first free port on loopback from the wanted one on; any where none is wanted."""
    for port in range(wanted, wanted + 100 if wanted else 1):
        with socket.socket() as door, contextlib.suppress(OSError):
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(("127.0.0.1", port))
            return door.getsockname()[1]
    raise EssaError(f"no free port from {wanted} on", do="name another one with --port")


def log_file(home: Path, name: str) -> Path:
    return home / "prefect" / "log" / f"{name}.log"
