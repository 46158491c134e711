"""What each currency is worth in one other, as lines of `HOME/currencies.csv`; nothing is converted without it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from essa import mistakes, privacy
from essa.errors import UsageError

COLUMNS = ("currency", "worth_in", "rate", "known_on")
RATE_MAX = 10_000_000  # the dearest currency buys some millions of the cheapest


def read(home: Path, today: date) -> list[dict[str, Any]]:
    """A row of `ops.currency` for each line; UsageError names the first line that cannot be meant."""
    path = home / "currencies.csv"
    found: dict[str, dict[str, Any]] = {}
    for number, line in mistakes.lines_of(path, COLUMNS[:3]):
        rate = _rate(path, number, line, found, today)
        found[rate["currency"]] = rate
    for target in {row["worth_in"] for row in found.values()}:
        found.setdefault(target, {"currency": target, "worth_in": target, "rate": Decimal(1), "known_on": None})
    return [found[currency] for currency in sorted(found)]


def _rate(
    path: Path, number: int, line: dict[str, str], before: dict[str, dict[str, Any]], today: date
) -> dict[str, Any]:
    try:
        codes = line["currency"], line["worth_in"]
        if not all(re.fullmatch("[A-Z]{3}", code) for code in codes):
            raise ValueError("a currency is three capital letters, for example EUR")
        if codes[0] in before:
            raise ValueError(f"{codes[0]} has a line already")
        if before and codes[1] != next(iter(before.values()))["worth_in"]:
            raise ValueError("worth_in is the same currency on every line")
        rate = Decimal(line["rate"])
        if not Decimal(1) / RATE_MAX <= rate <= RATE_MAX or (codes[0] == codes[1] and rate != 1):
            raise ValueError(
                f"rate is a number above 0 and below {RATE_MAX:,}, how much of worth_in one of currency is worth"
            )
        known_on = date.fromisoformat(line["known_on"]) if line.get("known_on") else None
        if known_on and not 1990 <= known_on.year <= today.year + 1:
            raise ValueError(f"known_on is {known_on}")
        return {"currency": codes[0], "worth_in": codes[1], "rate": rate, "known_on": known_on}
    except InvalidOperation:
        said = "rate is a number, with a point"
    except ValueError as error:
        said = privacy.redact(str(error))
    raise UsageError(f"{path}, line {number}: {said}", do=f"its columns are {', '.join(COLUMNS)}")
