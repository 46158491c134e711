"""Who finds a home taken or spoilt is told what to do, and nothing of the machine."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from essa import publication, warehouse
from essa.errors import EssaError, of_the_disk
from essa.settings import Settings
from flows import terminal

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


@pytest.mark.parametrize(
    ("select", "named"),
    [("SELECT 'alpha' AS feed", "expired_count"), ("SELECT 'alpha' AS feed, 1 AS expired_count, 2 AS more", "more")],
    ids=["a column less", "a column more"],
)
def test_a_table_is_filled_from_its_contracts_columns_alone(tmp_path: Path, select: str, named: str) -> None:
    tonight = warehouse.begin(tmp_path, Settings(), NIGHT)
    try:
        assert tonight.build("raw.expired", select="SELECT 3 AS expired_count, 'alpha' AS feed") == 1
        with pytest.raises(EssaError, match=f'raw.expired: .*"{named}"'):
            tonight.build("raw.expired", select=select)
        assert tonight.rows("FROM raw.expired") == [{"feed": "alpha", "expired_count": 3}]
    finally:
        warehouse.end(tmp_path)


def test_a_memory_that_is_no_database_is_not_taken_for_another_run(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "memory.duckdb").write_bytes(b"no database" * 1_000)
    with pytest.raises(EssaError, match="damaged") as caught:
        warehouse.begin(tmp_path, Settings(), NIGHT)
    assert "another run" not in str(caught.value) and "restore" in str(caught.value)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose memory holds rows in many blocks, and that was published."""
    home = tmp_path_factory.mktemp("kept")
    tonight = warehouse.begin(home, Settings(), NIGHT)
    tonight.open_night("first")
    tonight.connection.execute(
        """INSERT INTO past.ops.label_memory BY NAME
        SELECT 'Claims' AS process, n::VARCHAR AS label FROM range(200_000) AS t(n)"""
    )
    warehouse.end(home)
    (home / "published").mkdir()
    duckdb.connect(str(home / "published" / "essa.duckdb")).execute(
        """CREATE SCHEMA ops; CREATE TABLE ops.run AS
        SELECT DATE '2026-01-01' + n::INTEGER AS night, hash(n) AS noise FROM range(200_000) AS t(n)"""
    ).close()
    return home


def spoil(path: Path, share: float) -> None:
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * share) // 4096 * 4096 + 100)
        file.write(bytes(range(256)))


@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.6])
def test_a_memory_with_a_damaged_block_is_told_wherever_the_block_lies(
    kept: Path, tmp_path: Path, share: float
) -> None:
    home = Path(shutil.copytree(kept, tmp_path / "home"))
    spoil(home / "warehouse" / "memory.duckdb", share)
    with pytest.raises(EssaError, match=r"memory\.duckdb is damaged") as caught:
        try:
            warehouse.begin(home, Settings(), NIGHT).open_night("second")
        finally:
            warehouse.end(home)
    assert "restore" in str(caught.value)


def test_a_published_home_without_its_memory_does_not_begin_anew_unasked(kept: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(kept, tmp_path / "home"))
    (home / "warehouse" / "memory.duckdb").unlink()
    with pytest.raises(EssaError, match=r"memory\.duckdb is gone") as caught:
        warehouse.begin(home, Settings(), NIGHT)
    assert "restore it from a backup" in str(caught.value) and not (home / "warehouse" / "memory.duckdb").exists()
    (home / "published").rename(tmp_path / "away")
    warehouse.begin(home, Settings(), NIGHT)
    warehouse.end(home)


@pytest.mark.parametrize("share", [0, 0.3, 0.6])
def test_a_damaged_publication_is_told_and_what_makes_it_anew(kept: Path, tmp_path: Path, share: float) -> None:
    home = Path(shutil.copytree(kept, tmp_path / "home"))
    spoil(home / "published" / "essa.duckdb", share)
    read = publication.open_published(home)
    with pytest.raises(EssaError, match=r"essa\.duckdb is damaged") as caught, read as connection:
        connection.execute("CREATE TEMP TABLE held AS FROM ops.run")
    assert "essa run" in str(caught.value)


def test_a_full_disk_is_told_whatever_the_home_is_called_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    there = f'Could not write file "{tmp_path.resolve()}/home/published/essa.part": No space left on device'
    for home in (Path("../home"), tmp_path / "elsewhere" / ".." / "home", tmp_path / "home"):
        assert "is full" in str(of_the_disk(duckdb.IOException(there), home))
    assert of_the_disk(duckdb.IOException(there), Path("../other")) is None


def test_a_server_that_fails_where_nothing_can_be_written_is_told_as_a_full_disk(tmp_path: Path) -> None:
    failed = RuntimeError("Server error '500 Internal Server Error'")
    assert "a fault of essa" in str(terminal._in_short(failed, tmp_path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        told = str(terminal._in_short(failed, tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "is full" in told and "make room" in told
