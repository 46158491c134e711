"""Texts of a log as a terminal may show them: without what it would act on, folded, each name in its own direction."""

from __future__ import annotations

import json
import re
import textwrap

import typer

from essa import in_words
from essa.report.asked import Row


def apart(one: Row) -> Row:
    """The candidate with names that are read from the right set apart in what is said of it."""

    def told(text: str) -> str:
        return in_words.isolated(in_words.pictured(text), in_words.pictured(one["names"]))

    texts = {name: told(one[name]) for name in ("title", "reason", "process", "goes_with") if one[name]}
    lists = {name: [told(text) for text in one[name]] for name in ("activities", "providers")}
    return one | texts | lists | {"folded": [apart(other) for other in one["folded"]]}


def short(one: Row) -> Row:
    """The candidate with what a line of a list has no room for left out; `essa show` has it whole."""
    return one | {name: in_words.clipped(one[name], most) for name, most in (("title", 120), ("process", 40))}


def wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def plain(text: str) -> str:
    """Text from a log, without what a terminal would act on; figures keep to their units by a plain blank."""
    shown = text.replace(in_words.NARROW, " ")
    return "".join(mark if mark.isprintable() or mark in in_words.ISOLATE else "?" for mark in shown)


def bare(text: str) -> str:
    """Text from a log, without what a terminal or Rich would act on."""
    return plain(text).replace("[", "\\[")


def say_json(told: object) -> None:
    text = json.dumps(told, indent=1, ensure_ascii=False, default=str)
    acting = f"[\x7f-\x9f{in_words.TURNING}]"  # on a terminal; a script reads the same
    typer.echo(re.sub(acting, lambda found: f"\\u{ord(found[0]):04x}", text))
