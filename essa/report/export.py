"""Candidates for a spreadsheet: `candidates.csv` and `candidates.xlsx`, in which no cell is a formula."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from essa import in_words, publication
from essa.report import candidates, health
from essa.report.asked import Row

COLUMNS = (
    "rank", "candidate_id", "lever", "pattern", "is_question", "title", "process", "provider", "providers",
    "activities", "status", "decided_on", "note", "live_on", "benefit", "folded_into", "change",
    "saving_h_per_year_low", "saving_h_per_year", "saving_h_per_year_high", "net_h_per_year", "build_h",
    "run_h_per_year", "payback_months", "sensitivity", "deciding_clause", "saving_per_year",
    "client_saving_per_year_low", "client_saving_per_year", "client_saving_per_year_high",
    "provider_saving_per_year_low", "provider_saving_per_year", "provider_saving_per_year_high", "currency",
    "priced_share", "score", "rank_low", "rank_high", "top_ten_share", "quarter_ranks", "handling_h_per_year",
    "event_count", "case_count", "first_seen_on", "reason", "evidence_sql",
)  # fmt: skip
SAVED = {name for name in COLUMNS if "saving_" in name}  # nothing is claimed: blank, and not nothing saved
# What a spreadsheet takes for the beginning of a formula, also after a blank; a blank line begins a cell of its own
RISKY, BLANK = "=+@-", r"[\s\"\ufeff]*"
CELL_LENGTH = 32_767  # characters Excel keeps of a cell


def write(home: Path, directory: Path) -> list[Path]:
    """Both files; their paths."""
    with publication.open_published(home) as connection:
        found = [candidates.in_short(one) for one in candidates.read(connection)]
        night = health.night(connection)["night"]
    directory.mkdir(parents=True, exist_ok=True)
    lines = [[_cell(one, name) for name in COLUMNS] for one in found]
    places = [directory / "candidates.csv", directory / "candidates.xlsx"]
    _write_csv(places[0], lines)
    _write_xlsx(places[1], lines, night)
    return places


def harmless(text: str) -> str:
    """A text that a spreadsheet shows as it stands: an apostrophe keeps it from being taken for a formula.

    Also what follows a mark that parts cells where commas do not: quotes that open within a line do not count there.
    """
    on_one_line = re.sub(r"[\t\r\n\v\f]+", " ", text)
    marked = re.sub(rf"([;|]{BLANK})(?=[{RISKY}])", r"\1'", on_one_line)
    return f"'{marked}" if re.match(rf"{BLANK}[{RISKY}]", marked) else marked


def _cell(one: Row, name: str) -> Any:
    value = one[name]
    if name in SAVED and (one["is_question"] or one["status"] in ("rejected", "retired")):
        return None
    if name == "status":
        return in_words.spoken(value)
    if name == "benefit":
        return " ".join(value) or None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def _write_csv(place: Path, lines: Iterable[list[Any]]) -> None:
    # The mark at the beginning is how Excel knows UTF-8
    with place.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)


def _write_xlsx(place: Path, lines: list[list[Any]], night: dt.date) -> None:
    """Texts are written as texts, which a workbook knows apart from formulas."""
    with xlsxwriter.Workbook(place, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": dt.datetime.combine(night, dt.time())})
        sheet = book.add_worksheet("candidates")
        heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, COLUMNS, heading)
        for place_down, line in enumerate(lines, start=1):
            for place_along, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(place_down, place_along, cell[:CELL_LENGTH])
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(place_down, place_along, dt.datetime.combine(cell, dt.time()), day)
                elif cell is not None:
                    sheet.write(place_down, place_along, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(lines)), len(COLUMNS) - 1)
        sheet.set_column(COLUMNS.index("title"), COLUMNS.index("title"), 60)
