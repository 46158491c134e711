"""The command line as a shell sees it: exit codes, what is said where, and what is loaded before it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from essa import errors, known_names, people, privacy, publication
from flows import cli

Ask = Callable[..., Any]
NAMES_HEAVY = """
import json, sys
from flows import cli
for asked in json.loads(sys.argv[1]):
    sys.argv = ["essa", *asked]
    code = cli._run()
    heavy = sorted({"prefect", "great_expectations", "pandas"} & set(sys.modules))
    print(code, heavy)
"""


def in_one_process(*asked: list[object]) -> subprocess.CompletedProcess:
    """These commands one after the other, each followed by its exit code and what heavy is loaded by then."""
    told = json.dumps([list(map(str, one)) for one in asked])
    return subprocess.run([sys.executable, "-c", NAMES_HEAVY, told], capture_output=True, text=True, timeout=60)


def feeds(folder: Path, text: str) -> Path:
    path = folder / "feeds.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_backfill_up_to_the_last_night_published_says_that_there_is_none_to_run(tmp_path: Path) -> None:
    place = publication.folder(tmp_path) / publication.FILE_NAME
    place.parent.mkdir()
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE SCHEMA ops; CREATE TABLE ops.run AS SELECT DATE '2026-11-20' AS night")
    columns = "{case_id: Ref, activity: Step, ended_at: End}"
    feeds(tmp_path, f"feeds:\n  a: {{provider: P, process: X, files: a.csv, timezone: UTC, columns: {columns}}}\n")
    told = in_one_process(["backfill", "2026-11-18", "2026-11-20", "--home", tmp_path])
    # Prefect reads where its server and home are as it is imported, so not before both are known
    assert told.stdout == "no night to run: all up to 2026-11-20 are published\n0 []\n", told.stderr


BROKEN = """
feeds:
  alpha:
    provder: Alpha
    files: "*.csv"
"""


def test_a_broken_feeds_file_is_told_before_anything_heavy_is_loaded(tmp_path: Path) -> None:
    place, home = feeds(tmp_path, BROKEN), tmp_path / "home"
    told = in_one_process(*([command, "--feeds", place, "--home", home] for command in ("run", "up")))
    assert told.stdout == "2 []\n2 []\n"
    assert told.stderr.count("alpha.provder: unknown; did you mean `provider`?") == 2
    assert not home.exists()


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_missing_feeds_file_ends_with_2_and_says_which(essa: Ask, tmp_path: Path, command: str) -> None:
    told = essa(command, "--home", tmp_path)
    assert told.returncode == 2
    assert "feeds.yaml" in told.stderr and "--home data/sample" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "arguments", [("run", "--night", "21.11.2026"), ("run", "--nihgt", "2026-11-21"), ("rnu",), ("up", "--port", "0")]
)
def test_wrong_arguments_end_with_2(essa: Ask, arguments: tuple[str, ...]) -> None:
    told = essa(*arguments)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("name", "said", "meant"), [("settings.yaml", "suport_min: 3", "support_min"), ("names.yaml", "sane: []", "same")]
)
@pytest.mark.parametrize("command", [("run",), ("up",), ("backfill", "2026-11-01", "2026-11-02"), ("rekey",)])
def test_what_is_misspelt_in_a_home_ends_with_2_and_starts_nothing(
    essa: Ask, tmp_path: Path, command: tuple[str, ...], name: str, said: str, meant: str
) -> None:
    (tmp_path / name).write_text(f"{said}\n", encoding="utf-8")
    ok = BROKEN.replace("provder", "provider") + "    process: P\n    columns: {case_id: a, activity: b, ended_at: c}\n"
    told = essa(*command, "--home", tmp_path, "--feeds", feeds(tmp_path, ok))
    assert told.returncode == 2
    assert said.split(":")[0] in told.stderr and f"`{meant}`" in told.stderr
    assert not (tmp_path / "prefect").exists()


@pytest.mark.parametrize("command", [("top",), ("verify",), ("decide", "c1", "accepted")])
def test_questions_to_an_empty_home_end_with_1_and_say_what_to_do(
    essa: Ask, tmp_path: Path, command: tuple[str, ...]
) -> None:
    told = essa(*command, "--home", tmp_path)
    assert told.returncode == 1
    assert "essa run" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("command", [("sample", "--cases", "100"), ("export", "--home", "sample")])
def test_a_place_that_cannot_be_written_is_told_and_no_traceback(
    essa: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setattr("essa.publication.open_published", contextlib.nullcontext)
    monkeypatch.setattr("essa.report.candidates.read", lambda _: [])
    monkeypatch.setattr("essa.report.health.night", lambda _: {"night": None})
    told = essa(*command, tmp_path / "a file" / "in it")
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert f"{tmp_path / 'a file'}" in told.stderr and "not a directory" in told.stderr


def test_an_address_to_tell_that_is_none_is_told_before_anything_starts(
    essa: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSA_NOTIFY_URL", "mail.example")
    monkeypatch.setattr("flows.serve.hold", lambda _: pytest.fail("a server would start"))
    columns = "{case_id: Ref, activity: Step, ended_at: End}"
    feeds(tmp_path, f"feeds:\n  a: {{provider: P, process: X, files: a.csv, timezone: UTC, columns: {columns}}}\n")
    told = essa("up", "--home", tmp_path)
    assert (told.returncode, told.stderr.splitlines()[0]) == (1, "ESSA_NOTIFY_URL is no web address")


def test_a_command_that_is_told_can_be_pasted(essa: Ask, tmp_path: Path) -> None:
    home = tmp_path / "Asha's home"
    said = essa("sample", home, "--cases", "100").stdout.replace("\n", " ")
    assert shlex.split(said[said.index("next: ") :].removeprefix("next: ")) == ["essa", "run", "--home", str(home)]
    told = essa("top", "--home", home).stderr
    assert shlex.split(told[told.index("essa run") :]) == ["essa", "run", "--home", str(home)]


def test_a_reader_that_stops_early_is_no_trouble(tmp_path: Path) -> None:
    """`essa --help | head -1`"""
    told = subprocess.run(
        f"{sys.executable} -c 'from flows.cli import main; main()' --help | head -1", shell=True,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.stderr == ""


def test_a_night_goes_on_when_nobody_listens_any_more() -> None:
    """`essa run 2>&1 >result.txt | head -3`"""
    read, write = os.pipe()
    os.close(read)
    console = cli.Aside(file=os.fdopen(write, "w", closefd=False))
    console.print("one")
    console.print("two")
    assert console.quiet


def test_a_statement_that_a_signal_ends_is_told_as_ended_from_outside(tmp_path: Path) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, end)
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            connection.execute("SELECT sum(sin(a.range * b.range)) FROM range(100000) AS a, range(100000) AS b")
    except Exception as ended:  # a signal's own exception does not get through DuckDB
        told = str(errors.of_ours(ended, tmp_path))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert "ended from outside" in told and "fault of essa" not in told


def test_a_fault_of_ours_is_one_screen_and_how_it_came_about_is_for_the_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "warehouse").mkdir()
    try:
        raise KeyError("Asha Rao")
    except KeyError as fault:
        told = str(errors.of_ours(fault, tmp_path))
    place = tmp_path / errors.FAULT_FILE
    assert "a fault of essa: KeyError at test_cli.py, line " in told and str(place) in told and "Asha" not in told
    assert "Traceback" in place.read_text() and place.stat().st_mode & 0o777 == 0o600


def test_every_command_says_what_it_does(essa: Ask) -> None:
    told = essa("--help")
    assert told.returncode == 0
    for command in ("run", "up", "check", "sample", "top", "show", "report", "export", "verify", "decide"):
        assert f" {command} " in told.stdout


LOG = "Ref,Step,Start,End,Agent,Remark\nc1,A,05/01/2026 09:00,05/01/2026 09:10,Ann Quill,call +49 171 2345678\n"
THREE_FEEDS = """
feeds:
  lacking:
    provider: P
    process: X
    files: "*.csv"
    columns: {case_id: Ref, activity: Stp, started_at: Start, ended_at: End}
    attributes: [Remark]
  mistaken:
    provider: P
    process: X
    files: a.csv
    timezone: UTC
    columns: {case_id: Nr, activity: Step, ended_at: End}
    calendar: {days: monday, hours: 9-18}
  sound:
    provider: P
    process: {column: Step}
    files: "*.csv"
    timezone: Asia/Kolkata
    event_id: Ref
    datetime_format: "%d/%m/%Y %H:%M"
    columns: {case_id: Ref, activity: Step, started_at: Start, ended_at: End, resource: Agent}
"""


@pytest.mark.parametrize("command", ["check", "run"])
def test_every_mistake_of_every_feed_and_file_is_told_at_once(essa: Ask, tmp_path: Path, command: str) -> None:
    (tmp_path / "a.csv").write_text(LOG)
    (tmp_path / "b.csv").write_text(LOG.replace(",Remark", "").replace(",call +49 171 2345678", ""))
    told = essa(command, "--home", tmp_path / "home", "--feeds", feeds(tmp_path, THREE_FEEDS))
    assert told.returncode == 2
    for said in (
        "feeds.mistaken.calendar.days: `monday`", "feeds.mistaken.calendar.hours: `9-18`", "Nr (nothing near it)",
        "a.csv lacks 1 of", "b.csv lacks 2 of", "Stp (nearest: Step)", "column `Start` can be swapped",
        "column `End` can be swapped",
    ):  # fmt: skip
        assert said in told.stderr, said
    assert "nearest" not in told.stderr.replace("nearest: Step", "")
    assert not (tmp_path / "home").exists()
    if command == "run":
        assert told.stdout == ""


def test_a_look_shows_every_column_with_its_reading_and_a_redacted_example(essa: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(LOG)
    (tmp_path / "b.csv").write_text(LOG)
    sound = "feeds:\n" + THREE_FEEDS.partition("  sound:")[2].join(["  sound:", "    attributes: [Remark]\n"])
    told = essa("check", "--feeds", feeds(tmp_path, sound))
    assert (told.returncode, told.stderr) == (0, "")
    assert "sound: P, csv, b.csv and 1 more read alike" in told.stdout
    rows = [line.split() for line in told.stdout.splitlines()]
    for ours, theirs in (
        ("process", "Step"), ("case_id", "Ref"), ("activity", "Step"), ("started_at", "Start"), ("ended_at", "End"),
        ("resource", "Agent"), ("event_id", "Ref"), ("attribute", "Remark"),
    ):  # fmt: skip
        assert any(row[:3] == [ours, theirs, "varchar"] for row in rows), ours
    assert "%d/%m/%Y %H:%M" in told.stdout and "Asia/Kolkata" in told.stdout and "[phone]" in told.stdout
    assert "Quill" not in told.stdout and "2345678" not in told.stdout


AGENTS = """
feeds:
  one: {{provider: P, process: X, files: "one/*.csv", timezone: UTC, columns: {columns}, attributes: [Remark]}}
  two: {{provider: P, process: X, files: "two/*.csv", timezone: UTC, columns: {columns}, attributes: [Remark, remark]}}
""".format(columns="{case_id: Ref, activity: Step, ended_at: End, resource: Agent}")


def log_of(agent: str, remark: str, header: str = "Ref,Step,End,Agent,Remark") -> str:
    return f"{header}\nc1,A,2026-01-05 09:00:00,{agent},{remark}\n"


def test_a_look_names_nobody_of_any_feed_nor_of_an_earlier_night(essa: Ask, tmp_path: Path) -> None:
    home, secret = tmp_path / "home", "a secret of more than sixteen characters"
    (home / "warehouse").mkdir(parents=True)
    (home / "key").touch(mode=0o600)
    (home / "key").write_text(secret)
    known_names.remember(home / "warehouse", privacy.key(home), people.called(["Trilby Vogonsk"], secret))
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
    more = "Ref,Step,End,Agent,Remark,Amount,of Jo Lund"  # two columns that no feed names
    (tmp_path / "one" / "of Jo Lund and Trilby Vogonsk.csv").write_text(
        log_of("Zarquon Beeble", "ask Jo Lund,7,8", more)
    )
    (tmp_path / "two" / "a.csv").write_text(log_of("Jo Lund", "ask Vogonsk,", "Ref,Step,End,Agent,Remark,remark"))
    place = feeds(tmp_path, AGENTS)
    told = essa("check", "--feeds", place, "--home", home)
    assert (told.returncode, told.stderr) == (0, "")
    assert "of [person] and [person].csv" in told.stdout and told.stdout.count("ask [person]") == 2
    assert 'called "remark (2)" in rules' in " ".join(told.stdout.split())
    assert "not read: Amount, of [person]\n" in told.stdout and told.stdout.count("not read") == 1
    (tmp_path / "two" / "Zarquon Beeble.csv").write_text("Ref,Step,Agent,Vogonsk of Jo Lund\nc1,A,Jo Lund,\n")
    told = essa("check", "--feeds", place, "--home", home)
    assert told.returncode == 1 and "[person].csv" in told.stderr
    said = (told.stdout + told.stderr).casefold()
    assert [name for name in ("lund", "zarquon", "beeble", "trilby", "vogonsk") if name in said] == []


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_feed_of_no_known_format_is_not_opened_and_each_mistake_is_counted(
    essa: Ask, tmp_path: Path, command: str
) -> None:
    (tmp_path / "log.dat").write_bytes(b"\0 no log")
    wrong = BROKEN.replace("*.csv", "*.dat") + "    process: P\n    columns: {case_id: a, activity: b, ended_at: c}\n"
    told = essa(command, "--home", tmp_path / "home", "--feeds", feeds(tmp_path, wrong))
    assert told.returncode == 2
    first, *rest = told.stderr.splitlines()
    assert first.startswith("the feeds file is to be mended") and first.endswith("feeds.yaml: 3 mistakes")
    assert len(rest) == 3 and "log.dat" not in told.stderr
