"""Logs of made-up decisions, eight kinds of them, with the verdict each deserves and what its best guess can reach."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KINDS = {
    "rule": "rule",
    "personal limits": "standardize_first",
    "personal style": "standardize_first",
    "coin": "unexplained",
    "mild bias": "unexplained",
    "hidden vendor data": "missing_master_data",
    "recorded later": "capture_input_earlier",
    "a third by rule": "standardize_first",
}
NOISE = 0.02
WORKERS, VENDORS = 30, 300
MORE = tuple(f"Extra {number}" for number in range(1, 7))
TERMS = np.array(["NET10", "NET15", "NET30", "NET60", "CASH"], dtype=object)
FIRST = np.datetime64(datetime(2025, 1, 6), "s")
LIMITS = np.array([1000, 2500, 4000, 5000, 6000, 7500])


@dataclass(frozen=True)
class Planted:
    """One process, and the share of its decisions that the one who made them up can tell, where that is known."""

    process: str
    kind: str
    limit: int
    reachable: float | None  # None: where who decides says more than the record, and nobody worked out how much


def write(
    path: Path, case_count: int, seed: int, kinds: tuple[str, ...] = tuple(KINDS), more: tuple[str, ...] = ()
) -> list[Planted]:
    """A process a kind, into one Parquet file; a kind named twice is drawn twice. `more` attributes decide nothing."""
    draw = np.random.default_rng(seed)
    truths: list[Planted] = []
    writer = None
    for number, kind in enumerate(kinds, 1):
        table, truth = _process(f"{kind} {number}", kind, case_count, draw)
        for name in more:
            table = table.append_column(name, pa.array(draw.integers(0, 1000, len(table)).astype(str)))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        truths.append(truth)
    if writer:
        writer.close()
    return truths


def _process(process: str, kind: str, count: int, draw: np.random.Generator) -> tuple[pa.Table, Planted]:
    amount = np.round(draw.lognormal(8, 1, count), 2)
    terms = draw.choice(TERMS, count, p=[0.3, 0.2, 0.2, 0.2, 0.1])
    vendor, worker = draw.integers(VENDORS, size=count), draw.integers(WORKERS, size=count)
    limit = int(draw.choice(LIMITS))
    late = draw.choice(np.array(["in stock", "on order"], dtype=object), count)
    chance = draw.random(count)
    by_rule = (amount > limit) | np.isin(terms, ("NET10", "NET15")) & (amount > limit / 10)
    by_limit = amount > np.quantile(amount, draw.uniform(0.1, 0.9, WORKERS))[worker]
    by_style = draw.random(WORKERS)[worker] < 0.5
    by_vendor = draw.random(VENDORS)[vendor] < 0.5
    goes = {
        "rule": by_rule ^ (chance < NOISE),
        "personal limits": by_limit ^ (chance < NOISE),
        "personal style": by_style ^ (chance < NOISE),
        "coin": chance < 0.5,
        "mild bias": chance < draw.uniform(0.4, 0.6, WORKERS)[worker],
        "hidden vendor data": by_vendor ^ (chance < NOISE),
        "recorded later": (late == "in stock") ^ (chance < NOISE),
        "a third by rule": np.where(terms == "NET30", True, by_style) ^ (chance < NOISE),
    }[kind]
    usual = np.full(count, goes.mean() > 0.5)
    best = {"rule": by_rule, "recorded later": usual, "coin": usual, "mild bias": usual}.get(kind)
    reachable = None if best is None else float((best == goes).mean())
    return _events(process, amount, terms, vendor, worker, late, goes, draw), Planted(process, kind, limit, reachable)


def _events(
    process: str,
    amount: np.ndarray,
    terms: np.ndarray,
    vendor: np.ndarray,
    worker: np.ndarray,
    late: np.ndarray,
    goes: np.ndarray,
    draw: np.random.Generator,
) -> pa.Table:
    """Receive, decide, one of two ways, close; each attribute on the row that records it and on no other."""
    count = len(amount)
    begun = FIRST + np.sort(draw.integers(0, 300 * 86_400, count)).astype("timedelta64[s]")
    steps = [
        np.full(count, "Receive"),
        np.full(count, "Decide"),
        np.where(goes, "Approve", "Refuse"),
        np.full(count, "Close"),
    ]
    nothing = np.full(count, None, dtype=object)
    parts = []
    for place, step in enumerate(steps):
        start = begun + np.timedelta64(place * 3600, "s")
        parts.append(
            {
                "case": np.char.add(f"{process} ", np.arange(count).astype(str)),
                "process": np.full(count, process),
                "step": step,
                "begun": start,
                "done": start + np.timedelta64(300, "s"),
                "agent": np.char.add("agent ", worker.astype(str)) if place == 1 else np.full(count, f"clerk {place}"),
                "app": np.full(count, "SAP"),
                "Amount": amount if place == 0 else np.full(count, np.nan),
                "Terms": terms if place == 0 else nothing,
                "Vendor": np.char.add("V", vendor.astype(str)).astype(object) if place == 0 else nothing,
                "Stock": late if place == 3 else nothing,
            }
        )
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    table = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    return table.sort_by([("case", "ascending"), ("begun", "ascending")])


def feed(more: tuple[str, ...] = ()) -> dict:
    """Of a log beside the feeds file."""
    return {
        "provider": "made up",
        "process": {"column": "process"},
        "files": "made.parquet",
        "timezone": "UTC",
        "columns": {
            "case_id": "case", "activity": "step", "started_at": "begun", "ended_at": "done", "resource": "agent",
            "system": "app",
        },
        "attributes": ["Amount", "Terms", "Vendor", "Stock", *more],
    }  # fmt: skip


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), more=MORE)
