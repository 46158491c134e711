"""The feeds file: who delivers what, where, and what their columns mean. Every mistake is reported at once."""

from __future__ import annotations

import difflib
import glob
import hashlib
import json
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from essa.errors import UsageError
from essa.feed_parts import Calendar, Column, Columns, Contract, Strict

FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl",
           ".xlsx": "xlsx", ".xes": "xes"}  # fmt: skip
XES_COLUMNS = {"case_id": "case:concept:name", "activity": "concept:name", "occurred_at": "time:timestamp",
               "lifecycle": "lifecycle:transition", "resource": "org:resource"}  # fmt: skip
NOT_READ_YET = {"url": "remote files", "database": "databases", "query": "databases", "kind": "desktop logs"}


def _zone(name: str) -> str:
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), 1, 0)
        raise ValueError(f"no such time zone; did you mean `{near[0]}`?")
    return name


def _datetime_format(text: str) -> str:
    if not re.search(r"%[dje]", text) or not re.search(r"%[yY]", text) or not re.search(r"%[mbB]", text):
        raise ValueError('needs day, month and year, for example "%d/%m/%Y %H:%M:%S"')
    return text


class Feed(Strict):
    """One provider's deliveries of one log."""

    name: str = Field("", alias="the key of the feed")  # so that no `name:` below it is taken for it
    provider: str = Field(min_length=1)
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    process: str | Column
    files: str = Field(min_length=1)
    format: Literal["csv", "parquet", "jsonl", "xlsx", "xes"] | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: str | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    datetime_format: Annotated[str, AfterValidator(_datetime_format)] | None = None
    columns: Columns
    attributes: tuple[str, ...] = ()
    known_at_start: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()
    event_id: str | None = None
    identical_rows: Literal["keep", "drop"] = "keep"
    contract: Contract | None = None
    calendar: Calendar | None = None

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise ValueError("a feed is a block of `key: value` lines")
        if later := [key for key in NOT_READ_YET if key in raw]:
            raise ValueError(f"{later[0]}: {NOT_READ_YET[later[0]]} are not read by this version; write `files:`")
        if "columns" not in raw and _format_of(str(raw.get("files", "")), raw.get("format")) == "xes":
            return {**raw, "columns": XES_COLUMNS}
        return raw

    @model_validator(mode="after")
    def _agrees(self) -> Feed:
        if self.file_format is None:
            known = ", ".join(sorted(FORMATS))
            raise ValueError(f"format: cannot be told from `{self.files}` (known endings: {known}); write it")
        for name in ("attributes", "known_at_start"):
            values = getattr(self, name)
            if twice := sorted({value for value in values if values.count(value) > 1}):
                raise ValueError(f"{name}: named twice: {', '.join(twice)}")
        if strange := [name for name in self.known_at_start if name not in self.attributes]:
            raise ValueError(f"known_at_start: not among the attributes: {', '.join(strange)}")
        if self.calendar and not self.timezone:
            raise ValueError("calendar: needs the feed's `timezone:` to know when 09:00 is")
        return self

    @property
    def file_format(self) -> str | None:
        return _format_of(self.files, self.format)

    @property
    def zone(self) -> ZoneInfo | None:
        return ZoneInfo(self.timezone) if self.timezone else None

    def wanted_columns(self) -> tuple[str, ...]:
        """Every column of theirs that this feed reads, each once."""
        named = [self.process.column] if isinstance(self.process, Column) else []
        named += [value for value in self.columns.model_dump().values() if value]
        named += [*self.attributes, *([self.event_id] if self.event_id else [])]
        return tuple(dict.fromkeys(named))

    def reading_fingerprint(self) -> str:
        """Changes when the same file would be read differently."""
        read = self.model_dump(include={
            "process", "encoding", "delimiter", "sheet", "timezone", "datetime_format", "columns", "attributes",
            "robots", "event_id",
        })  # fmt: skip
        return _fingerprint({**read, "format": self.file_format})

    def identity_fingerprint(self) -> str:
        """Changes when the same line would be told apart from others by something else."""
        held = self.model_dump(include={"event_id", "encoding"})
        if self.file_format == "xes":  # of its events only the named attributes are read
            held["columns"] = sorted(self.wanted_columns())
        return _fingerprint({**held, "format": self.file_format})


def _fingerprint(held: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(held, sort_keys=True, default=list).encode()).hexdigest()[:12]


def _format_of(files: str, named: str | None) -> str | None:
    if named:
        return named
    suffixes = [suffix.lower() for suffix in Path(files).suffixes if suffix.lower() != ".gz"]
    return FORMATS.get(suffixes[-1]) if suffixes else None


class FeedsFile(Strict):
    feeds: dict[Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_]{0,62}$")], Feed] = Field(min_length=1)


class OnceLoader(yaml.SafeLoader):
    """YAML in which a key said twice is an error; plain YAML lets the last one win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is one word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"`{key}` is said twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read(path: Path) -> tuple[Feed, ...]:
    """The feeds of a file in its own order, file patterns made absolute.

    UsageError lists every mistake, unknown keys with the nearest known one.
    """
    if not path.is_file():
        raise UsageError(f"no feeds file at {path}", do="write one (README, 'Your own logs'), or try `essa sample DIR`")
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), OnceLoader)
        found = FeedsFile.model_validate(raw)
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8", do="save the feeds file as UTF-8") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML", because=str(error), do="mend the lines named above") from None
    except ValidationError as error:
        raise UsageError(f"{path}: {_count(error)}", found="\n".join(_mistakes(error))) from None
    base = path.resolve().parent
    return tuple(
        feed.model_copy(update={"name": name, "files": _placed(base, feed.files)}) for name, feed in found.feeds.items()
    )


def _placed(base: Path, pattern: str) -> str:
    """A pattern from the folder of the feeds file, whose own brackets are no pattern."""
    return pattern if Path(pattern).is_absolute() else str(Path(glob.escape(str(base))) / pattern)


def _count(error: ValidationError) -> str:
    number = len(_mistakes(error))
    return "one mistake" if number == 1 else f"{number} mistakes"


def _mistakes(error: ValidationError) -> list[str]:
    lines = []
    for found in error.errors(include_input=False, include_url=False):
        place = [str(part) for part in found["loc"] if part not in ("str", "Column", "[key]")]
        where = ".".join(place) or "the file"
        if found["type"] == "extra_forbidden":
            known = _known_keys(place[:-1])
            near = difflib.get_close_matches(place[-1], known, 1, 0)
            lines.append(f"{where}: unknown; did you mean `{near[0]}`?")
        elif found["type"] == "missing":
            lines.append(f"{where}: missing")
        else:
            lines.append(f"{where}: {found['msg'].removeprefix('Value error, ')}")
    return list(dict.fromkeys(lines))


def _known_keys(place: list[str]) -> list[str]:
    inner = {"columns": Columns, "contract": Contract, "calendar": Calendar, "process": Column}
    if not place:
        return list(FeedsFile.model_fields)
    model = inner.get(place[-1], Feed) if len(place) > 2 else Feed
    return [name for name in model.model_fields if name != "name"]
