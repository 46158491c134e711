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


def read(home: Path) -> list[dict[str, Any]]:
    """A row of `ops.currency` for each line; UsageError names the first line that cannot be meant."""
    path = home / "currencies.csv"
    found: dict[str, dict[str, Any]] = {}
    for number, line in mistakes.lines_of(path):
        rate = _rate(path, number, line, found)
        found[rate["currency"]] = rate
    for target in {row["worth_in"] for row in found.values()}:
        found.setdefault(target, {"currency": target, "worth_in": target, "rate": Decimal(1), "known_on": None})
    return [found[currency] for currency in sorted(found)]


def _rate(path: Path, number: int, line: dict[str, str], before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    try:
        codes = line["currency"].strip(), line["worth_in"].strip()
        if not all(re.fullmatch("[A-Z]{3}", code) for code in codes):
            raise ValueError("a currency is three capital letters, for example EUR")
        if codes[0] in before:
            raise ValueError(f"{codes[0]} has a line already")
        if before and codes[1] != next(iter(before.values()))["worth_in"]:
            raise ValueError("worth_in is the same currency on every line")
        rate = Decimal(line["rate"].strip())
        if not 0 < rate < 10**9 or (codes[0] == codes[1] and rate != 1):
            raise ValueError("rate is a number above 0, how much of worth_in one of currency is worth")
        known_on = (line.get("known_on") or "").strip()
        return {
            "currency": codes[0],
            "worth_in": codes[1],
            "rate": rate,
            "known_on": date.fromisoformat(known_on) if known_on else None,
        }
    except InvalidOperation:
        said = "rate is a number, with a point"
    except (KeyError, AttributeError):
        said = "a column is missing"
    except ValueError as error:
        said = privacy.redact(str(error))
    raise UsageError(f"{path}, line {number}: {said}", do=f"its columns are {', '.join(COLUMNS)}")
