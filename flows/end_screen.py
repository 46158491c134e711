"""The screen a night ends with: where the lines of each feed went, the first five candidates, what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from essa import publication
from essa.report import health, page
from essa.report.asked import Row
from flows import candidates


def show(home: Path, night: date, out: Console) -> None:
    with publication.open_published(home) as connection:
        feeds, needs = health.feeds(connection), health.needs_of(connection)
    candidates.print_table(_feeds(night, feeds), out)
    for feed in feeds:
        if feed["reason"]:
            out.print(f"{feed['feed']}: {feed['reason']}", highlight=False, markup=False, soft_wrap=True)
    out.print()
    candidates.show_top(home, 5, out, is_end=True)
    written = page.path(home).exists()
    where = page.path(home) if written else f"none was written; `essa report --home {home}` tries again"
    for line in (
        *_needs(needs, home),
        f"published: {publication.folder(home) / publication.FILE_NAME}",
        f"page:      {where}",
    ):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def _feeds(night: date, feeds: list[Row]) -> Table:
    table = Table(title=f"{night}", title_justify="left", box=None, pad_edge=False)
    for name in ("feed", "status", "received", "counted", "refused", "delivered before"):
        table.add_column(name, justify="left" if name in ("feed", "status") else "right")
    for feed in feeds:
        received, counted, *others = (
            f"{feed[f'{name}_count']:,}" for name in ("received", "accepted", "rejected", "duplicate")
        )
        # what a blocked feed would have brought does not count
        counted = "held back" if feed["status"] == "blocked" else counted
        table.add_row(feed["feed"], feed["status"], received, counted, *others)
    return table


def _needs(needs: list[Row], home: Path) -> Iterator[str]:
    """A line each, with the command that tells more."""
    at = candidates.home_option(home)
    lines = [f"{need['what']} (essa {need['do']}{at})" for need in needs] or ["nothing"]
    yield from (f"{'' if place else 'needs you:':<11}{line}" for place, line in enumerate(lines))
