"""The blocks of a feed: its columns, how its provider is paid and when it works; each refuses what does not agree."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Price = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Strict):
    column: str = Field(min_length=1)


class Columns(Strict):
    """Ours: theirs."""

    case_id: Text
    activity: Text
    started_at: Text | None = None
    ended_at: Text | None = None
    occurred_at: Text | None = None
    lifecycle: Text | None = None
    resource: Text | None = None
    system: Text | None = None
    team: Text | None = None
    outcome: Text | None = None
    due_at: Text | None = None
    instance_id: Text | None = Field(None, description="what joins a start row to its complete row")

    @model_validator(mode="after")
    def _times(self) -> Columns:
        if self.occurred_at and (self.started_at or self.ended_at):
            raise ValueError(
                "write either occurred_at with lifecycle, or ended_at with or without started_at, not both"
            )
        if self.occurred_at and not self.lifecycle:
            raise ValueError("occurred_at goes with lifecycle; for one time per finished step write it as ended_at")
        if self.lifecycle and not self.occurred_at:
            raise ValueError("lifecycle goes with occurred_at, the time of that start or complete row")
        if not (self.ended_at or self.occurred_at):
            raise ValueError("ended_at is missing: when a step was finished (started_at may stand beside it)")
        return self


class Contract(Strict):
    """How the provider is paid; decides who keeps a saving."""

    kind: Literal["fte", "per_transaction", "outcome"]
    cost_per_hour: Price | None = None
    price_each: Price | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None

    @model_validator(mode="after")
    def _priced(self) -> Contract:
        if self.kind == "fte" and self.cost_per_hour is None:
            raise ValueError("an fte contract needs cost_per_hour")
        if self.kind == "per_transaction" and self.price_each is None:
            raise ValueError("a per_transaction contract needs price_each")
        if (self.cost_per_hour or self.price_each) and not self.currency:
            raise ValueError("a price needs its currency, for example currency: EUR")
        return self


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar(Strict):
    """When the provider works, in the feed's own time zone."""

    days: str = "mon-fri"
    hours: str = "09:00-18:00"
    holidays: str | None = None

    @model_validator(mode="after")
    def _readable(self) -> Calendar:
        self.weekdays()
        self.quarters()
        if self.holidays is not None:
            from holidays import list_supported_countries

            country, _, part = self.holidays.partition("-")
            parts = list_supported_countries().get(country)
            if parts is None or (part and part not in parts):
                raise ValueError(f"holidays: no calendar of public holidays for `{self.holidays}`")
        return self

    def weekdays(self) -> frozenset[int]:
        """Working days, 0 for Monday, from `mon-fri` or `mon,wed,sat`."""
        found: set[int] = set()
        for part in self.days.lower().replace(" ", "").split(","):
            first, _, last = part.partition("-")
            if first not in DAYS or (last and last not in DAYS):
                raise ValueError(f"days: `{part}` is not like mon-fri or mon,wed,sat")
            start, end = DAYS.index(first), DAYS.index(last or first)
            found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
        return frozenset(found)

    def quarters(self) -> tuple[int, int]:
        """First and end quarter of an hour of the working day; the end may lie past 96 for a night shift."""
        match = re.fullmatch(r"(\d\d):(00|15|30|45)-(\d\d):(00|15|30|45)", self.hours.replace(" ", ""))
        if not match:
            raise ValueError(f'hours: `{self.hours}` is not like "09:00-18:00", in quarters of an hour')
        first, end = (int(match[i]) * 4 + int(match[i + 1]) // 15 for i in (1, 3))
        if first > 95 or end > 96 or first == end:
            raise ValueError(f"hours: `{self.hours}` is no span of a day")
        return first, end if end > first else end + 96
