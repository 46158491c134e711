"""What `essa up` asks of its Prefect server: a pool, parameters, the next night, an end to runs without a process."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, FlowFilter, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Crashed
from prefect.workers.process import ProcessWorker

OURS = ("nightly", "backfill", "weekly", "night of a backfill", "fan-out")  # flows
ALIVE = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


def make_pool(name: str) -> None:
    """A pool whose worker runs each night in a process of its own."""
    wanted = WorkPoolCreate(
        name=name, type=ProcessWorker.type, base_job_template=ProcessWorker.get_default_base_job_template()
    )
    with get_client(sync_client=True) as client:
        client.create_work_pool(wanted, overwrite=True)


def give_parameters(known: dict[str, str]) -> None:
    """Gives each deployment those of these parameters that its flow takes."""
    with get_client(sync_client=True) as client:
        for deployed in client.read_deployments():
            taken = (deployed.parameter_openapi_schema or {}).get("properties", {})
            parameters = deployed.parameters | {name: value for name, value in known.items() if name in taken}
            client.update_deployment(deployed.id, DeploymentUpdate(parameters=parameters))


def next_night(patience_s: float = 30.0) -> datetime | None:
    """When the next scheduled night is expected; the scheduler may need a moment after a deployment is made."""
    give_up_at = time.monotonic() + patience_s
    while time.monotonic() < give_up_at:
        at = [run.expected_start_time for run in _runs(StateType.SCHEDULED, of="nightly") if run.expected_start_time]
        later = [one for one in at if one >= datetime.now(UTC)]
        if later:
            return min(later)
        time.sleep(0.5)
    return None


def end_what_died(home: Path) -> int:
    """Marks runs of this home crashed that a killed process left behind as running; how many.

    Left as they are they would hold the deployment's one place for ever, and every later night would be cancelled.
    """
    if _is_busy(home):
        return 0
    left = [run for run in _runs(*ALIVE) if _is_of(run, home)]
    with get_client(sync_client=True) as client:
        for run in left:
            client.set_flow_run_state(run.id, Crashed(message="Its process is gone."), force=True)
    return len(left)


def _is_of(run: FlowRun, home: Path) -> bool:
    """Whether a run is of this home: a server, or its database, may be another home's too."""
    place, told = home.resolve(), run.parameters.get("home")
    parts = [Path(part).resolve() for part in run.parameters.get("parts") or ()]  # what a fan-out is given
    is_ours = isinstance(told, str) and Path(told).is_absolute() and Path(told).resolve() == place
    return is_ours or any(part.is_relative_to(place / "warehouse") for part in parts)


def _is_busy(home: Path) -> bool:
    """Whether a run holds this home's memory; DuckDB lets nobody in beside a writer."""
    memory = home / "warehouse" / "memory.duckdb"
    try:
        if memory.exists():
            duckdb.connect(str(memory), read_only=True).close()
    except duckdb.IOException:
        return True
    return False


def _runs(*types: StateType, of: str | None = None) -> list[FlowRun]:
    wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": list(types)}}})
    deployed = DeploymentFilter.model_validate({"name": {"any_": [of]}}) if of else None
    ours = FlowFilter.model_validate({"name": {"any_": list(OURS)}})
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(
            flow_filter=ours,
            flow_run_filter=wanted,
            deployment_filter=deployed,
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            limit=200,
        )
