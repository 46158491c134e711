"""The screen a night ends with: where the lines of each feed went, the first five candidates, what needs a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from essa import belief, publication
from essa.report import health, page
from essa.report.asked import Row
from flows import candidates

MOST = 10  # feeds, and less where they are many: all stand on the page
REASONS = 4
UNUSUAL = ("blocked", "removed")
COUNTS = ("received", "accepted", "rejected", "duplicate")


def show(home: Path, night: date, out: Console) -> None:
    with publication.open_published(home) as connection:
        feeds, needs = health.feeds(connection), health.needs_of(connection)
    candidates.print_table(_feeds(night, feeds), out)
    for line in _reasons(feeds, home, min(out.width, candidates.WIDEST)):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    out.print()
    candidates.show_top(home, 5, out, is_end=True)
    written = page.path(home).exists()
    again = f"`essa report{publication.home_option(home)}` tries again"
    where = page.path(home) if written else f"none was written; {again}"
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
    shown = _shown(feeds)
    for feed in shown:
        table.add_row(feed["feed"], feed["status"], *_counts([feed]))
    rest = [feed for feed in feeds if feed not in shown]
    for is_blocked in (True, False):
        if these := [feed for feed in rest if (feed["status"] == "blocked") == is_blocked]:
            table.add_row(f"{len(these):,} more", "blocked" if is_blocked else "", *_counts(these))
    return table


def _counts(feeds: list[Row]) -> list[str]:
    """Sums over feeds that are all blocked, whose lines count for nothing, or none of them."""
    received, counted, *others = (f"{sum(feed[f'{name}_count'] for feed in feeds):,}" for name in COUNTS)
    return [received, "held back" if feeds[0]["status"] == "blocked" else counted, *others]


def _shown(feeds: list[Row]) -> list[Row]:
    """The feeds; of many those that are not believed or refuse lines, as far as a screen holds them."""
    if len(feeds) <= MOST:
        return feeds
    worst = sorted(feeds, key=lambda feed: (feed["status"] not in UNUSUAL, -feed["rejected_count"]))[:MOST]
    return [feed for feed in feeds if feed in worst and (feed["status"] in UNUSUAL or feed["rejected_count"])]


def _reasons(feeds: list[Row], home: Path, width: int) -> Iterator[str]:
    """What is said of the feeds, of those not believed first."""
    said = belief.reasons(sorted(feeds, key=lambda feed: feed["status"] not in UNUSUAL))
    for line in said[:REASONS]:
        yield from textwrap.wrap(line, width, subsequent_indent="  ", break_on_hyphens=False)
    if len(said) > REASONS:
        yield f"{len(said) - REASONS:,} more such lines: essa report --open{publication.home_option(home)}"


def _needs(needs: list[Row], home: Path) -> Iterator[str]:
    """A line each, with the command that tells more."""
    at = publication.home_option(home)
    lines = [f"{need['what']} (essa {need['do']}{at})" for need in needs] or ["nothing"]
    yield from (f"{'' if place else 'needs you:':<11}{line}" for place, line in enumerate(lines))
