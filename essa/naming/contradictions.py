"""Lines of `names.yaml` that cannot all hold, the fewest that show it, and what YAML takes for something else."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from essa.naming import exact
from essa.naming.marks import unlike_words
from essa.naming.reading import Meaning, clean, prepare
from essa.naming.words import plain

TEXT = "tag:yaml.org,2002:str"
NOTHING = "tag:yaml.org,2002:null"
SHOWN_MAX = 12  # lines of one contradiction: more fill a screen
ENDS = 5  # shown of each end of a longer chain


@dataclass(frozen=True)
class Line:
    """One thing said, where it stands and how it reads there."""

    number: int
    text: str
    kind: str
    labels: tuple[str, ...]
    name: str = ""  # as what `call` calls it stands there
    said: str = ""  # this alone, where the line says more

    def __str__(self) -> str:
        return f"line {self.number}: {self.text.strip()}"


def shown(clash: Iterable[Line]) -> list[str]:
    """The lines from the top of the file down; of several things said on one line each by itself, of many both ends."""
    chain = list(dict.fromkeys(clash))
    clash = sorted(chain if len(chain) <= SHOWN_MAX else [*chain[:ENDS], *chain[-ENDS:]], key=lambda line: line.number)
    how_many = Counter(map(str, clash))
    found = [str(line) if how_many[str(line)] == 1 else f"line {line.number}: {line.said}" for line in clash]
    left = len(chain) - len(clash)
    return [*found, f"and {left:,} lines that lead from the first of these to the last"] if left else found


def contradiction(lines: Iterable[Line]) -> list[Line]:
    """Lines that cannot all hold, the fewest that show it; empty where all can."""
    lines = _of_steps(list(lines))
    called: dict[str, Line] = {}
    for line in lines:
        if line.kind == "call":
            label, _ = line.labels
            if called.setdefault(label, line).name.casefold() != line.name.casefold():
                return [called[label], line]
    for line in called.values():
        other = called.get(line.labels[1], line)
        if other.name.casefold() != line.name.casefold():
            return [line, other]  # what the one is called is called otherwise
    if circle := _circle(called.values()):
        return circle
    neighbours: dict[str, list[tuple[str, Line]]] = defaultdict(list)
    for line in lines:
        for other in line.labels[1:] if line.kind != "different" else ():
            neighbours[line.labels[0]].append((other, line))
            neighbours[other].append((line.labels[0], line))
    names = {line.labels[1] for line in called.values()}
    for line in lines:
        if line.kind == "different" and (chain := _chain(neighbours, line.labels[0], {line.labels[1]})):
            return [*dict.fromkeys(chain), line]
        if line.kind == "call" and (chain := _chain(neighbours, line.labels[0], names, besides=line.labels[1])):
            return list(dict.fromkeys(chain if line in chain else [line, *chain]))
    return []


def _of_steps(lines: list[Line]) -> list[Line]:
    """The same with one text for all labels of the same letters, but for those that a line tells apart."""
    different = {frozenset(line.labels) for line in lines if line.kind == "different"}
    name_of = {line.labels[0]: line.name.casefold() for line in lines if line.kind == "call"}
    names = {line.labels[1] for line in lines if line.kind == "call"}
    in_small: dict[str, list[str]] = defaultdict(list)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    for text in sorted({label for line in lines for label in line.labels}):
        in_small[text.casefold()].append(text)
    for text in (texts[0] for texts in in_small.values()):
        alike[prepare(text).letters, prepare(text).apart].append(text)
    unions = exact.Unions(text for texts in in_small.values() for text in texts)
    for one, other in (pair for texts in alike.values() for pair in itertools.combinations(texts, 2)):
        are_called = {one, other} <= name_of.keys() and name_of[one] != name_of[other]
        if are_called or {one, other} <= names or frozenset((one, other)) in different or unlike_words(one, other):
            unions.tell_apart([(one, other)])
    for text, *others in (*in_small.values(), *alike.values()):
        for other in others:
            unions.join(text, other)
    return [replace(line, labels=tuple(map(unions.top, line.labels))) for line in lines]


def _circle(called: Iterable[Line]) -> list[Line]:
    """Two lines of which each calls a step what the other calls by another name ("Block card", "Card blocked")."""
    seen: dict[tuple[Meaning | None, ...], Line] = {}
    for line in called:
        label, name = (prepare(label).meaning for label in line.labels)
        if label and name and label != name and (name, label) in seen:
            return [seen[name, label], line]
        seen[label, name] = line
    return []


def _chain(
    neighbours: dict[str, list[tuple[str, Line]]], start: str, ends: set[str], besides: str | None = None
) -> list[Line]:
    """The lines that lead from one label to one of the others, the fewest; empty where none do."""
    came: dict[str, tuple[str, Line] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        label = waiting.popleft()
        if label in ends and label != besides:
            chain = []
            while step := came[label]:
                label = step[0]
                chain.append(step[1])
            return chain[::-1]
        for other, line in neighbours[label]:
            if other not in came:
                came[other] = (label, line)
                waiting.append(other)
    return []


def lines_of(root: Any, written: list[str]) -> dict[str, list[Line]]:
    """What is said of each process and, under the empty name, of all; with the lines it stands on."""
    top = children(root)
    everywhere = list(_of_block(root, written))
    found = {"": everywhere}
    for process, block in children(top["processes"]).items() if "processes" in top else ():
        found[process] = everywhere + list(_of_block(block, written))
    return found


def children(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def opposite_lines(root: Any, written: list[str]) -> list[Line]:
    """An abbreviation of its own opposite, and the two words as opposites; empty where none is."""
    lists = children(children(root).get("words"))
    apart: dict[frozenset[str], Line] = {}
    for one in lists["opposites"].value if "opposites" in lists else ():
        line = _line(one, lists["opposites"], "opposites", written)
        apart[frozenset(plain(label.casefold()) for label in line.labels)] = line
    for form, full in children(lists.get("abbreviations")).items():
        for one in full.value if isinstance(full, yaml.SequenceNode) else [full]:
            if other := apart.get(frozenset(plain(clean(word).casefold()) for word in (form, one.value))):
                number = one.start_mark.line
                said = f"abbreviations: {{{form}: {one.value}}}"
                return [Line(number + 1, written[number], "abbreviations", (form, one.value), said=said), other]
    return []


def _of_block(node: Any, written: list[str]) -> Iterator[Line]:
    blocks = {key.value: (key, value) for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    for kind in ("same", "different"):
        key, value = blocks.get(kind, (None, None))
        for one in value.value if value else ():
            yield _line(one, value, kind, written, key)
    for label, name in blocks["call"][1].value if "call" in blocks else ():
        number = label.start_mark.line
        labels = clean(label.value), clean(name.value)
        said = f"call: {{{label.value}: {name.value}}}"
        yield Line(number + 1, written[number], "call", labels, clean(name.value), said)


def _line(one: Any, block: Any, kind: str, written: list[str], key: Any = None) -> Line:
    """What one list of labels says, where it is said: where an anchor is named, not where it was made."""
    is_named = key is not None and block.start_mark.index < key.start_mark.index
    is_within = block.start_mark.index <= one.start_mark.index < block.end_mark.index
    number = key.start_mark.line if is_named else one.start_mark.line if is_within else block.start_mark.line
    said = f"{kind}: [{', '.join(label.value for label in one.value)}]"
    return Line(number + 1, written[number], kind, tuple(clean(label.value) for label in one.value), said=said)


def misread(node: Any, written: list[str], above: tuple[Any, ...] = ()) -> list[str]:
    """Keys that YAML takes for a number or for yes and no, and keys with nothing under them: a line each."""
    found: list[str] = []
    if any(node is one for one in above):
        return found  # an anchor that holds itself
    above = (*above, node)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        number = key.start_mark.line
        shown = f"line {number + 1}: {written[number].strip()}"
        if isinstance(key, yaml.ScalarNode) and key.tag != TEXT:
            found.append(f"{shown} - YAML reads `{key.value}` as no text; put it in quotes")
        elif value.tag == NOTHING:
            found.append(f"{shown} - nothing stands under `{key.value}`; put something there or take the line out")
        found += misread(value, written, above)
    for value in node.value if isinstance(node, yaml.SequenceNode) else ():
        number = value.start_mark.line
        if value.tag == NOTHING:
            found.append(f"line {number + 1}: {written[number].strip()} - a label is missing")
        found += misread(value, written, above)
    return found
