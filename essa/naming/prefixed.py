"""Pairs of which one says what the other says behind the name of a system ("FUNSYS: Order urn", "[WOCO] Order urn"),
beside its own initials ("CPO - Create purchase order"), or behind its number in a list ("Step 3: Order urn").
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from essa.naming.exact import Group
from essa.naming.reading import LETTER, QUALIFIER, normalize, prepare, tokens_of
from essa.naming.repair import Pair, Step
from essa.naming.words import Words, listed, plain

SYSTEM = rf"{LETTER}{{2,}}(?:[\w-]*[^\W_])?|[A-Z]\d{{3,}}"
HEAD = re.compile(
    rf"[\[(]({SYSTEM})[\])][\s:-]*(?=\w)|({SYSTEM})(?::\s*|\s+[-\u2013\u2014]\s+)(?=\w)|([A-Z]{{3,}}[0-9]*)_(?=[A-Z][a-z])"
)
NUMBERED = re.compile(rf"({LETTER}{{2,}})[ _]?\d{{1,3}}(?:[:.)]\s*|\s+[-\u2013\u2014]\s+)(?=\w)")
INITIALS_COUNT = 3  # two letters are as often the initials of something else


def prefixed(groups: Sequence[Group], words: Words) -> Iterator[Pair]:
    """What a list knows is no system: "Draft: Approve claim" is another step than "Approve claim"."""
    found = {group.name: aside for group in groups if (aside := list(_set_aside(group.bare[0], words)))}
    said: dict[object, list[str]] = defaultdict(list)
    for group in groups if found else ():
        for key in {prepare(group.name).letters, prepare(group.name).meaning} - {None}:
            said[key].append(group.name)
    for name, aside in found.items():
        for step, text in aside:
            rest = prepare(text)
            for other in sorted({*said.get(rest.letters, ()), *said.get(rest.meaning, ())} - {name}):
                if rest.words:
                    yield Pair(name, other, (step,))


def _set_aside(text: str, words: Words) -> Iterator[tuple[Step, str]]:
    """What stands before or behind a text and is no part of it, and the text without."""
    if (count := NUMBERED.match(text)) and plain(count[1]).casefold() in listed("likeness", "counted"):
        yield Step("numbered", count[0].rstrip(" :.)-\u2013\u2014"), ""), text[count.end() :]
    elif head := HEAD.match(text):
        system, rest = head[1] or head[2] or head[3], text[head.end() :]
        if _are_initials(system, rest):
            yield Step("own initials", system, ""), rest
        elif _names_a_system(system, rest, words):
            yield Step("system", system, ""), rest
    if (tail := QUALIFIER.search(text)) and _are_initials(tail[1].strip(), text[: tail.start()]):
        yield Step("own initials", tail[1].strip(), ""), text[: tail.start()]


def _are_initials(letters: str, text: str) -> bool:
    """Whether the words of a text begin with these letters, with or without its small words."""
    said = [token.casefold() for token in tokens_of(normalize(text)) if token[0].isalpha()]
    small = listed("meaning", "stop") | listed("meaning", "prepositions")
    readings = said, [word for word in said if word not in small]
    firsts = ("".join(word[0] for word in words) for words in readings)
    return len(letters) >= INITIALS_COUNT and plain(letters).casefold() in firsts


def _names_a_system(head: str, rest: str, words: Words) -> bool:
    """Whether no list knows it, nor any of the words it is put together of: "Level2", "Pre-check".

    In capitals known words may be put together, and letters that lists know be a system as well: "SAP_ERP: Post",
    "WMS_Pick order".
    """
    small = plain(head).casefold()
    parts, has_digit = re.findall(r"[^\W\d_]+", small), bool(re.search(r"\d", head))
    is_put_together = len(parts) > 1 and head.isupper() and not rest.isupper() and not has_digit
    if small in listed("business", "letters") and head.isupper() and not rest.isupper():
        return len(head) >= INITIALS_COUNT
    if small in words.known or (len(parts) > 1 and not words.prefixes.isdisjoint(parts)):
        return False
    if has_digit and any(part in words.short or part in listed("pollution", "standards") for part in parts):
        return False  # "Lvl2", "FY24"; but "SAP: Post"
    return is_put_together or words.known.isdisjoint(parts)
