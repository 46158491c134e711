"""Which nights of a range are still to be run; without Prefect, which reads its settings as it is imported."""

from __future__ import annotations

from datetime import date, timedelta

from essa.errors import UsageError


def nights_of(first: date, last: date, every: int, published: date | None) -> list[date]:
    """The nights to run, oldest first; none of them on or before the one published."""
    if last < first or every < 1:
        raise UsageError("a backfill goes from a first to a last night", do="give first <= last, and every >= 1")
    nights = [first + timedelta(days=days) for days in range(0, (last - first).days + 1, every)]
    if nights[-1] != last:
        nights.append(last)
    return [night for night in nights if published is None or night > published]
