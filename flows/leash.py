"""A child process that ends when whoever started it ends, be it by `kill -9`.

The child's standard input is a pipe that nobody writes to. When the parent goes, however it goes, the system closes the
pipe, and the child takes its process group down.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

GRACE_S = 10.0


def start(
    module: Sequence[str], log: Path, environment: Mapping[str, str], folder: Path | None = None
) -> subprocess.Popen:
    """Runs `python -m MODULE ARGUMENTS` in a session of its own, so that Ctrl-C reaches only us; it talks to a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as written:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.leash", *module],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=written,
            env={**os.environ, **environment},
            cwd=folder,
            start_new_session=True,
        )


def stop(child: subprocess.Popen, how: signal.Signals = signal.SIGTERM, grace_s: float = GRACE_S) -> None:
    """Ends a child and what it started: asked first, killed when it does not listen."""
    if child.poll() is None:
        child.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace_s)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _end_with_the_parent() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE_S)
    os.killpg(0, signal.SIGKILL)


def _main() -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
