"""What PM4Py takes to read the same events and to compute four things of them.

PM4Py is under the AGPL: it is installed into a throw-away environment, run there as a process of its own, and never
imported by essa. `python opponent.py EVENTS RESULT`, run in that environment, leaves its figures in RESULT.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

from meter import Stage, timed

PACKAGES = ("pm4py==2.7.*", "pyarrow")


def install(folder: Path) -> Path:
    """Makes the throw-away environment; its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check", *PACKAGES], check=True)
    return python


def compute(events: Path) -> dict[str, object]:
    """Reads the events and computes directly-follows, performance, variants and rework, as PM4Py's manual does."""
    import pandas

    with contextlib.redirect_stderr(io.StringIO()):  # its greeting
        import pm4py

    stages: list[Stage] = []
    with timed(stages, "read"):
        frame = pandas.read_csv(events) if events.suffix == ".csv" else pandas.read_parquet(events)
    with timed(stages, "format"):
        frame = pm4py.format_dataframe(
            frame,
            case_id="case_id",
            activity_key="activity",
            timestamp_key="ended_at",
            start_timestamp_key="started_at",
        )
    with timed(stages, "directly-follows"):
        pairs, _, _ = pm4py.discover_dfg(frame)
    with timed(stages, "performance"):
        pm4py.discover_performance_dfg(frame)
    with timed(stages, "variants"):
        variants = pm4py.get_variants(frame)
    with timed(stages, "rework"):
        pm4py.get_rework_cases_per_activity(frame)
    found = {"event_count": len(frame), "pair_count": len(pairs), "variant_count": len(variants)}
    return {"version": pm4py.__version__, "stages": stages, "found": found}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(compute(Path(sys.argv[1]))), encoding="utf-8")
