"""The files for each kind of work pool deploy the same flows, in words that Prefect's pools know."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.templating import apply_values

from flows import deployment, notify
from flows.backfill import backfill
from flows.nightly import nightly
from flows.weekly import weekly
from tasks.fan import fan_out

ROOT = Path(__file__).parent.parent
FILES = {"process": ROOT / "prefect.yaml", "docker": ROOT / "deployments" / "docker.yaml",
         "kubernetes": ROOT / "deployments" / "kubernetes.yaml"}  # fmt: skip
JOB = ROOT / "deployments" / "kubernetes-job.json"


def deployments(pool: str) -> list[dict[str, Any]]:
    return yaml.safe_load(FILES[pool].read_text(encoding="utf-8"))["deployments"]


def shipped(pool: str) -> dict[str, Any]:
    """The job template that Prefect gives a new pool of that type."""
    listed = files("prefect.server.api.collections_data.views") / "aggregate-worker-metadata.json"
    workers = {name: one for group in json.loads(listed.read_text("utf-8")).values() for name, one in group.items()}
    return workers[pool]["default_base_job_configuration"]


@pytest.mark.parametrize("pool", ["docker", "kubernetes"])
def test_each_pool_has_the_same_deployments(pool: str) -> None:
    def told(one: dict[str, Any]) -> dict[str, Any]:
        return {name: held for name, held in one.items() if name != "work_pool"}

    assert list(map(told, deployments(pool))) == list(map(told, deployments("process")))


@pytest.mark.parametrize("one", deployments("process"), ids=lambda one: one["name"])
def test_what_is_deployed_is_a_flow_that_takes_these_parameters(one: dict[str, Any]) -> None:
    place, name = one["entrypoint"].split(":")
    flow = getattr(import_module(place.removesuffix(".py").replace("/", ".")), name)
    assert isinstance(flow, Flow)
    assert one["parameters"].keys() <= flow.parameters.properties.keys()


@pytest.mark.parametrize("pool", FILES)
def test_the_job_variables_are_those_of_the_pools_template(pool: str) -> None:
    from prefect.utilities.schema_tools.validation import validate

    template = json.loads(JOB.read_text(encoding="utf-8")) if pool == "kubernetes" else shipped(pool)
    for one in deployments(pool):
        variables = one["work_pool"]["job_variables"]
        assert variables.keys() <= template["variables"]["properties"].keys()
        validate(variables, template["variables"], raise_on_error=True)
        said = json.dumps(apply_values(template["job_configuration"], variables))
        assert pool == "process" or "/essa/data" in said


def test_the_kubernetes_job_is_prefects_own_with_a_home_and_secrets() -> None:
    ours = json.loads(JOB.read_text(encoding="utf-8"))
    spec = ours["job_configuration"]["job_manifest"]["spec"]["template"]["spec"]
    container = spec["containers"][0]
    assert spec.pop("volumes")[0]["name"] == container.pop("volumeMounts")[0]["name"]
    assert container.pop("envFrom") == [{"secretRef": {"name": "essa", "optional": True}}]
    assert spec.pop("securityContext")["runAsUser"] == 1000
    assert ours == shipped("kubernetes")


def test_pip_takes_what_the_image_installs_and_every_extra_is_in_it() -> None:
    image = (ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = [command.split() for command in re.findall(r"pip install ([^;&\n]*-r [^;&\n]*)", image)]
    assert [command[-1] for command in commands] == ["requirements.lock", "requirements-extras.lock"]
    for command in commands:
        offline = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--disable-pip-version-check"]
        told = subprocess.run([*offline, *command], cwd=ROOT, capture_output=True, text=True, timeout=120)
        # what is not installed here cannot be had; whatever else pip has to say, it says before
        assert told.returncode == 0 or "No matching distribution" in told.stderr, told.stderr
        assert "--require-hashes" in command and "hash" not in told.stderr
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    locked = re.findall(r"^([\w-]+)==[^\n]*\n +--hash=", (ROOT / "requirements-extras.lock").read_text(), re.MULTILINE)
    assert {re.match(r"[\w-]+", one)[0] for those in extras.values() for one in those} <= set(locked)


def test_what_tests_are_installed_with_holds_all_that_a_night_is_installed_with() -> None:
    """`make test` installs the one list alone."""
    night, tests = (set(re.findall(r"^[\w.-]+==[^ \n]+", (ROOT / name).read_text(), re.MULTILINE))
                    for name in ("requirements.lock", "requirements-dev.lock"))  # fmt: skip
    assert len(night) > 100 and night <= tests


@pytest.mark.parametrize("pool", ["docker", "kubernetes"])
def test_the_files_name_no_folder_but_those_of_the_image(pool: str) -> None:
    said = FILES[pool].read_text(encoding="utf-8")
    assert set(re.findall(r"(?:(?<=[\s\"':])/|~|[A-Z]:\\)[\w/]+", said)) == {"/essa", "/essa/data"} - (
        {"/essa/data"} if pool == "kubernetes" else set()
    )
    image = (ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!requirements)(\w+) ", image, re.MULTILINE)
    assert "WORKDIR /essa" in image and all((ROOT / folder).is_dir() for folder in copied)
    assert {"essa", "tasks", "flows", "sql", "expectations"} == set(copied)


@pytest.mark.parametrize(("flow", "is_told"), [("nightly", True), ("backfill", True), ("weekly", True),
                                               ("night of a backfill", False), ("fan-out", False)])  # fmt: skip
def test_a_failure_is_told_once_of_what_somebody_started(flow: str, is_told: bool) -> None:
    from prefect.server.events.schemas.automations import EventTrigger  # a second, which each worker would pay above
    from prefect.server.events.schemas.events import RelatedResource, Resource

    trigger = EventTrigger(match={"prefect.resource.id": "prefect.flow-run.*"}, match_related=notify.STARTED,
                           posture="Reactive", threshold=1, within=0)  # fmt: skip
    run = Resource({"prefect.resource.id": "prefect.flow-run.1"})
    related = {"prefect.resource.id": "prefect.flow.1", "prefect.resource.role": "flow", "prefect.resource.name": flow}
    assert trigger.covers_resources(run, [RelatedResource(related)]) == is_told


def test_the_flows_within_a_backfill_and_a_night_are_called_otherwise() -> None:
    assert {nightly.name, backfill.name, weekly.name} == set(notify.STARTED["prefect.resource.name"])
    assert set(deployment.OURS) == {nightly.name, backfill.name, weekly.name, "night of a backfill", fan_out.name}
    assert fan_out.name not in notify.STARTED["prefect.resource.name"]
