"""The seconds and the memory of one night at growing size, beside one wide sort of the same events and PM4Py.

Run as `.venv/bin/python benchmarks/night.py`; benchmarks/README.md says how to read what comes out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import opponent
import report

HERE = Path(__file__).parent
SIZES = (1_000_000, 5_000_000)
EVENTS_MIN = 1_000
LARGE = 10_000_000  # events; from here on a server's memory is asked for, not a laptop's


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="essa-bench-") as passing:
        place = asked.home or Path(passing)
        python = opponent.install(Path(passing) / "pm4py") if asked.opponent else None
        sizes = []
        for event_count in asked.events:
            limit = asked.limit or ("8GB" if event_count > LARGE else "3GB")
            sizes.append(measure(place.resolve() / f"{event_count}-events", event_count, limit, asked.csv, python))
            print(report.of_size(sizes[-1]), end="\n\n", flush=True)
            if asked.home is None:
                shutil.rmtree(place / f"{event_count}-events")
    print(report.growth(sizes))
    if asked.save:
        _save(sizes, asked.save)


def measure(folder: Path, event_count: int, limit: str, is_csv: bool, pm4py: Path | None) -> dict[str, Any]:
    """One size's figures: sample, night, sort and, where its Python is given, PM4Py; each a process of its own.

    A sort or a PM4Py that did not live to the end is None.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    as_csv = ["--csv"] if is_csv else []
    size = {
        "deliveries": "all as CSV" if is_csv else "CSV, Parquet and JSON lines",
        "limit": limit,
        "load_at_start": os.getloadavg()[0],
        "sample": _step("sample", folder, "--events", str(event_count), *as_csv),
    }
    if size["sample"]:
        size["night"] = _step("night", folder, "--limit", limit, *as_csv)
    if not size.get("night"):
        sys.exit("the night did not come to its end; the reason stands above")
    size["sort"] = _step("sort", folder, "--limit", limit)
    if pm4py:
        result = folder / "pm4py.json"
        events = "events.csv" if is_csv else "events.parquet"
        command = [str(pm4py), str(HERE / "opponent.py"), str(folder / events), str(result)]
        size["pm4py"] = _figures(command, result)
    return size


def _step(step: str, folder: Path, *more: str) -> dict[str, Any] | None:
    command = [sys.executable, str(HERE / "stages.py"), step, str(folder), *more]
    return _figures(command, folder / f"{step}.json")


def _figures(command: list[str], result: Path) -> dict[str, Any] | None:
    """What a process left in its result file; None where it ended badly."""
    print(f"{result.parent.name}: {result.stem} ...", file=sys.stderr, flush=True)
    finished = subprocess.run(command, stdout=subprocess.DEVNULL)
    return json.loads(result.read_text(encoding="utf-8")) if finished.returncode == 0 else None


def _save(sizes: list[dict[str, Any]], folder: Path) -> None:
    """Keeps everything measured, with what it was measured on, in a file named after the day."""
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    held = {
        "measured_at": now.isoformat(timespec="seconds"),
        "cpu_count": os.cpu_count(),
        "python": sys.version.split()[0],
        "versions": {name: version(name) for name in ("essa", "duckdb", "great-expectations")},
        "sizes": sizes,
    }
    path = folder / f"{now.date()}.json"
    path.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    print(f"kept in {path}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=_event_count, nargs="+", default=list(SIZES), help="sizes, e.g. 1e6 5e6 50e6")
    parser.add_argument("--csv", action="store_true", help="all three providers deliver CSV")
    parser.add_argument("--limit", help="DuckDB's memory; 3GB, and 8GB above ten million events, unless said")
    parser.add_argument("--home", type=Path, help="work here and leave everything; a temporary folder unless said")
    parser.add_argument("--opponent", action="store_true", help="PM4Py too, installed for this run alone")
    parser.add_argument(
        "--save", type=Path, nargs="?", const=HERE / "results", help="keep the figures in FOLDER/<date>.json"
    )
    return parser.parse_args()


def _event_count(text: str) -> int:
    count = int(float(text))
    if count < EVENTS_MIN:
        raise argparse.ArgumentTypeError(f"{text} are too few to plant anything in; ask for at least {EVENTS_MIN}")
    return count


if __name__ == "__main__":
    main()
