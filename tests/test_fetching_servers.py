"""Files over SFTP and from an S3-compatible server, both started on loopback; skipped where they are not installed."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from essa.feeds import Feed
from essa.fetching import arrivals
from essa.settings import Settings

TWENTIETH, TWENTY_FIRST = date(2026, 11, 20), date(2026, 11, 21)
FEED = {
    "provider": "P",
    "process": "X",
    "timezone": "UTC",
    "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"},
}
LONG_AGO = time.time() - 30 * 86_400
SFTP_SERVER = Path("/usr/lib/openssh/sftp-server")


def lines(count: int, prefix: str = "c") -> bytes:
    rows = [f"{prefix}{number},Check,2026-01-05 09:{number % 60:02}:00" for number in range(count)]
    return "\n".join(["Ref,Step,End", *rows, ""]).encode()


def told(warehouse, feed: str = "a") -> dict:
    return warehouse.rows("SELECT * FROM ops.feed WHERE feed = ? AND night = ?", [feed, warehouse.night])[0]


def answers(port: int) -> bool:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.1)
    return False


# SFTP


class Sftp:
    """An OpenSSH server of this user: keys in `place`, files under `out`."""

    def __init__(self, place: Path, port: int, sshd: str) -> None:
        self.place, self.port, self.out = place, port, place / "out"
        self.out.mkdir()
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
            subprocess.run(command, check=True, capture_output=True)
        shutil.copy(place / "user.pub", place / "authorized_keys")
        host = (place / "host.pub").read_text().split()
        (place / "known_hosts").write_text(f"[127.0.0.1]:{port} {host[0]} {host[1]}\n")
        (place / "sshd_config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nPidFile {place}/pid\n"
            f"AuthorizedKeysFile {place}/authorized_keys\nStrictModes no\nPermitRootLogin yes\nUsePAM no\n"
            f"PasswordAuthentication no\nSubsystem sftp {SFTP_SERVER}\n"
        )
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # where OpenSSH wants to be locked in when root starts it
        self.process = subprocess.Popen([sshd, "-D", "-e", "-f", str(place / "sshd_config")], stderr=subprocess.DEVNULL)

    def url(self, path: str, port: int | None = None) -> str:
        return f"sftp://{os.environ.get('USER', 'root')}@127.0.0.1:{port or self.port}{self.out}/{path}"

    def options(self) -> dict[str, str]:
        return {"key_file": str(self.place / "user"), "known_hosts": str(self.place / "known_hosts")}

    def write(self, name: str, held: bytes, at: float = LONG_AGO) -> None:
        path = self.out / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(held)
        os.utime(path, (at, at))


@pytest.fixture
def sftp(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Sftp]:
    pytest.importorskip("paramiko", reason="essa[sftp] is not installed")
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sshd is None or not SFTP_SERVER.exists():
        pytest.skip("no OpenSSH server here: apt-get install openssh-server")
    made = Sftp(tmp_path_short(tmp_path), free_port(), sshd)
    try:
        assert answers(made.port)
        yield made
    finally:
        made.process.terminate()
        made.process.wait()


def tmp_path_short(tmp_path: Path) -> Path:
    place = tmp_path / "ssh"
    place.mkdir()
    return place


def sftp_feed(sftp: Sftp, pattern: str = "*.csv", port: int | None = None, **options: str) -> dict:
    return {"a": {**FEED, "url": sftp.url(pattern, port), "options": sftp.options() | options}}


def test_files_over_sftp_are_new_then_unchanged_then_changed(sftp, folder, night_of, published):
    sftp.write("day1.csv", lines(3, "x"))
    sftp.write("day2.csv", lines(4, "y"))
    sftp.write("notes.txt", b"no log")
    with night_of(folder, sftp_feed(sftp), until="pulled", on=TWENTIETH) as warehouse:
        assert told(warehouse)["accepted_count"] == 7
        published(warehouse)
    os.chmod(sftp.out / "day1.csv", 0)
    with night_of(folder, sftp_feed(sftp), until="pulled", on=TWENTY_FIRST) as warehouse:
        assert told(warehouse)["status"] == "unchanged"
        published(warehouse)
    sftp.write("day2.csv", lines(5, "z"), LONG_AGO + 60)
    with night_of(folder, sftp_feed(sftp), until="pulled", on=date(2026, 11, 22)) as warehouse:
        assert (told(warehouse)["new_file_count"], told(warehouse)["accepted_count"]) == (1, 8)


def test_a_pattern_reaches_into_folders_and_takes_gz(sftp, folder, night_of):
    import gzip

    sftp.write("2026/day1.csv.gz", gzip.compress(lines(6)))
    with night_of(folder, sftp_feed(sftp, "**/*.csv.gz"), until="pulled") as warehouse:
        assert told(warehouse)["accepted_count"] == 6
        assert warehouse.rows("SELECT source_file FROM raw.delivery") == [{"source_file": "2026/day1.csv.gz"}]


def trouble(feeds: dict, **settings: int) -> str:
    feed = Feed.model_validate(feeds["a"]).model_copy(update={"name": "a"})
    with arrivals.to_look_at([feed], Settings(**settings)) as (_, troubles):
        return str(troubles.get("a"))


def test_a_server_whose_key_is_not_known_is_not_talked_to(sftp, tmp_path):
    sftp.write("a.csv", lines(3))
    (tmp_path / "empty").touch()
    assert "is not known" in trouble(sftp_feed(sftp, known_hosts=str(tmp_path / "empty")))
    other = (sftp.place / "user.pub").read_text().split()
    (tmp_path / "other").write_text(f"[127.0.0.1]:{sftp.port} {other[0]} {other[1]}\n")
    assert "is it the right server?" in trouble(sftp_feed(sftp, known_hosts=str(tmp_path / "other")))


def test_a_refused_log_in_a_missing_file_and_a_folder_are_told_apart(sftp, caplog):
    sftp.write("a.csv", lines(3))
    assert "log-in was refused" in trouble(sftp_feed(sftp, key_file=str(sftp.place / "host")))
    assert "no file on its server matches" in trouble(sftp_feed(sftp, "*.parquet"))
    assert "nothing is there" in trouble(sftp_feed(sftp, "b.csv"))
    folder = {"a": {**sftp_feed(sftp)["a"], "url": sftp.url("").rstrip("/"), "format": "csv"}}
    assert "its url is a folder" in trouble(folder)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("is_cut", [True, False], ids=["drops", "hangs"])
@pytest.mark.parametrize("most", [1_000, 100_000])
def test_a_way_that_breaks_gives_nothing_half(sftp, folder, night_of, published, way_to, is_cut, most):
    sftp.write("a.csv", lines(3))
    way = way_to(sftp.port)
    host = (sftp.place / "host.pub").read_text().split()
    with (sftp.place / "known_hosts").open("a") as known:
        known.write(f"[127.0.0.1]:{way.port} {host[0]} {host[1]}\n")
    feeds = sftp_feed(sftp, port=way.port)
    with night_of(folder, feeds, until="pulled", on=TWENTIETH, source_silence_s_max=2) as warehouse:
        published(warehouse)
    sftp.write("a.csv", lines(20_000, "d"))
    way.most, way.is_cut = most, is_cut
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST, source_silence_s_max=2) as warehouse:
        assert told(warehouse)["status"] == "blocked" and "the server" in told(warehouse)["reason"]
        assert warehouse.value("SELECT count(*) FROM raw.event") == 3
        assert not [path for path in warehouse.folder.rglob("*") if "fetched-" in str(path)]


# S3


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    pytest.importorskip("s3fs", reason="essa[s3] is not installed")
    moto = pytest.importorskip("moto.server", reason="moto and flask are not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Puts an object into a bucket of its own; its name is the test's."""
    import boto3

    monkeypatch.setenv("ALPHA_KEY", "AKIAALPHA")
    monkeypatch.setenv("ALPHA_SECRET", "wJalrXUtnFEMI")
    client = boto3.client(
        "s3", endpoint_url=s3, aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1"
    )
    name = f"b{abs(hash(request.node.name))}"
    client.create_bucket(Bucket=name)

    def put(key: str, held: bytes) -> None:
        client.put_object(Bucket=name, Key=key, Body=held)

    put.name = name  # type: ignore[attr-defined]
    return put


def s3_feed(bucket, endpoint: str, pattern: str = "out/*.csv") -> dict:
    options = {"key": "env ALPHA_KEY", "secret": "env ALPHA_SECRET", "endpoint_url": endpoint, "region": "us-east-1"}
    return {"a": {**FEED, "url": f"s3://{bucket.name}/{pattern}", "options": options}}


def test_objects_are_new_then_unchanged_then_changed_and_no_secret_is_kept(
    s3, bucket, folder, night_of, published, way_to, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    way = way_to(int(s3.rpartition(":")[2]))
    feeds = s3_feed(bucket, f"http://127.0.0.1:{way.port}")
    bucket("out/day1.csv", lines(3, "x"))
    bucket("out/day2.csv", lines(4, "y"))
    bucket("else/day3.csv", lines(5, "z"))
    seen = []
    for on in (TWENTIETH, TWENTY_FIRST):
        way.passed.clear()
        with night_of(folder, feeds, until="pulled", on=on) as warehouse:
            seen.append((told(warehouse)["status"], told(warehouse)["accepted_count"]))
            home = warehouse.home
            published(warehouse)
        seen.append(b"GET /%s/out/day" % bucket.name.encode() in b"".join(way.passed))
    assert seen == [("loaded", 7), True, ("unchanged", 7), False]
    bucket("out/day2.csv", lines(4, "w"))  # of equal length and a second later at most
    with night_of(folder, feeds, until="pulled", on=date(2026, 11, 22)) as warehouse:
        assert told(warehouse)["new_file_count"] == 1
        found = warehouse.rows("SELECT DISTINCT left(case_id, 1) AS begin FROM raw.event ORDER BY ALL")
    assert [row["begin"] for row in found] == ["w", "x"]
    held = b"".join(path.read_bytes() for path in [*home.rglob("*"), *folder.rglob("*")] if path.is_file())
    said = "".join(capfd.readouterr()) + caplog.text
    for secret in ("wJalrXUtnFEMI",):
        assert secret.encode() not in held and secret not in said
    assert b"AKIAALPHA" not in held


def test_what_a_bucket_lacks_is_told(s3, bucket):
    bucket("out/b.txt", b"no log")
    assert "no file on its server matches" in trouble(s3_feed(bucket, s3))
    assert "nothing is there" in trouble(s3_feed(bucket, s3, "elsewhere/*.csv"))
    assert "nothing is there" in trouble(s3_feed(bucket, s3, "out/a.csv"))
    feeds = s3_feed(bucket, s3)
    feeds["a"]["url"] = "s3://no-such-bucket-at-all/a.csv"
    assert "nothing is there" in trouble(feeds)


@pytest.mark.parametrize(("is_cut", "said"), [(True, "the server"), (False, "said nothing in time")])
@pytest.mark.parametrize("most", [1_500, 200_000])
def test_a_way_to_a_bucket_that_breaks_gives_nothing_half(
    s3, bucket, folder, night_of, published, way_to, is_cut, said, most
):
    way = way_to(int(s3.rpartition(":")[2]))
    feeds = s3_feed(bucket, f"http://127.0.0.1:{way.port}")
    bucket("out/a.csv", lines(3))
    with night_of(folder, feeds, until="pulled", on=TWENTIETH) as warehouse:  # sound, however slow this machine is
        published(warehouse)
    bucket("out/a.csv", lines(20_000, "d"))
    way.most, way.is_cut = most, is_cut
    started_s = time.monotonic()
    with night_of(folder, feeds, until="pulled", on=TWENTY_FIRST, source_silence_s_max=1) as warehouse:
        assert told(warehouse)["status"] == "blocked" and said in told(warehouse)["reason"]
        assert warehouse.value("SELECT count(*) FROM raw.event") == 3
        assert not [path for path in warehouse.folder.rglob("*") if "fetched-" in str(path)]
    assert time.monotonic() - started_s < 60
