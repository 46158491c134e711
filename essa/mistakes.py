"""What is wrong with something a person wrote, each mistake one line in plain words."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from essa.errors import UsageError

NEAR = 0.6  # below it the nearest name is another thing altogether

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


def in_words(found: Mapping[str, Any]) -> str:
    """One error of Pydantic's; a rule of our own says its own words."""
    kind, limits = found["type"], found.get("ctx", {})
    if kind == "too_short":
        return "must not be empty"
    if kind in WORDS:
        return WORDS[kind].format(**limits)
    return found["msg"].removeprefix("Value error, ")


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


def lines_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a CSV file that people write, each with its number, from 2 on; none where there is no file."""
    if not path.exists():
        return
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield from enumerate(csv.DictReader(file), 2)
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path} is no UTF-8 CSV", do="save it as CSV in UTF-8, or remove it") from None
