"""`keep: 400 days`: lines past their days are gone for good, and every line that is left is still accounted for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from essa import retention
from essa.errors import UsageError
from essa.feeds import read

DAYS = [date(2025, 1, 10), date(2025, 12, 1), date(2026, 1, 20)]
NIGHT = date(2026, 2, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "landing"
    place.mkdir()
    write(place / "a.csv", DAYS)
    return place


def write(path: Path, days: list[date]) -> None:
    rows = [f"c{day:%y%m%d},Check,{day} 09:00:00,{day} 09:20:00,Vera Vonhof" for day in days]
    path.write_text("\n".join(["case,step,start,end,who", *rows, "c9,,,,"]) + "\n", encoding="utf-8")


def feed(**more: object) -> dict[str, dict[str, object]]:
    columns = {"case_id": "case", "activity": "step", "started_at": "start", "ended_at": "end", "resource": "who"}
    held = {"provider": "Alpha", "process": "Claims", "files": "*.csv", "timezone": "UTC", "columns": columns}
    return {"a": {**held, **more}}


def told(tonight) -> dict[str, object]:
    return tonight.rows("SELECT * FROM ops.feed WHERE night = ?", [tonight.night])[0]


def held(home: Path) -> list[str]:
    kept = [str(path) for path in home.rglob("*.parquet") if "deliveries" in path.parts]
    with duckdb.connect() as connection:
        found = connection.execute("SELECT case_id FROM read_parquet(?) ORDER BY ALL", [kept]).fetchall()
    return [case for (case,) in found if case]


def test_lines_past_their_days_are_removed_and_the_rest_is_accounted_for(night_of, folder, published):
    with night_of(folder, feed(), until="pulled", on=NIGHT, rejected_share_max=1.0) as tonight:
        assert told(tonight)["received_count"] == 4
        assert told(tonight)["expired_count"] is None
        published(tonight)
    with night_of(folder, feed(keep="200 days"), until="pulled", on=NIGHT, rejected_share_max=1.0) as tonight:
        row = told(tonight)
        assert (row["received_count"], row["accepted_count"], row["rejected_count"]) == (3, 2, 1)
        assert row["expired_count"] == 1
        assert row["reason"] == "1 of its lines were older than 200 days and are removed"
        home = tonight.home
    assert held(home) == ["c251201", "c260120", "c9"]


def test_a_file_that_is_gone_loses_its_old_lines_too(night_of, folder, published):
    with night_of(
        folder, feed(keep="400 days"), until="pulled", on=date(2026, 2, 1), rejected_share_max=1.0
    ) as tonight:
        published(tonight)
    write(folder / "b.csv", [date(2026, 1, 25)])
    (folder / "a.csv").unlink()
    with night_of(folder, feed(keep="20 days"), until="pulled", on=date(2026, 2, 2), rejected_share_max=1.0) as tonight:
        row = told(tonight)
        assert row["received_count"] == row["accepted_count"] + row["rejected_count"] + row["duplicate_count"] == 4
        assert row["vanished_file_count"] == 1
        home = tonight.home
    assert held(home) == ["c260120", "c260125", "c9", "c9"]


def test_a_feed_whose_old_lines_went_has_not_collapsed(night_of, folder, published):
    write(folder / "a.csv", [date(2025, 12, 1)] * 40 + [date(2026, 1, 20)])
    for day in (1, 2, 3):
        with night_of(folder, feed(), until="pulled", on=date(2026, 2, day), rejected_share_max=1.0) as tonight:
            published(tonight)
    for day in (4, 5):
        with night_of(
            folder, feed(keep="30 days"), until="pulled", on=date(2026, 2, day), rejected_share_max=1.0
        ) as tonight:
            row = told(tonight)
            assert (row["status"], row["received_count"]) == ("unchanged", 2)
            assert row["volume_share"] == 1
            published(tonight)


def test_what_was_read_of_a_blocked_feed_waits_until_it_is_believed(night_of, folder, published):
    kept = folder.parent / "home" / "warehouse" / "deliveries" / "a"
    for days, count in ((DAYS, 1), ([], 2), (DAYS[:2], 1)):
        write(folder / "a.csv", days)
        with night_of(folder, feed(), until="pulled", on=NIGHT, rejected_share_max=0.5) as tonight:
            published(tonight)
            retention.drop_replaced(tonight)
        assert len(list(kept.glob("*.parquet"))) == count


@pytest.mark.parametrize("wrong", ["400", 400, "0 days", "a year", "-3 days", "99999999 days"])
def test_days_are_written_as_days(tmp_path, write_feeds, wrong):
    with pytest.raises(UsageError) as trouble:
        read(write_feeds(tmp_path, feed(keep=wrong)))
    assert "must be like `400 days`" in str(trouble.value)
