"""A night killed at any moment, without room or leave to write, or in a home another holds: nothing is lost by it.

What was published opens, and the next night is as if nothing had been. ESSA_KILLS says how many times as many moments
are drawn as otherwise, for a long run. What a server or a database does to a feed stands with those
(`tests/test_fetching_web.py`, `test_fetching_servers.py`, `test_fetching_queries.py`: it hangs, drops, or gives half).
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
Ask = Callable[..., dict[str, Any]]
SECOND = "2026-02-02"
# More where files that outlive a night are written; a night thrown away is the same wherever it ended
LAST = {"open": 2, "pull": 3, "name": 1, "core": 1, "mart": 1, "describe": 1, "publish": 2, "remember": 2, "close": 1}
BEFORE = {"open": 5, "pull": 8, "name": 3}  # soon killed it costs little, and the next begins with what it left
TIMES = int(os.environ.get("ESSA_KILLS", "1"))
by_seed = random.Random(20260202)
Moment = tuple[str, float, float]


def drawn(counts: Mapping[str, int]) -> list[Moment]:
    """Each at its share of a stage, half of them in the midst of what happens then."""
    return [
        (stage, by_seed.random(), by_seed.choice([0.0, by_seed.uniform(0.0, 0.003)]))
        for stage, count in counts.items()
        for _ in range(count * TIMES)
    ]


def in_a_row() -> list[list[Moment]]:
    """Thirty moments: nights of one home killed one after the other, before the one that goes to its end."""
    ends, before = drawn(LAST), drawn(BEFORE)
    by_seed.shuffle(before)
    return [[*before[place :: len(ends)], end] for place, end in enumerate(ends)]


@pytest.fixture(scope="module")
def gone_through(undisturbed: list[dict[str, Any]]) -> set[str]:
    """What homes held from which a night was run to its end and published what it should."""
    return {one["found"] for one in undisturbed}


@pytest.mark.parametrize(
    "moments", in_a_row(), ids=lambda row: ", then ".join(f"{stage} {share:.2f}" for stage, share, _ in row)
)
def test_nights_killed_at_any_moment_cost_nothing(
    moments: list[Moment],
    ask: Ask,
    office: tuple[Path, Path],
    home_of: Callable[[], Path],
    standing: Mapping[str, Any],
    undisturbed: list[dict[str, Any]],
    told_by: Callable[[Path], dict[str, Any]],
    gone_through: set[str],
) -> None:
    home, feeds = home_of(), office[1]
    once = undisturbed[0]["tables"]
    for stage, share, within_s in moments:
        killed = ask(home, feeds, SECOND, at=moment(undisturbed[0]["ended"], stage, share), within_s=within_s)
        assert killed == {"code": -signal.SIGKILL}
        left = told_by(home)
        is_out = left["ops.run"] == once["ops.run"]
        beside = {name for name in left if "/" in name}  # follows what is published, if need be at the next start
        assert without(left, beside) == without(once if is_out else standing, {name for name in once if "/" in name})
    goes_on(ask, home, feeds, undisturbed, told_by, gone_through, is_out)


def moment(ended: Mapping[str, int], stage: str, share: float) -> int:
    """The moment at a share of a stage, whose last one is that at which the stage ended."""
    stages = list(ended)
    before = ended[stages[stages.index(stage) - 1]] if stage != stages[0] else 0
    return before + 1 + int(share * (ended[stage] - before))


def without(tables: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: rows for name, rows in tables.items() if name not in names}


# Refused in words


@contextlib.contextmanager
def mounted(place: Path, *how: str) -> Iterator[None]:
    """Something at a place while it lasts; the test is skipped where that is not allowed."""
    done = subprocess.run(["mount", *how, str(place)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def goes_on(
    ask: Ask,
    home: Path,
    feeds: Path,
    undisturbed: list,
    told_by: Callable,
    gone_through: set[str],
    is_out: bool = False,
) -> None:
    """The next run ends as if nothing had been; it is run to its end where none was from what the home holds now."""
    next_run = ask(home, feeds, SECOND, unless_found=sorted(gone_through))
    assert (next_run["code"], next_run["trouble"]) == (0, None)
    if not next_run["is_known"]:  # the same home makes the same night
        assert told_by(home) == undisturbed[is_out]["tables"]
        assert not list((home / "published").glob("*.part*"))
        gone_through.add(next_run["found"])


@pytest.mark.parametrize("room_kb", [0, 1_500, 5_000])
def test_a_full_disk_is_told_and_costs_nothing(
    room_kb: int,
    ask: Ask,
    office: tuple[Path, Path],
    standing: Mapping[str, Any],
    undisturbed: list,
    told_by: Callable,
    tmp_path: Path,
    gone_through: set[str],
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, "-t", "tmpfs", "-o", "size=120m", "tmpfs"):
        home = Path(shutil.copytree(office[0], disk / "home"))
        (home / "warehouse" / "night.duckdb").unlink()
        free = shutil.disk_usage(disk).free
        (disk / "others").write_bytes(bytes(free - room_kb * 1024))
        full = ask(home, office[1], SECOND)
        assert full["code"] == 0 and "disk of" in full["trouble"] and "is full\n  do" in full["trouble"], full
        assert told_by(home) == standing
        (disk / "others").unlink()
        goes_on(ask, home, office[1], undisturbed, told_by, gone_through)


@pytest.mark.parametrize("file_kb", [100, 1_100])
def test_a_file_that_may_grow_no_further_is_told_and_costs_nothing(
    file_kb: int,
    ask: Ask,
    office: tuple[Path, Path],
    home_of: Callable[[], Path],
    standing: Mapping[str, Any],
    undisturbed: list,
    told_by: Callable,
    gone_through: set[str],
) -> None:
    home = home_of()
    full = ask(home, office[1], SECOND, file_bytes=file_kb * 1024)
    assert full["code"] == 0 and "is full\n  do" in full["trouble"], full
    assert told_by(home) == standing
    goes_on(ask, home, office[1], undisturbed, told_by, gone_through)


def test_a_home_that_may_not_be_written_is_told_and_stays(
    office: tuple[Path, Path], standing: Mapping[str, Any], told_by: Callable, tmp_path: Path
) -> None:
    """On a disk mounted to be read; what modes forbid, root may all the same."""
    place = tmp_path / "home"
    place.mkdir()
    with mounted(place, "--bind", str(office[0])):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        told = essa_run(place, office[1])
        assert told.returncode == 1 and "Traceback" not in told.stderr, told.stderr
        assert f"{place} cannot be written\n" in told.stderr
        assert "the last publication stands: 2026-02-01" in told.stderr
        assert told_by(place) == standing


def test_a_new_home_where_nothing_may_be_made_is_told(office: tuple[Path, Path], tmp_path: Path) -> None:
    with mounted(tmp_path, "-t", "tmpfs", "-o", "ro", "tmpfs"):
        told = essa_run(tmp_path / "home", office[1])
        assert told.returncode == 1 and "Traceback" not in told.stderr, told.stderr
        assert f"{tmp_path / 'home'} cannot be written\n  do" in told.stderr


def essa_run(home: Path, feeds: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-c", "from flows.cli import main; main()", "run", "--home", str(home)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [*command, "--feeds", str(feeds), "--night", SECOND], capture_output=True, text=True, timeout=120, env=own
    )


HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_home_whose_memory_another_holds_is_told_and_free_when_that_is_gone(
    ask: Ask,
    office: tuple[Path, Path],
    home_of: Callable[[], Path],
    standing: Mapping[str, Any],
    undisturbed: list,
    told_by: Callable,
    gone_through: set[str],
) -> None:
    home = home_of()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / "warehouse" / "memory.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout.readline() == b"held\n"
        told = ask(home, office[1], SECOND)
        assert f"{home} is in use by another run" in told["trouble"]
        assert told_by(home) == standing
    finally:
        other.kill()
        other.communicate()
    goes_on(ask, home, office[1], undisturbed, told_by, gone_through)
