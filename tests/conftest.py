"""A night without Prefect: feeds as a mapping in, an open warehouse with its core tables out."""

from __future__ import annotations

import base64
import contextlib
import csv
import fcntl
import io
import os
import re
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import hypothesis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from essa import feeds as feeds_file
from essa import meeting, order, publication, pulling, redaction, warehouse
from essa import night as nights
from essa.errors import FeedError
from essa.naming import names_file
from essa.sample.office import write_sample
from essa.settings import Settings
from essa.warehouse import Warehouse
from flows import cli

hypothesis.settings.register_profile("essa", deadline=None)  # how long an example takes is the machine's matter
hypothesis.settings.load_profile("essa")
NIGHT = date(2026, 11, 21)
STEPS = ("pulled", "events", "core", "mart")
LONGEST = ("serve", "cut_short", "fetching_queries", "tables", "pulling", "publication", "benefits")  # minutes each


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are processors: a good part of a test's time is waiting for servers and other processes."""
    return len(os.sched_getaffinity(0)) + 2 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files begin first, so that none is left to one worker while the others have nothing to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("real_data")}
    items.sort(key=lambda item: (item.path.stem.removeprefix("test_") not in LONGEST, item.path not in slow))


@pytest.fixture(autouse=True, scope="session")
def _no_key_from_outside() -> None:
    os.environ.pop("ESSA_KEY", None)


@dataclass(frozen=True)
class Told:
    """How a command ended, and what it said to a reader that is no terminal."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def essa() -> Callable[..., Told]:
    """`essa("top", "-n", 3)`: the command with these arguments, but for its way out of the process."""

    def ask(*arguments: object) -> Told:
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()) as err,
        ):
            patch.setattr(sys, "argv", ["essa", *map(str, arguments)])
            code = cli._run()
        return Told(code, out.getvalue(), err.getvalue())

    return ask


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of public logs; the test is skipped where there is none."""
    given = os.environ.get("ESSA_DATASETS")
    place = Path(given) if given else Path(__file__).parents[2] / "shared" / "datasets"
    if not place.is_dir():
        pytest.skip("no data sets here")
    return place


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures to look at are left."""
    given = os.environ.get("ESSA_PICTURES")
    place = Path(given) if given else tmp_path_factory.mktemp("pictures")
    place.mkdir(parents=True, exist_ok=True)
    return place


@pytest.fixture(scope="session")
def colours_of() -> Callable[[Any, Path], dict[str, float]]:
    """Of a picture, by a browser's page: how many colours it has, and how light (0 to 1) its commonest is."""

    def look(page: Any, picture: Path) -> dict[str, float]:
        return page.evaluate(COLOURS, base64.b64encode(picture.read_bytes()).decode())

    return look


COLOURS = """async data => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + data;
  await image.decode();
  const drawn = new OffscreenCanvas(image.width, image.height).getContext('2d'), times = new Map();
  drawn.drawImage(image, 0, 0);
  for (const pixel of new Uint32Array(drawn.getImageData(0, 0, image.width, image.height).data.buffer))
    times.set(pixel, (times.get(pixel) ?? 0) + 1);
  const [most] = [...times].sort((a, b) => b[1] - a[1])[0], parts = [most & 255, most >> 8 & 255, most >> 16 & 255];
  return { count: times.size, lightness: (parts[0] + parts[1] + parts[2]) / 765 };
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where deliveries lie, beside their feeds file; the home is elsewhere."""
    place = tmp_path / "landing"
    place.mkdir()
    return place


@pytest.fixture(scope="session")
def write_feeds() -> Callable[[Path, Mapping[str, Any]], Path]:
    def write(folder: Path, feeds: Mapping[str, Any]) -> Path:
        path = folder / "feeds.yaml"
        path.write_text(yaml.safe_dump({"feeds": dict(feeds)}, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def night_of(write_feeds: Callable[[Path, Mapping[str, Any]], Path]) -> Callable[..., Any]:
    """`with night_of(folder, feeds) as warehouse:` runs to the core tables; `until` stops earlier or goes further.

    Great Expectations judges the tables only where `is_judged`: it takes longer than building them.
    A night this small costs half as much again with a second thread, which would have nothing to do.
    """

    @contextlib.contextmanager
    def run(
        folder: Path,
        feeds: Mapping[str, Any],
        until: str = "core",
        on: date = NIGHT,
        is_judged: bool = False,
        **settings: Any,
    ) -> Iterator[Warehouse]:
        known = feeds_file.read(write_feeds(folder, feeds))
        home = folder.parent / "home"
        tonight = warehouse.begin(home, Settings(**{"threads": 1} | settings), on)
        settle = nights.believe if is_judged else lambda warehouse, pulled: pulling.settle(pulled, warehouse)
        try:
            tonight.open_night(str(on))
            pulling.describe_feeds(known, tonight)
            meeting.meet_all(known, folder, tonight)
            settle(tonight, [_pull(feed, folder, tonight) for feed in known])
            _build(tonight, until, nights.build if is_judged else _make)
            yield tonight
        finally:
            warehouse.end(home)

    return run


def _pull(feed: feeds_file.Feed, base: Path, tonight: Warehouse) -> pulling.Pulled:
    try:
        return pulling.pull(feed, base, tonight)
    except FeedError as trouble:
        return pulling.Pulled(feed.name, trouble=trouble)


def _make(tonight: Warehouse, table: str) -> int:
    return nights.make(tonight, table, lambda name: None)


def _build(tonight: Warehouse, until: str, build: Callable[[Warehouse, str], int]) -> None:
    reached = STEPS.index(until)
    if reached >= STEPS.index("events"):
        nights.name_activities(tonight, names_file.read(tonight.home / "names.yaml"))
        nights.make_vocabularies(tonight)
        build(tonight, "core.event")
    if reached >= STEPS.index("core"):
        for table in order.CORE[1:]:
            build(tonight, table)
    if reached >= STEPS.index("mart"):
        for table in order.MART:
            build(tonight, table)


@pytest.fixture(scope="session")
def published() -> Callable[[Warehouse], None]:
    """Makes the memory keep a night as a published one would be kept."""

    def keep(tonight: Warehouse) -> None:
        place = tonight.home / "published"
        place.mkdir(exist_ok=True)
        (place / "stand-in.part").write_text(str(tonight.night))
        tonight.intend(place / "stand-in.part", place / "stand-in", [(place / "no history", place / "history")])
        os.replace(place / "stand-in.part", place / "stand-in")
        tonight.remember()

    return keep


@pytest.fixture(scope="session")
def past_the_door() -> Callable[..., list[str]]:
    """What is kept of texts, each a `label`, a `value` or an `id`."""

    def keep(door: duckdb.DuckDBPyConnection, kind: str, texts: list[str]) -> list[str]:
        looked = f"""(SELECT given, given AS bare, given AS nameless, true AS is_suspect, '{kind}' AS kind
            FROM (SELECT unnest($1::VARCHAR[]) AS given))"""
        found = {given: shown for _, given, shown in door.execute(redaction.kept_sql(looked), [texts]).fetchall()}
        return [found[text] for text in texts]

    return keep


HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x.invalid","y")',
    '</script><img src="http://x.invalid/i.png" onerror="alert(2)">',
    "'; DROP TABLE mart.candidate; --",
    "{{ 7 * 7 }} \u202egnp.exe \u0007 café",
)


@pytest.fixture(scope="session")
def hostile() -> tuple[str, ...]:
    """Names that a page, a spreadsheet, a template or a terminal would act on if it let them."""
    return HOSTILE


@pytest.fixture(scope="session")
def write_small_sample() -> Callable[..., None]:
    """Writes a sample of two files a provider: to read a file costs as much as the fifty lines that stand in one."""

    def write(folder: Path, cases: int = 200) -> None:
        write_sample(folder, cases, 7)
        for place in (folder / "landing").iterdir():
            paths = sorted(place.iterdir())
            for number in (0, 1):  # every other one, so that what is sent again stands in another file still
                _join(paths[number], paths[number + 2 :: 2])

    return write


def _join(path: Path, others: list[Path]) -> None:
    if path.suffix == ".parquet":
        pq.write_table(pa.concat_tables([pq.read_table(one).unify_dictionaries() for one in [path, *others]]), path)
    else:
        head = path.suffix == ".csv"
        lines = [line for one in others for line in one.read_bytes().splitlines(keepends=True)[head:]]
        path.write_bytes(path.read_bytes() + b"".join(lines))
    for one in others:
        one.unlink()


def _made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker who asks makes for all."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    place, made = shared / name, shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(place, ignore_errors=True)
            make(place)
            made.touch()
    return place


@pytest.fixture(scope="session")
def office_home(
    tmp_path_factory: pytest.TempPathFactory, night_of: Callable[..., Any], write_small_sample: Callable[..., None]
) -> Path:
    """A home with one published night: the sample, and a process whose every name would act if it could.

    Each worker has a copy of its own.
    """
    place = _made_once(tmp_path_factory, "office", lambda place: _run_office_night(place, night_of, write_small_sample))
    return Path(shutil.copytree(place / "home", tmp_path_factory.mktemp("office") / "home"))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory, night_of: Callable[..., Any]) -> Path:
    """The folder of the whole sample beside the home of a night on it, as `make run` publishes it; to be read alone.

    It is the night of the day after the sample's last.
    """

    def make(place: Path) -> None:
        write_sample(place / "landing")
        feeds = yaml.safe_load((place / "landing" / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]
        with night_of(place / "landing", feeds, until="mart", is_judged=True) as tonight:
            nights.describe_run(tonight, None)
            publication.publish(tonight)

    return _made_once(tmp_path_factory, "sample", make)


def _run_office_night(folder: Path, night_of: Callable[..., Any], write_small_sample: Callable[..., None]) -> None:
    place = folder / "landing"
    write_small_sample(place, 1_200)
    feeds = yaml.safe_load((place / "feeds.yaml").read_text(encoding="utf-8"))["feeds"]
    for number, slowness in enumerate((1, 3)):
        _write_hostile(place / f"hostile{number}.csv", number, slowness)
        feeds[f"hostile{number}"] = {
            "provider": HOSTILE[number],
            "process": HOSTILE[2],
            "files": f"hostile{number}.csv",
            "timezone": "UTC",
            "columns": {"case_id": "c", "activity": "a", "started_at": "s", "ended_at": "e", "resource": "r"},
            "attributes": ["kind"],
            "known_at_start": ["kind"],
        }
    with night_of(place, feeds, until="mart", is_judged=True) as tonight:
        nights.describe_run(tonight, None)
        publication.publish(tonight)


def _write_hostile(path: Path, number: int, slowness: int) -> None:
    begin = datetime(2026, 7, 6, 8)
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["c", "a", "s", "e", "r", "kind"])
        for case in range(120):
            at = begin + timedelta(days=case // 2, hours=4 * (case % 2))
            for place, name in enumerate(HOSTILE):
                started = at + timedelta(minutes=40 * place)
                ended = started + timedelta(minutes=(5 + case % 3) * slowness)
                lines.writerow([f"h{number}-{case}", name, started, ended, f"w{number}{case % 3}", "<b>&kind"])


@pytest.fixture(scope="session")
def unshown_figures() -> Callable[[str, Mapping[str, Any]], list[str]]:
    """The figures of a candidate's reason that its evidence, as a mapping by column, does not answer."""

    def find(reason: str, answer: Mapping[str, Any]) -> list[str]:
        text = re.sub(r'^.*?(?=Learned on)|Higher on the ladder.* h to \w+ \([a-z]+\)\.|"[^"]*"', "", reason)
        dates = re.findall(r"\d+ [A-Z][a-z]+ \d{4}", text)
        split_on = answer.get("split_on")
        missing = [found for found in dates if not split_on or found != f"{split_on.day} {split_on:%B %Y}"]
        figures = re.findall(r"\d[\d,]*(?:\.\d+)?", re.sub(r"\d+ [A-Z][a-z]+ \d{4}", "", text))
        return missing + [figure for figure in figures if not _is_answered(figure, answer)]

    return find


def _is_answered(figure: str, answer: Mapping[str, Any]) -> bool:
    """Whether a column rounds to the figure: shares as per cent, seconds also as hours."""
    half = 0.5 * 10.0 ** -len(figure.partition(".")[2])
    for name, found in answer.items():
        if not isinstance(found, int | float | Decimal):
            continue
        scales = [100] if name.endswith(("_share", "_accuracy")) else [1, 1 / 3600] if name.endswith("_s") else [1]
        if any(abs(float(found) * scale - float(figure.replace(",", ""))) <= half + 1e-6 for scale in scales):
            return True
    return False


class Way:
    """A way to a server of this machine that breaks: after `most` bytes of its answers it says nothing, or ends."""

    def __init__(self, port: int) -> None:
        self.target, self.most, self.is_cut = port, 1 << 60, False
        self.passed: list[bytes] = []  # what was asked, to look for what should not stand there
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.open: list[socket.socket] = [self.listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.open += [near, far]
                for ends in ((near, far, None), (far, near, [self.most])):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, left: list[int] | None) -> None:
        with contextlib.suppress(OSError):
            while held := one.recv(1 << 14):
                if left is None:
                    self.passed.append(held)
                    other.sendall(held)
                    continue
                other.sendall(held[: max(0, left[0])])
                left[0] -= len(held)
                if left[0] < 0 and self.is_cut:
                    break
            if left and left[0] < 0 and not self.is_cut:
                return  # nor does it say that the other end is through
            for end in (one, other):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def way_to() -> Iterator[Callable[[int], Way]]:
    ways: list[Way] = []

    def make(port: int) -> Way:
        ways.append(Way(port))
        return ways[-1]

    yield make
    for way in ways:
        way.close()


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            return taken.getsockname()[1]

    return find
