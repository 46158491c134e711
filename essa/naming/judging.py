"""How a pair of groups is judged by its words: sure enough, sure with the log's help, or not at all.

Frequencies decide what letters cannot: a slip is rare beside the word it is a slip of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from essa.naming.exact import Group, turns
from essa.naming.repair import Pair, Step
from essa.naming.signs import CODE_LETTERS, FORMS, LETTERS_DIFFER
from essa.naming.words import Words, listed

LESS = (
    "abbreviation", "dotted", "prefix", "skeleton", "initials", "unlisted initials", "system", "own initials",
    "numbered",
)  # fmt: skip
COUNTED = (*LETTERS_DIFFER, "everyday word", "confused", "prefix")  # believed by how often their words occur
# Only how often one is written for each of the other counts, never how often alone: more cases decide no less.
USUAL_RATIO = 3  # how often the right word is written for each slip where slips are many
LETTER_RATIO = 5  # the same where the slip is no usual one
CLEAR_RATIO = 10
STRIKING_RATIO = 50
EDGE_RATIO = 500  # a letter at an end makes another word as often as not
ESTABLISHED_LABEL_COUNT = 3  # a word in so many labels is a word, known or not
EDITS_SHORT, EDITS_LONG = 8, 30  # letters of a label with at most one edit, and with at most two

COST = {
    "spelling": 0.1, "small word": 0.3, "slip": 0.3, "vowel": 0.3, "edit": 0.5, "edge": 0.7, "everyday word": 0.9,
    "real word": 0.9, "unlisted": 0.9, "unlisted slip": 0.5, "initials": 0.6, "abbreviation": 0.6, "dotted": 0.6,
    "prefix": 0.8, "skeleton": 0.8, "unlisted initials": 0.8, "qualifier": 0.6, "order": 0.8, "form": 0.8,
    "system": 0.6, "left out": 0.9, "seldom": 0.7, "blank": 0.8, "confused": 0.9, "synonym": 1.0,
    "own initials": 0.6, "lost number": 0.9, "numeral": 0.9, "marks": 0.9, "kin": 0.9, "front": 0.9,
    "inflected": 0.9, "derived": 0.9, "sign": 0.9, "numbered": 0.9, "small alike": 0.9,
}  # fmt: skip

SLIPS = (
    *LETTERS_DIFFER, "real word", "everyday word", "confused", "kin", "small word", "prefix", "skeleton", "front",
    "inflected", "derived",
)  # fmt: skip
NEEDS = (
    "told",  # by an analyst, whatever the log says
    "auto",
    "place",
    "context",
    "alone",
    "form",
    "qualifier",
    "synonym",
    "review",
    "log",
)  # the last is the least sure


class Verdict(NamedTuple):
    """What the words alone say of a pair: `need` is one of `NEEDS`.

    Of those that need the log nothing is asked unless it shows one in the place of the other.
    """

    rare: str
    hub: str
    need: str
    cost: float
    steps: tuple[Step, ...]
    is_hub_strange: bool = False  # the rarer is a known word and the more frequent its slip
    is_rare_slip: bool = False  # once beside dozens of the right one

    @property
    def edits(self) -> int:
        return sum(step.edits for step in self.steps)

    @property
    def rule(self) -> str:
        return ", ".join(dict.fromkeys(step.rule for step in self.steps))


def never(word: str, meant: str) -> bool:
    """Of a process that stands alone no word stands in another."""
    return False


@dataclass(frozen=True)
class Frequencies:
    """Events with each word, and the labels that hold it."""

    events: Mapping[str, int]
    labels: Mapping[str, int]
    is_word_elsewhere: Callable[[str, str], bool] = never  # in another process
    explained: Mapping[tuple[str, str], int] = field(default_factory=dict)  # labels with a word that another has for it

    def elsewhere(self, step: Step) -> bool:
        """Whether other labels hold a word and cannot have it by the same slip."""
        here = self.labels[step.was] - self.explained.get((step.was, step.means), 0)
        return here > 0 or self.is_word_elsewhere(step.was, step.means)


def judge(pairs: Sequence[Pair], groups: Mapping[str, Group], found: Frequencies, words: Words) -> list[Verdict]:
    """Verdicts of all pairs that are not surely two steps, each pair once with its rarer group first.

    `groups` are by each of their texts; a pair that an earlier night put together is none.
    """
    found = replace(found, explained=_explained(pairs, groups))
    best: dict[tuple[str, str], Verdict] = {}
    for pair in pairs:
        one, other = groups[pair.one], groups[pair.other]
        verdict = _verdict(pair, one, other, found, words) if one is not other else None
        if verdict:
            key = (verdict.rare, verdict.hub)
            if key not in best or _order(verdict) < _order(best[key]):
                best[key] = verdict
    return [best[key] for key in sorted(best)]


def _explained(pairs: Iterable[Pair], groups: Mapping[str, Group]) -> Counter[tuple[str, str]]:
    """How many labels of more than the least events have one word where a far more frequent one has the other."""
    found = set()
    for pair in pairs:
        one, other, step = groups[pair.one], groups[pair.other], pair.steps[0]
        is_rare = USUAL_RATIO < one.event_count <= other.event_count / STRIKING_RATIO
        if is_rare and len(pair.steps) == 1 and step.rule in ("everyday word", "confused"):
            found.add((one.name, step.was, step.means))
    return Counter((was, means) for _, was, means in found)


def _order(verdict: Verdict) -> tuple:
    return (
        NEEDS.index(verdict.need),
        verdict.cost,
        verdict.steps,
    )


def _verdict(pair: Pair, one: Group, other: Group, found: Frequencies, words: Words) -> Verdict | None:
    is_hub = (-one.event_count, one.name) < (-other.event_count, other.name)
    hub, rare = (one, other) if is_hub else (other, one)
    if any(step.was in words.added and step.rule in SLIPS for step in pair.steps):
        return None  # an analyst says that it is right as it stands
    is_mended = all(step.edits or step.rule in LESS or _is_told(step, words) for step in pair.steps)
    if one.event_count == other.event_count:
        if is_mended:
            hub, rare = other, one  # of two as frequent the one to be mended is the slip, the short or the longer one
        elif turns(hub.name) > turns(rare.name):
            hub, rare = rare, hub
    needs = [_need(step, one, other, found, words) for step in pair.steps]
    if needs == [None] and pair.steps[0].edits == 1:
        if one.event_count >= STRIKING_RATIO * other.event_count and pair.steps[0].means not in words.added:
            needs = ["review"]  # the strange word is the usual one, and the known one may be a slip of it
        elif _may_be_slip(pair.steps[0], found, words):
            needs = ["log"]
    edits_max = 1 if pair.letter_count < EDITS_SHORT else 2 if pair.letter_count < EDITS_LONG else 3
    if None in needs or sum(step.edits for step in pair.steps) > edits_max:
        are_letters = len(needs) > 1 and all(step.edits for step in pair.steps)
        if not are_letters or one.event_count * STRIKING_RATIO > other.event_count:
            return None
        needs = ["review"]  # each may be a slip, and both together are no proof
    if needs == ["qualifier"] and one is hub:
        if pair.steps[0].rule != "system":
            return None
        needs = ["review"]
    need = next(
        one
        for one in ("log", "review", "synonym", "qualifier", "form", "alone", "context", "place", "auto", "told")
        if one in needs
    )
    if "synonym" in needs and len(set(needs)) > 1:
        return None
    cost = round(sum(COST[step.rule] for step in pair.steps if not _is_told(step, words)), 2)
    are_known = all("k" in step.signs for step in pair.steps)
    is_rare = rare.event_count <= hub.event_count / (CLEAR_RATIO if are_known else STRIKING_RATIO)
    is_hub_strange = one is hub and all("m" in step.signs for step in pair.steps)
    return Verdict(rare.name, hub.name, need, cost, pair.steps, is_hub_strange, is_rare)


def _is_told(step: Step, words: Words) -> bool:
    return step.rule in ("abbreviation", "initials") and (step.was, step.means) in words.told_short


def _may_be_slip(step: Step, found: Frequencies, words: Words) -> bool:
    """Whether a letter may be a slip however often it is written: of no code, and of two words not both right."""
    is_right = step.rule != "everyday word" and words.is_right(step.was)
    is_known = is_right or found.labels.get(step.was, 0) >= ESTABLISHED_LABEL_COUNT
    is_short = min(len(step.was), len(step.means)) < CODE_LETTERS
    return (
        step.rule in (*LETTERS_DIFFER, "real word", "everyday word", "confused", "kin")
        and "a" not in step.signs
        and not (is_known or is_short)
    )


def _need(step: Step, one: Group, other: Group, found: Frequencies, words: Words) -> str | None:
    """What a step still needs to be believed; None where it cannot be."""
    if _is_told(step, words):
        return "told"
    ratio = other.event_count / one.event_count
    if step.rule in LETTERS_DIFFER and "a" in step.signs:
        return "review" if ratio >= STRIKING_RATIO else None  # SLA and SLO, HIV and HCV: each letter is a word
    if step.rule in LETTERS_DIFFER and "n" in step.signs:
        return "review"  # Smith and Smyth
    if step.rule == "seldom":
        return "context" if ratio >= STRIKING_RATIO else "review" if ratio >= USUAL_RATIO else None
    if step.rule in LETTERS_DIFFER:
        need = _need_of_slip(step, ratio, found)
        if need == "auto" and "d" in step.signs:
            need = "place"
        if need in ("auto", "place", "context") and step.rule not in ("slip", "vowel") and "f" in step.signs:
            is_clear = step.rule == "edit" and step.edits == 1 and ratio >= STRIKING_RATIO and "l" in step.signs
            is_clear |= "k" in step.signs and ratio >= CLEAR_RATIO
            return "context" if is_clear else "review"  # few words of another language are known
        return need
    if step.rule in ("inflected", "derived"):
        return "log"
    if step.rule == "small word":
        return "auto" if ratio >= CLEAR_RATIO else None
    if step.rule == "lost number":
        return "review" if ratio >= STRIKING_RATIO else None
    if step.rule == "system" and "u" in step.signs:
        return "review"
    if step.rule in ("synonym", "qualifier", "system"):
        return "qualifier" if step.rule == "system" else step.rule
    if step.rule in ("everyday word", "confused"):
        if step.rule == "confused" and CLEAR_RATIO <= ratio < STRIKING_RATIO:
            return "review"
        is_open = "o" in step.signs or found.elsewhere(step)
        return ("review" if is_open else "context") if ratio >= STRIKING_RATIO else None
    if step.rule in FORMS and "t" in step.signs:
        return "auto"
    if step.rule in FORMS:
        return "review" if "w" in step.signs else "form"
    if step.rule in ("blank", "marks", "numeral", "left out", "small alike", "sign", "numbered") or "v" in step.signs:
        return "review"
    if step.rule in ("real word", "kin", "front"):
        return "review" if ratio >= STRIKING_RATIO else None
    if step.rule == "initials" and len(step.was) == 2 and step.was not in listed("abbreviations", "sure_initials"):
        return "context"
    if step.rule in ("spelling", "initials", "own initials", "dotted"):
        return "auto"
    if step.rule == "abbreviation":
        return "context" if step.was in words.known else "auto"
    if step.rule == "unlisted initials":
        return "context"
    is_own_word = step.rule == "prefix" and ratio < CLEAR_RATIO and found.labels[step.was] >= ESTABLISHED_LABEL_COUNT
    return "context" if is_own_word else "auto"


def _need_of_slip(step: Step, ratio: float, found: Frequencies) -> str | None:
    if step.rule in ("slip", "vowel"):
        return "auto"
    word_ratio = found.events[step.means] / max(found.events[step.was], 1)
    is_established = found.labels[step.was] >= ESTABLISHED_LABEL_COUNT and word_ratio < STRIKING_RATIO
    ratio = min(ratio, word_ratio)
    if is_established or ratio < USUAL_RATIO:
        return None
    if step.rule == "unlisted slip" and found.labels[step.means] >= ESTABLISHED_LABEL_COUNT:
        return "auto" if ratio >= CLEAR_RATIO else "review"  # the log's own word
    if step.rule == "unlisted slip" and ratio >= STRIKING_RATIO:
        return "alone"
    if step.rule in ("unlisted", "unlisted slip"):
        return "review"
    if step.rule == "edge":
        return "auto" if ratio >= EDGE_RATIO else "place" if ratio >= STRIKING_RATIO else "context"
    return "auto" if ratio >= LETTER_RATIO else "context"
