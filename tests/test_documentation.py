"""What is written about the tables is what they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from essa import contract, documentation
from essa.settings import Settings


def test_the_page_of_tables_is_what_the_contracts_say() -> None:
    assert documentation.PAGE.read_text(encoding="utf-8") == documentation.tables_page(), "run `make docs`"


def test_the_page_of_settings_is_what_the_code_says() -> None:
    assert documentation.SETTINGS.read_text(encoding="utf-8") == documentation.settings_page(), "run `make docs`"


def test_every_setting_gives_its_reason() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description and len(field.description.split()) >= 4, name


def test_every_published_column_is_described_in_words() -> None:
    for promise in contract.all_contracts().values():
        for name, column in promise.columns.items():
            assert column.description.strip(), f"{promise.table}.{name}"


ROOT = Path(__file__).parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_in_the_docs_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_how_a_figure_is_made_tells_of_every_figure_of_a_candidate() -> None:
    told = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")))
    columns = contract.all_contracts()["mart.candidate"].columns.items()
    figures = {name for name, column in columns if re.match(r"DOUBLE|DECIMAL|\w*INT", column.type)}
    assert {re.sub("_(low|high)$", "", name) for name in figures - told} - told == set()
