"""How a pair of groups is judged by its words: sure enough, sure with the log's help, or not at all.

Frequencies decide what letters cannot: a slip is rare beside the word it is a slip of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from essa.naming.actors import may_act
from essa.naming.exact import Group
from essa.naming.forms import is_past
from essa.naming.lexicon import is_common, is_listed
from essa.naming.marks import spellings_of
from essa.naming.reading import prepare
from essa.naming.repair import Pair, Step
from essa.naming.slips import alike_ends, stem
from essa.naming.words import Words, listed, verb_forms, word_list

LETTERS_DIFFER = ("slip", "vowel", "edit", "edge", "unlisted", "unlisted slip")
COUNTED = (*LETTERS_DIFFER, "everyday word", "confused", "prefix")  # believed by how often their words occur
FORMS = ("form", "order")  # the same words
LETTERS = re.compile(r"[^\W\d_]+")
# Only how often one is written for each of the other counts, never how often alone: more cases decide no less.
USUAL_RATIO = 3  # how often the right word is written for each slip where slips are many
LETTER_RATIO = 5  # the same where the slip is no usual one
CLEAR_RATIO = 10
STRIKING_RATIO = 50
EDGE_RATIO = 500  # a letter at an end makes another word as often as not
SHORT_LETTER_COUNT = 5
CODE_LETTERS = 4
ESTABLISHED_LABEL_COUNT = 3  # a word in so many labels is a word, known or not
EDITS_SHORT, EDITS_LONG = 8, 30  # letters of a label with at most one edit, and with at most two

COST = {
    "spelling": 0.1, "small word": 0.3, "slip": 0.3, "vowel": 0.3, "edit": 0.5, "edge": 0.7, "everyday word": 0.9,
    "real word": 0.9, "unlisted": 0.9, "unlisted slip": 0.5, "initials": 0.6, "abbreviation": 0.6, "dotted": 0.6,
    "prefix": 0.8, "skeleton": 0.8, "unlisted initials": 0.8, "qualifier": 0.6, "order": 0.8, "form": 0.8,
    "blank": 0.8, "confused": 0.9, "synonym": 1.0,
    "lost number": 0.9, "marks": 0.9, "kin": 0.9,
}  # fmt: skip


class Verdict(NamedTuple):
    """What the words alone say of a pair: `need` is auto, place, context, form, synonym, qualifier or review."""

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


@dataclass(frozen=True)
class Frequencies:
    """Events with each word, and the labels that hold it."""

    events: Mapping[str, int]
    labels: Mapping[str, int]


def signs(step: Step, one: Group, other: Group, words: Words) -> str:
    """What the two labels tell of a step, whatever the night: acronym, name, doubtful, foreign, mended plainly,
    of a form whether somebody is named who could be the one who acts ("Driver called") or the word may be no verb, and
    of a spelling whether the American one may be an act ("Check deposit").
    """
    if step.rule in FORMS:
        is_doubtful = any(may_act(word) or word in words.people for word in prepare(one.name).words) or not _is_of_verb(
            step, one, other
        )
        return "w" if is_doubtful else ""
    if step.rule == "spelling":
        return "v" if _may_be_act(step, one, other) else ""
    if step.rule not in LETTERS_DIFFER:
        return ""
    found = {
        "a": _is_acronym(step.means, other) or _is_acronym(step.was, one) or _is_code(step, words),
        "n": _is_name(step.means, other),
        "d": step.rule in ("edit", "edge") and _is_doubtful(step, one, other, words),
        "f": bool(prepare(other.name).language),
        "m": _is_plainly_mended(step, one, other, words),
    }
    return "".join(sign for sign, is_so in found.items() if is_so)


def judge(pairs: Sequence[Pair], groups: Mapping[str, Group], found: Frequencies, words: Words) -> list[Verdict]:
    """Verdicts of all pairs that are not surely two steps, each pair once with its rarer group first.

    `groups` are by each of their texts; a pair that an earlier night put together is none.
    """
    best: dict[tuple[str, str], Verdict] = {}
    for pair in pairs:
        one, other = groups[pair.one], groups[pair.other]
        verdict = _verdict(pair, one, other, found, words) if one is not other else None
        if verdict:
            key = (verdict.rare, verdict.hub)
            if key not in best or _order(verdict) < _order(best[key]):
                best[key] = verdict
    return [best[key] for key in sorted(best)]


def _order(verdict: Verdict) -> tuple:
    return (
        ("auto", "place", "context", "form", "synonym", "qualifier", "review").index(verdict.need),
        verdict.cost,
        verdict.steps,
    )


def _verdict(pair: Pair, one: Group, other: Group, found: Frequencies, words: Words) -> Verdict | None:
    is_hub = (-one.event_count, one.name) < (-other.event_count, other.name)
    hub, rare = (one, other) if is_hub else (other, one)
    if one.event_count == other.event_count and all(step.edits for step in pair.steps):
        hub, rare = other, one  # of two as frequent the one to be mended is the slip
    needs = [_need(step, one, other, found, words) for step in pair.steps]
    if needs == [None] and pair.steps[0].edits == 1 and one.event_count >= STRIKING_RATIO * other.event_count:
        needs = ["review"]  # the strange word is the usual one, and the known one may be a slip of it
    edits_max = 1 if pair.letter_count < EDITS_SHORT else 2 if pair.letter_count < EDITS_LONG else 3
    if None in needs or sum(step.edits for step in pair.steps) > edits_max:
        are_letters = len(needs) > 1 and all(step.edits for step in pair.steps)
        if not are_letters or one.event_count * STRIKING_RATIO > other.event_count:
            return None
        needs = ["review"]  # each may be a slip, and both together are no proof
    if needs == ["qualifier"] and one is hub:
        return None
    need = next(one for one in ("review", "synonym", "qualifier", "form", "context", "place", "auto") if one in needs)
    if "synonym" in needs and len(set(needs)) > 1:
        return None
    cost = round(sum(COST[step.rule] for step in pair.steps), 2)
    is_rare = rare.event_count <= hub.event_count / STRIKING_RATIO
    is_hub_strange = one is hub and all("m" in step.signs for step in pair.steps)
    return Verdict(rare.name, hub.name, need, cost, pair.steps, is_hub_strange, is_rare)


def _is_of_verb(step: Step, one: Group, other: Group) -> bool:
    """Whether a form is of a verb the lists hold, or of what is done: "Dresses clipped", "Clip dresses".

    Elsewhere an ending as often makes another thing: "House claim", "Housing claim".
    """
    if step.rule == "order" or verb_forms().keys() >= {step.was, step.means}:
        return True
    these, those = prepare(one.name).words, prepare(other.name).words
    is_done = is_past(step.was) and (these[-1], those[0]) == (step.was, step.means)
    return is_done or (is_past(step.means) and (those[-1], these[0]) == (step.means, step.was))


def _may_be_act(step: Step, one: Group, other: Group) -> bool:
    """Whether a word that names a thing where it is spelt otherwise ("cheque") may be what is done in a label."""
    things = word_list("spelling")["things"]
    word, label = (step.means, other) if step.was in things else (step.was, one)
    is_thing = word in things.values() and word in verb_forms()
    return is_thing and prepare(label.name).action in ("", stem(word))


def _is_plainly_mended(step: Step, one: Group, other: Group, words: Words) -> bool:
    """Whether a slip of one word stands in the one label and the word itself in the other; what both say is right."""
    shared, those = set(prepare(one.name).words), prepare(other.name).words
    is_slip = step.rule in ("slip", "vowel") and step.was in shared
    return is_slip and all(words.is_right(word) for word in those if word.isalpha() and word not in shared)


def _need(step: Step, one: Group, other: Group, found: Frequencies, words: Words) -> str | None:
    """What a step still needs to be believed; None where it cannot be."""
    ratio = other.event_count / one.event_count
    if step.rule in LETTERS_DIFFER and "a" in step.signs:
        return "review" if ratio >= STRIKING_RATIO else None  # SLA and SLO, HIV and HCV: each letter is a word
    if step.rule in LETTERS_DIFFER and "n" in step.signs:
        return "review"  # Smith and Smyth
    if step.rule in LETTERS_DIFFER:
        need = _need_of_slip(step, ratio, found)
        if need == "auto" and "d" in step.signs:
            need = "place"
        if need in ("auto", "place", "context") and step.rule not in ("slip", "vowel") and "f" in step.signs:
            is_clear = step.rule == "edit" and step.edits == 1 and ratio >= STRIKING_RATIO
            return "context" if is_clear else "review"  # few words of another language are known
        return need
    if step.rule == "small word":
        return "auto" if ratio >= CLEAR_RATIO else None
    if step.rule == "lost number":
        return "review" if ratio >= STRIKING_RATIO else None
    if step.rule in ("synonym", "qualifier"):
        return step.rule
    if step.rule in ("everyday word", "confused"):
        is_slip = found.labels[step.was] < ESTABLISHED_LABEL_COUNT
        if step.rule == "confused" and CLEAR_RATIO <= ratio < STRIKING_RATIO:
            return "review"
        return ("context" if is_slip else "review") if ratio >= STRIKING_RATIO else None
    if step.rule in FORMS:
        return "review" if "w" in step.signs else "form"
    if step.rule in ("blank", "marks") or "v" in step.signs:
        return "review"
    if step.rule in ("real word", "kin"):
        return "review" if ratio >= STRIKING_RATIO else None
    if step.rule == "initials" and len(step.was) == 2 and step.was not in listed("abbreviations", "sure_initials"):
        return "context"
    if step.rule in ("spelling", "initials", "dotted"):
        return "auto"
    if step.rule == "abbreviation":
        return "context" if step.was in words.known else "auto"
    if step.rule == "unlisted initials":
        return "context"
    is_own_word = step.rule == "prefix" and ratio < CLEAR_RATIO and found.labels[step.was] >= ESTABLISHED_LABEL_COUNT
    return "context" if is_own_word else "auto"


def _is_doubtful(step: Step, one: Group, other: Group, words: Words) -> bool:
    """Whether letters cannot tell a slip: of a short form, of a short word that is one, by a letter English lacks.

    Of short forms a letter makes another ("fwd", "bwd"), and few runs of few letters are no word anywhere.
    """
    if step.means in words.short and step.means not in words.known and not is_common(step.means, words.lexicons):
        return True
    if len(step.was) <= SHORT_LETTER_COUNT and is_listed(step.was, words.lexicons):
        return True
    return _has_foreign_letter(step.was, step.means, one) or _has_foreign_letter(step.means, step.was, other)


def _has_foreign_letter(word: str, other: str, group: Group) -> bool:
    """Whether what a word has and another lacks is written with a letter outside ASCII, as "aç" beside "aş"."""
    if all(text.isascii() for text in group.bare):
        return False
    start, end = alike_ends(word, other)
    spellings = {spelling[: len(word)] for text in group.bare for spelling in spellings_of(text, (word, word + "s"))}
    return any(not spelling[start : len(word) - end].isascii() for spelling in spellings)


def _is_acronym(word: str, group: Group) -> bool:
    """Whether a group writes a word in capitals where it writes others in small letters."""
    return any(word.upper() in LETTERS.findall(text) for text in group.bare[:1] if text != text.upper())


def _is_code(step: Step, words: Words) -> bool:
    """Whether a word is so short that a letter makes another: xls and xlsx, pcr and pcb, iv and vi, bid and tid."""
    if step.rule in ("slip", "vowel"):
        return False
    shorter, longer = sorted((len(step.was), len(step.means)))
    if shorter <= CODE_LETTERS and not is_common(step.means, words.lexicons):
        return True
    is_unheard = step.was.isalpha() and not is_listed(step.was, words.lexicons)
    return longer < CODE_LETTERS and is_unheard and not words.tells(step.means)


def _is_name(word: str, group: Group) -> bool:
    """Whether a group writes a word with a capital inside a label whose other words have none."""
    for text in group.bare[:1]:
        _, *rest = LETTERS.findall(text) or [""]
        others = [one for one in rest if one.casefold() != word and len(one) > 2]
        if word.capitalize() in rest and others and all(one.islower() for one in others):
            return prepare(text).language != "german"
    return False


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
    if step.rule in ("unlisted", "unlisted slip"):
        return "review"
    if step.rule == "edge":
        return "auto" if ratio >= EDGE_RATIO else "place" if ratio >= STRIKING_RATIO else "context"
    return "auto" if ratio >= LETTER_RATIO else "context"
