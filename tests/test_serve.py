"""`essa run` and `essa up` as processes: what they say, what they leave, and that they end what they start."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.settings import PREFECT_API_URL, temporary_settings

from essa import night as nights
from essa import publication, summary
from flows import deployment, leash, serve

ESSA = (sys.executable, "-c", "from flows.cli import main; main()")
STAGE = re.compile(r" *\d+\.\d s  \S.*")
NIGHT = "2026-11-20"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, night_of: Callable, write_small_sample: Callable[..., None]) -> Path:
    """A home with one published night, in which no server was started yet."""
    office = tmp_path_factory.mktemp("served") / "landing"
    write_small_sample(office)
    feeds = yaml.safe_load((office / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]
    with night_of(office, feeds, until="mart", on=date.fromisoformat(NIGHT)) as tonight:
        nights.describe_run(tonight, None)
        publication.publish(tonight)
    place: Path = tonight.home
    (place / "settings.yaml").write_text("threads: 1\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def feeds(home: Path) -> Path:
    return home.parent / "landing" / "feeds.yaml"


def start(*arguments: object, **more: str) -> subprocess.Popen:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | more
    return subprocess.Popen(
        [*ESSA, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=own
    )


def run(home: Path, feeds: Path, night: str) -> tuple[int, str, str]:
    process = start("run", "--home", home, "--feeds", feeds, "--night", night)
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err


def until(is_so: Callable[[], Any], patience_s: float = 120.0) -> Any:
    """What the question answers, as soon as it is not nothing."""
    give_up_at = time.monotonic() + patience_s
    while not (answer := is_so()):
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(1)  # what is asked takes a server as long as a part of its night
    return answer


def processes_of(home: Path) -> dict[str, str]:
    """Processes that live with this home's Prefect folder, by the environment they began with, and their commands."""
    mark, found = f"PREFECT_HOME={(home / 'prefect').resolve()}".encode(), {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (place / "environ").read_bytes().split(b"\0"):
                found[place.name] = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


# A home without a server of its own


@pytest.mark.slow
def test_a_night_that_fails_ends_with_1_and_one_screen(home: Path, feeds: Path) -> None:
    (home / "settings.yaml").write_text("memory_limit: 10MB\n", encoding="utf-8")
    try:
        code, out, err = run(home, feeds, "2026-11-21")
    finally:
        (home / "settings.yaml").write_text("threads: 1\n", encoding="utf-8")
    assert (code, out) == (1, "")
    told = [line for line in err.splitlines() if not STAGE.fullmatch(line)]
    assert "memory" in told[0]
    assert f"  kept      the last publication stands: {NIGHT}" in told
    assert len(told) < 10
    assert processes_of(home) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "after"),
    [(signal.SIGINT, "rebuild the cases"), (signal.SIGKILL, "alpha_tasks")],
    ids=["Ctrl-C in a stage", "kill -9 in a pull"],
)
def test_a_run_cut_short_leaves_no_process_and_a_home_the_next_can_use(
    home: Path, feeds: Path, how: signal.Signals, after: str
) -> None:
    before = (home / "published" / "essa.duckdb").read_bytes()
    process = start("run", "--home", home, "--feeds", feeds, "--night", "2026-11-22")
    said = []
    for line in process.stderr:
        said.append(line.rstrip("\n"))
        if after in line:
            break
    process.send_signal(how)
    _, rest = process.communicate(timeout=30)
    until(lambda: not processes_of(home), 30)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    told = [line for line in [*said, *rest.splitlines()] if not STAGE.fullmatch(line)]
    assert told == (["stopped; the last publication stands"] if how == signal.SIGINT else [])
    assert (home / "published" / "essa.duckdb").read_bytes() == before


# A home that is up


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A web address, and what was posted to it."""
    posted: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/s3cret-token", posted
        server.shutdown()


@pytest.fixture(scope="module")
def up(home: Path, feeds: Path, told: tuple) -> Iterator[tuple[subprocess.Popen, str]]:
    """`essa up` on its home, and the address of its API."""
    process = start("up", "--home", home, "--feeds", feeds, "--port", 4311, ESSA_NOTIFY_URL=told[0])
    try:
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("until"):
                break
        else:
            pytest.fail(process.stderr.read())
        yield process, re.search(r"http://127\.0\.0\.1:\d+", said)[0] + "/api", said
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def ask(address: str, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{address}{path}", json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    for _ in range(10):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as busy:  # its database is in use; Prefect's own client asks again too
            if busy.code != 503:
                raise
            time.sleep(1)
    pytest.fail(f"{path} was busy for ten seconds")


def runs(address: str, *states: str) -> list[dict[str, Any]]:
    return ask(address, "/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": list(states)}}}})


def night_from_the_ui(address: str) -> dict[str, Any]:
    return next(one for one in runs(address, "COMPLETED") if one["name"] == "2026-11-21")


def nightly_of(address: str) -> dict[str, Any]:
    return next(one for one in ask(address, "/deployments/filter", {}) if one["name"] == "nightly")


@pytest.mark.slow
def test_each_deployment_has_its_schedule_its_home_and_room_for_one_run(up: tuple, home: Path, feeds: Path) -> None:
    _, address, _ = up
    found = {one["name"]: one for one in ask(address, "/deployments/filter", {})}
    assert {name: [part["schedule"]["cron"] for part in one["schedules"]] for name, one in found.items()} == {
        "backfill": [],
        "nightly": ["0 2 * * *"],
        "weekly": ["0 6 * * 1"],
    }
    assert found["weekly"]["parameters"] == {"home": str(home.resolve())}
    assert found["nightly"]["parameters"] == {"home": str(home.resolve()), "feeds": str(feeds.resolve())}
    assert {one["global_concurrency_limit"]["limit"] for one in found.values()} == {1}


@pytest.mark.slow
def test_the_pages_ask_the_server_that_shows_them(up: tuple) -> None:
    _, address, _ = up
    with urllib.request.urlopen(address.removesuffix("/api") + "/ui-settings", timeout=30) as answer:
        assert json.load(answer)["api_url"] == address


@pytest.mark.slow
def test_the_schedule_really_makes_runs(up: tuple) -> None:
    _, address, said = up
    deployed = nightly_of(address)["id"]
    scheduled = until(lambda: [one for one in runs(address, "SCHEDULED") if one["deployment_id"] == deployed], 30)
    now = datetime.now(UTC)
    next_at = min(datetime.fromisoformat(one["expected_start_time"]) for one in scheduled)
    assert now < next_at <= now + timedelta(days=1, minutes=1)
    assert (next_at.hour, next_at.minute) == (2, 0)
    assert f"next run  {next_at:%Y-%m-%d %H:%M} UTC" in said


@pytest.mark.slow
def test_what_a_killed_run_left_behind_is_marked_crashed(up: tuple) -> None:
    """The run of the kill -9 above; as a running one it would hold the deployment's one place."""
    _, address, _ = up
    assert runs(address, "RUNNING", "PENDING") == []
    assert "Its process is gone." in [one["state"]["message"] for one in runs(address, "CRASHED")]


@pytest.mark.slow
def test_runs_of_another_home_on_the_same_server_are_left_alone(up: tuple, home: Path, tmp_path: Path) -> None:
    _, address, _ = up
    told = [
        ("nightly", {"home": str(home)}), ("fan-out", {"parts": [str(home.resolve() / "warehouse" / "spill" / "p")]}),
        ("nightly", {"home": str(tmp_path)}), ("nightly", {"home": home.name}), ("nightly", {}),
        ("somebody's", {"home": str(home)}),
    ]  # fmt: skip
    made = []
    for flow, parameters in told:
        of = ask(address, "/flows/", {"name": flow})["id"]
        state = {"type": "RUNNING", "name": "Running"}
        made.append(ask(address, "/flow_runs/", {"flow_id": of, "parameters": parameters, "state": state})["id"])
    with temporary_settings({PREFECT_API_URL: address}):
        assert deployment.end_what_died(home) == 2
    found = {one["id"]: one["state"]["type"] for one in runs(address, "RUNNING", "CRASHED")}
    assert [found[one] for one in made] == ["CRASHED", "CRASHED", "RUNNING", "RUNNING", "RUNNING", "RUNNING"]
    for one in made:
        ask(address, f"/flow_runs/{one}/set_state", {"state": {"type": "CANCELLED"}, "force": True})


@pytest.mark.slow
def test_a_quick_run_from_the_ui_works_and_a_second_one_is_not_started_beside_it(up: tuple, home: Path) -> None:
    _, address, _ = up
    deployment = nightly_of(address)
    make = f"/deployments/{deployment['id']}/create_flow_run"
    parameters = {**deployment["parameters"], "night": "2026-11-21"}
    made = [ask(address, make, {"parameters": parameters, "state": {"type": "SCHEDULED"}})["id"] for _ in range(2)]

    def ended() -> list[dict[str, Any]] | None:
        found = [one for one in runs(address, "COMPLETED", "FAILED", "CRASHED", "CANCELLED") if one["id"] in made]
        return found if len(found) == 2 else None

    found = until(ended)
    assert sorted(one["state"]["type"] for one in found) == ["CANCELLED", "COMPLETED"]
    (done,) = [one for one in found if one["state"]["type"] == "COMPLETED"]
    assert done["name"] == "2026-11-21"
    assert (home / "published/history/2026-11-21/candidate.parquet").exists()
    wanted = {"logs": {"flow_run_id": {"any_": [done["id"]]}}, "limit": 200}

    def logs() -> list[dict[str, Any]] | None:
        found = ask(address, "/logs/filter", wanted)
        return found if any(one["message"].startswith("published") for one in found) else None

    assert {one["name"] for one in until(logs, 30)} == {"essa"}  # our own lines, and none of Prefect's about itself


@pytest.mark.slow
def test_the_run_leaves_a_link_to_its_page_that_a_browser_follows(up: tuple) -> None:
    _, address, said = up
    linked = [one["data"] for one in ask(address, "/artifacts/filter", {}) if one["key"] == "page"]
    (url,) = set(re.findall(r"http://127\.0\.0\.1:\d+/index\.html", " ".join(linked)))
    assert f"page      {url}" in said
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert b"<h1>" in answer.read()


@pytest.mark.slow
def test_the_ui_shows_the_night_in_our_words_and_names_from_a_log_do_nothing_in_its_artifacts(
    up: tuple, hostile: tuple, pictures: Path, colours_of: Callable[..., Any]
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed here")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium here; `apt-get install chromium` brings one")
    _, address, _ = up
    names = [
        *hostile,
        "![x](http://x.invalid/p.png)",
        "[x](javascript:alert(3))",
        "http://x.invalid/y",
        "<b>Claims</b>",
    ]
    table = json.dumps(summary.cells([{"title": name} for name in names]))
    text = "\n\n".join(f"- {summary.plain(name)}" for name in names)
    made = [
        ask(address, "/artifacts/", {"key": kind, "type": kind, "data": data})["id"]
        for kind, data in (("table", table), ("markdown", text))
    ]
    asked: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}"))
        for artifact in made:
            page.goto(f"{address.removesuffix('/api')}/artifacts/artifact/{artifact}")
            page.get_by_text("<b>Claims</b>").first.wait_for(timeout=30_000)
            assert page.locator("main img[src*='x.invalid'], img[src*='x.invalid']").count() == 0
            assert page.locator("a[href^='javascript'], a[href*='x.invalid']").count() == 0
        page.goto(f"{address.removesuffix('/api')}/runs/flow-run/{night_from_the_ui(address)['id']}")
        page.get_by_text("published: ").wait_for(timeout=30_000)  # its last lines are there
        page.get_by_text("Completed").first.wait_for()
        assert page.get_by_text("ERROR", exact=True).count() == 0
        page.wait_for_timeout(1_000)  # the runs of its steps are drawn, and their names are no text of the page
        page.screenshot(path=pictures / "prefect-run.png")
        page.get_by_text("Task Runs", exact=True).click()
        for name in ("Tell the story", "Write the page", "Publish"):
            page.get_by_text(name, exact=True).first.wait_for(timeout=30_000)
        assert colours_of(browser.new_page(), pictures / "prefect-run.png")["count"] > 50
        browser.close()
    assert [url for url in asked if not url.startswith(("http://127.0.0.1", "data:", "blob:"))] == []


@pytest.mark.slow
def test_a_night_that_fails_is_told_to_whoever_listens_and_the_address_stays_secret(
    up: tuple, home: Path, told: tuple
) -> None:
    _, address, said = up
    deployment = nightly_of(address)
    parameters = {**deployment["parameters"], "night": "2026-11-21", "feeds": str(home / "none.yaml")}
    ask(address, f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})
    subject = "nightly 2026-11-21 ended as Failed"  # of those another test had marked as crashed, it was told too
    (failed,) = until(lambda: [one for one in told[1] if one["subject"] == subject])
    run = re.search(r"The last publication stands. The run: (\S+)", failed["body"])[1]
    assert run.startswith(f"{address.removesuffix('/api')}/runs/flow-run/")
    assert "ESSA_NOTIFY_URL" in said
    held = [path for path in (home / "prefect").rglob("*") if path.is_file()]
    assert held and [path.name for path in held if b"s3cret-token" in path.read_bytes()] == []


@pytest.mark.slow
def test_a_second_up_names_the_first_and_ends_with_1(up: tuple, home: Path, feeds: Path) -> None:
    _, address, _ = up
    process = start("up", "--home", home, "--feeds", feeds)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert address.removesuffix("/api") in err


@pytest.mark.slow
def test_up_ends_all_it_started_and_a_run_that_reports_to_it_goes_on_and_reads_no_file_twice(
    up: tuple, home: Path, feeds: Path
) -> None:
    process, address, _ = up
    started = processes_of(home).keys()
    assert len(started) >= 2
    running = start("run", "--home", home, "--feeds", feeds, "--night", "2026-11-24")
    until(lambda: "2026-11-24" in [one["name"] for one in runs(address, "RUNNING")])
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=240)
    assert (process.returncode, out, err) == (0, "stopping\n", "")
    assert not started & processes_of(home).keys()
    assert not (home / serve.SERVER_FILE).exists()
    assert serve.running_server(home) is None
    out, err = running.communicate(timeout=240)
    assert running.returncode == 0, err
    assert [line for line in err.splitlines() if not STAGE.fullmatch(line)] == []
    assert "`essa up` was stopped; this run goes on with a server of its own" in err
    assert out.count("unchanged") == 3
    assert str(home / "published" / "essa.duckdb") in out
    assert max(len(line) for line in out.splitlines() if str(home) not in line) <= 80  # a path is as long as it is
    assert processes_of(home) == {} and not serve.answers(address)
    with contextlib.closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        told = database.execute("SELECT state_type FROM flow_run WHERE name = '2026-11-24'").fetchall()
    assert told == [("COMPLETED",)]


@pytest.mark.slow
def test_ctrl_c_ends_what_up_has_started_by_then(home: Path, feeds: Path) -> None:
    process = start("up", "--home", home, "--feeds", feeds, "--port", 4341)
    until(lambda: processes_of(home))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "stopping\n", "")
    assert processes_of(home) == {} and not serve.is_up(home)


# The parts


def test_a_leashed_child_ends_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.communicate()
    until(lambda: not Path(f"/proc/{child}").exists(), 30)


PARENT = """
import sys, time
from pathlib import Path
from flows import leash
child = leash.start(["http.server", "0"], Path(sys.argv[1]) / "log", {})
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_leashed_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    (tmp_path / "deaf.py").write_text(
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = leash.start(["deaf"], tmp_path / "log", {"PYTHONPATH": str(tmp_path)})
    until(lambda: "deaf" in (tmp_path / "log").read_text(), 30)
    leash.stop(child, grace_s=0.2)
    assert child.returncode == -signal.SIGKILL


def test_a_server_file_left_by_a_killed_up_is_not_believed(tmp_path: Path) -> None:
    place = tmp_path / serve.SERVER_FILE
    place.parent.mkdir()
    place.write_text('{"api_url": "http://127.0.0.1:1/api"}')
    assert serve.running_server(tmp_path) is None
    with serve.hold(tmp_path):
        assert serve.is_up(tmp_path)
        assert serve.running_server(tmp_path) is None  # it is up, and does not answer


def test_what_prefect_keeps_is_the_owners_alone_also_in_a_home_that_was_open(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    for home, make in ((tmp_path / "new", serve.prepare_environment), (tmp_path / "up", serve.is_up)):
        make(home)
        assert (home / "prefect").stat().st_mode & 0o777 == 0o700
        (home / "prefect").chmod(0o755)
        make(home)
        assert (home / "prefect").stat().st_mode & 0o777 == 0o700


def test_a_taken_port_is_passed_over() -> None:
    taken = serve.socket.socket()
    with taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < serve.free_port(port) < port + 100


def test_the_deployment_names_no_folder_of_any_machine() -> None:
    text = (Path(serve.__file__).parents[1] / "prefect.yaml").read_text(encoding="utf-8")
    assert not re.search(r"(^|[\s\"'])(/|~|[A-Z]:\\)\w", text, re.MULTILINE)
