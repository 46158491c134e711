"""An XES log is read as it is written, line by line, and nothing it points at is ever opened."""

from __future__ import annotations

import gzip
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa.errors import FeedError
from essa.reading import xes

LOG = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <global scope="trace"><string key="concept:name" value="none"/></global>
  <global scope="event"><string key="concept:name" value="none"/><float key="cost:total" value="0"/></global>
  <string key="source" value="the office"/>
  <trace>
    <string key="concept:name" value="c1"/>
    <int key="Amount" value="0700"/>
    <event>
      <string key="concept:name" value="Check &amp; pay">
        <string key="concept:name" value="nested"/>
      </string>
      <date key="time:timestamp" value="2026-01-01T09:00:00.000+05:30"/>
    </event>
    <event><string key="org:resource" value="Ann"/></event>
  </trace>
  <trace/>
  <trace>
    <event>
      <string key="concept:name" value=""/><list key="docs"><values><string key="a" value="b"/></values></list>
    </event>
    <string key="concept:name" value="c2"/>
  </trace>
</log>
"""
ROWS = [
    ("c1", "Check & pay", "2026-01-01T09:00:00.000+05:30", None, "0700", 9),
    ("c1", None, None, "Ann", "0700", 15),
    ("c2", "", None, None, None, 19),
]
WANTED = ["case:concept:name", "concept:name", "time:timestamp", "org:resource", "case:Amount"]


def written(folder: Path, text: str, name: str = "log.xes") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def rows_of(path: Path, wanted: list[str]) -> list[tuple]:
    return [tuple(row.values()) for row in xes.read(path, wanted).read_all().to_pylist()]


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_each_event_is_a_row_with_its_traces_attributes_and_its_line(tmp_path, name):
    assert rows_of(written(tmp_path, LOG, name), WANTED) == ROWS


def test_a_namespace_and_its_prefix_make_no_difference(tmp_path):
    plain = LOG.replace(' xmlns="http://www.xes-standard.org/"', "")
    assert rows_of(written(tmp_path, plain), WANTED) == ROWS
    for tag in ("log", "trace", "event", "string", "date", "int"):
        plain = plain.replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag}", f"</x:{tag}")
    assert rows_of(written(tmp_path, plain.replace("<x:log", '<x:log xmlns:x="u"')), WANTED) == ROWS


def test_the_columns_are_those_declared_or_seen(tmp_path):
    assert xes.columns(written(tmp_path, LOG)) == [
        "case:concept:name",
        "concept:name",
        "cost:total",
        "case:Amount",
        "time:timestamp",
        "org:resource",
        "docs",
    ]


def test_a_column_first_seen_late_is_not_listed_but_read(tmp_path):
    events = "<event/>" * xes.SAMPLE_EVENTS + '<event><string key="late" value="x"/></event>'
    path = written(tmp_path, f"<log><trace>{events}</trace></log>")
    assert xes.columns(path) == []
    assert rows_of(path, ["late"])[-1] == ("x", 1)


def test_lines_are_counted_in_long_files(tmp_path):
    path = written(tmp_path, "<log>" + "\n" * 70_000 + "<trace>\n<event/>\n</trace></log>")
    assert rows_of(path, []) == [(70_002,)]


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_a_document_type_is_refused_before_anything_in_it_is_read(tmp_path, name):
    secret = tmp_path / "secret.txt"
    secret.write_text("the key")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared, value in (
        (f'<!ENTITY l0 "ha">{laughs}', "&l9;"),
        (f'<!ENTITY l0 SYSTEM "{secret.as_uri()}">', "&l0;"),
        (f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;', ""),
    ):
        body = f'<log><trace><event><string key="a" value="{value}">{value}</string></event></trace></log>'
        path = written(tmp_path, f"<?xml version='1.0'?><!DOCTYPE log [{declared}]>{body}", name)
        for reading in (lambda path=path: rows_of(path, ["a"]), lambda path=path: xes.columns(path)):
            with pytest.raises(FeedError, match="document type declaration") as refusal:
                reading()
            assert "the key" not in str(refusal.value)


def test_events_outside_a_trace_are_refused_and_counted(tmp_path):
    path = written(tmp_path, "<log><event/><trace><event/></trace><event/></log>")
    with pytest.raises(FeedError, match="2 events outside any trace"):
        rows_of(path, ["concept:name"])


def test_a_file_cut_in_the_middle_is_refused_with_its_line(tmp_path):
    cut = "\n".join(LOG.splitlines()[:12])
    with pytest.raises(FeedError, match="cannot be read beyond line 12"):
        rows_of(written(tmp_path, cut), WANTED)


def test_a_cut_gzip_file_is_refused(tmp_path):
    path = written(tmp_path, LOG, "log.xes.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FeedError, match="cannot be read") as refusal:
        rows_of(path, WANTED)
    assert refusal.value.details["because"] == "the gzip file is not whole"


@pytest.mark.parametrize("text", ["", "not XML", "<html><trace><event/></trace></html>", LOG + LOG])
def test_what_is_no_xes_log_is_refused(tmp_path, text):
    with pytest.raises(FeedError, match=r"cannot be read beyond|not an XES log"):
        rows_of(written(tmp_path, text), WANTED)


keys = st.sampled_from(["concept:name", "org:resource", "a", "case:a"])
# Expat follows XML in refusing control characters, and in reading a bare carriage return as a line end.
values = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), max_size=5)
attributes = st.dictionaries(keys, values, max_size=3)
logs = st.lists(st.tuples(attributes, st.lists(attributes, max_size=4)), max_size=5)


@given(log=logs)
def test_reading_gives_back_what_was_written(tmp_path_factory, log):
    root = ElementTree.Element("log")
    expected = []
    for of_trace, events in log:
        trace = ElementTree.SubElement(root, "trace")
        parts = [(trace, of_trace)] + [(ElementTree.SubElement(trace, "event"), of_event) for of_event in events]
        for element, content in parts:
            for key, value in content.items():
                ElementTree.SubElement(element, "string", key=key, value=value)
        shared = {f"case:{key}": value for key, value in of_trace.items()}
        expected += [{**of_event, **shared} for of_event in events]
    path = tmp_path_factory.mktemp("xes") / "log.xes"
    ElementTree.ElementTree(root).write(path, encoding="utf-8")
    wanted = ["concept:name", "org:resource", "a", "case:a", "case:concept:name", "case:case:a"]
    assert rows_of(path, wanted) == [(*(row.get(name) for name in wanted), 1) for row in expected]
    assert set(xes.columns(path)) >= {name for row in expected for name in row}


def test_batches_end_between_traces_and_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(xes, "BATCH_ROWS", 3)
    path = written(tmp_path, "<log>" + "\n<trace><event/>\n<event/></trace>" * 5 + "</log>")
    sizes = [batch.num_rows for batch in xes.read(path, [])]
    assert sizes == [4, 4, 2]
    assert [line for (line,) in rows_of(path, [])] == list(range(2, 12))
