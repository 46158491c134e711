"""A process's part of the night gives the rows of that process, as the whole night would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from essa import night as nights
from essa import order, partition
from essa.errors import UsageError
from essa.settings import Settings
from essa.warehouse import Warehouse
from tasks import fan


@pytest.fixture(scope="module")
def tonight(tmp_path_factory: pytest.TempPathFactory, night_of, write_small_sample) -> Iterator[Warehouse]:
    """The sample, large enough that there are rules and routines in more than one process."""
    place = tmp_path_factory.mktemp("parted") / "landing"
    write_small_sample(place, 1_200)
    feeds = yaml.safe_load((place / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]
    with night_of(place, feeds) as warehouse:
        for table in order.MART[: order.MART.index("mart.routine_step") + 1]:
            nights.make(warehouse, table, lambda name: None)
        yield warehouse


@pytest.mark.parametrize("table", partition.MADE_OF)
def test_the_parts_together_are_the_whole(tonight: Warehouse, tmp_path: Path, table: str) -> None:
    parts = partition.write(tonight, table, tmp_path / "parts")
    rows = partition.together([partition.fill(table, part, "1GB") for part in parts])
    assert len({row["process"] for row in rows}) > 1
    assert rows == [{name: row.get(name) for name in rows[0]} for row in nights.MADE[table](tonight.connection)]
    assert tonight.rows("SELECT database_name FROM duckdb_databases() WHERE database_name = 'part'") == []


def test_workers_without_dask_are_refused_with_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(UsageError, match="workers: 2 needs Dask") as said, fan.workers(tmp_path, Settings(workers=2)):
        pass
    assert "essa[dask]" in str(said.value)
