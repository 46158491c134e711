"""The sample's deliveries at any size, as the three providers send them or all three as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import yaml

from essa.sample.feeds import ATTRIBUTES, PROVIDERS
from essa.sample.office import write_sample

EVENTS_PER_CASE = 9.2


def write(folder: Path, event_count: int, is_csv: bool) -> dict[str, Any]:
    """Writes deliveries and feeds file into `folder`; how much it came to."""
    folder.mkdir(parents=True)
    summary = write_sample(folder, round(event_count / EVENTS_PER_CASE))
    if is_csv:
        _all_as_csv(folder)
    files = [path for path in (folder / "landing").rglob("*") if path.is_file()]
    return {
        "event_count": summary.event_count,
        "case_count": summary.case_count,
        "file_count": len(files),
        "size_mb": sum(path.stat().st_size for path in files) / 2**20,
    }


def _all_as_csv(folder: Path) -> None:
    feeds_file = folder / "feeds.yaml"
    known = yaml.safe_load(feeds_file.read_text(encoding="utf-8"))
    with duckdb.connect(config={"threads": 2}) as connection:
        for provider in PROVIDERS:
            for path in sorted((folder / "landing" / provider.folder).glob(f"*.{provider.file_format}")):
                _as_csv(path, provider.theirs + ATTRIBUTES, connection)
            known["feeds"][f"{provider.folder}_tasks"] |= {
                "files": f"landing/{provider.folder}/*.csv",
                "format": "csv",
            }
    feeds_file.write_text(yaml.safe_dump(known, sort_keys=False), encoding="utf-8")


def _as_csv(path: Path, columns: tuple[str, ...], connection: duckdb.DuckDBPyConnection) -> None:
    """Puts a CSV file with the same columns in place of a Parquet or JSON lines file."""
    if path.suffix == ".csv":
        return
    if path.suffix == ".parquet":
        relation, given = "read_parquet(?)", [str(path)]
    else:  # as text throughout, so that times keep the offset they were sent with
        relation = "read_json(?, format = 'newline_delimited', columns = ?)"
        given = [str(path), dict.fromkeys(columns, "VARCHAR")]
    target = str(path.with_suffix(".csv")).replace("'", "''")
    connection.execute(f"COPY (FROM {relation}) TO '{target}' (FORMAT csv, HEADER)", given)
    path.unlink()
