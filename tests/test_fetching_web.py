"""Files over HTTP from a server on loopback: fetched whole, not fetched in vain, and no secret anywhere."""

from __future__ import annotations

import base64
import contextlib
import logging
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from essa.errors import FeedError
from essa.feeds import Feed
from essa.fetching import arrivals, faults
from essa.settings import Settings

aiohttp = pytest.importorskip("aiohttp", reason="essa[https] is not installed")

TWENTIETH, TWENTY_FIRST = date(2026, 11, 20), date(2026, 11, 21)
FEED = {
    "provider": "P",
    "process": "X",
    "timezone": "UTC",
    "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"},
}
SECRET = "corr3ct-h0rse-battery"
OLD = "Sun, 01 Nov 2026 08:00:00 GMT"


def lines(count: int, prefix: str = "c") -> bytes:
    rows = [f"{prefix}{number},Check,2026-01-05 09:{number % 60:02}:00" for number in range(count)]
    return "\n".join(["Ref,Step,End", *rows, ""]).encode()


class Server(ThreadingHTTPServer):
    """Holds `files` by path; `ways` says how a path misbehaves; `asked` is every request with its log-in."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.ways: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        self.closing = threading.Event()

    def url(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def fetched(self) -> list[str]:
        return [path for method, path, _ in self.asked if method == "GET" and not path.endswith("/")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        path = self.path.lstrip("/")
        self.server.asked.append((method, path, self.headers.get("Authorization")))
        way = self.server.ways.get(path, "")
        if way == "hang":
            self.server.closing.wait(60)
            return
        if way.isdigit() or (path not in self.server.files and not path.endswith("/")):
            self._end(int(way or 404), b"", method)
        elif way.startswith("to "):
            self.send_response(302)
            self.send_header("Location", way[3:])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.endswith("/"):
            links = "".join(f'<a href="{Path(name).name}">x</a>' for name in self.server.files if name.startswith(path))
            self._end(200, f"<html>{links}</html>".encode(), method, kind="text/html")
        elif way == "slowly" and method == "GET":
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.files[path])))
            self.end_headers()
            with contextlib.suppress(OSError):
                for place in range(len(self.server.files[path])):
                    self.wfile.write(self.server.files[path][place : place + 1])
                    self.server.closing.wait(0.2)
        elif way == "no length" and method == "GET":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(self.server.files[path])
            self.close_connection = True
        elif way in ("chunked", "chunks cut") and method == "GET":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            held = self.server.files[path]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(held), held) + (b"" if way == "chunks cut" else b"0\r\n\r\n"))
            self.close_connection = way == "chunks cut"
        else:
            self._end(200, self.server.files[path], method, cut=way == "drop")

    def _end(self, status: int, held: bytes, method: str, cut: bool = False, kind: str = "text/csv") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(held)))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if method == "GET":
            self.wfile.write(held[: len(held) // 2] if cut else held)
        self.close_connection = cut


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.closing.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
def feed_of(server):
    return lambda pattern="a.csv", **more: {"a": {**FEED, "url": server.url(pattern), **more}}


def told(warehouse, feed: str = "a") -> dict:
    return warehouse.rows("SELECT * FROM ops.feed WHERE feed = ? AND night = ?", [feed, warehouse.night])[0]


def fetched_files(home: Path) -> list[Path]:
    return [path for path in (home / "warehouse").rglob("*") if "fetched-" in str(path)]


def test_a_file_on_a_server_counts_as_the_same_file_here_does(server, feed_of, folder, night_of):
    server.files["a.csv"] = lines(5)
    (folder / "b.csv").write_bytes(lines(5))
    with night_of(folder, {**feed_of(), "b": {**FEED, "files": "b.csv"}}, until="pulled") as warehouse:
        found = [
            warehouse.rows(
                "SELECT source_line, case_id, activity, ended_at FROM raw.event WHERE feed = ? ORDER BY ALL", [name]
            )
            for name in "ab"
        ]
        names = warehouse.rows("SELECT source_file FROM raw.delivery ORDER BY feed")
        assert fetched_files(warehouse.home) == []
    assert len(found[0]) == 5 and found[0] == found[1]
    assert [row["source_file"] for row in names] == ["a.csv", "b.csv"]


def test_a_pattern_takes_what_the_page_of_the_folder_names(server, feed_of, folder, night_of):
    server.files |= {"out/day1.csv": lines(2, "x"), "out/day2.csv": lines(3, "y"), "out/notes.txt": b"no log"}
    with night_of(folder, feed_of("out/*.csv"), until="pulled") as warehouse:
        assert told(warehouse)["received_count"] == 5
        names = warehouse.rows("SELECT source_file FROM raw.delivery ORDER BY source_file")
    assert [row["source_file"] for row in names] == ["day1.csv", "day2.csv"]
    assert "out/notes.txt" not in server.fetched()


@pytest.mark.parametrize(
    ("headers", "is_fetched_again"),
    [
        ({"ETag": '"1"'}, False),
        ({"Last-Modified": OLD}, False),
        ({"ETag": 'W/"1"'}, True),  # alike is not the same
        ({}, True),
    ],
)
def test_what_is_surely_as_it_was_is_not_fetched_again(
    server, feed_of, folder, night_of, published, headers, is_fetched_again
):
    server.files["a.csv"], server.headers = lines(3), headers
    for on in (TWENTIETH, TWENTY_FIRST):
        with night_of(folder, feed_of(), until="pulled", on=on) as warehouse:
            status = told(warehouse)["status"]
            published(warehouse)
    assert status == "unchanged"
    assert len(server.fetched()) == 1 + is_fetched_again


def test_a_change_so_young_that_a_second_would_not_show_is_fetched_again(server, feed_of, folder, night_of, published):
    for on, count in ((TWENTIETH, 3), (TWENTY_FIRST, 3)):
        server.headers = {"Last-Modified": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() - 60))}
        server.files["a.csv"] = lines(count, f"n{on.day}-")  # of equal length
        with night_of(folder, feed_of(), until="pulled", on=on) as warehouse:
            found = warehouse.rows("SELECT case_id FROM raw.event")
            published(warehouse)
    assert {row["case_id"][:4] for row in found} == {"n21-"}


def test_a_feed_described_otherwise_is_fetched_again(server, feed_of, folder, night_of, published):
    server.files["a.csv"], server.headers = lines(3), {"ETag": '"1"'}
    for on, zone in ((TWENTIETH, "UTC"), (TWENTY_FIRST, "Asia/Kolkata")):
        with night_of(folder, feed_of(timezone=zone), until="pulled", on=on) as warehouse:
            first = warehouse.value("SELECT min(ended_at)::VARCHAR FROM raw.event")
            published(warehouse)
    assert first == "2026-01-05 03:30:00"


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("hang", "said nothing in time"),
        ("drop", "broke off in the middle"),
        ("chunks cut", "broke off in the middle"),
        ("no length", "does not say how long"),
        ("401", "log-in was refused"),
        ("403", "log-in was refused"),
        ("404", "nothing is there"),
        ("500", "could not deliver it (ClientResponseError, 500)"),
        ("to http://example.invalid/a.csv", "could not be reached"),
    ],
)
def test_nothing_half_is_believed_and_last_night_stands(server, feed_of, folder, night_of, published, way, said):
    server.files["a.csv"] = lines(3)
    with night_of(folder, feed_of(), until="pulled", on=TWENTIETH, source_silence_s_max=1) as warehouse:
        published(warehouse)
    server.files["a.csv"], server.ways["a.csv"] = lines(50, "d"), way
    started_s = time.monotonic()
    with night_of(folder, feed_of(), until="pulled", on=TWENTY_FIRST, source_silence_s_max=1) as warehouse:
        found = told(warehouse)
        assert found["status"] == "blocked" and said in found["reason"]
        assert warehouse.value("SELECT count(*) FROM raw.event") == 3
        assert fetched_files(warehouse.home) == []
    assert time.monotonic() - started_s < 40


def test_a_file_in_chunks_is_whole_once_the_last_came(server, feed_of, folder, night_of):
    server.files["a.csv"], server.ways["a.csv"] = lines(7), "chunked"
    with night_of(folder, feed_of(), until="pulled") as warehouse:
        assert told(warehouse)["accepted_count"] == 7


@pytest.mark.parametrize("name", ["..%2F..%2Fclimb.csv", "a%2Fb.csv"])
def test_a_listed_name_that_leads_out_of_its_folder_blocks_the_feed(server, feed_of, folder, night_of, name):
    server.files |= {"out/one.csv": lines(3), f"out/{name}": lines(3)}
    (folder / "b.csv").write_bytes(lines(3))
    feeds = {**feed_of("out/*.csv"), "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert "leads to another folder" in told(warehouse)["reason"]
    assert not any("climb" in path for path in server.fetched())


def test_what_comes_by_drops_ends(server, feed_of):
    server.files["a.csv"], server.ways["a.csv"] = lines(500), "slowly"
    feed = Feed.model_validate(feed_of()["a"])
    started_s = time.monotonic()
    with arrivals.to_look_at([feed], Settings(source_silence_s_max=60, source_whole_s_max=2)) as (_, troubles):
        assert "said nothing in time" in str(troubles[""])
    assert time.monotonic() - started_s < 30


def test_a_bad_file_leaves_nothing_of_it_on_this_machine(server, feed_of, folder, night_of):
    server.files["a.csv"] = b"Ref;Step\nc1;Check\n"
    (folder / "b.csv").write_bytes(lines(3))
    with night_of(folder, {**feed_of(), "b": {**FEED, "files": "b.csv"}}, until="pulled") as warehouse:
        assert told(warehouse)["status"] == "blocked" and "End" in told(warehouse)["reason"]
        assert fetched_files(warehouse.home) == []


def test_the_log_in_comes_from_the_environment_and_is_nowhere(
    server, feed_of, folder, night_of, monkeypatch, caplog, capfd
):
    monkeypatch.setenv("ALPHA_USER", "essa-reader")
    monkeypatch.setenv("ALPHA_PASSWORD", SECRET)
    server.files["a.csv"] = lines(3)
    caplog.set_level(logging.DEBUG)
    options = {"username": "env ALPHA_USER", "password": "env ALPHA_PASSWORD"}
    (folder / "b.csv").write_bytes(lines(3))
    feeds = {**feed_of(options=options), "b": {**FEED, "files": "b.csv"}}
    for way in ("", "401", "drop", "hang", "500"):
        server.ways["a.csv"] = way
        with night_of(folder, feeds, until="pulled", source_silence_s_max=1) as warehouse:
            home = warehouse.home
            assert told(warehouse)["status"] == ("loaded" if not way else "blocked")
    basic = base64.b64encode(f"essa-reader:{SECRET}".encode()).decode()
    assert {login for _, _, login in server.asked} == {f"Basic {basic}"}
    held = b"".join(path.read_bytes() for path in [*home.rglob("*"), *folder.rglob("*")] if path.is_file())
    said = "".join(capfd.readouterr()) + caplog.text
    for secret in (SECRET, basic):
        assert secret.encode() not in held and secret not in said


def test_the_log_in_is_not_sent_on_to_another_server(server, feed_of, folder, night_of, monkeypatch):
    monkeypatch.setenv("ALPHA_TOKEN", SECRET)
    server.files |= {"a.csv": lines(1), "b.csv": lines(3)}
    server.ways["a.csv"] = f"to http://localhost:{server.server_port}/b.csv"
    with night_of(folder, feed_of(options={"token": "env ALPHA_TOKEN"}), until="pulled") as warehouse:
        assert told(warehouse)["accepted_count"] == 3
    assert {(path, bool(login)) for _, path, login in server.asked} == {("a.csv", True), ("b.csv", False)}


def test_a_whole_url_may_come_from_the_environment_and_is_nowhere(server, folder, night_of, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    server.files[f"in/a.csv?sig={SECRET}"] = lines(4)
    monkeypatch.setenv("ALPHA_URL", server.url(f"in/a.csv?sig={SECRET}"))
    feeds = {"a": {**FEED, "url": "env ALPHA_URL", "format": "csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert told(warehouse)["accepted_count"] == 4
        assert warehouse.rows("SELECT source_file FROM raw.delivery") == [{"source_file": "a.csv"}]
        home = warehouse.home
    held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert SECRET.encode() not in held and SECRET not in caplog.text


@pytest.mark.parametrize(
    "place",
    [
        {"url": "env OPEN", "options": {"token": "env ALPHA_TOKEN"}},
        {"url": "env OPEN"},
        {"url": "s3://bucket/a.csv", "options": {"secret": "env ALPHA_TOKEN", "endpoint_url": "env OPEN"}},
    ],
)
def test_nothing_is_said_to_an_open_address_that_the_environment_gives(place, folder, night_of, monkeypatch):
    monkeypatch.setenv("OPEN", "http://feeds.invalid/in/a.csv")
    monkeypatch.setenv("ALPHA_TOKEN", SECRET)
    (folder / "b.csv").write_bytes(lines(3))
    feeds = {"a": {**FEED, "format": "csv", **place}, "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert "begins with http://" in told(warehouse)["reason"] and "feeds.invalid" not in told(warehouse)["reason"]


def test_an_environment_that_is_not_set_blocks_the_feed_and_says_which(server, feed_of, folder, night_of):
    (folder / "b.csv").write_bytes(lines(3))
    feeds = {**feed_of(options={"token": "env NO_SUCH_THING"}), "b": {**FEED, "files": "b.csv"}}
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert "NO_SUCH_THING is not set" in told(warehouse)["reason"]
        assert told(warehouse, "b")["status"] == "loaded"


def test_a_server_that_nobody_vouches_for_is_not_believed(server, tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make a certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=localhost"
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.files["a.csv"] = lines(3)
    feed = Feed.model_validate({**FEED, "url": server.url("a.csv").replace("http://127.0.0.1", "https://localhost")})
    with arrivals.to_look_at([feed], Settings(source_silence_s_max=5)) as (_, troubles):
        assert "is it the right server?" in str(troubles[""])
    assert server.asked == []


def test_a_look_fetches_the_last_few_files_and_deletes_them(server, feed_of):
    server.files |= {f"out/{day:02}.csv": lines(day) for day in range(1, 9)}
    feed = Feed.model_validate(feed_of("out/*.csv")["a"]).model_copy(update={"name": "a"})
    with arrivals.to_look_at([feed], Settings()) as ([near], troubles):
        place = Path(near.files).parent.parent
        assert near.file_format == "csv"
        assert troubles == {} and sorted(path.name for path in place.rglob("*.csv")) == ["06.csv", "07.csv", "08.csv"]
    assert not place.exists()


@pytest.mark.parametrize("kind", ["gs", "az"])
def test_what_is_not_installed_says_what_to_type(kind):
    pytest.importorskip("fsspec")
    try:
        __import__({"gs": "gcsfs", "az": "adlfs"}[kind])
        pytest.skip(f"essa[{kind}] is installed")
    except ImportError:
        pass
    feed = Feed.model_validate({**FEED, "url": f"{kind}://bucket/a.csv"})
    with arrivals.to_look_at([feed], Settings()) as (_, troubles):
        assert isinstance(troubles[""], FeedError) and f"pip install 'essa[{kind}]'" in str(troubles[""])


def test_a_server_that_was_silent_is_asked_again_and_one_that_refused_is_not(server, feed_of):
    from prefect.states import Failed

    from tasks.pull import _is_worth_retrying

    server.files["a.csv"] = lines(3)
    feed = Feed.model_validate(feed_of()["a"])
    found = {}
    for way in ("500", "drop", "hang", "401", "404"):
        server.ways["a.csv"] = way
        with arrivals.to_look_at([feed], Settings(source_silence_s_max=1)) as (_, troubles):
            found[way] = _is_worth_retrying(None, None, Failed(data=troubles[""]))
    assert found == {"500": True, "drop": True, "hang": True, "401": False, "404": False}


def test_a_disk_without_room_is_told_as_such(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(OSError) as full, open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")
    assert "no room" in str(faults.in_words(full.value, "a"))
