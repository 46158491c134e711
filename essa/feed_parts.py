"""The blocks of a feed: its columns, how its provider is paid and when it works; each says what does not agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from essa.in_words import TURNING

XES_COLUMNS = {"case_id": "case:concept:name", "activity": "concept:name", "occurred_at": "time:timestamp",
               "lifecycle": "lifecycle:transition", "resource": "org:resource"}  # fmt: skip
OCEL_COLUMNS = {"activity": "ocel:activity", "ended_at": "ocel:timestamp"}
Text = Annotated[str, Field(min_length=1)]
LONGEST_NAME = 100  # characters; a name of theirs stands in every list, chart and title
UNSEEN = rf"[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\u2060-\u2064\ufeff{TURNING}]"
Price = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def like(pattern: str, words: str) -> Callable[[str], str]:
    """Refuses a text that is not of this shape, which `words` tell."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {words}")
        return text

    return check


def _name(given: Any) -> Any:
    """Refuses a name that is empty or too long, or has marks nobody sees: some turn the order of all around them."""
    if not isinstance(given, str):
        return given
    if not given.strip():
        raise ValueError("must not be empty")
    if len(given) > LONGEST_NAME:
        raise ValueError(f"must be at most {LONGEST_NAME} characters")
    if found := re.search(UNSEEN, given):
        raise ValueError(f"has a mark that nobody sees (U+{ord(found[0]):04X}); write it anew without")
    return given


A_NAME = AfterValidator(_name)


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


# How a count since the beginning of 1970 in UTC is declared, and how many microseconds one of it is
UNIX = {"unix seconds": 1_000_000, "unix milliseconds": 1_000, "unix microseconds": 1}


def datetime_format(text: str) -> str:
    if text in UNIX:
        return text
    if not re.search(r"%[dje]", text) or not re.search(r"%[yY]", text) or not re.search(r"%[mbB]", text):
        raise ValueError('needs day, month and year, for example "%d/%m/%Y %H:%M:%S", or is one of ' + ", ".join(UNIX))
    return text


AT_SCREENS = "the columns of a log of screens"


class DesktopColumns(Strict):
    """Ours: theirs, of a log of what people did on their screens, without cases. What was typed is not read."""

    user: Text
    occurred_at: Text
    application: Text
    action: Text
    window: Text | None = None
    element: Text | None = None
    value: Text | None = None

    def places(self) -> list[str]:
        """Where something was done within its application; the sender's columns."""
        return [theirs for theirs in (self.window, self.element) if theirs]

    def as_tasks(self) -> dict[str, str]:
        """As a task log, in which every line has a case of its own until cases are found."""
        return {
            "case_id": self.occurred_at,
            "activity": self.action,
            "ended_at": self.occurred_at,
            "resource": self.user,
            "system": self.application,
        }


def with_columns(raw: dict[str, Any], file_format: str | None) -> dict[str, Any]:
    """A feed's block with the columns of a task log, where it names those of another kind or none at all."""
    columns = raw.get("columns")
    if raw.get("kind") == "desktop" and isinstance(columns, dict):
        seen = DesktopColumns.model_validate(columns)
        return {
            **raw,
            AT_SCREENS: seen,
            "columns": seen.as_tasks(),
            "attributes": [*raw.get("attributes", ()), *seen.places()],
        }
    if file_format == "ocel" and isinstance(columns, dict):
        return {**raw, "columns": _of_objects(columns)}
    return {**raw, "columns": XES_COLUMNS} if file_format == "xes" and "columns" not in raw else raw


def _of_objects(columns: dict[str, Any]) -> dict[str, Any]:
    """Of an OCEL log, whose cases are the objects of one type."""
    case = columns.get("case_id")
    if isinstance(case, dict) and list(case) == ["object_type"]:
        columns = {**columns, "case_id": case["object_type"]}
    return OCEL_COLUMNS | columns


def name_mistakes(attributes: Sequence[Any]) -> list[str]:
    """What of these names cannot be told from ours, as rules know what is no attribute."""
    ours = [str(name) for name in attributes if str(name).casefold().startswith("essa_")]
    do = "have the sender call the column otherwise, or leave it out; names that begin with essa_ are ours"
    return [f"{', '.join(ours)}: {do}"] if ours else []


def screen_mistakes(columns: Mapping[str, Any], attributes: Sequence[Any]) -> list[str]:
    """Which columns of a log of screens are named once more: what was typed would be read, a place be no place."""
    named = [str(theirs) for theirs in (*columns.values(), *attributes)]
    places = {str(columns[name]): name for name in ("element", "window", "value") if columns.get(name)}
    do = "name it there alone, and not among the attributes"
    return [
        f"{theirs} is named as {name} and once more; {do}" for theirs, name in places.items() if named.count(theirs) > 1
    ]


def time_mistakes(columns: Mapping[str, Any]) -> list[str]:
    """What does not agree among the time columns of a feed, as they are written."""
    named = {name for name, theirs in columns.items() if theirs}
    found = []
    if "occurred_at" in named and named & {"started_at", "ended_at"}:
        found.append("write either occurred_at with lifecycle, or ended_at with or without started_at, not both")
    elif "occurred_at" in named and "lifecycle" not in named:
        found.append("occurred_at goes with lifecycle; for one time per finished step write it as ended_at")
    if "lifecycle" in named and "occurred_at" not in named:
        found.append("lifecycle goes with occurred_at, the time of that start or complete row")
    if not named & {"ended_at", "occurred_at"}:
        found.append("ended_at is missing: when a step was finished (started_at may stand beside it)")
    return found


class Contract(Strict):
    """How the provider is paid; decides who keeps a saving."""

    kind: Literal["fte", "per_transaction", "outcome"]
    cost_per_hour: Price | None = None
    price_each: Price | None = None
    currency: Annotated[str, AfterValidator(like("^[A-Z]{3}$", "three capital letters, for example EUR"))] | None = None


def price_mistakes(contract: Mapping[str, Any]) -> list[str]:
    """What a contract as it is written lacks."""
    found = []
    if contract.get("kind") == "fte" and contract.get("cost_per_hour") is None:
        found.append("an fte contract needs cost_per_hour")
    if contract.get("kind") == "per_transaction" and contract.get("price_each") is None:
        found.append("a per_transaction contract needs price_each")
    if (contract.get("cost_per_hour") or contract.get("price_each")) and not contract.get("currency"):
        found.append("a price needs its currency, for example currency: EUR")
    return found


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def read_weekdays(text: str) -> frozenset[int]:
    """Working days, 0 for Monday, from `mon-fri` or `mon,wed,sat`."""
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"`{part}` is not like mon-fri or mon,wed,sat")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(found)


def read_quarters(text: str) -> tuple[int, int]:
    """First and end quarter of an hour of the working day; the end may lie past 96 for a night shift."""
    match = re.fullmatch(r"(\d\d):(00|15|30|45)-(\d\d):(00|15|30|45)", text.replace(" ", ""))
    if not match:
        raise ValueError(f'`{text}` is not like "09:00-18:00", in quarters of an hour')
    first, end = (int(match[i]) * 4 + int(match[i + 1]) // 15 for i in (1, 3))
    if first > 95 or end > 96 or first == end:
        raise ValueError(f"`{text}` is no span of a day")
    return first, end if end > first else end + 96


def _has_holidays(name: str) -> str:
    from holidays import list_supported_countries

    country, _, part = name.partition("-")
    parts = list_supported_countries().get(country)
    if parts is None or (part and part not in parts):
        raise ValueError(f"no calendar of public holidays for `{name}`; write a country, for example IN, or DE-BY")
    return name


def _readable(read: Callable[[str], object]) -> AfterValidator:
    """Refuses a text in the words of what reads it."""

    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


class Calendar(Strict):
    """When the provider works, in the feed's own time zone."""

    days: Annotated[str, _readable(read_weekdays)] = "mon-fri"
    hours: Annotated[str, _readable(read_quarters)] = "09:00-18:00"
    holidays: Annotated[str, AfterValidator(_has_holidays)] | None = None

    def weekdays(self) -> frozenset[int]:
        return read_weekdays(self.days)

    def quarters(self) -> tuple[int, int]:
        return read_quarters(self.hours)
