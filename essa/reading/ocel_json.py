"""An OCEL 2.0 log in JSON, object by object and event by event, never whole in memory."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from essa.errors import FeedError
from essa.reading.ocel import Declared, Event, Log, Value
from essa.reading.opened import is_gzip

CHUNK = 1 << 18
LONGEST = 1 << 24  # characters of one object or event
BLANK = re.compile(r"[ \t\r\n]*")
DO_EXPORT = "have the log exported as OCEL 2.0 and sent again"
DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)  # numbers as they stand there


def log(path: Path) -> Log:
    kinds = {part: list(_elements(path, part)) for part in ("objectTypes", "eventTypes")}
    declared = Declared(
        {str(kind["name"]): _names(kind) for kind in kinds["objectTypes"] if "name" in kind},
        [name for kind in kinds["eventTypes"] for name in _names(kind)],
    )
    if not declared.object_attributes:
        raise FeedError(f"{path.name} is JSON but not an OCEL 2.0 log: it declares no objectTypes", do=DO_EXPORT)
    return Log(declared, lambda: _objects(path), lambda: _events(path))


def _names(kind: dict[str, Any]) -> list[str]:
    return [str(one["name"]) for one in _list(kind, "attributes") if "name" in one]


def _objects(path: Path) -> Iterator[tuple[str, str, list[Value]]]:
    for held in _elements(path, "objects"):
        values = [(str(one.get("name")), str(one.get("time", "")), as_text(one.get("value")))
                  for one in _list(held, "attributes")]  # fmt: skip
        yield str(held.get("id")), str(held.get("type")), values


def _events(path: Path) -> Iterator[Event]:
    for held in _elements(path, "events"):
        yield Event(
            str(held.get("id")),
            as_text(held.get("type")) or "",
            as_text(held.get("time")) or "",
            {str(one.get("name")): as_text(one.get("value")) for one in _list(held, "attributes")},
            [str(one.get("objectId")) for one in _list(held, "relationships")],
        )


def _list(held: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = held.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def _elements(path: Path, wanted: str) -> Iterator[dict[str, Any]]:
    """The elements of one of the lists at the top of the file; FeedError where it is no such file."""
    try:
        with _open(path) as file:
            yield from _Text(path, file).elements(wanted)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FeedError(f"{path.name} is cut off: its gzip is not whole", do="ask the sender for it again") from None
    except RecursionError:
        raise FeedError(f"{path.name} nests deeper than any log", do=DO_EXPORT) from None


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8-sig") if is_gzip(path) else path.open(encoding="utf-8-sig")


class _Text:
    """A long JSON text, of which no more is held than the value that is being read."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path, self.file, self.held, self.place, self.is_over = path, file, "", 0, False

    def elements(self, wanted: str) -> Iterator[dict[str, Any]]:
        self._expect("{")
        while self._sign() != "}":
            key = self._value()
            self._expect(":")
            if self._sign() != "[":
                self._value()
            else:
                self._expect("[")
                while self._sign() != "]":
                    found = self._value()
                    if key == wanted and isinstance(found, dict):
                        yield found
                    self._pass_comma("]")
                self._expect("]")
            if key == wanted:
                return
            self._pass_comma("}")

    def _more(self) -> bool:
        chunk = "" if self.is_over else self.file.read(CHUNK)
        self.is_over = not chunk
        self.held, self.place = self.held[self.place :] + chunk, 0
        return bool(chunk)

    def _sign(self) -> str:
        """The next character that is no blank, still to be read."""
        while True:
            self.place = BLANK.match(self.held, self.place).end()  # type: ignore[union-attr]
            if self.place < len(self.held):
                return self.held[self.place]
            if not self._more():
                raise self._broken("it ends too early")

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise self._broken(f"a {sign} is missing")
        self.place += 1

    def _pass_comma(self, end: str) -> None:
        if self._sign() == ",":
            self.place += 1
        elif self._sign() != end:
            raise self._broken("a comma is missing")

    def _value(self) -> Any:
        self._sign()
        while True:
            try:
                found, end = DECODER.raw_decode(self.held, self.place)
                if end < len(self.held) or self.is_over or self.held[end - 1] in '}]"':
                    self.place = end
                    return found
            except json.JSONDecodeError as error:
                if self.is_over:
                    raise self._broken(error.msg) from None
            if len(self.held) - self.place > LONGEST:
                raise self._broken("one of its parts is longer than 16 MB, or is no JSON")
            self._more()

    def _broken(self, why: str) -> FeedError:
        return FeedError(f"{self.path.name} is not readable JSON: {why}", do="ask the sender for it again")
