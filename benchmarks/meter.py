"""Wall seconds, processor seconds and the highest memory so far, by stage.

Imports nothing but the standard library, so that it also runs where essa is not installed.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Iterator

Stage = dict[str, str | float]


@contextlib.contextmanager
def timed(stages: list[Stage], name: str) -> Iterator[None]:
    """Adds one stage to `stages`: what the enclosed lines took."""
    wall_s, cpu_s = time.perf_counter(), cpu_so_far_s()
    yield
    stages.append({
        "stage": name,
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": cpu_so_far_s() - cpu_s,
        "peak_mb": peak_mb(),
    })  # fmt: skip


def cpu_so_far_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The most memory this process ever held; a process of its own is the only way to start from nothing."""
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * bytes_per_unit / 2**20


def together(stages: list[Stage], name: str) -> Stage:
    """Several stages as one."""
    return {
        "stage": name,
        "wall_s": sum(stage["wall_s"] for stage in stages),
        "cpu_s": sum(stage["cpu_s"] for stage in stages),
        "peak_mb": max((stage["peak_mb"] for stage in stages), default=0.0),
    }
