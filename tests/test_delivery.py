"""One log, however it is delivered, is one log; and every line of it can be found again."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import quoteattr

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from essa import feeds as feeds_file
from essa import glance
from essa.errors import FeedError
from essa.reading.opened import told_apart, unreadable

NAMES = ("Ref", "Step", "Start", "End", "Agent", "Remark")
EVENTS = (
    ("c1", "Prüfen", "2026-01-05 09:00:00", "2026-01-05 09:10:00", "Ann", "ok"),
    ("c1", 'Say "no"', "2026-01-05 09:20:00", "2026-01-05 09:25:30", "Bob", "two\nlines; and, marks\tof all"),
    ("c2", "Prüfen", "2026-01-05 10:00:00", "2026-01-05 10:00:00", "Ann", ""),
    ("c2", "Post", "2026-07-05 23:50:00", "2026-07-06 00:10:00", "Bob", "Übertrag"),
    ("c3", "Post", "2026-07-07 09:00:00", "2026-07-07 09:01:00", "Ann", "12.50"),
)
FEED = {
    "provider": "P",
    "process": "X",
    "timezone": "Europe/Berlin",
    "columns": {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent"},
    "attributes": ["Remark"],
}
XES_COLUMNS = {"case_id": "case:concept:name", "activity": "concept:name", "started_at": "Start",
               "ended_at": "time:timestamp", "resource": "org:resource"}  # fmt: skip


def as_csv(delimiter: str = ",", newline: str = "\n") -> str:
    text = io.StringIO(newline="")
    lines = csv.writer(text, delimiter=delimiter, lineterminator=newline)
    lines.writerows([NAMES, *EVENTS])
    return text.getvalue()


def as_jsonl() -> str:
    return "".join(json.dumps(dict(zip(NAMES, event, strict=True)), ensure_ascii=False) + "\n" for event in EVENTS)


def as_xes(is_pretty: bool = True) -> str:
    mark = "\n" if is_pretty else ""
    traces = []
    for case in dict.fromkeys(event[0] for event in EVENTS):
        events = [
            f'<event><string key="concept:name" value={quoteattr(step)}/>{mark}<date key="Start" value="{started}"/>'
            f'<date key="time:timestamp" value="{ended}"/><string key="org:resource" value="{agent}"/>'
            f'<string key="Remark" value={quoteattr(remark, {chr(10): "&#10;", chr(9): "&#9;"})}/></event>{mark}'
            for ref, step, started, ended, agent, remark in EVENTS
            if ref == case
        ]
        traces.append(f'<trace><string key="concept:name" value="{case}"/>{mark}{"".join(events)}</trace>{mark}')
    return f"<log>{mark}{''.join(traces)}</log>"


def write_xlsx(path: Path) -> None:
    """The least an XLSX file is, times as text."""
    rows = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{cell.replace("&", "&amp;")}</t></is></c>'
                          for cell in row) + "</row>"
        for row in [NAMES, *EVENTS]
    )  # fmt: skip
    main, package = (
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://schemas.openxmlformats.org/package/2006",
    )
    relations = f'<Relationships xmlns="{package}/relationships">'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType='
        '"application/xml"/><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{relations}<Relationship Id="r1" Type="{office}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1"'
        f' Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)


def as_table(are_times_typed: bool) -> pa.Table:
    columns = {name: list(values) for name, values in zip(NAMES, zip(*EVENTS, strict=True), strict=True)}
    if are_times_typed:
        columns |= {name: [datetime.fromisoformat(text) for text in columns[name]] for name in ("Start", "End")}
    return pa.table(columns)


def bytes_of(content: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def zipped(content: str) -> Callable[[Path], object]:
    return bytes_of(gzip.compress(content.encode()))


WAYS = {
    "comma": ("a.csv", bytes_of(as_csv()), {}),
    "semicolon": ("a.csv", bytes_of(as_csv(";")), {}),
    "tab": ("a.tsv", bytes_of(as_csv("\t")), {}),
    "pipe_said": ("a.txt", bytes_of(as_csv("|")), {"delimiter": "|"}),
    "windows_lines": ("a.csv", bytes_of(as_csv(newline="\r\n")), {}),
    "mark": ("a.csv", bytes_of(codecs.BOM_UTF8 + as_csv().encode()), {}),
    "utf_16": ("a.csv", bytes_of(as_csv().encode("utf-16")), {}),
    "utf_16_be": ("a.csv", bytes_of(codecs.BOM_UTF16_BE + as_csv().encode("utf-16-be")), {}),
    "cp1252": ("a.csv", bytes_of(as_csv(";").encode("cp1252")), {"encoding": "cp1252"}),
    "csv_gz": ("a.csv.gz", zipped(as_csv()), {}),
    "parquet": ("a.parquet", lambda path: pq.write_table(as_table(False), path), {}),
    "parquet_typed": ("a.parquet", lambda path: pq.write_table(as_table(True), path), {}),
    "jsonl": ("a.jsonl", bytes_of(as_jsonl()), {}),
    "jsonl_mark": ("a.jsonl", bytes_of(codecs.BOM_UTF8 + as_jsonl().encode()), {}),
    "jsonl_gz": ("a.ndjson.gz", zipped(as_jsonl()), {}),
    "xlsx": ("a.xlsx", write_xlsx, {}),
    "xes": ("a.xes", bytes_of(as_xes()), {"columns": XES_COLUMNS}),
    "xes_one_line": ("a.xes", bytes_of(as_xes(is_pretty=False)), {"columns": XES_COLUMNS}),
    "xes_gz": ("a.xes.gz", zipped(as_xes()), {"columns": XES_COLUMNS}),
    "csv_gz_in_capitals": ("A.CSV.GZ", zipped(as_csv()), {}),
    "jsonl_gz_in_capitals": ("A.JSONL.GZ", zipped(as_jsonl()), {}),
    "xes_gz_in_capitals": ("A.XES.GZ", zipped(as_xes()), {"columns": XES_COLUMNS}),
}


def test_the_same_events_are_the_same_whatever_the_format(folder, night_of):
    feeds = {}
    for way, (name, write, more) in WAYS.items():
        (folder / way).mkdir()
        write(folder / way / name)
        feeds[way] = {**FEED, "process": way, "files": f"{way}/{name}", **more}
    with night_of(folder, feeds) as warehouse:
        troubles = warehouse.rows("SELECT feed, trouble FROM ops.feed WHERE trouble IS NOT NULL")
        refused = warehouse.rows("SELECT * FROM raw.rejected_event")
        rows = warehouse.rows(
            """SELECT feed, case_id, activity, resource, started_at, ended_at, handling_s, waiting_s, position,
                attributes.Remark AS remark
            FROM core.activity_instance ORDER BY feed, case_id, position"""
        )
    assert (troubles, refused) == ([], [])
    found = {way: [tuple(row.values())[1:] for row in rows if row["feed"] == way] for way in WAYS}
    assert len(found["comma"]) == 5 and found["comma"][1][-1] == EVENTS[1][-1]
    assert {way: events for way, events in found.items() if events != found["comma"]} == {}


# Where a line stood


def lines_of(warehouse) -> list[tuple[str, int]]:
    return [
        tuple(row.values()) for row in warehouse.rows("SELECT case_id, source_line FROM raw.event ORDER BY source_line")
    ]


def refused_of(warehouse) -> list[tuple[int, str]]:
    return [
        tuple(row.values())
        for row in warehouse.rows("SELECT source_line, rule FROM raw.rejected_event ORDER BY source_line")
    ]


ENDED = {"provider": "P", "process": "X", "timezone": "UTC",
         "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"}}  # fmt: skip
AT = "2026-01-05 09:00:00"


def test_a_torn_csv_line_is_refused_where_it_stands(folder, night_of):
    (folder / "a.csv").write_text(
        f"Ref,Step,End\nc1,A,{AT}\ntorn,line\nc2,A,{AT}\none,cell,too,many\nc3,A,{AT}\n,A,{AT}\n"
    )
    with night_of(folder, {"a": {**ENDED, "files": "a.csv"}}, until="pulled", rejected_share_max=1) as warehouse:
        assert refused_of(warehouse) == [(3, "well formed"), (5, "well formed"), (7, "has a case")]
        assert [line for case, line in lines_of(warehouse) if case] == [2, 4, 6]
        counts = warehouse.rows("SELECT received_count, accepted_count, rejected_count FROM ops.feed")[0]
    assert tuple(counts.values()) == (6, 3, 3)


def test_a_torn_line_far_down_a_large_file_is_refused_where_it_stands(folder, night_of):
    rows = [f"c{number},A,{AT}" for number in range(2, 300_002)]
    for line in (2, 150_000, 150_001, 299_999):
        rows[line - 2] = "torn"
    (folder / "a.csv").write_text("Ref,Step,End\n" + "\n".join(rows) + "\n")
    with night_of(folder, {"a": {**ENDED, "files": "a.csv"}}, until="pulled") as warehouse:
        assert [line for line, _ in refused_of(warehouse)] == [2, 150_000, 150_001, 299_999]
        assert warehouse.value("SELECT count(*) FROM raw.event WHERE case_id <> 'c' || source_line") == 0
        assert warehouse.value("SELECT count(*) FROM raw.event") == 300_000


def test_blank_lines_are_no_events_and_shift_nothing(folder, night_of):
    (folder / "a.csv").write_text(f"\nRef,Step,End\nc3,A,{AT}\n\nc5,A,{AT}\ntorn,line\n\n\nc9,A,{AT}\n\n")
    (folder / "b.jsonl").write_text(
        f'\n{{"Ref": "c2", "Step": "A", "End": "{AT}"}}\n\n \n{{"Ref": "c5", "Step": "A", "End": "{AT}"}}\nx\n\n'
    )
    feeds = {"a": {**ENDED, "files": "a.csv"}, "b": {**ENDED, "files": "b.jsonl"}}
    with night_of(folder, feeds, until="pulled", rejected_share_max=1) as warehouse:
        rows = warehouse.rows("SELECT feed, case_id, source_line FROM raw.event ORDER BY feed, source_line")
    assert [tuple(row.values()) for row in rows] == [
        ("a", "c3", 3), ("a", "c5", 5), ("a", None, 6), ("a", "c9", 9), ("b", "c2", 2), ("b", "c5", 5), ("b", None, 6),
    ]  # fmt: skip


def test_what_is_no_json_object_is_refused_where_it_stands(folder, night_of):
    good = json.dumps({"Ref": "c1", "Step": "A", "End": AT})
    lines = [good, "{torn", "[1, 2]", '"text"', "null", "7", good[:-1], "a\x01b", json.dumps({"Ref": "c1"}), good]
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    with night_of(folder, {"a": {**ENDED, "files": "a.jsonl"}}, until="pulled", rejected_share_max=1) as warehouse:
        found = refused_of(warehouse)
    assert found == [*((line, "well formed") for line in range(2, 9)), (9, "has an activity")]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_json_lines_that_are_no_utf8_are_refused_with_what_helps(tmp_path, encoding):
    (tmp_path / "a.jsonl").write_text('{"Ref": "c1", "Step": "Prüfen", "End": "2026-01-05"}\n', encoding=encoding)
    feed = feeds_file.Feed.model_validate({**ENDED, "files": "a.jsonl"})
    with pytest.raises(FeedError, match="have it sent as UTF-8"):
        glance.opened(tmp_path / "a.jsonl", feed, duckdb.connect())


def test_a_list_in_json_is_refused_as_one(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps([{"Ref": "c1", "Step": "A", "End": AT}] * 3, indent=1))
    feed = feeds_file.Feed.model_validate({**ENDED, "files": "a.jsonl"})
    with pytest.raises(FeedError, match="have each of its objects sent on a line of its own"):
        glance.opened(tmp_path / "a.jsonl", feed, duckdb.connect())


def test_columns_of_the_sender_never_stand_in_for_ours(folder, night_of):
    names = ["source_line", "line", "malformed", "is_malformed", "row_hash", "feed", "read:ended_at", "Name",
             "pseudonym", "is_robot", "resource"]  # fmt: skip
    given = {"Ref": "c1", "Step": "A", "End": AT, "Agent": "Asha Rao"} | {name: f"their {name}" for name in names}
    (folder / "a.csv").write_text(",".join(given) + "\n" + ",".join(given.values()) + "\n")
    (folder / "a.jsonl").write_text(json.dumps(given) + "\n")
    pq.write_table(pa.Table.from_pylist([given]), folder / "a.parquet")
    columns = {**ENDED["columns"], "resource": "Agent"}
    of = {**ENDED, "columns": columns, "attributes": names}
    feeds = {ending: {**of, "files": f"a.{ending}"} for ending in ("csv", "jsonl", "parquet")}
    with night_of(folder, feeds, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT feed, source_line, failed_rules, attributes FROM raw.event ORDER BY feed")
    assert [row["source_line"] for row in rows] == [2, 1, 1]
    assert all(row["failed_rules"] == 0 for row in rows)
    assert all(row["attributes"] == {name: f"their {name}" for name in names} for row in rows)


def test_a_column_that_begins_as_ours_do_is_called_otherwise_however_it_is_written():
    given = ["essa:x", "ESSA:X", "Essa:essa:y", "essa:", "x"]
    called = told_apart(given, ["x"])
    assert called == {"x": "x", "ESSA:X": "X (2)", "Essa:essa:y": "y (2)", "essa:": " (2)", "essa:x": "x (3)"}


def test_a_float_that_is_no_number_is_nothing(folder, night_of):
    amounts = [1.5, float("nan"), -float("nan"), float("inf"), -float("inf"), None]  # 0/0 is the one below zero
    given = {"Ref": ["c1"] * 6, "Step": ["A"] * 6, "End": [AT] * 6, "Note": list("123456"), "Amount": amounts}
    given["Score"] = [
        2.0,
        float("nan"),
        -0.0,
        4.0,
        5.25,
        None,
    ]  # between numbers, which the file says are all there are
    pq.write_table(pa.table(given), folder / "a.parquet")
    feed = {**ENDED, "files": "a.parquet", "attributes": ["Amount", "Note", "Score"]}
    with night_of(folder, {"a": feed}, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT attributes FROM raw.event ORDER BY source_line")
    assert [row["attributes"]["Amount"] for row in rows] == ["1.5"] + [None] * 5
    assert [row["attributes"]["Score"] for row in rows] == ["2", None, "0", "4", "5.25", None]


def test_text_that_a_file_holds_as_bytes_is_text(folder, night_of):
    held = {
        "Ref": ["c1"] * 2,
        "Step": [b"Pr\xc3\xbcfen"] * 2,
        "End": [AT] * 2,
        "Note": [b"\nTel 0171 2345678", b"\xff\x00"],
    }
    pq.write_table(pa.table(held), folder / "a.parquet")
    with night_of(folder, {"a": {**ENDED, "files": "a.parquet", "attributes": ["Note"]}}, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT activity, attributes FROM raw.event ORDER BY source_line")
    assert [row["activity"] for row in rows] == ["Prüfen"] * 2
    assert [row["attributes"]["Note"] for row in rows] == ["Tel [phone]", r"\xFF\x00"]


def test_a_whole_number_is_the_same_whatever_column_a_file_holds_it_in(folder, night_of):
    (folder / "a.csv").write_text(f"Ref,Step,End,Agent\n1001,A,{AT},10138\n")
    for kind in ("float", "double", "int64"):
        held = {"Ref": pa.array([1001], kind), "Step": ["A"], "End": [AT], "Agent": pa.array([10138], kind)}
        pq.write_table(pa.table(held), folder / f"{kind}.parquet")
    feed = {**ENDED, "columns": {**ENDED["columns"], "resource": "Agent"}}
    feeds = {one.name.partition(".")[0]: {**feed, "files": one.name} for one in folder.iterdir()}
    with night_of(folder, feeds, until="pulled") as warehouse:
        rows = warehouse.rows("SELECT feed, case_id, resource FROM raw.event")
    assert (
        len(rows) == 4 and {row["case_id"] for row in rows} == {"1001"} and len({row["resource"] for row in rows}) == 1
    )


def test_blanks_of_any_kind_at_the_ends_make_no_other_case_step_or_person(folder, night_of):
    ends = ("", "\t", "\n", "\r\n", "\u00a0", "\u2003", " \t ")
    lines = [{"Ref": f"{it}1001", "Step": f"A{it}", "End": AT, "Agent": f"Ann Gull{it}"} for it in ends]
    (folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    feed = {**ENDED, "files": "a.jsonl", "columns": {**ENDED["columns"], "resource": "Agent"}}
    with night_of(folder, {"a": feed}, until="pulled") as warehouse:
        found = warehouse.rows("SELECT DISTINCT case_id, activity, resource FROM raw.event")
    assert len(found) == 1 and (found[0]["case_id"], found[0]["activity"]) == ("1001", "A")


TWINS = {
    "Ref": "c1", "REF": "wrong", "Step": "A", "End": AT, "Amount": "1", "amount": "2", "note": "x", "NOTE": "y",
    " Channel ": "web",
}  # fmt: skip


def test_columns_alike_but_for_their_case_or_blanks_are_told_apart(folder, night_of):
    (folder / "a.csv").write_text(",".join(TWINS) + "\n" + ",".join(TWINS.values()) + "\n")
    (folder / "a.jsonl").write_text(json.dumps(TWINS) + "\n")
    turned = dict(reversed(TWINS.items()))
    pq.write_table(pa.Table.from_pylist([turned]), folder / "a.parquet")
    more = {"attributes": ["amount", "Amount", "note", "Channel"], "known_at_start": ["Amount", "Channel"]}
    feeds = {ending: {**ENDED, **more, "files": f"a.{ending}"} for ending in ("csv", "jsonl", "parquet")}
    with night_of(folder, feeds, until="pulled") as warehouse:
        assert warehouse.rows("SELECT trouble FROM ops.feed WHERE trouble IS NOT NULL") == []
        rows = warehouse.rows("SELECT case_id, attributes FROM raw.event")
        declared = warehouse.rows("SELECT DISTINCT known_at_start FROM core.feed")
    assert declared == [{"known_at_start": ["Amount (2)", "Channel"]}]
    held = {"Amount (2)": "1", "Channel": "web", "amount": "2", "note": "x"}
    assert [(row["case_id"], dict(sorted(row["attributes"].items()))) for row in rows] == [("c1", held)] * 3


# What an execution is called


def ids(warehouse) -> list[str]:
    return sorted(str(row["id"]) for row in warehouse.rows("SELECT activity_instance_id AS id FROM core.event"))


def test_an_execution_keeps_its_id_wherever_its_line_stands(tmp_path, night_of, monkeypatch):
    monkeypatch.setenv("ESSA_KEY", "a secret of more than sixteen characters")
    lines = [f"c{i % 3},  post Invoice,2026-01-05 09:0{i}:00,x" for i in range(5)]
    lines += lines[:2]  # real twins
    told = ("Ref", "Step", "End", "Note")
    moved = [dict(zip(told, line.split(","), strict=True)) for line in reversed(lines)]
    turned = "\n".join(",".join(reversed(row.values())) for row in moved)
    written = {
        "plain": {"a.csv": ",".join(told) + "\n" + "\n".join(lines)},
        "backwards": {"a.csv": ",".join(told) + "\n" + "\n".join(reversed(lines))},
        "in_two": {
            "a.csv": ",".join(told) + "\n" + "\n".join(lines[5:]),
            "b.csv": ",".join(told) + "\n" + "\n".join(lines),
        },
        "columns_turned": {"a.csv": ",".join(reversed(told)) + "\n" + turned},
    }
    seen = {}
    for way, files in written.items():
        folder = tmp_path / way / "landing"
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text + "\n")
        with night_of(folder, {"a": {**ENDED, "files": "*.csv"}}, until="events") as warehouse:
            seen[way] = ids(warehouse)
    assert len(set(seen["plain"])) == 7
    assert {way: found for way, found in seen.items() if found != seen["plain"]} == {}


def test_start_and_complete_rows_with_long_numbers_for_ids_pair_by_them(folder, night_of):
    rows = ["Ref,Step,At,What,Id"]
    for number, minute in ((4915112345678, 10), (4915112345679, 30)):
        rows += [f"c1,A,2026-01-05 09:00:00,START,{number}", f"c1,A,2026-01-05 09:{minute}:00,Complete,{number}"]
    (folder / "a.csv").write_text("\n".join(rows) + "\n")
    columns = {"case_id": "Ref", "activity": "Step", "occurred_at": "At", "lifecycle": "What", "instance_id": "Id"}
    with night_of(folder, {"a": {**ENDED, "columns": columns, "files": "a.csv"}}) as warehouse:
        spans = warehouse.rows("SELECT epoch(ended_at - started_at)::INT AS s FROM core.activity_instance ORDER BY s")
    assert [row["s"] for row in spans] == [600, 1800]


def test_a_look_says_when_most_lines_end_before_they_start(tmp_path):
    (tmp_path / "a.csv").write_text(
        "Ref,Step,Start,End\nc1,A,2026-01-05 10:00,2026-01-05 09:00\nc2,A,2026-01-05 10:00,2026-01-05 09:00\n"
        "c3,A,2026-01-05 09:00,2026-01-05 10:00\n"
    )
    (tmp_path / "feeds.yaml").write_text(
        "feeds: {a: {provider: P, process: X, timezone: UTC, files: a.csv,"
        " columns: {case_id: Ref, activity: Step, started_at: Start, ended_at: End}}}"
    )
    (feed,) = feeds_file.read(tmp_path / "feeds.yaml")
    alike, troubles = glance.look([tmp_path / "a.csv"], feed)
    assert len(alike) == 1
    assert [trouble.what for trouble in troubles] == ["a: 2 of the first 3 lines of a.csv end before they start"]
    swapped = feed.model_copy(update={"columns": feed.columns.model_copy(
        update={"started_at": "End", "ended_at": "Start"}
    )})  # fmt: skip
    assert glance.look([tmp_path / "a.csv"], swapped)[1] == []


def test_a_parquet_file_whose_pages_are_damaged_is_told_so(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(as_table(False), path, use_dictionary=False)
    held = path.read_bytes()
    path.write_bytes(held[:40] + bytes(100) + held[140:])
    feed = feeds_file.Feed.model_validate({**FEED, "files": "*.parquet"})
    with pytest.raises(FeedError, match="cut off, damaged"):
        glance.understand(path, feed)


def test_names_too_long_to_be_looked_for_are_no_damage_of_the_file():
    said = str(unreadable(Path("a.csv"), duckdb.InvalidInputException("pattern too large - compile failed")))
    assert "names are too long" in said and "damaged" not in said


def test_a_function_of_ours_that_fails_is_not_told_as_a_damaged_file():
    def fail(text: str) -> str:
        raise KeyError(text)

    with duckdb.connect() as connection:
        connection.create_function("fail", fail, ["VARCHAR"], "VARCHAR")
        with pytest.raises(duckdb.Error) as caught:
            connection.execute("SELECT fail('a')")
    with pytest.raises(duckdb.Error, match="KeyError"):
        unreadable(Path("a.csv"), caught.value)
