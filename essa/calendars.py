"""Public holidays of a provider's country, from the `holidays` library."""

from __future__ import annotations

from datetime import date

FIRST_YEAR = 2000


def holidays(country: str | None, last_year: int) -> list[date]:
    """Days off in a country (`IN`) or a part of it (`DE-BY`), from 2000 to the year after `last_year`."""
    if country is None:
        return []
    from holidays import country_holidays

    name, _, part = country.partition("-")
    return sorted(country_holidays(name, subdiv=part or None, years=range(FIRST_YEAR, last_year + 2)))
