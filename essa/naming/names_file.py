"""What an analyst says of names in `HOME/names.yaml`: which labels are one step, which are two, what a step is called.

It wins over everything. Where two lines cannot both hold, both are shown and nothing is started.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, field_validator
from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

from essa import mistakes
from essa.errors import UsageError
from essa.feed_parts import Strict, Text
from essa.feeds import OnceLoader
from essa.naming.reading import clean
from essa.naming.words import Words, words

NEAR = 80  # of 100: a label this like one that was never delivered may be meant
MACHINERY = ("constrained-str", "list[", "[key]")  # how Pydantic names what it tried, nothing a file holds
Same = Annotated[list[Text], Field(min_length=2)]
Two = Annotated[list[Text], Field(min_length=2, max_length=2)]


class Said(Strict):
    """One analyst's word, on one process or on all."""

    same: tuple[Same, ...] = ()
    different: tuple[Two, ...] = ()
    call: dict[Text, Text] = Field(default_factory=dict)

    @field_validator("different")
    @classmethod
    def _are_two(cls, pairs: tuple[list[str], ...]) -> tuple[list[str], ...]:
        if alike := [one for one, other in pairs if clean(one) == clean(other)]:
            raise ValueError(f"`{alike[0]}` cannot differ from itself")
        return pairs


class WordLists(Strict):
    """What is added to the lists in essa/words."""

    abbreviations: dict[Text, Text | list[Text]] = Field(default_factory=dict)
    business: tuple[Text, ...] = ()
    opposites: tuple[Two, ...] = ()
    organisation: tuple[Text, ...] = ()


class NamesFile(Said):
    processes: dict[Text, Said] = Field(default_factory=dict)
    words: WordLists = WordLists()

    def of(self, process: str) -> Said:
        """What is said of one process: what is said of it and what is said of all."""
        mine = self.processes.get(process, Said())
        return Said(
            same=(*self.same, *mine.same), different=(*self.different, *mine.different), call=self.call | mine.call
        )

    def unheard(self, labels: Mapping[str, Collection[str]]) -> list[str]:
        """What is said of processes and labels that were never delivered, a line each, with what may be meant."""
        heard = {process: {clean(label) for label in found} for process, found in labels.items()}
        lines = []
        for process, said in sorted(self.processes.items()):
            if process not in heard:
                lines.append(f"processes.{process}: {mistakes.unknown(process, sorted(heard))}")
            else:
                lines += [f"processes.{process}: {line}" for line in _unheard(said, heard[process])]
        return lines + _unheard(self, set().union(*heard.values()))

    def word_lists(self) -> Words:
        listed = self.words
        short = {form: [full] if isinstance(full, str) else full for form, full in listed.abbreviations.items()}
        return words(short, listed.business, [(one, other) for one, other in listed.opposites], listed.organisation)


def _unheard(said: Said, heard: Collection[str]) -> list[str]:
    spoken = {clean(label) for labels in (*said.same, *said.different, said.call) for label in labels}
    lines = []
    for label in sorted(spoken - set(heard) - {clean(name) for name in said.call.values()}):
        near = extractOne(label, sorted(heard), scorer=fuzz.ratio, score_cutoff=NEAR)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        lines.append(f"no line says `{label}`{meant}")
    return lines


@dataclass(frozen=True)
class Line:
    """One thing said, where it stands and how it reads there."""

    number: int
    text: str
    kind: str
    labels: tuple[str, ...]  # in small letters: what differs in them alone is one label
    name: str = ""  # as what `call` calls it stands there

    def __str__(self) -> str:
        return f"line {self.number}: {self.text.strip()}"


def read(path: Path) -> NamesFile:
    """The names file of a home, empty where there is none; UsageError lists what is wrong in it."""
    if not path.exists():
        return NamesFile()
    try:
        text = path.read_text(encoding="utf-8")
        found = NamesFile.model_validate(yaml.load(text, OnceLoader) or {})
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8", do="save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML", because=str(error), do="mend the lines named above") from None
    except ValidationError as error:
        found = _mistakes(error)
        count = found.count("\n") + 1
        raise UsageError(f"{path}: {count} {'mistake' if count == 1 else 'mistakes'}", found=found) from None
    for process, lines in _lines(text).items():
        if clash := contradiction(lines):
            where = f" of {process}" if process else ""
            raise UsageError(
                f"{path}: what is said{where} cannot all hold",
                found="\n".join(dict.fromkeys(str(line) for line in clash)),
                do="take one of these lines out",
            )
    return found


def _mistakes(error: ValidationError) -> str:
    lines = []
    for found in error.errors(include_input=False, include_url=False):
        place = [str(part) for part in found["loc"] if not str(part).startswith(MACHINERY)]
        what = ".".join(place) or "the file"
        if found["type"] == "extra_forbidden":
            model = WordLists if place[0] == "words" else Said if place[0] == "processes" else NamesFile
            lines.append(f"{what}: {mistakes.unknown(place[-1], model.model_fields)}")
        elif place[-2:-1] in (["same"], ["different"], ["opposites"]) and found["type"] in ("too_short", "too_long"):
            lines.append(f"{what}: must be {'two labels or more' if place[-2] == 'same' else 'two labels'}")
        elif found["type"] == "list_type" and place[0] != "words":
            lines.append(f"{what}: must be a list of labels, for example [Approve claim, Claim OK]")
        elif place[:2] == ["words", "abbreviations"]:
            lines.append(f"{what}: must be a text or a list of texts; put them in quotes")
        else:
            lines.append(f"{what}: {mistakes.in_words(found)}")
    return "\n".join(dict.fromkeys(lines))  # a choice of two types is refused twice


def contradiction(lines: Iterable[Line]) -> list[Line]:
    """Lines that cannot all hold, the fewest that show it; empty where all can."""
    lines = list(lines)
    called: dict[str, Line] = {}
    for line in lines:
        if line.kind == "call":
            label, _ = line.labels
            if called.setdefault(label, line).name != line.name:
                return [called[label], line]
    neighbours: dict[str, list[tuple[str, Line]]] = defaultdict(list)
    for line in lines:
        for other in line.labels[1:] if line.kind != "different" else ():
            neighbours[line.labels[0]].append((other, line))
            neighbours[other].append((line.labels[0], line))
    for line in lines:
        if line.kind == "different" and (chain := _chain(neighbours, line.labels[0], {line.labels[1]})):
            return [*dict.fromkeys(chain), line]
        if line.kind == "call":
            others = {other.labels[1] for other in called.values()} - {line.labels[1]}
            if chain := _chain(neighbours, line.labels[0], others):
                return list(dict.fromkeys(chain if line in chain else [line, *chain]))
    return []


def _chain(neighbours: dict[str, list[tuple[str, Line]]], start: str, ends: set[str]) -> list[Line]:
    """The lines that lead from one label to one of the others, the fewest; empty where none do."""
    came: dict[str, tuple[str, Line] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        label = waiting.popleft()
        if label in ends:
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


def _lines(text: str) -> dict[str, list[Line]]:
    """What is said of each process and, under the empty name, of all; with the lines it stands on."""
    written = text.splitlines()
    root = yaml.compose(text, yaml.SafeLoader)
    top = _children(root)
    everywhere = list(_of_block(root, written))
    found = {"": everywhere}
    for process, block in _children(top["processes"]).items() if "processes" in top else ():
        found[process] = everywhere + list(_of_block(block, written))
    return found


def _children(node: Any) -> dict[str, Any]:
    return {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def _of_block(node: Any, written: list[str]) -> Iterator[Line]:
    blocks = _children(node)
    for kind in ("same", "different"):
        for one in blocks[kind].value if kind in blocks else ():
            number = one.start_mark.line
            yield Line(number + 1, written[number], kind, tuple(_folded(label.value) for label in one.value))
    for label, name in blocks["call"].value if "call" in blocks else ():
        number = label.start_mark.line
        labels = _folded(label.value), _folded(name.value)
        yield Line(number + 1, written[number], "call", labels, clean(name.value))


def _folded(label: str) -> str:
    return clean(label).casefold()
