"""`essa rekey`: a new key, every file read again under it, and nothing lost that cannot be had again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from essa import feeds, rotation
from essa.errors import UsageError

ROWS = "case,step,start,end,who\nc1,Check,2026-01-05 09:00:00,2026-01-05 09:20:00,Vera Vonhof\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "landing"
    place.mkdir()
    (place / "a.csv").write_text(ROWS, encoding="utf-8")
    return place


def feed() -> dict[str, dict[str, object]]:
    columns = {"case_id": "case", "activity": "step", "started_at": "start", "ended_at": "end", "resource": "who"}
    return {"a": {"provider": "Alpha", "process": "P", "files": "*.csv", "timezone": "UTC", "columns": columns}}


def people(tonight) -> list[str]:
    return [row["resource"] for row in tonight.rows("SELECT DISTINCT resource FROM raw.event")]


def test_everyone_gets_a_new_pseudonym_and_nothing_keeps_the_old(night_of, folder, published):
    with night_of(folder, feed(), until="pulled") as tonight:
        published(tonight)
        (before,), home = people(tonight), tonight.home
    key = (home / "key").read_text()
    assert rotation.rotate(home, feeds.read(folder / "feeds.yaml"), False) == 0
    assert (home / "key").read_text() != key and (home / "key").stat().st_mode & 0o777 == 0o600
    with night_of(folder, feed(), until="pulled") as tonight:
        (after,) = people(tonight)
        assert (
            tonight.rows("SELECT accepted_count FROM ops.feed WHERE night = ?", [tonight.night])[0]["accepted_count"]
            == 1
        )
        published(tonight)
    assert after != before
    kept = [path for path in (home / "warehouse").rglob("*") if path.is_file() and path.suffix != ".duckdb"]
    assert [path.name for path in kept if before.encode() in path.read_bytes()] == []


def test_what_cannot_be_read_again_is_forgotten_only_when_told_so(night_of, folder, published):
    (folder / "b.csv").write_text(ROWS.replace("c1", "c2"), encoding="utf-8")
    with night_of(folder, feed(), until="pulled") as tonight:
        published(tonight)
        home = tonight.home
    (folder / "b.csv").unlink()
    known, key = feeds.read(folder / "feeds.yaml"), (home / "key").read_text()
    with pytest.raises(UsageError, match="1 delivery is gone"):
        rotation.rotate(home, known, False)
    assert (home / "key").read_text() == key
    assert rotation.rotate(home, known, True) == 1
    with night_of(folder, feed(), until="pulled") as tonight:
        assert [row["case_id"] for row in tonight.rows("SELECT case_id FROM raw.event")] == ["c1"]


def test_a_second_key_before_a_night_forgets_no_delivery_unsaid(night_of, folder, published):
    for name, case in (("b.csv", "c2"), ("d.csv", "c4")):
        (folder / name).write_text(ROWS.replace("c1", case), encoding="utf-8")
    with night_of(folder, feed(), until="pulled") as tonight:
        published(tonight)
        home = tonight.home
    known = feeds.read(folder / "feeds.yaml")
    assert rotation.rotate(home, known, False) == rotation.rotate(home, known, False) == 0
    (folder / "b.csv").unlink()
    with pytest.raises(UsageError, match="1 delivery is gone"):
        rotation.rotate(home, known, False)
    assert [rotation.rotate(home, known, is_forgetting) for is_forgetting in (True, False)] == [1, 0]
    (folder / "a.csv").write_text(ROWS.replace("c1", "c3"), encoding="utf-8")
    (folder / "d.csv").rename(folder / "e.csv")
    with night_of(folder, feed(), until="pulled") as tonight:
        published(tonight)
    (folder / "e.csv").write_text(ROWS.replace("c1", "c5"), encoding="utf-8")
    with night_of(folder, feed(), until="pulled") as tonight:
        published(tonight)
    assert rotation.rotate(home, known, False) == 0  # what was read again, be it under another name


def test_a_home_that_is_in_use_keeps_its_key(night_of, folder):
    with night_of(folder, feed(), until="pulled") as tonight:
        command = "from pathlib import Path; from essa import rotation; rotation.rotate(Path('{}'), (), True)"
        said = subprocess.run(
            [sys.executable, "-c", command.format(tonight.home)], capture_output=True, text=True, check=False
        )
    assert "in use by another run" in said.stderr


def test_a_key_of_the_environment_is_not_ours_to_change(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSA_KEY", "x" * 20)
    with pytest.raises(UsageError, match="stands in ESSA_KEY"):
        rotation.rotate(tmp_path, (), False)
