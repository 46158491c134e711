"""Figures, times and conditions as people read them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

NARROW = "\u00a0"
NOT_TOLD = f"not{NARROW}told"
LEVERS = ("eliminate", "simplify", "standardize", "automate")
# Working hours up to which a wait belongs to a class: an hour, a day, a week, a month, half a year
WAITING_H = (1, 8, 40, 170, 1000)
WAITING = ("under 1 h", "1 to 8 h", "8 to 40 h", "40 to 170 h", "170 to 1,000 h", "over 1,000 h")


ADDRESS = re.compile(r"(?i)(\b[a-z][a-z0-9+]*|\bwww)(:(?=//|\w)|\.(?=\w))")


def unlinked(markdown: str) -> str:
    """The same with what a reader of Markdown may make a link of taken apart by a backslash."""
    return ADDRESS.sub(r"\1\\\2", markdown)


def count(number: float | None) -> str:
    return "" if number is None else f"{number:,.0f}"


def hours(number: float | None) -> str:
    """Hours as one says them: a decimal only where it matters."""
    if number is None:
        return ""
    return f"{number:,.1f}" if 0 < abs(number) < 10 else f"{number:,.0f}"


def share(part: float | None) -> str:
    """0.985 as 98.5 %; tenths only near the ends, where they tell something."""
    if part is None:
        return ""
    places = 1 if 0 < part < 0.1 or 0.9 < part < 1 else 0
    return f"{100 * part:.{places}f}{NARROW}%"


def unbroken(text: str) -> str:
    """A sentence whose figures keep their sign where its lines break."""
    return text.replace(" %", f"{NARROW}%")


def setting(part: float) -> str:
    """A share that was set, as it was set: what is reckoned with it comes out as told."""
    return f"{100 * part:g}{NARROW}%"


def apportioned(whole: int, parts: Sequence[float]) -> list[int]:
    """Whole numbers as near to the parts as may be that add up to the whole: the largest remainders are rounded up."""
    total = sum(parts)
    exact = [whole * part / total if total else 0 for part in parts]
    floors = [math.floor(number) for number in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (floors[place] - exact[place], place))
    for place in by_remainder[: whole - sum(floors) if total else 0]:
        floors[place] += 1
    return floors


def shares(parts: Sequence[float]) -> list[str]:
    """Parts of one whole as they are said beside each other: one unit for all, and together 100 %."""
    total = sum(parts)
    places = 1 if any(0 < part < 0.1 * total for part in parts) else 0
    return [f"{number / 10**places:.{places}f}{NARROW}%" for number in apportioned(100 * 10**places, parts)]


def hours_apart(whole: float, parts: Sequence[float]) -> list[str]:
    """The parts of some hours, told so that they add up to the hours that are told."""
    places = 1 if 0 < abs(whole) < 10 else 0
    units = apportioned(round(float(f"{whole:.{places}f}") * 10**places), parts)
    told = (f"{number / 10**places:,.{places}f}" for number in units)
    least = f"under{NARROW}{'0.1' if places else '1'}"
    return [least if part and not number else said for part, number, said in zip(parts, units, told, strict=True)]


def listed(names: Sequence[str]) -> str:
    """Names one after the other, told apart also where one of them has a comma."""
    return ("; " if any("," in name for name in names) else ", ").join(names)


def some(names: Sequence[str], most: int = 3) -> str:
    """The names; of very many the first two, and how many more there are."""
    return listed(names) if len(names) <= most else f"{listed(names[: most - 1])} and {len(names) - most + 1:,} more"


def hours_at(by_provider: Mapping[str, str]) -> str:
    if NOT_TOLD in by_provider.values():
        return "too few people do a part of it to tell providers apart"
    return listed([f"{told} at {name}" for name, told in by_provider.items()])


def spoken(word: str) -> str:
    """An analyst's word as people write it: in build."""
    return word.replace("_", " ")


def span(seconds: float | None) -> str:
    """Seconds of work or waiting in the unit that fits; hours are working hours."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f}{NARROW}s"
    return f"{seconds / 60:.0f}{NARROW}min" if seconds < 5400 else f"{hours(seconds / 3600)}{NARROW}h"


def day(when: date | datetime | None) -> str:
    return f"{when.day} {when:%B %Y}" if when else ""


def many(number: int, one: str, more: str | None = None) -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def money(amount: float | None, currency: str | None) -> str:
    return "" if amount is None else f"{amount:,.0f}{NARROW}{currency}"


def months(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.1f} months" if number < 10 else f"{number:,.0f} months"


def width(line: str) -> float:
    """A guess at the pixels a line takes in 12.5 px type; some scripts take more."""
    return sum(_mark_width(mark) for mark in line)


def _mark_width(mark: str) -> float:
    if unicodedata.east_asian_width(mark) in ("W", "F"):
        return 12.5
    if mark in "iIl.,:'|! ":
        return 3.6
    return 8.6 if mark.isupper() or mark in "mw@%" else 6.9


def fitted(text: str, pixels: float) -> str:
    """The text, cut where it would be wider."""
    if width(text) <= pixels:
        return text
    while text and width(text) > pixels - 12:
        text = text[:-1]
    return text + "…"


# A quoted name or text is kept as it stands, whatever it holds
_PARTS = re.compile(r"""("(?:[^"]|"")*")|('(?:[^']|'')*')|([^"']+)""")
_KEPT = "\0"  # where one stands
_WORDS = (
    (r"::\w+", ""),
    (r"\s*<=\s*", " at most "),
    (r"\s*>=\s*", " at least "),
    (r"\s*<>\s*", " other than "),
    (r"\s*<\s*", " below "),
    (r"\s*>\s*", " above "),
    (r"\s*=\s*", " is "),
    (r"\bNOT\s+IN\b", "is none of"),
    (r"\bIN\b", "is one of"),
    (r"\bIS NOT NULL\b", "is recorded"),
    (r"\bIS NULL\b", "is empty"),
    (r"\bAND\b", "and"),
    (r"\bOR\b", "or"),
    (r"\bNOT\b", "not"),
    (r"(?<![\w.])(\d{4,})(?![\w.])", lambda found: f"{int(found[1]):,}"),
)


def condition(sql: str) -> str:
    """A rule's condition in words: `"Amount"::DOUBLE <= 10000` is Amount at most 10,000."""
    told, kept = [], []
    for name, text, rest in _PARTS.findall(sql):
        if rest:
            for pattern, word in _WORDS:
                rest = re.sub(pattern, word, rest)
            told.append(rest.replace(_KEPT, ""))
        else:  # put back last, for it may hold a parenthesis or one of the words
            told.append(_KEPT)
            kept.append(name[1:-1].replace('""', '"') if name else text[1:-1].replace("''", "'"))
    said = re.sub(r"is one of \(([^(),]+)\)", r"is \1", "".join(told))
    for counted in ("coalesce", "nullif"):  # how what is missing, or nothing, is reckoned with
        said = re.sub(rf"\b{counted}\(({_KEPT}|[\w.]+), 0\)", r"\1", said)
    said = re.sub(r"is (one|none) of \(([^()]*)\)", r"is \1 of \2", said)
    put_back = iter(kept)
    said = re.sub(rf"(?<![-+*/] )({_KEPT}|[\w.]+) is empty", r"no \1 recorded yet", said)
    return " ".join(re.sub(_KEPT, lambda found: next(put_back), said).split())


def sql_in_lines(sql: str, width: int | None = None) -> str:
    """A query in lines: each common table and what is asked of them begins one, and what is wider goes on in the next.

    A mark nobody can see is spelt out, so that what is read, copied and run are the same: a bell is chr(7).
    """
    told = []
    for name, text, rest in _PARTS.findall(sql):
        rest = re.sub(r"\), (?=\w+ AS \()", "),\n", rest)
        told.append(name or (text and _spelt(text)) or re.sub(r"\) (?=SELECT\b)", ")\n", rest))
    return _folded("".join(told), width) if width else "".join(told)


def _folded(sql: str, width: int) -> str:
    """The same in lines of at most this width, broken at blanks outside of quotes alone."""
    folded, column = [], 0
    for blank, word in re.findall(r"""(\s*)((?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s"'])+)""", sql):
        if "\n" not in blank and column + len(blank + word) > width:
            blank = "\n  "
        folded.append(blank + word)
        column = len("".join((blank, word)).rpartition("\n")[2]) + (0 if "\n" in blank + word else column)
    return "".join(folded)


def _spelt(text: str) -> str:
    parts = [part for part in re.split(f"({_UNSEEN})", text[1:-1]) if part]
    if all(_is_seen(part) for part in parts):
        return text
    return "(" + " || ".join(f"'{part}'" if _is_seen(part) else f"chr({ord(part)})" for part in parts) + ")"


def _is_seen(part: str) -> bool:
    return len(part) > 1 or not re.fullmatch(_UNSEEN, part)


# Marks that turn the reading order of what stands around them, as a part of a character class
TURNING = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Marks that a browser or a terminal would act on, or drop; their pictures stand in their place
_PICTURES = (
    {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"}
    | {127: 0x2421}
    | dict.fromkeys(range(128, 160), 0xFFFD)
    | {code: 0xFFFD for code in range(0x600, 0x2100) if re.match(f"[{TURNING}]", chr(code))}
)
_UNSEEN = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"


def pictured(value: Any) -> Any:
    """Text from a log, also within lists and mappings, with marks that act as their pictures: U+001B as ␛."""
    if isinstance(value, str):
        return value.translate(_PICTURES)
    if isinstance(value, dict):
        return {name: pictured(held) for name, held in value.items()}
    return [pictured(held) for held in value] if isinstance(value, list | tuple) else value


_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
ISOLATE = "\u2068", "\u2069"  # read what stands between in its own direction, which moves nothing around it


def isolated(text: str, names: Sequence[str] | None = None, around: tuple[str, str] = ISOLATE) -> str:
    """The text, each of these names in it that is read from the right set apart: else two would run into each other."""
    turned = {name for name in ([text] if names is None else names) if _FROM_THE_RIGHT.search(name)}
    if not turned:
        return text
    any_of = "|".join(map(re.escape, sorted(turned, key=lambda name: (-len(name), name))))
    return re.sub(any_of, lambda found: found[0].join(around), text)


def clipped(text: str, length: int = 100) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
