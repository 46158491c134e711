"""Pairs of which one says what the other says behind the name of a system: "FUNSYS: Order urn", "[WOCO] Order urn"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from essa.naming.exact import Group
from essa.naming.reading import LETTER, prepare
from essa.naming.repair import Pair, Step
from essa.naming.words import Words, plain

HEAD = re.compile(rf"[\[(]({LETTER}{{2,}})[\])][\s:-]*(?=\w)|({LETTER}{{2,}})(?::\s*|\s+[-\u2013\u2014]\s+)(?=\w)")


def prefixed(groups: Sequence[Group], words: Words) -> Iterator[Pair]:
    """What a list knows is no system: "Draft: Approve claim" is another step than "Approve claim"."""
    heads = {group.name: head for group in groups if (head := HEAD.match(group.bare[0]))}
    said: dict[object, list[str]] = defaultdict(list)
    for group in groups if heads else ():
        for key in {prepare(group.name).letters, prepare(group.name).meaning} - {None}:
            said[key].append(group.name)
    for name, head in heads.items():
        system = head[1] or head[2]
        rest = prepare(head.string[head.end() :])
        if plain(system).casefold() in words.known or not rest.words:
            continue
        for other in sorted({*said.get(rest.letters, ()), *said.get(rest.meaning, ())} - {name}):
            yield Pair(name, other, (Step("system", system, ""),))
