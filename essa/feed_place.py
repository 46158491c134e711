"""Where a feed's deliveries lie: files on this machine, files on a server, or the rows of a query.

No secret stands in the feeds file: where one is needed, the file says `env NAME`, an environment variable, or
`block NAME`, a Secret block of Prefect's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field

from essa import privacy
from essa.feed_parts import Strict
from essa.feed_secrets import FILLED_IN, check_issued, check_query, without_secret
from essa.mistakes import shown_key, unknown

FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl",
           ".xlsx": "xlsx", ".xes": "xes", ".jsonocel": "ocel"}  # fmt: skip
ELSEWHERE = re.compile(r"(env) ([A-Za-z_][A-Za-z0-9_]*)|(block) ([a-z0-9]+(?:-[a-z0-9]+)*)")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# By how a URL begins: its options, and whether each is a secret. Whatever speaks to it is an extra of that name.
OPTIONS: dict[str, dict[str, bool]] = {
    "https": {"username": False, "password": True, "token": True},
    "s3": {"key": True, "secret": True, "token": True, "profile": False, "region": False, "endpoint_url": False,
           "anon": False},
    "sftp": {"username": False, "password": True, "key_file": False, "passphrase": True, "known_hosts": False},
    "gs": {"token": True, "project": False, "endpoint_url": False, "anon": False},
    "az": {"account_name": False, "account_key": True, "sas_token": True, "connection_string": True,
           "tenant_id": False, "client_id": False, "client_secret": True, "anon": False},
}  # fmt: skip
DATABASES = ("postgresql", "mysql", "mssql", "sqlite")
OF_A_QUERY = ("query", "watermark", "since", "lookback")
OF_A_FILE = ("format", "encoding", "delimiter", "sheet")
OF_ONE_FORMAT = {"encoding": "csv", "delimiter": "csv", "sheet": "xlsx"}
SPAN = re.compile(r"(\d{1,6}) (minute|hour|day)s?")


def elsewhere(text: str) -> tuple[str, str] | None:
    """`env` or `block`, and NAME; None where the text is meant as it stands."""
    match = ELSEWHERE.fullmatch(text.strip())
    return (match[1] or match[3], match[2] or match[4]) if match else None


def parts_of(url: str) -> SplitResult:
    """A URL's parts, all of them empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def scheme(url: str) -> str:
    """How it begins; what is said of https goes for http too."""
    found = parts_of(url).scheme.lower()
    return "https" if found == "http" else found


def is_open_to_others(url: str) -> bool:
    """Whether what is said to an address, a log-in too, can be read on the way; on this machine nobody is between."""
    parts = parts_of(url)
    return parts.scheme.lower() == "http" and parts.hostname not in LOOPBACK


def check_url(text: str) -> str:
    """A URL whose files can be fetched, said without a secret, or where all of it stands."""
    if elsewhere(text):
        return text
    instead = "write `options: {username: env NAME, password: env OTHER_NAME}`, or `url: env NAME` for all of it"
    parts = without_secret(text, instead)
    if scheme(text) not in OPTIONS:
        begin = ", ".join(f"{name}://" for name in OPTIONS)
        raise ValueError(f"must begin with one of {begin}, or be `env NAME` or `block NAME`")
    if is_open_to_others(text):
        raise ValueError("http:// can be read on the way; write https://")
    if not parts.netloc or not parts.path.strip("/"):
        raise ValueError("must name a server and a file, for example sftp://files.example.com/out/*.csv")
    return text


def _check_files(text: str) -> str:
    if "://" in text:
        raise ValueError("is a URL, not files on this machine; write it under `url:`, without a password")
    return text


def _check_impersonal(text: str) -> str:
    if privacy.redact(text) != text:
        raise ValueError(
            "holds what is somebody's own (an address, a number of a person or an account) and would be published;"
            " name it otherwise in the file, or leave it out"
        )
    return text


Impersonal = Annotated[str, AfterValidator(_check_impersonal)]  # a name that is shown wherever the feed is


def _check_database(text: str) -> str:
    if elsewhere(text):
        return text
    instead = "write `database: env NAME` and put the whole URL into that environment variable"
    if without_secret(text, instead).scheme.lower() not in DATABASES:
        raise ValueError(
            f"must be `env NAME` or `block NAME`, or begin with one of {', '.join(f'{name}://' for name in DATABASES)}"
        )
    return text


def read_span(text: str) -> timedelta:
    match = SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError("must be a whole number, or like `3 days`, `12 hours`, `30 minutes`")
    return timedelta(**{f"{match[2]}s": int(match[1])})


def _check_lookback(held: Any) -> timedelta | int:
    if isinstance(held, str):
        return read_span(held)
    if not isinstance(held, int) or isinstance(held, bool) or held < 0:
        raise ValueError("must be like `3 days`, `12 hours`, `30 minutes`, or a whole number of 0 or more")
    return held


def _check_since(held: Any) -> datetime | int:
    if isinstance(held, datetime) or (isinstance(held, int) and not isinstance(held, bool)):
        return held
    if isinstance(held, date):
        return datetime(held.year, held.month, held.day)
    try:
        return datetime.fromisoformat(held)
    except (TypeError, ValueError):
        raise ValueError("must be a day, a time or a whole number, for example 2025-01-01") from None


def _check_option(held: Any) -> str | int | bool:
    if not isinstance(held, str | int | bool):
        raise ValueError("must be a text, a number, true or false")
    return held


class Place(Strict):
    """What a feed says of where its deliveries are and how they are written."""

    files: Annotated[str, Field(min_length=1), AfterValidator(_check_files)] | None = None
    url: Annotated[str, AfterValidator(check_url)] | None = None
    options: dict[str, Annotated[Any, AfterValidator(_check_option)]] = Field(default_factory=dict)
    database: Annotated[str, AfterValidator(_check_database)] | None = None
    query: Annotated[str, AfterValidator(check_query)] | None = None
    watermark: Annotated[str, Field(min_length=1)] | None = None
    since: Annotated[Any, AfterValidator(_check_since)] = None
    lookback: Annotated[Any, AfterValidator(_check_lookback)] = None
    format: Literal["csv", "parquet", "jsonl", "xlsx", "xes", "ocel"] | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    sheet: str | None = None

    @property
    def file_format(self) -> str | None:
        return format_of(self.model_dump(include={"files", "url", "database", "format"}))


READ_BY = frozenset(Place.model_fields)  # a mistake in one of these leaves nothing to look at


def format_of(block: Mapping[str, Any]) -> str | None:
    """What a feed's files are, as its block says or by their ending; of a query's rows Parquet is made."""
    if block.get("format"):
        return str(block["format"])
    if block.get("database"):
        return "parquet"
    place = block.get("files") or parts_of(str(block.get("url") or "")).path
    suffixes = [suffix.lower() for suffix in Path(str(place)).suffixes if suffix.lower() != ".gz"]
    return FORMATS.get(suffixes[-1]) if suffixes else None


def place_mistakes(block: Mapping[str, Any]) -> list[str]:
    """What does not agree in where a feed is said to lie."""
    said = [key for key in ("files", "url", "database") if block.get(key) is not None]
    found = []
    if len(said) != 1:
        found.append(": write one of `files:`, `url:` or `database:`" + (", not several" if said else ""))
    elif format_of(block) is None and said != ["database"]:
        known = ", ".join(sorted(FORMATS))
        is_path = block.get("files") and "://" not in str(block["files"])
        told = f"`{block['files']}`" if is_path else "the end of the url"
        found.append(f".format: cannot be told from {told} (known endings: {known}); write it")
    elif said != ["database"] and format_of(block) in FORMATS.values():
        others = [key for key, format_ in OF_ONE_FORMAT.items() if key in block and format_of(block) != format_]
        found += [f".{key}: goes with {OF_ONE_FORMAT[key]}; a file of {format_of(block)} has none" for key in others]
    if block.get("database") is None:
        found += [f".{key}: goes with `database:`" for key in OF_A_QUERY if key in block]
    else:
        found += _query_mistakes(block)
    if "options" in block:
        found += _option_mistakes(block)
    return found


def _query_mistakes(block: Mapping[str, Any]) -> list[str]:
    found = [".query: missing"] if block.get("query") is None else []
    found += [f".{key}: rows of a query have none" for key in OF_A_FILE if key in block]
    asks = bool(re.search(r"(?<![:\w\\]):since\b", str(block.get("query") or "")))
    if block.get("watermark") is None:
        found += [f".{key}: goes with `watermark:`" for key in ("since", "lookback") if key in block]
        if asks:
            found.append(".watermark: missing; name the column that `:since` is compared with")
    elif not asks:
        found.append(f".query: says nowhere which rows are new; add `WHERE {block['watermark']} > :since`")
    elif block.get("since") is None:
        found.append(".since: missing; where the first night begins, for example `since: 2025-01-01`, or a number")
    is_number = isinstance(block.get("since"), int)
    if block.get("lookback") is not None and isinstance(block["lookback"], str) == is_number:
        found.append(".lookback: must be of the kind of `since:`, `3 days` of a time or a whole number of a number")
    return found


def _option_mistakes(block: Mapping[str, Any]) -> list[str]:
    url, options = block.get("url"), block.get("options")
    if not isinstance(url, str):
        return [".options: goes with `url:`"]
    if not isinstance(options, dict):
        return []
    known = {name: is_secret for part in OPTIONS.values() for name, is_secret in part.items()}
    known = OPTIONS.get(scheme(url), {}) if not elsewhere(url) else known
    found = [f".options.{shown_key(name)}: {unknown(str(name), known)}" for name in options if name not in known]
    shown = {shown_key(name): value for name, value in options.items()}
    found += _said_openly(shown)
    return found + [
        f".options.{name}: is a secret, which has no place in this file; write `{name}: env NAME` or `block NAME`"
        for name, value in shown.items()
        if (isinstance(value, str) and (FILLED_IN.search(value) or (known.get(name) and not elsewhere(value))))
        or (known.get(name) and not isinstance(value, str))
    ]  # fmt: skip


def _said_openly(options: Mapping[str, Any]) -> list[str]:
    """What holds a secret among the options that are none."""
    found = []
    end, user = options.get("endpoint_url"), options.get("username")
    if isinstance(end, str) and not elsewhere(end):
        try:
            without_secret(end, "write `endpoint_url: env NAME` for all of it")
        except ValueError as wrong:
            return [f".options.endpoint_url: {wrong}"]
        if is_open_to_others(end):
            found.append(".options.endpoint_url: http:// can be read on the way; write https://")
    if isinstance(user, str) and ":" in user:
        found.append(".options.username: holds what may be a password; write that as `password: env NAME`")
    if isinstance(options.get("key_file"), str) and re.search(r"\n|-----BEGIN", options["key_file"]):
        found.append(".options.key_file: is the key itself, which has no place in this file; write where its file lies")
        options = {name: value for name, value in options.items() if name != "key_file"}
    for name, value in options.items():
        try:
            check_issued(str(value), f"write `{name}: env NAME`")
        except ValueError as wrong:
            found.append(f".options.{name}: {wrong}")
    return found
