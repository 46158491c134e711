"""What is wrong with something a person wrote, each mistake one line in plain words."""

from __future__ import annotations

import contextlib
import csv
import difflib
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from essa.errors import UsageError
from essa.feed_secrets import ISSUED

NEAR = 0.6  # below it the nearest name is another thing altogether
ORDINARY_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,62}|[0-9]{1,4}")
LONGEST_TEXT = 4_000  # marks in one field of a CSV a person writes; beyond it a quote was left open

# By the kind of mistake as Pydantic calls it; `{}` are the limits it was held against.
WORDS = {
    "missing": "missing",
    "string_type": "must be a text; put it in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must be {max_length} character",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "tuple_type": "must be a list, for example [Amount, Channel]",
    "list_type": "must be a list, for example [Amount, Channel]",
    "dict_type": "must be a block of `name: value` lines",
    "model_type": "must be a block of `name: value` lines",
    "model_attributes_type": "must be a block of `name: value` lines",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
}


def text_of(path: Path) -> str:
    """What a file that a person writes holds; UsageError where it cannot be read or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8", do="save it as UTF-8") from None
    except OSError as error:
        because = (error.strerror or "").lower()
        raise UsageError(f"{path} cannot be read", because=because, do="put a file there that you may read") from None


def in_words(found: Mapping[str, Any]) -> str:
    """One error of Pydantic's; a rule of our own says its own words."""
    kind, limits = found["type"], found.get("ctx", {})
    if kind == "too_short":
        return "must not be empty"
    if kind in WORDS:
        return WORDS[kind].format(**limits)
    return found["msg"].removeprefix("Value error, ")


def shown_key(key: Any, otherwise: str = "(a key)") -> str:
    """A key as a message may repeat it; what is no ordinary word may be a secret in the wrong place."""
    said = str(key)
    return said if ORDINARY_KEY.fullmatch(said) and not ISSUED.search(said) else otherwise


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant; None where no name is near."""
    by_folded = {one.strip().casefold(): one for one in known}
    near = difflib.get_close_matches(name.strip().casefold(), by_folded, 1, NEAR)
    return by_folded[near[0]] if near else None


def unknown(name: str, known: Iterable[str]) -> str:
    """What to say of a name that nobody knows."""
    known = list(known)
    near = nearest(name, known)
    if near:
        return f"unknown; did you mean `{near}`?"
    return f"unknown; known are {', '.join(known)}" if len(known) <= 30 else "unknown"


class OnceLoader(yaml.SafeLoader):
    """YAML in which a key said twice is an error; plain YAML lets the last one win silently."""

    def get_single_node(self) -> yaml.Node | None:
        try:
            return super().get_single_node()
        except RecursionError:
            said = "brackets within brackets, hundreds deep; close each where its list ends"
            raise yaml.constructor.ConstructorError(None, None, said, self.get_mark()) from None

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A value; one that looks like a day or a number and is none, such as 2026-02-30, is an error of YAML's."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, OverflowError):  # as PyYAML's own constructors fail
            said = "no such day, time or number; put it in quotes where it is a text"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                said = "`<<` is not understood; write out the lines it stands for"
                raise yaml.constructor.ConstructorError(None, None, said, key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is one word", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"`{shown_key(key)}` is said twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def composed(text: str) -> yaml.Node | None:
    """What `OnceLoader` composes, ten times as fast; what is wrong in it the slow one says and shows."""
    with contextlib.suppress(yaml.YAMLError, RecursionError):
        return _Swift(text).get_single_node()
    return OnceLoader(text).get_single_node()


class _Swift(yaml.composer.Composer, yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
    """Reads in C and composes in Python, where brackets within brackets are an error; in C they are a crash."""

    def __init__(self, text: str) -> None:
        super(yaml.composer.Composer, self).__init__(text)
        yaml.composer.Composer.__init__(self)


def lines_of(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV file that people write, each with the line it begins on; none where there is no file.

    UsageError where it cannot be read as such a file. Texts are stripped, and empty where a line is cut short.
    """
    if not path.exists():
        return
    number = 1
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file, strict=True)
            header: list[str] | None = None
            for values in lines:
                if any(len(value) > LONGEST_TEXT for value in values):
                    raise csv.Error
                if header is None and values:
                    header = _header(path, number, values, columns)
                elif header and any(value.strip() for value in values):
                    _require_commas(path, number, values, len(header))
                    filled = [*values, *[""] * (len(header) - len(values))]
                    yield number, {name: value.strip() for name, value in zip(header, filled, strict=False)}
                number = lines.line_num + 1
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no UTF-8 CSV", do="save it as CSV in UTF-8, or remove it") from None
    except csv.Error:
        raise UsageError(
            f"{path}, line {number}: its quotes do not close, or a text has over {LONGEST_TEXT:,} marks",
            do='put texts with commas in "quotes", a quote within them twice, and keep them short',
        ) from None


def _header(path: Path, number: int, values: list[str], columns: Sequence[str]) -> list[str]:
    """The names of the first line; UsageError where those wanted are not among them."""
    names = [value.strip() for value in values]
    missing = [name for name in columns if name not in names]
    if not missing:
        return names
    _require_commas(path, number, values, len(columns))
    raise UsageError(
        f"{path}, line {number}: no column is called {', nor '.join(missing)}",
        do=f"its columns are {', '.join(columns)}",
    )


def _require_commas(path: Path, number: int, values: list[str], wanted: int) -> None:
    """UsageError where a line has one column in place of several, and something else seems to part them."""
    if len(values) == 1 < wanted and any(mark in values[0] for mark in ";\t|"):
        raise UsageError(
            f"{path}, line {number}: no comma parts its columns", do="save it with commas between its columns"
        )
