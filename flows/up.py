"""A home's Prefect server, its UI, the nightly schedule and a worker, on loopback, until Ctrl-C."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rich.console import Console

from essa.errors import EssaError
from flows import leash, serve

PROJECT = Path(__file__).parent.parent
POOL = "essa"
NOTIFY = "ESSA_NOTIFY_URL"
WORKER = {"PREFECT_WORKER_QUERY_SECONDS": "2"}  # whoever presses Quick run is looking at the screen


def up(home: Path, feeds: Path, port: int, out: Console) -> None:
    """Starts all four and stays; EssaError where this home is up already or a part ends by itself."""
    told = _who_is_told()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell starts what it puts aside with SIGINT ignored
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as running:
        try:
            running.enter_context(serve.hold(home))
        except BlockingIOError:
            raise EssaError(
                f"{home} is up already", at=_ui(serve.running_server(home)), do="use that one, or stop it first"
            ) from None
        try:
            _start(home, feeds, serve.free_port(port), told, out, running)
        except KeyboardInterrupt:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # impatience would leave the tidying half done
            out.print("stopping", highlight=False)


def _start(home: Path, feeds: Path, port: int, told: str | None, out: Console, running: contextlib.ExitStack) -> None:
    address = f"http://127.0.0.1:{port}/api"
    serve.prepare_environment(home)
    server = running.enter_context(_child(serve.start(home, port, {}), signal.SIGTERM))
    serve.wait_for(address, server, home)
    os.environ["PREFECT_API_URL"] = address
    page_port = serve.free_port(port + 1)
    page = running.enter_context(_child(serve.start_page(home, page_port), signal.SIGTERM))
    os.environ[serve.PAGE_URL] = f"http://127.0.0.1:{page_port}/index.html"
    running.enter_context(_announced(home, address))
    out.print(f"server    {_ui(address)}", highlight=False, soft_wrap=True)
    out.print(f"page      {os.environ[serve.PAGE_URL]}", highlight=False, soft_wrap=True)
    from flows import deployment

    deployment.end_what_died(home)
    running.callback(_tell_what_died, home, out)
    deployment.make_pool(POOL)
    start_worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    worker = running.enter_context(
        _child(leash.start(start_worker, serve.log_file(home, "worker"), WORKER, PROJECT), signal.SIGINT)
    )
    _deploy(home, feeds)
    if told:
        from flows import notify

        notify.tell(told)
        out.print(f"tells     {NOTIFY}, of failed nights, blocked feeds and drifted rules", highlight=False)
    out.print("tonight   in the UI: Deployments, nightly, Run", highlight=False)
    out.print(f"next run  {_in_words(deployment.next_night())}", highlight=False)
    out.print("until     Ctrl-C", highlight=False)
    _watch({"server": server, "page": page, "worker": worker}, home)


def _tell_what_died(home: Path, out: Console) -> None:
    """A night that the worker ran goes down with it; one from another terminal goes on with a server of its own."""
    from flows import deployment

    if deployment.end_what_died(home):
        out.print("a night without an end is marked as crashed; the last publication stands", highlight=False)


@contextlib.contextmanager
def _child(child: subprocess.Popen, how: signal.Signals) -> Iterator[subprocess.Popen]:
    try:
        yield child
    finally:
        leash.stop(child, how)


@contextlib.contextmanager
def _announced(home: Path, address: str) -> Iterator[None]:
    """Tells the runs of this home where the server is."""
    place = home / serve.SERVER_FILE
    told = {"api_url": address, "page_url": os.environ[serve.PAGE_URL], "process_id": os.getpid()}
    place.write_text(json.dumps(told) + "\n", encoding="utf-8")
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def _who_is_told() -> str | None:
    address = os.environ.get(NOTIFY, "")
    if address and not address.startswith(("https://", "http://")):
        raise EssaError(f"{NOTIFY} is no web address", do="give one that begins with https://, or unset it")
    return address or None


def _deploy(home: Path, feeds: Path) -> None:
    from flows import deployment

    log = serve.log_file(home, "deploy")
    with _child(
        leash.start(["prefect", "--no-prompt", "deploy", "--all"], log, {}, PROJECT), signal.SIGTERM
    ) as deploying:
        if deploying.wait() != 0:
            raise EssaError("the deployments were refused", do=f"see the end of {log}")
    deployment.give_parameters({"home": str(home.resolve()), "feeds": str(feeds.resolve())})


def _watch(children: dict[str, subprocess.Popen], home: Path) -> None:
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                raise EssaError(f"the {name} ended by itself", do=f"see the end of {serve.log_file(home, name)}")
        time.sleep(0.5)


def _ui(address: str | None) -> str | None:
    return address and address.removesuffix("/api")


def _in_words(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "none is scheduled"
