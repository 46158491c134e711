"""`docs/tables.md`, every table and column in the words of its contract, and `docs/settings.md`, every setting."""

from __future__ import annotations

from pathlib import Path

from essa import contract
from essa.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
PAGE, SETTINGS = DOCS / "tables.md", DOCS / "settings.md"
LAYERS = {
    "raw": "What was delivered, after the door",
    "core": "Process mining's own objects",
    "mart": "Answers",
    "ops": "The runs",
}


def tables_page() -> str:
    """Markdown, one heading a table, published tables first in each layer."""
    lines = [
        "# Tables",
        "",
        "Written by `make docs` from `expectations/`. Published tables stand in `published/essa.duckdb`; the",
        "others live one night in the private warehouse. Times are UTC; `_s` seconds, `_h` hours, `_share` 0 to 1.",
    ]
    promises = contract.all_contracts().values()
    for layer, meaning in LAYERS.items():
        lines += ["", f"## {layer}: {meaning}"]
        mine = [promise for promise in promises if promise.table.startswith(f"{layer}.")]
        for promise in sorted(mine, key=lambda promise: (not promise.is_published, promise.table)):
            lines += _section(promise)
    return "\n".join(lines) + "\n"


def _section(promise: contract.Contract) -> list[str]:
    place = "published" if promise.is_published else "private"
    grain = f", one row a {' x '.join(promise.grain)}" if promise.grain else ""
    return [
        "",
        f"### {promise.table}",
        "",
        f"{promise.description} *({place}{grain})*",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(f"| {name} | {column.type} | {_cell(column)} |" for name, column in promise.columns.items()),
    ]


def _cell(column: contract.Column) -> str:
    return column.says.replace("|", "\\|") + ("" if column.is_published else " *(not published)*")


def settings_page() -> str:
    """Markdown, one line a setting in the order of the code, which goes from the machine to the ranking."""
    lines = [
        "# Settings",
        "",
        "Written by `make docs` from `essa/settings.py`. Write those that are to differ, one a line, into",
        "`settings.yaml` in the home, for example `memory_limit: 8GB`. A night's settings stand in `ops.run`.",
        "",
        "| setting | default | why |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = str(field.get_default(call_default_factory=True)).replace("|", "\\|")
        lines.append(f"| {name} | {default} | {(field.description or '').replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SETTINGS.write_text(settings_page(), encoding="utf-8")
    PAGE.write_text(tables_page(), encoding="utf-8")
