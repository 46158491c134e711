"""Tables that each process fills alone, filled side by side by Dask's workers where `workers:` says so."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, task

from essa import night as nights
from essa import partition
from essa.errors import UsageError
from essa.settings import Settings
from essa.warehouse import Warehouse

if TYPE_CHECKING:
    from distributed import LocalCluster

_open: dict[Path, LocalCluster] = {}


@contextlib.contextmanager
def workers(home: Path, settings: Settings) -> Iterator[None]:
    """Holds this night's workers, where it has any; what they say to each other is encrypted and stays on loopback."""
    if settings.workers < 2:
        yield
        return
    try:
        import dask
        from distributed import LocalCluster
        from prefect_dask import DaskTaskRunner  # noqa: F401
    except ImportError:
        raise UsageError(
            f"workers: {settings.workers} needs Dask", do=".venv/bin/pip install 'essa[dask]', or take the setting out"
        ) from None
    place = home.resolve()
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with (
        dask.config.set({"distributed.scheduler.http.routes": []}),
        LocalCluster(
            n_workers=settings.workers,
            threads_per_worker=1,
            host="127.0.0.1",
            security=True,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.ERROR,
            local_directory=str(place / "warehouse" / "spill" / "workers"),
        ) as cluster,
    ):
        _open[place] = cluster
        try:
            yield
        finally:
            del _open[place]


def build(warehouse: Warehouse, table: str) -> int:
    """Builds a table and keeps it only if its contract holds; the same rows in the same order whoever fills it."""
    cluster = _open.get(warehouse.home.resolve())
    if cluster is None or table not in partition.MADE_OF:
        return nights.build(warehouse, table)
    from prefect_dask import DaskTaskRunner

    folder = warehouse.folder / "spill" / "parts" / table
    try:
        parts = partition.write(warehouse, table, folder)
        runner = DaskTaskRunner(address=cluster.scheduler_address, client_kwargs={"security": cluster.security})
        settings = warehouse.settings
        filled = fan_out.with_options(task_runner=runner)(table, parts, settings.memory_limit, settings.step_s_max)
        return nights.build(warehouse, table, partition.together(filled))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@flow(name="fan-out", flow_run_name="{table}", persist_result=False)
def fan_out(table: str, parts: list[Path], memory_limit: str, seconds: float) -> list[Path]:
    """A task run for each process, on whatever worker is free; where the rows of each lie, in their order."""
    futures = [fill_part.submit(table, part, memory_limit) for part in parts]
    return [future.result(timeout=seconds or None) for future in futures]  # the step's own limit ends no worker


@task(name="Fill a part", task_run_name="{table}, process {part.stem}", cache_policy=None)
def fill_part(table: str, part: Path, memory_limit: str) -> Path:
    return partition.fill(table, part, memory_limit)
