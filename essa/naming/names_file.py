"""What an analyst says of names in `HOME/names.yaml`: which labels are one step, which are two, what a step is called.

It wins over everything. Where two lines cannot both hold, both are shown and nothing is started.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

from essa import mistakes, national_ids
from essa.errors import UsageError
from essa.feed_parts import Strict, Text
from essa.mistakes import OnceLoader
from essa.naming.contradictions import contradiction, lines_of, misread, opposite_lines, shown
from essa.naming.reading import clean, singular
from essa.naming.words import Words, plain, words
from essa.personal import KINDS

NEAR = 80  # of 100: a label this like one that was never delivered may be meant
MACHINERY = ("constrained-str", "list[", "[key]")  # how Pydantic names what it tried, nothing a file holds
PERSONAL = {"e-mail": "an e-mail address", "phone": "a phone number"}


def _not_blank(label: str) -> str:
    if not clean(label):
        raise ValueError("a label of blanks alone")
    return label


Label = Annotated[Text, AfterValidator(_not_blank)]
Same = Annotated[list[Label], Field(min_length=2)]
Two = Annotated[list[Label], Field(min_length=2, max_length=2)]


class Said(Strict):
    """One analyst's word, on one process or on all."""

    same: tuple[Same, ...] = ()
    different: tuple[Two, ...] = ()
    call: dict[Label, Label] = Field(default_factory=dict)

    @field_validator("same")
    @classmethod
    def _are_several(cls, lists: tuple[list[str], ...]) -> tuple[list[str], ...]:
        if twice := [labels[0] for labels in lists if len(set(map(clean, labels))) < len(labels)]:
            raise ValueError(f"in the list of `{twice[0]}` a label stands twice; that it is itself need not be said")
        return lists

    @field_validator("different")
    @classmethod
    def _are_two(cls, pairs: tuple[list[str], ...]) -> tuple[list[str], ...]:
        if alike := [one for one, other in pairs if clean(one) == clean(other)]:
            raise ValueError(f"`{alike[0]}` cannot differ from itself")
        return pairs

    @field_validator("call")
    @classmethod
    def _are_names(cls, call: dict[str, str]) -> dict[str, str]:
        for label, name in call.items():
            if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name):
                raise ValueError(f"what `{label}` is called must be one line without control characters")
            found = next((kind for kind, pattern, _ in KINDS if kind in PERSONAL and re.search(pattern, name)), None)
            is_of_a_country = national_ids.looked_for().removed(name) != name
            if found or is_of_a_country:
                said = f"what `{label}` is called holds {PERSONAL[found] if found else 'a national id'}"
                raise ValueError(f"{said}; say what is done, not who does it")
        return call


def _as_read(word: str) -> str:
    """As labels are read: "boots" is "boot"."""
    return singular(plain(word).casefold())


class WordLists(Strict):
    """What is added to the lists in essa/words."""

    abbreviations: dict[Text, Text | list[Text]] = Field(default_factory=dict)
    before_reference: tuple[Text, ...] = ()
    business: tuple[Text, ...] = ()
    opposites: tuple[Two, ...] = ()
    organisation: tuple[Text, ...] = ()
    people: tuple[Text, ...] = ()
    things: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _either_act_or_do_not(self) -> WordLists:
        if both := {*map(_as_read, self.people)} & {*map(_as_read, self.things)}:
            raise ValueError(f"`{min(both)}` stands under people and things; what may act is no thing")
        return self

    @field_validator("opposites")
    @classmethod
    def _are_opposites(cls, pairs: tuple[list[str], ...]) -> tuple[list[str], ...]:
        if alike := [one for one, other in pairs if plain(one).casefold() == plain(other).casefold()]:
            raise ValueError(f"`{alike[0]}` is no opposite of itself")
        return pairs


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

    def uncalled(self, names: Collection[str]) -> tuple[NamesFile, list[str]]:
        """The same without what is called one of these, and a line for each label that this leaves as it is."""
        places = {"": self, **{f"processes.{process}.": said for process, said in sorted(self.processes.items())}}
        lines = [
            f"{place}call.{label}: it names who works there and is not used; say what is done"
            for place, said in places.items()
            for label, name in sorted(said.call.items())
            if name in names
        ]
        processes = {process: _uncalled(said, names) for process, said in self.processes.items()}
        return _uncalled(self, names).model_copy(update={"processes": processes}) if lines else self, lines

    def texts(self) -> set[str]:
        """Every label and every name in it."""
        said = (self, *self.processes.values())
        lists = (labels for one in said for labels in (*one.same, *one.different, *one.call.items()))
        return {text for labels in lists for text in labels}

    def word_lists(self) -> Words:
        listed = self.words
        short = {form: [full] if isinstance(full, str) else full for form, full in listed.abbreviations.items()}
        apart = [(one, other) for one, other in listed.opposites]
        apart += [(one, other) for one, other in (map(_as_read, pair) for pair in apart) if one != other]
        short |= {_as_read(form): meant for form, meant in short.items() if _as_read(form) not in short}
        business, people, things = (
            [*said, *map(_as_read, said)] for said in (listed.business, listed.people, listed.things)
        )
        return words(short, business, apart, listed.organisation, people, things, listed.before_reference)


def _uncalled(said: Said, names: Collection[str]) -> Said:
    return said.model_copy(update={"call": {label: name for label, name in said.call.items() if name not in names}})


def _unheard(said: Said, heard: Collection[str]) -> list[str]:
    spoken = {clean(label) for labels in (*said.same, *said.different, said.call) for label in labels}
    lines, found = [], finder(heard)
    spoken = {label for label in spoken if found(label) not in heard}
    for label in sorted(spoken - {clean(name) for name in said.call.values()}):
        near = extractOne(label, sorted(heard), scorer=fuzz.ratio, score_cutoff=NEAR)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        lines.append(f"no line says `{label}`{meant}")
    return lines


def finder(texts: Collection[str]) -> Callable[[str], str]:
    """Finds the delivered text that a label of the file means: itself, or the only one that differs in case alone."""
    folded: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        folded[text.casefold()].append(text)

    def found(label: str) -> str:
        text = clean(label)
        fitting = folded.get(text.casefold(), [])
        return fitting[0] if text not in fitting and len(fitting) == 1 else text

    return found


def read(path: Path) -> NamesFile:
    """The names file of a home, empty where there is none; UsageError lists what is wrong in it."""
    if not path.exists():
        return NamesFile()
    try:
        text = mistakes.text_of(path)
        root, written = mistakes.composed(text), text.splitlines()
        if wrong := misread(root, written):
            raise UsageError(f"{path}: {_count(wrong)}", found="\n".join(wrong))
        found = NamesFile.model_validate((OnceLoader("").construct_document(root) if root else None) or {})
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML", because=str(error), do="mend the lines named above") from None
    except ValidationError as error:
        wrong = _mistakes(error)
        raise UsageError(f"{path}: {_count(wrong)}", found="\n".join(wrong)) from None
    for process, lines in lines_of(root, written).items():
        if clash := contradiction(lines):
            where = f" of {process}" if process else ""
            raise UsageError(
                f"{path}: what is said{where} cannot all hold",
                found="\n".join(shown(clash)),
                do="take one of these lines out",
            )
    if clash := opposite_lines(root, written):
        raise UsageError(
            f"{path}: a word cannot be short for its opposite",
            found="\n".join(shown(clash)),
            do="take one of these lines out",
        )
    return found


def _count(wrong: list[str]) -> str:
    return f"{len(wrong)} {'mistake' if len(wrong) == 1 else 'mistakes'}"


def _mistakes(error: ValidationError) -> list[str]:
    lines = []
    for found in error.errors(include_input=False, include_url=False):
        place = [str(part) for part in found["loc"] if not str(part).startswith(MACHINERY)]
        what = ".".join(place) or "the file"
        if found["type"] == "extra_forbidden":
            model = WordLists if place[0] == "words" else Said if place[0] == "processes" else NamesFile
            lines.append(f"{what}: {mistakes.unknown(place[-1], model.model_fields)}")
        elif place[-2:-1] in (["same"], ["different"], ["opposites"]) and found["type"] in ("too_short", "too_long"):
            lines.append(f"{what}: must be {'two labels or more' if place[-2] == 'same' else 'two labels'}")
        elif found["type"] in ("list_type", "tuple_type") and place[0] != "words":
            lines.append(f"{what}: must be a list of labels, for example [Approve claim, Claim OK]")
        elif place[:2] == ["words", "abbreviations"]:
            lines.append(f"{what}: must be a text or a list of texts; put them in quotes")
        else:
            lines.append(f"{what}: {mistakes.in_words(found)}")
    return list(dict.fromkeys(lines))  # a choice of two types is refused twice
