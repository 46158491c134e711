"""`published/report/index.html`: one file that works from disk and asks no network for anything.

Labels come from logs. Jinja escapes every one of them, and the page's own policy lets no script or style run but the
two that are hashed in it; what is marked as safe here is our own style and script, and SVG whose text is escaped.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from essa import in_words, publication
from essa.report import candidates, charts, health, processes, providers
from essa.report.asked import Row, rows

MOST = 300  # candidates of a kind on the page; all stand in mart.candidate
SHOWN = 20  # ranked candidates on the page before `Show all`
TEMPLATES = Path(__file__).parent / "templates"
FILTERS = (
    "count", "hours", "hours_at", "share", "setting", "span", "day", "many", "money", "months", "pictured",
    "sql_in_lines", "listed", "spoken", "unbroken", "isolated", "clipped",
)  # fmt: skip


def path(home: Path) -> Path:
    return publication.folder(home) / "report" / "index.html"


def write(home: Path) -> Path:
    """Writes the page of the standing publication, whole or not at all; its path."""
    with publication.open_published(home) as connection:
        text = html(connection)
    target = path(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    os.replace(part, target)
    return target


def remove(home: Path) -> None:
    """Takes away a page that no longer belongs to the publication beside it."""
    with contextlib.suppress(OSError):
        path(home).unlink(missing_ok=True)


def is_current(home: Path) -> bool:
    """Whether the page there is says what the publication beside it says."""
    try:
        with path(home).open(encoding="utf-8") as page:
            head = page.read(4000)
    except OSError:
        return False
    with publication.open_published(home) as connection:
        return f'content="{_stamp(connection)}"' in head


def html(connection: duckdb.DuckDBPyConnection) -> str:
    """The whole page as text; the same file gives the same bytes."""
    style, script = (_own(name) for name in ("page.css", "page.js"))
    return _template().render(
        **_content(connection),
        stamp=_stamp(connection),
        style=Markup(style),
        script=Markup(script),
        policy=(
            f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _content(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    found, told = candidates.read(connection), health.feeds(connection)
    flows = processes.read(connection, {one["process"] for one in found if one["rank"]})
    spans = health.spans(connection)
    hours, review = health.waterfall(connection), health.names_to_review(connection)
    names = sorted({*providers.names(connection), *(name for one in found for name in one["providers"])})
    number = {flow["name"]: flow for flow in flows}
    for one in found:
        one["flow"] = number[one["process"]]
        one["path"] = processes.marked(one, one["flow"])
    drawn = [flow for flow in flows if flow["is_drawn"]]
    for flow in drawn:
        flow["providers"] = sorted({row["provider"] for step in flow["compared"] for row in step["providers"]})
        flow["chart"] = _safe(charts.providers(flow["compared"], flow["providers"])) if flow["compared"] else None
    kinds = {
        "ranked": [one for one in found if one["rank"]],
        "questions": [one for one in found if one["is_asked"]],
        "settled": [one for one in found if one["is_decided"]],
    }
    ids = {one["candidate_id"] for one in found}
    lists = {name: kind[:MOST] for name, kind in kinds.items()}
    return {
        "night": health.night(connection),
        "saving": health.saving(found),
        "changes": health.changes(connection),
        "hours": hours,
        "spans": spans,
        "realised_share": health.realised_share(found, hours, spans),
        "fall": None if hours["is_empty"] else _safe(charts.waterfall(hours["steps"])),
        **lists,
        "gone": [one for name, one in candidates.benefits(connection).items() if name not in ids],
        "counts": {name: len(kind) for name, kind in kinds.items()},
        "candidates": [one for kind in lists.values() for one in kind],
        "most": max((one["saving_h_per_year_high"] for one in found if one["rank"]), default=0),
        "flows": flows,
        "drawn": drawn,
        "providers": names,
        "feeds": told,
        "refused": health.refused(connection),
        "broken": health.broken_rules(connection),
        "rule_count": health.rule_count(connection),
        "sufficiency": health.sufficiency(connection),
        "review": review,
        "needs": health.needs(connection, told, review),
        "settings": candidates.settings_of(connection),
        "setup": {"waiting_h": in_words.WAITING_H, "shown": SHOWN},
    }


def _stamp(connection: duckdb.DuckDBPyConnection) -> str:
    """Which run, read by which page."""
    run: Row = rows(connection, "SELECT run_id FROM ops.run ORDER BY night DESC LIMIT 1")[0]
    return f"{run['run_id']} {_own_hash()}"


@functools.cache
def _own_hash() -> str:
    parts = sorted([*TEMPLATES.iterdir(), *Path(__file__).parent.glob("*.py")])
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts if part.is_file())).hexdigest()[:12]


def _own(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _safe(drawn: dict[str, str]) -> dict[str, Markup]:
    return {size: Markup(svg) for size, svg in drawn.items()}


def _apart(text: str, names: Sequence[str] | None = None) -> Markup:
    """A text with each of these names in it, or itself, set apart where it is read from the right."""
    shown, *parts = (str(escape(in_words.pictured(part))) for part in (text, *(names or ())))
    return Markup(in_words.isolated(shown, None if names is None else parts, ("<bdi>", "</bdi>")))


@functools.cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("essa.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda shown: in_words.pictured(shown) if type(shown) is str else shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {name: getattr(in_words, name) for name in FILTERS} | {"apart": _apart}
    environment.globals |= {"LEVERS": in_words.LEVERS, "WAITING": in_words.WAITING}
    return environment.get_template("page.html.j2")
