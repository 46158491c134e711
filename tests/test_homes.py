"""Who finds a home taken or spoilt is told what to do, and nothing of the machine."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from essa import warehouse
from essa.errors import EssaError
from essa.settings import Settings

NIGHT = date(2026, 11, 21)
OPEN = """
import sys
from datetime import date
from pathlib import Path
from essa import warehouse
from essa.errors import HomeBusy
from essa.settings import Settings
try:
    warehouse.begin(Path(sys.argv[1]), Settings(), date(2026, 11, 21))
except HomeBusy as busy:
    print(busy)
"""


def test_a_second_run_is_told_which_home_and_since_when_and_nothing_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    place = Path("office")
    warehouse.begin(tmp_path / place, Settings(), NIGHT)
    try:
        told = subprocess.run(
            [sys.executable, "-c", OPEN, place], cwd=tmp_path, capture_output=True, text=True, timeout=60,
            env={"PYTHONPATH": str(Path(warehouse.__file__).parents[1])},
        )  # fmt: skip
    finally:
        warehouse.end(tmp_path / place)
    first, do = told.stdout.splitlines()
    assert re.fullmatch(r"office is in use by another run, started \d{4}-\d\d-\d\d \d\d:\d\d UTC", first)
    assert "wait for it to end" in do
    assert "PID" not in told.stdout + told.stderr and str(tmp_path) not in told.stdout + told.stderr


def test_a_memory_that_is_no_database_is_not_taken_for_another_run(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "memory.duckdb").write_bytes(b"no database" * 1_000)
    with pytest.raises(EssaError, match="damaged") as caught:
        warehouse.begin(tmp_path, Settings(), NIGHT)
    assert "another run" not in str(caught.value) and "restore" in str(caught.value)
