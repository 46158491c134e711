"""How a CSV file is written is read from the file, or the feed is asked; it is never guessed."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa.errors import FeedError
from essa.reading.csv_dialect import Dialect, broken_quote, understand

DATASETS = Path(os.environ.get("ESSA_DATASETS", Path(__file__).parents[2] / "shared" / "datasets"))
HEADER = "Ref,Step,Prüfer\n"


def written(folder: Path, content: str | bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_yields_the_wanted_columns(tmp_path, delimiter):
    path = written(tmp_path, delimiter.join(["Ref", "Step, long|form;x".replace(delimiter, "/"), "Start"]) + "\n")
    dialect = understand(path, ["Start", "Ref"])
    assert dialect.delimiter == delimiter
    assert dialect.columns[0::2] == ("Ref", "Start")


def test_a_file_of_one_column_has_a_comma(tmp_path):
    assert understand(written(tmp_path, "Ref\nc1\n"), ["Ref"]) == Dialect(",", '"', "utf-8", ("Ref",), 1)


def test_a_declared_delimiter_is_taken_at_its_word(tmp_path):
    path = written(tmp_path, "Ref~Step\nc1~Pay\n")
    assert understand(path, ["Step"], delimiter="~").columns == ("Ref", "Step")
    with pytest.raises(FeedError, match="lacks 1 of the columns"):
        understand(path, ["Step"], delimiter=";")


@pytest.mark.parametrize(
    ("content", "declared", "encoding"),
    [
        (HEADER.encode(), None, "utf-8"),
        (codecs.BOM_UTF8 + HEADER.encode(), "latin-1", "utf-8"),
        (codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le"), None, "utf-16-le"),
        (codecs.BOM_UTF16_BE + HEADER.encode("utf-16-be"), None, "utf-16-be"),
        (HEADER.encode("utf-16-le"), "utf-16", "utf-16-le"),
        (HEADER.encode("latin-1"), "Latin-1", "iso8859-1"),
        (HEADER.encode("cp1252"), "windows-1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_a_mark_decides_the_encoding_else_the_feed_else_utf8(tmp_path, content, declared, encoding, is_zipped):
    path = written(tmp_path, gzip.compress(content), "log.csv.gz") if is_zipped else written(tmp_path, content)
    dialect = understand(path, ["Ref", "Prüfer"], encoding=declared)
    assert (dialect.encoding, dialect.columns) == (encoding, ("Ref", "Step", "Prüfer"))


def test_an_undeclared_encoding_is_refused_with_the_line(tmp_path):
    path = written(tmp_path, "Ref,Step\nc1,Pay\nc2,Prüfen\n".encode("latin-1"))
    with pytest.raises(FeedError, match="not utf-8: line 3 does not decode") as refusal:
        understand(path, ["Ref"])
    assert "`encoding: latin-1`" in refusal.value.details["do"]


def test_a_declared_encoding_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(FeedError, match="not ascii: line 1"):
        understand(written(tmp_path, HEADER), ["Ref"], encoding="ascii")


def test_utf16_without_a_mark_is_named_as_such(tmp_path):
    with pytest.raises(FeedError) as refusal:
        understand(written(tmp_path, "Ref,Step\n".encode("utf-16-be")), ["Ref"])
    assert "`encoding: utf-16-be`" in refusal.value.details["do"]


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
def test_utf32_is_named_as_such_and_no_encoding_is_offered_that_just_failed(tmp_path, encoding):
    with pytest.raises(FeedError) as refusal:
        understand(written(tmp_path, f"\ufeff{HEADER}".encode(encoding)), ["Ref"])
    assert encoding.upper() in refusal.value.what and "utf-16" not in str(refusal.value)


def test_the_encoding_that_failed_is_not_offered(tmp_path):
    with pytest.raises(FeedError) as refusal:
        understand(written(tmp_path, b"\xff\xfeR\0\0\xd8\n\0"), ["Ref"])
    assert "`encoding: utf-16-le`" not in refusal.value.details["do"]


@pytest.mark.parametrize("declared", ["latin-9000", "hex"])
def test_an_unknown_encoding_is_refused_by_name(tmp_path, declared):
    with pytest.raises(FeedError, match=f"no encoding '{declared}'"):
        understand(written(tmp_path, HEADER), ["Ref"], encoding=declared)


def test_a_character_cut_by_the_first_megabyte_is_no_error(tmp_path):
    path = written(tmp_path, "Ref,Step\nx" + "é" * (1 << 20))
    assert understand(path, ["Ref"]).encoding == "utf-8"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ref," + ",".join(f"c{n:06}" for n in range(200_000)) + "\nx\n", "does not end within its first megabyte"),
        ("x" * 200_000 + "\nx\n", "one text of more than 131,072 characters"),
        ('"Ref,Step' + "x" * 200_000, "opens a quote that does not close"),
    ],
)  # fmt: skip
def test_a_first_line_without_end_is_refused_for_what_it_is(tmp_path, text, said):
    with pytest.raises(FeedError) as refusal:
        understand(written(tmp_path, text), ["Ref"])
    assert said in str(refusal.value)


def test_thirty_thousand_columns_are_columns_whatever_else_may_part_them(tmp_path):
    columns = tuple(f"c{n:05}" for n in range(30_000))
    assert understand(written(tmp_path, ",".join(columns) + "\n"), ["c00007"]).columns == columns


def test_a_missing_column_is_named_with_its_nearest(tmp_path):
    path = written(tmp_path, "Ref;Step;Start time\nc1;Pay;2026-01-01\n")
    with pytest.raises(FeedError) as refusal:
        understand(path, ["ref", "Step", "Robot"])
    assert refusal.value.details["missing"] == "ref (nearest: Ref)\nRobot (nothing near it)"
    assert refusal.value.details["seen"] == "Ref, Step, Start time"
    assert "`delimiter:` (now ';')" in refusal.value.details["do"]


def test_a_first_line_of_data_is_not_shown(tmp_path):
    path = written(tmp_path, "c1,Pay,Maria Silva,2026-01-01 09:00\n")
    with pytest.raises(FeedError, match="no header row") as refusal:
        understand(path, ["Ref"])
    assert "Maria" not in str(refusal.value)


def test_names_lose_their_outer_blanks_and_keep_the_files_order(tmp_path):
    assert understand(written(tmp_path, '\ufeff Step ,"Ref ",\n'), ["Ref"]).columns == ("Step", "Ref", "")


def test_columns_of_the_same_name_are_refused(tmp_path):
    with pytest.raises(FeedError, match="columns of the same name: Step"):
        understand(written(tmp_path, "Ref,Step,Step \n"), ["Ref"])


@pytest.mark.parametrize(
    ("text", "line_count"),
    [
        ("Ref,Step\n", 1),
        ("\n\nRef,Step\r\n", 3),
        ('"Ref",Step\n', 1),
        ('Ref,Step,"two\r\nlines"\r\n', 2),
        ("Ref,Step\r", 1),
    ],
)
def test_the_first_row_begins_after_these_lines(tmp_path, text, line_count):
    assert understand(written(tmp_path, text + "c1,Pay\n"), ["Ref", "Step"]).header_line_count == line_count


def test_excels_line_that_names_the_delimiter_is_heard(tmp_path):
    dialect = understand(written(tmp_path, "sep=~\r\nRef~Step\r\nc1~Pay\r\n"), ["Ref"])
    assert (dialect.delimiter, dialect.columns, dialect.header_line_count) == ("~", ("Ref", "Step"), 2)


@pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(FeedError, match="is empty"):
        understand(written(tmp_path, content), ["Ref"])


@pytest.mark.parametrize("content", [b"Ref,Step\n", gzip.compress(os.urandom(1000))[:500]])
def test_a_broken_gzip_file_is_refused(tmp_path, content):
    with pytest.raises(FeedError, match="not a whole gzip file"):
        understand(written(tmp_path, content, "log.csv.gz"), ["Ref"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "cp1252"])
@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ('1,"x, ""y""\r\nz",3\n4,,""\n5,"6",7', None),
        ('1,2"x,3\n', None),  # inside an unquoted cell a quote is a quote
        ('1,"2,3\n4,5,6\n', 2),
        ('1,2,"3"\n4,5,"6\n', 3),
        ('1,2,3\n4,"5"x,6\n', 3),
        ('1,"open,3\n4,"5",6\n7,"8",9\n', 2),
    ],
)
def test_a_quote_that_does_not_hold_is_found_on_its_line(tmp_path, rows, line, encoding):
    path = written(tmp_path, ("a,b,c\n" + rows).encode(encoding))
    dialect = Dialect(",", '"', encoding.removesuffix("-sig"), ("a", "b", "c"), 1)
    assert broken_quote(path, dialect) == line


@pytest.mark.parametrize("padding", range(5))
def test_quotes_hold_across_the_edges_of_what_is_read_at_once(tmp_path, padding):
    row = '"a ""quoted"" word, and\na line",,""\n'
    path = written(tmp_path, "x" * padding + "," + row * 40_000)  # 1.4 MB, read in pieces of 1 MB
    dialect = Dialect(",", '"', "utf-8", ("a", "b", "c"), 1)
    assert broken_quote(path, dialect) is None
    path = written(tmp_path, "x" * padding + "," + row * 40_000 + '"open,\n')
    assert broken_quote(path, dialect) == 80_001


def test_a_gzip_file_damaged_further_on_is_refused(tmp_path):
    packed = gzip.compress(b"Ref,Step\n" + b"c1,Pay\n" * 300_000)
    path = written(tmp_path, packed[:-8] + b"\0" * 8, "log.csv.gz")  # 2.1 MB with a wrong checksum
    with pytest.raises(FeedError, match="not a whole gzip file"):
        broken_quote(path, understand(path, ["Ref"]))


def test_a_delimiter_of_several_bytes_is_no_hindrance(tmp_path):
    path = written(tmp_path, 'Ref§Step\n1§"two\nlines"\n2§"x"y\n')
    dialect = understand(path, ["Ref"], delimiter="§")
    assert (dialect.columns, broken_quote(path, dialect)) == (("Ref", "Step"), 4)


cells = st.text(st.sampled_from('ab",;\n\r é'), max_size=4)


@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6), delimiter=st.sampled_from(",;|"))
def test_what_a_csv_writer_wrote_has_no_broken_quote(tmp_path_factory, rows, delimiter):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([["a", "b", "c"], *rows])
    path = written(tmp_path_factory.mktemp("csv"), text.getvalue())
    dialect = understand(path, ["c", "a"])
    assert (dialect.delimiter, dialect.columns, dialect.header_line_count) == (delimiter, ("a", "b", "c"), 1)
    assert broken_quote(path, dialect) is None


@pytest.mark.real_data
@pytest.mark.skipif(not DATASETS.exists(), reason="the public logs are not here")
def test_the_public_logs_are_understood():
    for name in ("academic_credentials", "bpic2012_w", "procure_to_pay", "loan_application_batched"):
        path = DATASETS / "event_logs" / f"{name}.csv.gz"
        dialect = understand(path, ["case_id", "end_time"])
        assert (dialect.encoding, dialect.header_line_count) == ("utf-8", 1)
        assert broken_quote(path, dialect) is None
