"""The size of the page with 200 candidates and 50 processes, the seconds to write it, and the milliseconds to open it.

Run as `.venv/bin/python benchmarks/page.py [--home data/sample]`: the publication there is multiplied, each process
under further names. Opening needs Chromium and Playwright; a processor four times slower is asked of Chromium itself.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from essa import publication
from essa.report import page

PROCESSES, CANDIDATES, QUESTIONS = 50, 120, 80
TIMES = 5
WRITE = "import sys; from pathlib import Path; from essa.report import page; page.write(Path(sys.argv[1]))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--home", type=Path, default=Path("data/sample"), help="whose publication is multiplied")
    parser.add_argument("--keep", type=Path, help="leave the multiplied publication and its page here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="essa-page-") as passing:
        place = asked.keep or Path(passing)
        multiply(asked.home, place)
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", WRITE, str(place)], check=True)
        wrote_s = time.perf_counter() - began
        text = page.path(place).read_bytes()
        print(f"written in {wrote_s:.1f} s, start-up counted")
        print(f"{len(text) / 1e6:.2f} MB, {len(gzip.compress(text, mtime=0)) / 1e6:.2f} MB gzipped")
        for slowness in (1, 4):
            opened = sorted(opening_ms(page.path(place), slowness))
            told = f"{opened[0]:,.0f} to {opened[-1]:,.0f} ms, median {statistics.median(opened):,.0f}"
            print(f"ready to use, processor {slowness} times slower: {told}")


def multiply(home: Path, place: Path) -> None:
    """A publication like that of the home, with as many processes and candidates as asked for."""
    target = publication.folder(place) / publication.FILE_NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy(publication.folder(home) / publication.FILE_NAME, target)
    with duckdb.connect(str(target)) as connection:
        names = [row[0] for row in connection.execute("SELECT DISTINCT process::VARCHAR FROM core.trace").fetchall()]
        copies = -(-PROCESSES // len(names))
        connection.execute("CREATE TEMP TABLE copy AS SELECT range::INTEGER AS number FROM range(?)", [copies])
        found = connection.execute(
            """SELECT schema_name || '.' || table_name, list(column_name) FROM duckdb_columns()
            WHERE schema_name IN ('core', 'mart') GROUP BY ALL ORDER BY 1"""
        ).fetchall()
        for table, columns in found:
            if {"process", "candidate_id"} & set(columns):
                _multiply(connection, table, set(columns))
        _cut(connection)


def _multiply(connection: duckdb.DuckDBPyConnection, table: str, columns: set[str]) -> None:
    renamed = [
        f"{name}::VARCHAR || CASE WHEN number > 0 THEN ' ' || number ELSE '' END AS {name}"
        for name in ("process", "candidate_id")
        if name in columns
    ]
    connection.execute(
        f"""CREATE OR REPLACE TABLE {table} AS
        SELECT * EXCLUDE (number) REPLACE ({", ".join(renamed)}) FROM {table} CROSS JOIN copy"""
    )


def _cut(connection: duckdb.DuckDBPyConnection) -> None:
    """As many processes and candidates as asked for, ranked anew."""
    chosen = f"(SELECT DISTINCT process FROM core.trace ORDER BY process LIMIT {PROCESSES})"
    for table in (
        "core.trace", "core.variant", "core.directly_follows", "core.activity_instance", "mart.activity_profile",
        "mart.candidate", "mart.waterfall", "mart.sufficiency", "mart.provider_comparison",
    ):  # fmt: skip
        connection.execute(f"DELETE FROM {table} WHERE process NOT IN {chosen}")
    connection.execute(
        f"""CREATE OR REPLACE TABLE mart.candidate AS
        SELECT * REPLACE (CASE WHEN NOT is_question THEN place::INTEGER END AS rank)
        FROM (
            SELECT *, row_number() OVER (
                PARTITION BY is_question ORDER BY saving_h_per_year DESC, candidate_id
            ) AS place
            FROM mart.candidate
        )
        WHERE place <= CASE WHEN is_question THEN {QUESTIONS} ELSE {CANDIDATES} END"""
    )
    connection.execute("ALTER TABLE mart.candidate DROP COLUMN place")


def opening_ms(place: Path, slowness: int) -> list[float]:
    """Milliseconds from asking for the file to the page's script having drawn the first map, cold each time."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        found = []
        for _ in range(TIMES):
            shown = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
            shown.context.new_cdp_session(shown).send("Emulation.setCPUThrottlingRate", {"rate": slowness})
            shown.goto(place.resolve().as_uri())
            shown.wait_for_function("document.documentElement.dataset.ready")
            found.append(float(shown.evaluate("document.documentElement.dataset.ready")))
            shown.context.close()
        browser.close()
    return found


if __name__ == "__main__":
    main()
