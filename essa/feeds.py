"""The feeds file: who delivers what, where, and what their columns mean. Every mistake is reported at once."""

from __future__ import annotations

import glob
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from essa import feed_parts, feed_place, mistakes, privacy
from essa.errors import UsageError
from essa.feed_parts import A_NAME, Calendar, Column, Columns, Contract, Strict, like, price_mistakes, time_mistakes
from essa.feed_place import Impersonal, Place, format_of
from essa.mistakes import OnceLoader, shown_key, text_of

FEED_NAME = like("^[A-Za-z][A-Za-z0-9_]{0,62}$", "letters, digits and _, a letter first")
_zones = cache(available_timezones)  # to list them is to walk a folder, 6 ms, asked twice a feed


def _zone(name: str) -> str:
    if name not in _zones():
        near = mistakes.nearest(name, _zones())
        hint = f"did you mean `{near}`?" if near else "write it as Region/City, for example Asia/Kolkata"
        raise ValueError(f"no such time zone; {hint}")
    return name


LONGEST_KEPT = 36_500  # days; a hundred years, and no date before the year 1


def _days(held: Any) -> int:
    match = re.fullmatch(r"\s*(\d+)\s*days?\s*", held) if isinstance(held, str) else None
    if not match or not 1 <= int(match[1]) <= LONGEST_KEPT:
        raise ValueError(f"must be like `400 days`, from 1 to {LONGEST_KEPT:,}")
    return int(match[1])


class Feed(Place):
    """One provider's deliveries of one log."""

    name: str = Field("", alias="the key of the feed")  # so that no `name:` below it is taken for it
    provider: Annotated[Impersonal, A_NAME]
    country: Annotated[str, AfterValidator(like("^[A-Z]{2}$", "two capital letters, for example IN"))] | None = None
    process: Annotated[Impersonal | Column, A_NAME]
    kind: Literal["tasks", "desktop"] = "tasks"
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    datetime_format: Annotated[str, AfterValidator(feed_parts.datetime_format)] | None = None
    columns: Columns
    screens: feed_parts.DesktopColumns | None = Field(None, alias=feed_parts.AT_SCREENS)  # as written
    attributes: tuple[Impersonal, ...] = ()
    known_at_start: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # resources and values that are nobody's name
    event_id: str | None = None
    identical_rows: Literal["keep", "drop"] = "keep"
    keep: Annotated[int | None, BeforeValidator(_days)] = None  # days; older lines are removed for good
    contract: Contract | None = None
    calendar: Calendar | None = None

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise ValueError("a feed is a block of `key: value` lines")
        return feed_parts.with_columns(raw, format_of(raw))

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.timezone) if self.timezone else None

    def wanted_columns(self) -> tuple[str, ...]:
        """Every column of theirs that this feed reads, each once."""
        named = [self.process.column] if isinstance(self.process, Column) else []
        named += [value for value in self.columns.model_dump().values() if value]
        named += [*self.attributes, *([self.event_id] if self.event_id else [])]
        return tuple(dict.fromkeys(named))

    def without(self, missing: Collection[str]) -> Feed:
        """The feed as it would be if it named none of these columns, to look at the others; it reads no log."""
        return self._with_names({name: None for name in missing})

    def renamed(self, names: Mapping[str, str]) -> Feed:
        """The feed with other names for the sender's columns."""
        return self._with_names(names)

    def _with_names(self, names: Mapping[str, str | None]) -> Feed:
        if not names:
            return self
        columns = {ours: names.get(theirs, theirs) for ours, theirs in self.columns.model_dump().items()}
        process = self.process
        if isinstance(process, Column):
            called = names.get(process.column, process.column)
            process = Column(column=called) if called else "?"
        return self.model_copy(update={
            "columns": self.columns.model_copy(update=columns),
            "attributes": tuple(called for name in self.attributes if (called := names.get(name, name))),
            "event_id": self.event_id and names.get(self.event_id, self.event_id),
            "process": process,
        })  # fmt: skip

    def reading_fingerprint(self) -> str:
        """Changes when the same file would be read differently."""
        read = self.model_dump(include={
            "process", "encoding", "delimiter", "sheet", "timezone", "datetime_format", "columns", "attributes",
            "robots", "roles", "event_id",
        })  # fmt: skip
        return _fingerprint({**read, "format": self.file_format})

    def identity_fingerprint(self) -> str:
        """Changes when the same line would be told apart from others by something else."""
        held = self.model_dump(include={"event_id", "encoding"})
        if self.file_format in ("xes", "ocel"):  # of its events only the named attributes are read
            held["columns"] = sorted(self.wanted_columns())
        return _fingerprint({**held, "format": self.file_format})


def _fingerprint(held: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(held, sort_keys=True, default=list).encode()).hexdigest()[:12]


class FeedsFile(Strict):
    feeds: dict[Annotated[str, AfterValidator(FEED_NAME)], Feed] = Field(min_length=1)


def read(path: Path) -> tuple[Feed, ...]:
    """The feeds of a file in its own order, file patterns made absolute.

    UsageError lists every mistake, unknown keys with the nearest known one.
    """
    known, trouble = understand(path)
    if trouble:
        raise trouble
    return known


def understand(path: Path) -> tuple[tuple[Feed, ...], UsageError | None]:
    """The feeds whose files can be looked at, and every mistake of the file.

    A feed with a mistake elsewhere, in its calendar for example, is among them: what its files lack is said too.
    """
    raw = _loaded(path)
    blocks = raw.get("feeds") if isinstance(raw, dict) else None
    blocks = blocks if isinstance(blocks, dict) else {}
    names = {name: shown_key(name, f"(feed {number})") for number, name in enumerate(blocks, 1)}
    found = _mistakes(raw, names) if isinstance(raw, dict) else ["the file: must be `feeds:` and a block a feed"]
    for name, block in blocks.items():
        found += disagreements(names[name], block) if isinstance(block, dict) else []
    base, known = path.resolve().parent, []
    for name, block in blocks.items():
        feed = _readable_part(block, is_whole=not found)
        if feed and feed.file_format:
            known.append(_placed(feed.model_copy(update={"name": names[name]}), base))
    if not found:
        return tuple(known), None
    count = "one mistake" if len(found) == 1 else f"{len(found)} mistakes"
    lines = sorted(map(privacy.told, found), key=lambda it: _place(it, list(names.values())))
    return tuple(known), UsageError(f"{path}: {count}", found="\n".join(lines))


def _place(line: str, names: Sequence[str]) -> int:
    """Mistakes of one feed stand together, in the order of the feeds."""
    name = line.split(":")[0].split(".")[1:2]
    return names.index(name[0]) if name and name[0] in names else len(names)


def _loaded(path: Path) -> Any:
    if not path.is_file():
        do = "write one (README, 'Your own logs'), or look at the sample: `make run`, then --home data/sample"
        raise UsageError(f"no feeds file at {path}", do=do)
    try:
        return yaml.load(text_of(path), OnceLoader)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        because = (
            f"line {mark.line + 1}: {problem}" if mark else "a character that no text holds"
        )  # lines may hold secrets
        raise UsageError(f"{path}: not YAML", because=because, do="mend what is named above") from None


READ_BY = feed_place.READ_BY | {"columns", "datetime_format", "event_id"}
STAND_IN = {"timezone": "UTC", "process": "?", "provider": "?"}


def _readable_part(block: Any, is_whole: bool) -> Feed | None:
    """The feed with its mistakes left out, or None where it cannot be read without them."""
    try:
        return Feed.model_validate(block)
    except ValidationError as error:
        wrong = {str(found["loc"][0]) for found in error.errors(include_input=False) if found["loc"]}
    if is_whole or not wrong or wrong & (READ_BY | feed_parts.DesktopColumns.model_fields.keys()):
        return None
    rest = {key: value for key, value in block.items() if key not in wrong}
    try:
        return Feed.model_validate({**rest, **{key: value for key, value in STAND_IN.items() if key in wrong}})
    except ValidationError:  # the parts do not go together either
        return None


def _placed(feed: Feed, base: Path) -> Feed:
    """A feed whose files are looked for from the folder of the feeds file, whose own brackets are no pattern."""
    if feed.files is not None and not Path(feed.files).is_absolute():
        return feed.model_copy(update={"files": str(Path(glob.escape(str(base))) / feed.files)})
    path = feed.database.removeprefix("sqlite:///") if feed.database else ""
    if path not in ("", feed.database) and not Path(path).is_absolute():
        return feed.model_copy(update={"database": f"sqlite:///{base / path}"})
    return feed


def disagreements(name: str, block: Mapping[str, Any]) -> list[str]:
    """What does not agree between the parts of one feed, whatever else is wrong with it."""
    place, found = f"feeds.{name}", []
    columns, contract = block.get("columns"), block.get("contract")
    found += [place + line for line in feed_place.place_mistakes(block)]
    lists = {key: block[key] for key in ("attributes", "known_at_start") if isinstance(block.get(key), list)}
    for key, values in lists.items():
        if twice := sorted({str(value) for value in values if values.count(value) > 1}):
            found.append(f"{place}.{key}: named twice: {', '.join(twice)}")
    if strange := [str(it) for it in lists.get("known_at_start", ()) if it not in lists.get("attributes", ())]:
        found.append(f"{place}.known_at_start: not among the attributes: {', '.join(strange)}")
    found += [f"{place}.attributes: {line}" for line in feed_parts.name_mistakes(lists.get("attributes", ()))]
    if block.get("calendar") is not None and not block.get("timezone"):
        found.append(f"{place}.calendar: needs the feed's `timezone:` to know when 09:00 is")
    if isinstance(columns, dict) and block.get("kind") == "desktop":
        lines = feed_parts.screen_mistakes(columns, lists.get("attributes", ()))
        found += [f"{place}.columns: {line}" for line in lines]
    elif isinstance(columns, dict) and feed_place.format_of(block) != "ocel":
        found += [f"{place}.columns: {line}" for line in time_mistakes(columns)]
    if isinstance(contract, dict):
        found += [f"{place}.contract: {line}" for line in price_mistakes(contract)]
    return found


BETWEEN = re.compile(r"str|Column|\[key\]|function-\w+\[.*")  # Pydantic's own, between the keys of a place


def _mistakes(raw: Any, names: Mapping[Any, str]) -> list[str]:
    try:
        FeedsFile.model_validate(raw)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        return list(dict.fromkeys(_mistake(one, names) for one in found))
    return []


def _mistake(found: ErrorDetails, names: Mapping[Any, str]) -> str:
    place = [str(part) for part in found["loc"] if not BETWEEN.fullmatch(str(part))]
    shown = [shown_key(part) for part in place]
    if len(place) > 1:
        shown[1] = {str(name): told for name, told in names.items()}.get(place[1], shown[1])
    where = ".".join(shown) or "the file"
    if found["type"] != "extra_forbidden":
        return f"{where}: {mistakes.in_words(found)}"
    return f"{where}: {mistakes.unknown(place[-1], _known_keys(place[:-1]))}"


def _known_keys(place: list[str]) -> list[str]:
    inner = {"columns": Columns, "contract": Contract, "calendar": Calendar, "process": Column}
    if not place:
        return list(FeedsFile.model_fields)
    model = inner.get(place[-1], Feed) if len(place) > 2 else Feed
    own = [name for name in model.model_fields if name not in Place.model_fields]
    return [name for name in dict.fromkeys([*own, *model.model_fields]) if name not in ("name", "screens")]
