"""A sheet's rows come out as text, in the same words whatever Excel made of them."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from essa.errors import FeedError
from essa.reading import xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE, DATETIME, TIME, SPAN = 1, 2, 3, 4  # places in the list of cell formats below
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/></numFmts>'
    '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="21"/>'
    '<xf numFmtId="164"/></cellXfs></styleSheet>'
)


def text(content: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'


def number(content: str, cell_format: int = 0) -> str:
    return f'<c s="{cell_format}"><v>{content}</v></c>'


def written(folder: Path, sheets: dict[str, list[list[str]]], name: str = "log.xlsx") -> Path:
    """A workbook as small as Excel's format allows; a cell is its XML, '' where the sheet holds none."""
    links = [f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>']
    parts = {"xl/styles.xml": STYLES}
    listed = ""
    for number_, (sheet, rows) in enumerate(sheets.items(), start=1):
        listed += f'<sheet name="{sheet}" sheetId="{number_}" r:id="r{number_}"/>'
        links.append(f'<Relationship Id="r{number_}" Type="{OFFICE}/worksheet" Target="worksheets/{number_}.xml"/>')
        parts[f"xl/worksheets/{number_}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{_rows(rows)}</sheetData></worksheet>'
        )
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{"".join(links)}</Relationships>'
    book = f'<Relationship Id="b" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts["_rels/.rels"] = f'<Relationships xmlns="{PACKAGE}">{book}</Relationships>'
    with zipfile.ZipFile(folder / name, "w") as archive:
        for part, xml in parts.items():
            archive.writestr(part, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')
    return folder / name


def _rows(rows: list[list[str]]) -> str:
    return "".join(
        f'<row r="{line}">'
        + "".join(cell.replace("<c ", f'<c r="{chr(65 + place)}{line}" ', 1) for place, cell in enumerate(cells))
        + "</row>"
        for line, cells in enumerate(rows, start=1)
    )


def values_of(path: Path, sheet: str | None = None, wanted: list[str] | None = None) -> list[tuple]:
    return [tuple(row.values()) for row in xlsx.read(path, sheet, wanted).to_pylist()]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text("007"), "007"),
        (text(" two words "), " two words "),
        (text("2026-01-01"), "2026-01-01"),
        (number("700"), "700"),
        (number("-3"), "-3"),
        (number("0.1"), "0.1"),
        (number("4111111111111111"), "4111111111111111"),
        (number("46023", DATE), "2026-01-01 00:00:00"),
        (number("46023.3753472222", DATETIME), "2026-01-01 09:00:30"),
        (number("46023.3753501157", DATETIME), "2026-01-01 09:00:30.250000"),
        (number("0.5", TIME), "12:00:00"),
        (number("1.50001", SPAN), "36:00:01"),
        ('<c t="b"><v>1</v></c>', "true"),
        ('<c t="b"><v>0</v></c>', "false"),
        ('<c t="e"><v>#DIV/0!</v></c>', None),
        ('<c t="str"><f>A1</f><v>Pay</v></c>', "Pay"),
        (text(""), None),
        ("", None),
    ],
)
def test_a_cell_is_the_text_a_reader_would_expect(tmp_path, cell, expected):
    path = written(tmp_path, {"Log": [[text("Ref"), text("Value")], [text("c1"), cell]]})
    assert values_of(path) == [("c1", expected, 2)]


def test_empty_rows_are_passed_over_and_each_row_keeps_its_number(tmp_path):
    rows = [[], ["", text(" Ref "), text("Step")], [], ["", text("c1"), text("Pay")], [], ["", "", text("File")]]
    path = written(tmp_path, {"Log": rows})
    assert xlsx.columns(path, None) == ["Ref", "Step"]
    assert values_of(path) == [("c1", "Pay", 4), (None, "File", 6)]


def test_only_the_wanted_columns_are_read_in_the_wanted_order(tmp_path):
    path = written(tmp_path, {"Log": [[text("A"), text("B"), text("C")], [text("1"), text("2"), text("3")]]})
    assert xlsx.read(path, None, ["C", "A"]).to_pylist() == [{"C": "3", "A": "1", "source_line": 2}]


def test_a_sheet_without_rows_gives_no_rows(tmp_path):
    assert values_of(written(tmp_path, {"Log": [[text("Ref")]]})) == []


def test_a_long_sheet_is_read_whole(tmp_path):
    count = 2 * xlsx.BATCH_ROWS + 1
    path = written(tmp_path, {"Log": [[text("Ref")], *([number(str(n))] for n in range(count))]})
    assert values_of(path) == [(str(n), n + 2) for n in range(count)]


def test_of_several_sheets_one_must_be_named(tmp_path):
    path = written(tmp_path, {"Jan": [[text("Ref")], [text("c1")]], "Feb": [[text("Ref")], [text("c2")]]})
    assert values_of(path, "Feb") == [("c2", 2)]
    with pytest.raises(FeedError, match="2 sheets and the feed names none") as refusal:
        values_of(path)
    assert refusal.value.details["sheets"] == "Jan, Feb"
    with pytest.raises(FeedError, match="no sheet 'feb'") as refusal:
        xlsx.columns(path, "feb")
    assert "`sheet: Feb`" in refusal.value.details["do"]


def test_a_missing_column_is_named_with_its_nearest(tmp_path):
    with pytest.raises(FeedError) as refusal:
        values_of(written(tmp_path, {"Log": [[text("Ref"), text("Start")]]}), None, ["ref"])
    assert refusal.value.details["missing"] == "ref (nearest: Ref)"


def test_columns_of_the_same_name_are_refused(tmp_path):
    path = written(tmp_path, {"Log": [[text("Ref"), text("Step"), text("Step ")]]})
    for reading in (values_of, lambda path: xlsx.columns(path, None)):
        with pytest.raises(FeedError, match="columns of the same name: Step"):
            reading(path)


def test_a_value_under_no_name_is_refused_and_an_empty_column_is_not(tmp_path):
    rows = [["", text("Ref"), "", text("Step")], ["", text("c1"), "", text("Pay")]]
    assert values_of(written(tmp_path, {"Log": rows})) == [("c1", "Pay", 2)]
    rows[1][2] = text("what is this")
    with pytest.raises(FeedError, match="row 2, column C") as refusal:
        values_of(written(tmp_path, {"Log": rows}))
    assert "what is this" not in str(refusal.value)


def test_a_first_row_of_data_is_not_shown(tmp_path):
    path = written(tmp_path, {"Log": [[text("Maria Silva"), number("46023.5", DATETIME)]]})
    with pytest.raises(FeedError, match="no header row") as refusal:
        values_of(path, None, ["Ref"])
    assert "Maria" not in str(refusal.value)


def test_an_empty_sheet_is_refused(tmp_path):
    with pytest.raises(FeedError, match="is empty"):
        xlsx.columns(written(tmp_path, {"Log": []}), None)


@pytest.mark.parametrize("content", [b"", b"Ref,Step\n", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_workbook_is_refused(tmp_path, content):
    path = tmp_path / "log.xlsx"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=re.escape("log.xlsx is not a readable XLSX file")):
        xlsx.columns(path, None)


def test_an_archive_made_to_explode_is_refused_unopened(tmp_path, monkeypatch):
    path = written(tmp_path, {"Log": [[text("Ref")]]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\0" * 3_000_000)
    assert xlsx.columns(path, None) == ["Ref"]
    monkeypatch.setattr(xlsx, "MOST_BYTES", 1_000_000)  # a gigabyte of zeros takes seconds to write
    with pytest.raises(FeedError, match="more than 100 times its size"):
        xlsx.columns(path, None)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15).map(float))
def test_a_number_as_text_is_still_that_number(value):
    shown = xlsx._number(value)
    assert float(shown) == value
    assert not shown.endswith(".0")


@given(st.integers(0, 20_000))
def test_a_column_past_z_has_the_letters_excel_gives_it(place):
    letters = xlsx._letters(place)
    worth = 0
    for letter in letters:
        worth = worth * 26 + ord(letter) - 64
    assert worth == place + 1
