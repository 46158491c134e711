"""Deliveries as none should come: each is refused in a few plain words or taken as data, and its neighbours go on.

Every case is a feed of its own; all go through `essa check` and one `essa run` beside a sound feed, and what each must
get stands in what that night published. Beside them lie deliveries whose every text names people: none is left behind.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from essa import feed_parts

NIGHT = date(2026, 11, 21)
HEADER = "Ref,Step,End,Note"
ROW = "c1,Check,2026-01-05 09:00:00,fine"
ROWS = [f"c{n},Check,2026-01-05 09:{n % 60:02}:00,fine" for n in range(40)]
PERSON = "Annegret Quillfeather"
ESSA = (sys.executable, "-c", "from flows.cli import main; main()")


@dataclass(frozen=True)
class Case:
    """A delivery: what makes it at a path, how its feed differs, and what it must get.

    `says` is a pattern of the refusal, or None where it is taken; then `accepted` and `rejected` lines are counted.
    """

    make: Callable[[Path], object]
    ending: str = "csv"
    says: str | None = None
    accepted: int = 0
    rejected: int = 0
    feed: tuple[tuple[str, object], ...] = ()


def text(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Callable[[Path], object]:
    return lambda path: path.write_bytes((end.join(lines) + end).encode(encoding, "surrogatepass"))


def octets(held: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(held)


def table(count: int = 40) -> pa.Table:
    cells = [row.split(",") for row in ROWS[:count]]
    return pa.table({name: [row[place] for row in cells] for place, name in enumerate(HEADER.split(","))})


def parquet(change: Callable[[bytes], bytes] = lambda held: held, held: pa.Table | None = None):
    def make(path: Path) -> None:
        sink = io.BytesIO()
        pq.write_table(held if held is not None else table(), sink)
        path.write_bytes(change(sink.getvalue()))

    return make


def zipped(held: bytes, cut: int | None = None) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(gzip.compress(held)[:cut])


def bomb(piece: bytes, start: bytes = b"", size: int = 1 << 28) -> Callable[[Path], object]:
    """Far more than its file of a megabyte or so."""

    def make(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(start)
            for _ in range(size // len(piece)):
                file.write(piece)

    return make


def archive(path: Path) -> None:
    """What every XLSX file is outside: a zip of XML parts."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")


def archive_bomb(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        file.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(1_100):
            part.write(b" " * (1 << 20))


def jsonl(*rows: object) -> Callable[[Path], object]:
    return text(*(row if isinstance(row, str) else json.dumps(row) for row in rows))


def xes(body: str, ahead: str = "") -> Callable[[Path], object]:
    return text(f'<?xml version="1.0" encoding="UTF-8"?>{ahead}<log xes.version="1.0">{body}')


def event(end: str = "2026-01-05T09:00:00Z") -> str:
    return f'<event><string key="concept:name" value="Check"/><date key="time:timestamp" value="{end}"/></event>'


def trace(*events: str) -> str:
    return f'<trace><string key="concept:name" value="c1"/>{"".join(events)}</trace>'


def unreadable(path: Path) -> None:
    path.write_text(f"{HEADER}\n{ROW}\n")
    path.chmod(0)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def link(path: Path) -> None:
    (path.parent / "elsewhere").mkdir()
    (path.parent / "elsewhere" / "real.csv").write_text(f"{HEADER}\n{ROW}\n")
    path.symlink_to(path.parent / "elsewhere" / "real.csv")


def folder_in_its_place(path: Path) -> None:
    path.mkdir()


OBJECT = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
LAUGHS = '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
FAR = pa.table({**{name: table(2)[name] for name in ("Ref", "Step", "Note")},
                "End": pa.array([datetime(2026, 1, 5), datetime(2026, 1, 6)], pa.timestamp("us"))})  # fmt: skip
MANY = [f"extra{n}" for n in range(5_000)]
COLUMNS = {"case_id": "Ref", "activity": "Step", "ended_at": "End"}
RESOURCE = (("columns", {**COLUMNS, "resource": "Note"}), ("attributes", []))
XES = (("columns", feed_parts.XES_COLUMNS), ("attributes", []))

CASES = {
    # nothing, or next to it
    "empty": Case(octets(b""), says="is empty"),
    "blank_lines": Case(octets(b"\n\n \n"), says="is empty"),
    "header_only": Case(text(HEADER)),
    "no_header": Case(text(*ROWS), says="no header row"),
    "empty_parquet": Case(octets(b""), "parquet", says="is empty"),
    "empty_jsonl": Case(octets(b""), "jsonl", says="is empty"),
    "empty_gz": Case(zipped(b""), "csv.gz", says="is empty"),
    # cut off, or something else under that name
    "half_parquet": Case(parquet(lambda held: held[: len(held) // 2]), "parquet", says="cut off, damaged"),
    "parquet_without_its_head": Case(parquet(lambda held: b"XXXX" + held[4:]), "parquet", accepted=40),
    "spoilt_parquet": Case(
        parquet(lambda held: held[:40] + bytes(400) + held[440:]), "parquet", says="cut off, damaged"
    ),
    "csv_called_parquet": Case(text(HEADER, ROW), "parquet", says="cut off, damaged"),
    "xlsx_called_csv": Case(archive, says="begins as an Excel file"),
    "gz_called_csv": Case(zipped(f"{HEADER}\n{ROW}\n".encode()), says="begins as a gzip file"),
    "csv_called_gz": Case(text(HEADER, ROW), "csv.gz", says="not a whole gzip file"),
    "half_gz": Case(zipped("\n".join([HEADER, *ROWS]).encode(), cut=60), "csv.gz", says="not a whole gzip file"),
    "csv_called_xlsx": Case(text(HEADER, ROW), "xlsx", says="not a readable XLSX"),
    "parquet_called_jsonl": Case(parquet(), "jsonl", says="lacks|cannot be read|decode"),
    "json_called_csv": Case(jsonl(OBJECT), says="no header row|lacks"),
    "web_page": Case(text("<!DOCTYPE html><html><body>404 not found</body></html>"), says="lacks|no header row"),
    # letters
    "utf16_without_mark": Case(text(HEADER, *ROWS, encoding="utf-16-le"), says="utf-16-le"),
    "utf16_with_mark": Case(lambda path: path.write_bytes("\n".join([HEADER, ROW]).encode("utf-16")), accepted=1),
    "latin1": Case(text(HEADER, ROW.replace("fine", "Grün"), encoding="latin-1"), says="encoding"),
    "latin1_far_down": Case(
        lambda path: path.write_bytes("\n".join([HEADER, *ROWS * 900, "c,Grün,2026-01-05,x\n"]).encode("latin-1")),
        says="encoding",
    ),
    "half_a_letter": Case(lambda path: path.write_bytes(f"{HEADER}\n{ROW} ü".encode()[:-1]), says="decode|encoding"),
    "nul_bytes": Case(text(HEADER, ROW, "c2,Che\0ck,2026-01-05 09:00:00,\0\0"), accepted=2),
    "nul_in_header": Case(text("Ref\0,Step,End,Note", ROW), says="lacks|utf-16"),
    "surrogates": Case(text(HEADER, ROW.replace("fine", "\ud800")), says="decode|encoding"),
    "strange_letters": Case(text(HEADER, ROW.replace("fine", "\u202e\u0000\u200b\ufeff\x1f\x1b[31m")), accepted=1),
    "carriage_returns": Case(text(HEADER, *ROWS, end="\r"), accepted=40),
    # columns and cells
    "header_twice_named": Case(text("Ref,Step,End,Note,Ref", ROW + ",c9"), says="same name: Ref"),
    "other_headers_twice_named": Case(text(HEADER + ",x,x", ROW + ",1,2"), says="same name: x"),
    "headers_alike_but_for_case": Case(text(HEADER + ",note,REF", ROW + ",1,2"), accepted=1),
    "five_thousand_columns": Case(
        text(",".join([HEADER, *MANY]), *(",".join([row, *MANY]) for row in ROWS)), accepted=40
    ),
    "one_long_header": Case(text("Ref,Step,End," + "x%40" * 30_000, ROW), says="lacks"),
    "columns_of_ours": Case(text(HEADER + ",essa:held,row_hash,workers", ROW + ",1,2,3"), accepted=1),
    "megabyte_cell": Case(text(HEADER, ROW.replace("fine", "x " * (1 << 19)), ROWS[2]), accepted=2),
    "megabyte_of_digits": Case(text(HEADER, ROW.replace("fine", "4539 1488 0343 6460" * 55_000), ROWS[2]), accepted=2),
    "megabyte_resource": Case(
        text(HEADER, ROW, ROW.replace("fine", "Q" * (1 << 20)), ROW.replace("fine", "ab " * 100_000)),
        accepted=1, rejected=2, feed=RESOURCE,
    ),
    "words_without_end_as_a_resource": Case(
        text(HEADER, ROW, ROW.replace("fine", " ".join(f"w{chr(97 + n % 26)}{n}" for n in range(20_000)))),
        accepted=1, rejected=1, feed=RESOURCE,
    ),
    "five_megabyte_cell": Case(text(HEADER, ROW.replace("fine", "x" * (5 << 20))), accepted=1),
    "twenty_megabyte_cell": Case(text(HEADER, ROW, ROW.replace("fine", "x" * (20 << 20)), ROW), says="longer than"),
    "quote_never_closed": Case(text(HEADER, ROW, 'c2,"Check,2026-01-05 09:00:00,fine', *ROWS), says="quotes"),
    "quote_never_closed_in_header": Case(text('Ref,"Step,End,Note', ROW), says="quote|header|lacks"),
    "quote_inside_a_cell": Case(text(HEADER, ROW, 'c2,5" pipe,2026-01-05 09:00:00,fine'), accepted=2),
    "rows_of_other_lengths": Case(text(HEADER, ROW, "c2,Check", ROW + ",x,y", *ROWS), accepted=41, rejected=2),
    "decimal_commas": Case(
        text("Ref;Step;End;Note", "c1;Check;2026-01-05 09:00:00;1.234,56", "c2;Check;2026-01-05 09:00:00;-0,5"),
        accepted=2,
    ),
    "formula": Case(text(HEADER, ROW.replace("fine", "=cmd|'/C calc'!A0"), '=1+1,"@SUM(1)",2026-01-05,x'), accepted=2),
    "sql": Case(text(HEADER, "c1,'); DROP TABLE raw.event; --,2026-01-05 09:00:00,{x} $1 ?"), accepted=1),
    # times
    "year_1_and_9999": Case(
        text(HEADER, "c1,A,0001-01-01 00:00:00,x", "c1,A,9999-12-31 23:59:59,x", ROW), accepted=1, rejected=2
    ),
    "times_that_are_none": Case(
        text(HEADER, *ROWS, "c,A,2026-02-30 09:00:00,x", "c,A,infinity,x", "c,A,-290000-01-01,x", f"c,A,{PERSON},x"),
        accepted=40, rejected=4,
    ),
    "no_time_is_one": Case(text(HEADER, *(f"c,A,{PERSON},x" for _ in range(9))), says="not ISO 8601"),
    "typed_years": Case(
        parquet(held=FAR.set_column(3, "End", pa.array([-(2**62), 2**62], pa.timestamp("us")))),
        "parquet", rejected=2,
    ),
    # JSON lines
    "bad_line_in_the_middle": Case(jsonl(OBJECT, '{"Ref": "c2", "Step"', OBJECT), "jsonl", accepted=2, rejected=1),
    "lines_that_are_no_objects": Case(jsonl(OBJECT, "[1, 2]", "7", "null", '"x"'), "jsonl", accepted=1, rejected=4),
    "one_array": Case(text(json.dumps([OBJECT, OBJECT])), "jsonl", says="lacks|array"),
    "deep_json": Case(jsonl(OBJECT, {**OBJECT, "Note": "["}, '{"Ref": ' + "[" * 5_000 + "]" * 5_000 + "}"), "jsonl",
                      accepted=2, rejected=1),
    "key_twice": Case(jsonl(OBJECT, '{"Ref": "c", "Ref": "d", "Step": "A", "End": "2026-01-05", "Note": ""}'), "jsonl",
                      accepted=2),
    "structs": Case(jsonl({**OBJECT, "Note": {"by": [1, {"x": None}]}}, {**OBJECT, "Ref": ["c"]}), "jsonl", accepted=2),
    # XES
    "xes_that_laughs": Case(xes(trace(event()) + "</log>", LAUGHS), "xes", says="document type", feed=XES),
    "xes_that_looks_outside": Case(
        xes("&x;" + trace(event()) + "</log>", OUTSIDE), "xes", says="document type", feed=XES
    ),
    "half_xes": Case(xes(trace(event()) + "<trace><event>"), "xes", says="cannot be read beyond", feed=XES),
    "xml_of_others": Case(text("<rss><channel/></rss>"), "xes", says="not an XES log", feed=XES),
    "half_xes_gz": Case(
        zipped((f"<log>{trace(event())}" * 90).encode(), cut=70), "xes.gz", says="beyond|whole", feed=XES
    ),
    "xes_without_traces": Case(xes("</log>"), "xes", says="lacks", feed=XES),
    # work as none is done
    "one_case_of_all": Case(
        text(HEADER, *(f"N/A,S{n % 7},{datetime(2026, 1, 5) + timedelta(minutes=n)},x" for n in range(60_000))),
        accepted=60_000, feed=(("process", "Long"),),
    ),
    "one_number_joined": Case(
        text(HEADER, *(f"t{n},{step},2026-01-05 0{9 - place}:{n:02}:00,x" for n in range(40)
                       for place, step in enumerate(("Close", "Check T123456")))),
        accepted=80, feed=(("process", "Numbered"),),
    ),
    # files
    "missing": Case(lambda path: None, says="no file matches"),
    "folder_in_its_place": Case(folder_in_its_place, says="is there, but no file"),
    "symlink_loop": Case(loop, says="is there, but no file"),
    "unreadable": Case(unreadable, says="may not be read" if os.geteuid() else None, accepted=0 if os.geteuid() else 1),
    "name_of_a_person": Case(lambda path: path.write_bytes(b"\xff\xfe\x00"), says="encoding|empty|lacks|decode"),
    "climbing": Case(text(HEADER, ROW), accepted=1, feed=(("files", "../landing/climbing.csv"),)),
    "climbing_to_nowhere": Case(lambda path: None, says="no file matches", feed=(("files", "../../../../etc/*.csv"),)),
    "link_to_elsewhere": Case(link, accepted=1),
    "link_out_of_the_folder": Case(lambda path: path.symlink_to("/etc/passwd"), says="leads out of it"),
    "pipe": Case(os.mkfifo, says="is there, but no file"),
    # more than it looks
    "bomb_of_one_line": Case(bomb(b"x" * (1 << 20), size=1 << 30), "csv.gz", says="lacks|header"),
    "bomb_in_a_cell": Case(
        bomb(b"x" * (1 << 20), f"{HEADER}\nc1,A,2026-01-05,".encode()), "csv.gz", says="longer than"
    ),
    "bomb_in_json": Case(bomb(b"x" * (1 << 20), b'{"Ref": "'), "jsonl.gz", says="longer than|lacks|cut off"),
    "bomb_in_xlsx": Case(archive_bomb, "xlsx", says="would unpack|not a readable"),
}  # fmt: skip


def feed(name: str, case: Case) -> dict[str, object]:
    return {"provider": "P", "process": "X", "timezone": "UTC", "files": f"{name}.{case.ending}", "columns": COLUMNS,
            "attributes": ["Note"], **dict(case.feed)}  # fmt: skip


@dataclass(frozen=True)
class Delivered:
    """All deliveries of a folder beside its feeds file, and those among them that hold canaries."""

    landing: Path
    canaries: Any


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory, write_feeds: Callable, canaries: Callable) -> Delivered:
    """With a sound feed beside them."""
    folder = tmp_path_factory.mktemp("hostile") / "landing"
    folder.mkdir()
    for name, case in CASES.items():
        case.make(folder / f"{name}.{case.ending}")
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    steps = [
        f"g{case},{step},{start + timedelta(days=case % 5, minutes=7 * case + place):%Y-%m-%d %H:%M:%S},fine"
        for case in range(60)
        for place, step in enumerate(("Open", "Check", "Close"))
    ]
    (folder / "sound.csv").write_text("\n".join([HEADER, *steps]) + "\n")
    feeds = {name: feed(name, case) for name, case in {**CASES, "sound": Case(text())}.items()}
    named = canaries(folder)
    write_feeds(folder, {**feeds, **named.feeds})
    return Delivered(folder, named)


@dataclass(frozen=True)
class Night:
    """One night over all of them: how it ended, and what it published of each feed."""

    home: Path
    code: int
    out: str
    err: str
    peak_kb: int
    left: list[int]  # processes that outlived it
    outcomes: dict[str, object]


@pytest.fixture(scope="module")
def night(delivered: Delivered) -> Night:
    """`essa run`, in which a feed is blocked for nothing but what cannot be read: each shows its own counts.

    Prefect's server is killed in the midst of it.
    """
    home = delivered.landing.parent / "office"
    home.mkdir()
    (home / "settings.yaml").write_text("rejected_share_max: 1.0\n")
    command = [*ESSA, "run", "--feeds", delivered.landing / "feeds.yaml", "--home", home, "--night", str(NIGHT)]
    own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    aside = []
    with (home.parent / "out").open("w") as out:
        running = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True, env=own)
        for line in running.stderr:
            aside.append(line)
            if "gather names" in line:
                for server in servers_of(home):
                    os.kill(server, signal.SIGKILL)
        _, status, usage = os.wait4(running.pid, 0)
    left = servers_of(home)
    out, err = (home.parent / "out").read_text(), "".join(aside)
    (home / "said").write_text(out + err)  # searched like the rest
    with duckdb.connect(str(home / "published" / "essa.duckdb"), read_only=True) as connection:
        found = connection.execute("SELECT feed, trouble, accepted_count, rejected_count FROM ops.feed").fetchall()
    outcomes = {feed: trouble or (accepted, rejected) for feed, trouble, accepted, rejected in found}
    return Night(home, os.waitstatus_to_exitcode(status), out, err, usage.ru_maxrss, left, outcomes)


def servers_of(home: Path) -> list[int]:
    """Prefect's servers that live with this home's folder."""
    mark, found = f"PREFECT_HOME={(home / 'prefect').resolve()}".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (place / "environ").read_bytes().split(b"\0") and b"uvicorn" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_delivery_is_refused_in_plain_words_or_taken_as_data(name: str, night: Night) -> None:
    case, outcome = CASES[name], night.outcomes[name]
    if case.says is None:
        assert outcome == (case.accepted, case.rejected)
    else:
        assert isinstance(outcome, str) and re.search(case.says, outcome), outcome
        assert "\n  do " in outcome and PERSON not in outcome and "fault of essa" not in outcome


@pytest.mark.slow
def test_a_night_over_all_of_them_publishes_the_sound_feed_and_fills_no_memory(night: Night) -> None:
    said = night.out + night.err
    assert "Traceback" not in said and "fault of essa" not in said and PERSON not in said
    assert night.code == 0, night.err[-2_000:]
    assert night.outcomes["sound"] == (180, 0)
    assert night.peak_kb < 2_500_000


@pytest.mark.slow
def test_a_night_in_a_new_home_publishes_and_only_its_own_lines_reach_the_terminal(night: Night) -> None:
    stage, strange = "", []
    for line in night.err.splitlines():
        if re.fullmatch(r" *\d+\.\d s  \S.*", line):
            stage = line
        elif not stage.endswith(" is blocked"):  # what is wrong with a feed has lines of its own
            strange.append(line)
    assert strange == []
    assert str(night.home / "published" / "essa.duckdb") in night.out
    lines = [line for line in night.out.splitlines() if str(night.home) not in line]  # a path is as long as it is
    assert max(map(len, lines)) <= 80


def test_a_look_at_all_of_them_ends_in_one_report(delivered: Delivered) -> None:
    told = essa("check", "--feeds", delivered.landing / "feeds.yaml")
    assert told.returncode == 1
    assert "Traceback" not in told.stdout + told.stderr and PERSON not in told.stdout + told.stderr
    # a whole file is not read for a look
    late = {"latin1_far_down", "half_a_letter", "quote_never_closed", "bomb_in_a_cell"}
    refused = [name for name, case in CASES.items() if case.says and name not in late]
    assert [name for name in refused if f"  {name}" not in told.stderr] == []


def essa(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([*ESSA, *map(str, arguments)], capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_a_run_whose_server_is_killed_goes_on_with_another(night: Night) -> None:
    assert "Prefect's server ended; this run goes on with a server of its own" in night.err
    assert night.left == []
    with contextlib.closing(sqlite3.connect(night.home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT name, state_type FROM flow_run").fetchall() == [(str(NIGHT), "COMPLETED")]
        assert database.execute("SELECT count(*) FROM artifact").fetchone()[0] >= 4


# Names, addresses and numbers are nowhere in what a night leaves behind; what was delivered itself may hold them: files
# beside the feeds file, and `HOME/landed`, the rows of a database's feed


@pytest.mark.slow
def test_every_format_was_taken_with_its_canaries(night: Night, delivered: Delivered) -> None:
    named = delivered.canaries
    assert {feed: night.outcomes[feed][0] for feed in named.feeds} == dict.fromkeys(named.feeds, 60)
    held = {canary for held in texts(named.folder) for canary in found_in(held, named.texts)}
    assert set(named.texts) - held == {"1712345678", "4111111111111111", "DE89370400440532013000"}


@pytest.mark.slow
def test_no_canary_is_left_anywhere(night: Night, delivered: Delivered) -> None:
    sought, home = delivered.canaries.texts, night.home
    looked_at, left = 0, {}
    for path in sorted(path for path in home.rglob("*") if path.is_file() and "landed" not in path.parts):
        looked_at += 1
        names = [os.fsencode(path.name), *contents(path)]
        if found := {canary for held in names for canary in found_in(held, sought)}:
            left[str(path.relative_to(home))] = found
    assert looked_at > 20
    assert left == {}


def found_in(held: bytes, sought: Iterable[str]) -> Iterator[str]:
    """The canaries that stand in some bytes, in one byte a letter or in two."""
    lower = held.lower().replace(b"\0", b"")
    yield from (canary for canary in sought if canary.lower().encode() in lower)


def texts(folder: Path) -> Iterator[bytes]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield from contents(path)


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what they say where they are packed."""
    held = path.read_bytes()
    yield held
    if held.startswith(b"\x1f\x8b"):
        yield gzip.decompress(held)
    elif held.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield said(connection, f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')")
    elif held[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute(
                """SELECT format('"{}"."{}"', schema_name, table_name) FROM duckdb_tables()"""
            ).fetchall():
                yield said(connection, table)
            yield str(connection.execute("SELECT sql FROM duckdb_views() WHERE NOT internal").fetchall()).encode()
            yield str(connection.execute("SELECT labels FROM duckdb_types() WHERE NOT internal").fetchall()).encode()


def said(connection: duckdb.DuckDBPyConnection, relation: str) -> bytes:
    (told,) = connection.execute(f"SELECT string_agg(one_row::VARCHAR, chr(10)) FROM {relation} AS one_row").fetchone()
    return (told or "").encode()
