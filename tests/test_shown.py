"""`essa top`, `show`, `report` and `export` on a published night: 80 columns, plain in a pipe, JSON for scripts."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from rich.console import Console

from essa import belief, in_words, publication
from essa.errors import UsageError
from essa.report import export, page, providers, worth
from essa.report.candidates import read, settings_of
from flows import candidates, end_screen, plain_text

pytestmark = pytest.mark.slow
NIGHT = date(2026, 11, 21)
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def essa(essa: Ask) -> Ask:
    """What a command says: its result, or, where it ends with another code than 0, what stands beside it."""

    def ask(*arguments: object, code: int = 0) -> str:
        told = essa(*arguments)
        assert told.returncode == code, told.stderr
        assert "Traceback" not in told.stderr
        return told.stdout if code == 0 else told.stderr

    return ask


@pytest.fixture(scope="module")
def ids(office_home: Path) -> list[str]:
    with publication.open_published(office_home) as connection:
        found = connection.execute("SELECT candidate_id FROM mart.candidate ORDER BY rank NULLS LAST, candidate_id")
        return [row[0] for row in found.fetchall()]


def test_top_as_json_is_what_the_file_ranks(essa: Ask, office_home: Path, ids: list[str]) -> None:
    told = json.loads(essa("top", "-n", 3, "--json", "--home", office_home))
    assert [one["candidate_id"] for one in told] == ids[:3]
    assert [one["rank"] for one in told] == [1, 2, 3]
    assert all(one["evidence_sql"] and one["saving_h_per_year"] > 0 for one in told)


def test_top_and_show_read_at_80_columns_and_act_on_nothing(
    essa: Ask, office_home: Path, ids: list[str], hostile: tuple
) -> None:
    told = essa("top", "-n", 50, "--home", office_home)
    table = [line for line in told.splitlines() if "essa " not in line]
    assert max(map(len, table)) <= 80
    with publication.open_published(office_home) as connection:
        acting = connection.execute(
            "SELECT candidate_id FROM mart.candidate WHERE reason LIKE '%\u202e%' OR title LIKE '%\u202e%' LIMIT 1"
        ).fetchall()
    for one in (ids[0], ids[-1], *(row[0] for row in acting)):
        told = essa("show", one, "--home", office_home)
        prose, _, evidence = told.partition("evidence, asked of essa.duckdb:")
        assert max(map(len, prose.splitlines())) <= 80 and "SELECT" in evidence
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e]", told)


def test_show_tells_what_the_page_tells(essa: Ask, office_home: Path, ids: list[str]) -> None:
    told = essa("show", ids[0], "--home", office_home)
    one = json.loads(essa("show", ids[0], "--json", "--home", office_home))
    flat = " ".join(told.split())
    for said in (one["title"], "rank 1", "who keeps it", "assumes", *one["missing"], " ".join(one["reason"].split())):
        assert said in flat, said
    assert all(rule["says"] in flat for rule in one["rules"])


def test_show_names_what_a_question_goes_with_and_calls_a_forecast_one(office_home: Path) -> None:
    with publication.open_published(office_home) as connection:
        found, settings = read(connection), settings_of(connection)
    folded = next(one for one in found if one["folded_into"])
    holder = next(one for one in found if one["candidate_id"] == folded["folded_into"])
    told = " ".join(" ".join(candidates._told(folded, 80)).split())
    assert f"goes with {plain_text.plain(holder['title'])} ({holder['candidate_id']})" in " ".join(told.split())
    claim = found[0] | {"hours_by_provider": {"A, Inc": "35", "B": "65"}, "providers": ["A, Inc", "B"]}
    told = {status: "\n".join(candidates._told(claim | {"status": status}, 80)) for status in ("live", "in_build")}
    assert "\nwas expected  to save " in told["live"] and "\nsaves         " in told["in_build"]
    assert ": 35 at A, Inc; 65 at B" in " ".join(told["live"].split()) and "at A, Inc; B" in told["live"]
    assert ", in build" in told["in_build"] and "in_build" not in told["in_build"]
    told = [worth.read(found[0] | {"net_h_per_year": net}, settings) for net in (0, -9)]
    assert [one["costs_more"] for one in told] == ["", "costs more than it saves"]
    assert ["ranks after all that pays" in one["after_costs"] for one in told] == [False, True]


def test_hours_that_are_not_known_are_not_called_none(office_home: Path) -> None:
    with publication.open_published(office_home) as connection:
        one = next(one for one in read(connection) if one["is_asked"]) | {"handling_h_per_year": None}
    out = Console(file=io.StringIO(), width=80)
    candidates.print_table(candidates._asked([one]), out)
    told = out.file.getvalue()
    assert "not known" in told and not any(line != line.rstrip() for line in told.splitlines())
    told = "\n".join(candidates._told(one, 80))
    assert "cases\n" in told.partition("concerns")[2] and " h a year" not in told.partition("concerns")[2][:200]


def test_an_unknown_candidate_or_choice_ends_with_2_and_says_what_to_do(essa: Ask, office_home: Path) -> None:
    assert "essa top" in essa("show", "c000", "--home", office_home, code=2)
    assert "--lever" in essa("top", "--lever", "hope", "--home", office_home, code=2)


def test_questions_and_one_providers_part_are_listed_with_the_command_that_goes_on(
    essa: Ask, office_home: Path
) -> None:
    asked = json.loads(essa("top", "--questions", "-n", 99, "--json", "--home", office_home))
    assert asked and all(one["is_question"] and not one["folded_into"] for one in asked)
    told = essa("top", "--questions", "-n", 1, "--home", office_home)
    assert asked[0]["candidate_id"] in told and asked[-1]["candidate_id"] not in told
    assert f"1 of {len(asked)} questions" in told and "essa decide ID accepted|rejected" in told
    assert f"{len(asked)} questions to answer: essa top --questions --home {office_home}" in essa(
        "top", "-n", 1, "--home", office_home
    )
    whole = json.loads(essa("top", "-n", 99, "--json", "--home", office_home))
    provider = next(one["provider"] for one in whole if one["provider"])
    part = json.loads(essa("top", "-n", 99, "--json", "--provider", provider, "--home", office_home))
    assert 0 < len(part) < len(whole) and all(one["provider"] in (None, provider) for one in part)
    assert "--provider" in essa("top", "--provider", "Nobody", "--home", office_home, code=2)


def test_a_night_of_many_feeds_ends_with_one_screen(office_home: Path) -> None:
    counts = {f"{name}_count": 1_000 for name in ("received", "accepted", "duplicate")}
    feeds = [
        {"feed": f"f{n}", "status": "loaded", "reason": None, "rejected_count": int(n == 50), **counts}
        for n in range(60)
    ]
    bad = [{**one, "status": "blocked", "reason": f"{one['feed']}: its file {'is not as said ' * 8}"} for one in feeds]
    for told, shown, rest in ((feeds, ["f50"], "59 more"), (bad[:2] + feeds[2:], ["f0", "f1", "f50"], "57 more")):
        out = Console(file=io.StringIO(), width=80)
        candidates.print_table(end_screen._feeds(NIGHT, told), out)
        lines = out.file.getvalue().splitlines()[2:]
        assert [line.split("  ")[0] for line in lines] == [*shown, rest]
        assert f"{1_000 * (60 - len(shown)):,}" in lines[-1]
    said = list(end_screen._reasons(bad, office_home, 80))
    assert said[0].startswith("f0, f1 and 58 more: its file is") and len(said) == 2 and max(map(len, said)) <= 80
    assert " ".join(said).count("f0") == 1
    assert len(end_screen._feeds(NIGHT, bad).rows) == 11
    candidates.print_table(end_screen._feeds(NIGHT, bad), out)
    assert out.file.getvalue().splitlines()[-1].split()[:6] == ["50", "more", "blocked", "50,000", "held", "back"]
    lacking = [{**one, "reason": f"{one['feed']}: {one['feed']}.csv lacks a column"} for one in bad]
    assert belief.reasons(lacking[:1]) == ["f0: f0.csv lacks a column"]
    assert belief.reasons(lacking) == ["f0, f1 and 58 more: its file lacks a column"]
    many = list(end_screen._reasons([{**one, "reason": f"no. {n}"} for n, one in enumerate(bad)], office_home, 80))
    assert len(many) == 5 and many[-1].startswith("56 more such lines: essa report --open")


def test_a_list_cuts_what_is_long_and_a_choice_nobody_knows_is_folded(office_home: Path) -> None:
    with publication.open_published(office_home) as connection:
        one = read(connection)[0] | {"title": "word " * 400, "process": "P" * 900}
    out = Console(file=io.StringIO(), width=80)
    candidates.print_table(candidates._table([plain_text.short(one)], None), out)
    assert 4 < len(out.file.getvalue().splitlines()) < 9
    assert "\n".join(candidates._told(one, 80)).count("word") == 400
    with pytest.raises(UsageError) as unknown:
        candidates._refuse_unknown({"process": [f"Process no. {n}" for n in range(90)]}, {"process": "xyz"})
    assert max(map(len, str(unknown.value).splitlines())) <= 80 and len(str(unknown.value)) < 1_500


@pytest.mark.parametrize("command", [("show", "c1"), ("report",), ("export", "x")])
def test_questions_to_an_empty_home_say_what_to_do(essa: Ask, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "essa run" in essa(*command, "--home", tmp_path, code=1)
    assert list(tmp_path.iterdir()) == []


def test_report_names_a_page_of_the_standing_publication(essa: Ask, office_home: Path) -> None:
    page.remove(office_home)
    assert essa("report", "--home", office_home) == f"{page.path(office_home)}\n"
    assert page.is_current(office_home)
    page.path(office_home).write_text("an older page", encoding="utf-8")
    essa("report", "--home", office_home)
    assert page.is_current(office_home)


def test_export_holds_every_candidate_in_both_forms_and_no_formula(
    essa: Ask, office_home: Path, ids: list[str], tmp_path: Path
) -> None:
    places = [Path(line) for line in essa("export", tmp_path, "--home", office_home).splitlines()]
    assert [place.name for place in places] == ["candidates.csv", "candidates.xlsx"]
    with places[0].open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    sheet = CalamineWorkbook.from_path(places[1]).get_sheet_by_index(0).to_python()
    assert sorted(line["candidate_id"] for line in lines) == sorted(ids)
    assert tuple(sheet[0]) == export.COLUMNS and len(sheet) == len(lines) + 1
    place = export.COLUMNS.index("candidate_id")
    assert [row[place] for row in sheet[1:]] == [line["candidate_id"] for line in lines]
    assert any("HYPERLINK" in cell for line in lines for cell in line.values())
    for line in lines:
        for name, cell in line.items():
            assert not cell.startswith(export.RISKY) or re.fullmatch(r"-[0-9.]+", cell), (name, cell)


def test_an_export_leaves_blank_what_nobody_claims_and_holds_what_was_decided(
    office_home: Path, tmp_path: Path
) -> None:
    target = publication.folder(tmp_path) / publication.FILE_NAME
    target.parent.mkdir()
    shutil.copy(publication.folder(office_home) / publication.FILE_NAME, target)
    with duckdb.connect(str(target)) as connection:
        connection.execute(
            """INSERT INTO ops.decision BY NAME SELECT candidate_id, 'accepted' AS status, 'Good' AS note,
            DATE '2026-11-22' AS decided_on FROM mart.candidate WHERE rank = 1"""
        )
    place = export.write(tmp_path, tmp_path)[0]
    with place.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert (lines[0]["decided_on"], lines[0]["note"]) == ("2026-11-22", "Good")
    assert all(json.loads(line["providers"]) for line in lines)
    asked = [line for line in lines if line["is_question"] == "True"]
    assert any(line["folded_into"] for line in asked)
    assert {line[name] for line in asked for name in export.SAVED} == {""} and lines[0]["saving_h_per_year"]


def test_a_workbook_is_the_same_bytes_again(office_home: Path, tmp_path: Path) -> None:
    first = [place.read_bytes() for place in export.write(office_home, tmp_path / "one")]
    assert first == [place.read_bytes() for place in export.write(office_home, tmp_path / "two")]


@given(st.lists(st.text("=+-@;|,\t\n\r \"'\ufeffa1", max_size=12), min_size=1, max_size=3))
def test_no_cell_is_a_formula_whatever_parts_the_cells(texts: list[str]) -> None:
    file = io.StringIO()
    csv.writer(file).writerow(map(export.harmless, texts))
    for parting in ",;|\t":
        read = [cell for line in csv.reader(io.StringIO(file.getvalue()), delimiter=parting) for cell in line]
        assert not [cell for cell in read if cell.lstrip(" \ufeff\u00a0").startswith(tuple(export.RISKY))]


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1+2", "@SUM(A1)", " =1"])
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert export.harmless(text) == "'" + text


@given(st.text("abc 1.,:-"))
def test_a_plain_text_is_left_alone(text: str) -> None:
    assert export.harmless("a" + text) == "a" + text


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ('"Amount"::DOUBLE <= 10000', "Amount at most 10,000"),
        ("\"Terms\" IN ('30 days', '60 days')", "Terms is one of 30 days, 60 days"),
        ("\"Terms\" IN ('Prepaid')", "Terms is Prepaid"),
        ('"a < b" > 2.5 AND NOT ("x" = \'IN\')', "a < b above 2.5 and not (x is IN)"),
        ('"Policy" IS NULL OR "Age" >= 65', "no Policy recorded yet or Age at least 65"),
        ("leucocytes IS NOT NULL AND diagnose IS NULL", "leucocytes is recorded and no diagnose recorded yet"),
        ('Net / "Gross (EUR)" IS NULL', "Net / Gross (EUR) is empty"),
        ("Kind IN ('a) first', 'b) second')", "Kind is one of a) first, b) second"),
        ("Kind IN ('Other (see note)', 'is one of (x)')", "Kind is one of Other (see note), is one of (x)"),
        ("Rate > 0.00004", "Rate above 0.00004"),
        ('A1 / nullif("B 1", 0) > 20', "A1 / B 1 above 20"),
        ("coalesce(Paid, 0) - Due / nullif(coalesce(Cost, 0), 0) <= 2", "Paid - Due / Cost at most 2"),
        ("\"It\"\"s\" <> 'O''Neil'", "It\"s other than O'Neil"),
    ],
)
def test_a_condition_is_told_in_words_and_quoted_names_stay(sql: str, said: str) -> None:
    assert in_words.condition(sql) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(None, ""), (45, "45 s"), (600, "10 min"), (7200, "2.0 h"), (360_000, "100 h")]
)
def test_spans_wear_their_unit(seconds: int | None, said: str) -> None:
    assert in_words.span(seconds).replace(in_words.NARROW, " ") == said


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=6).filter(lambda parts: sum(parts) > 1))
def test_parts_told_beside_each_other_add_up_and_are_at_most_a_unit_off(parts: list[float]) -> None:
    shares = [float(said.removesuffix(f"{in_words.NARROW}%")) for said in in_words.shares(parts)]
    assert round(sum(shares), 1) == 100
    assert all(abs(told - 100 * part / sum(parts)) <= 1 for told, part in zip(shares, parts, strict=True))
    whole = in_words.hours(sum(parts)).replace(",", "")
    hours = [said.replace(",", "") for said in in_words.hours_apart(sum(parts), parts)]
    assert round(sum(float(said) for said in hours if "under" not in said), 1) == float(whole)


def test_hours_at_providers_add_up_to_the_hours_told_and_none_is_nothing() -> None:
    assert in_words.hours_apart(100.398, [35.555, 64.843]) == ["35", "65"]
    assert in_words.hours_apart(100.398, [0.2, 100.198]) == [f"under{in_words.NARROW}1", "100"]
    assert in_words.hours_apart(17.46, [7.691, 9.769]) == ["7", "10"]


def test_hours_of_too_few_people_are_told_neither_apart_nor_by_what_the_others_leave() -> None:
    with duckdb.connect() as connection:
        connection.execute("""CREATE SCHEMA core; CREATE SCHEMA mart;
        CREATE TABLE core.activity_instance AS FROM (VALUES (1, 'p', 'A', 'x'), (2, 'p', 'B', 'x'), (3, 'p', 'B', 'y'))
            AS i(activity_instance_id, process, provider, activity);
        CREATE TABLE mart.activity_profile AS SELECT DISTINCT process, provider, activity FROM core.activity_instance;
        CREATE TABLE mart.saving AS FROM (VALUES ('c', 1, 60), ('c', 2, 20), ('c', 3, 20))
            AS s(candidate_id, activity_instance_id, saved_s);
        CREATE TABLE mart.small_group AS SELECT 'process, provider, activity' AS kind, ['p', 'B', 'x'] AS name""")
        one = {"candidate_id": "c", "process": "p", "provider": None, "activities": ["x", "y"]}
        one["saving_h_per_year"] = 100
        assert providers.read(connection).of(one)["hours_by_provider"] == {"A": "60", "B": "40"}  # enough do y
        connection.execute("INSERT INTO mart.small_group VALUES ('process, provider, activity', ['p', 'B', 'y'])")
        told = providers.read(connection).of(one)
    assert told["saving_by_provider"] == {"A": None, "B": None}
    assert set(told["hours_by_provider"].values()) == {in_words.NOT_TOLD}
    assert in_words.hours_at(told["hours_by_provider"]) == "too few people do a part of it to tell providers apart"


def test_names_with_commas_are_told_apart() -> None:
    assert in_words.listed(["Alpha BPO", "Beta"]) == "Alpha BPO, Beta"
    assert in_words.listed(["Alpha, Inc", "Beta"]) == "Alpha, Inc; Beta"


def test_a_query_in_lines_is_the_same_query() -> None:
    sql = "WITH a AS (SELECT 1 AS x), b AS (SELECT ') SELECT), c AS (' AS y FROM a) SELECT x, y FROM a, b"
    told = in_words.sql_in_lines(sql)
    assert told.count("\n") == 2
    assert told.replace("\n", " ") == sql and "') SELECT), c AS ('" in told
    narrow = in_words.sql_in_lines(sql, 30)
    assert max(map(len, narrow.splitlines())) <= 30 and "') SELECT), c AS ('" in narrow
    assert duckdb.sql(narrow).fetchall() == duckdb.sql(sql).fetchall()
