"""The queue of pairs an analyst should look at: why each was left, and the line to paste for either answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from essa.naming.attaching import Doubt
from essa.naming.changes import lines, of_change, of_outgrown, told
from essa.naming.deciding import Decision
from essa.naming.hints import refused
from essa.naming.homonyms import Place
from essa.naming.judging import Verdict
from essa.naming.marks import WORD
from essa.naming.proposing import Proposal
from essa.naming.reading import APOSTROPHE, LETTER, clean, prepare, singular
from essa.naming.repair import Step
from essa.naming.weighing import SURE_LOG_ODDS
from essa.naming.words import plain

ELIDED = rf"{LETTER}+['\u2019`]{LETTER}+"
HINT_COST = 3.0  # siblings look the same
HOMONYM_COST = 9.0  # a step done twice in a case looks the same
KINDS = ("changed", "outgrown", "ambiguous", "close", "hint", "homonym")  # of one pair the first is asked
IN_WORDS = {
    "slip": "a slip of the finger", "vowel": "a vowel", "unlisted": "letters of a word no list knows well",
    "unlisted slip": "letters of a word no list knows", "edit": "a letter or two", "lost number": "a number",
    "edge": "a letter at the end of a word",
    "small word": "a small word", "abbreviation": "a short form", "dotted": "a short form", "prefix": "a short form",
    "skeleton": "a short form", "initials": "initials", "unlisted initials": "initials",
    "spelling": "a way of spelling", "real word": "one letter between what may be two words",
    "everyday word": "one letter between what may be two words", "front": "what is set before a word",
    "seldom": "a letter of a long word that is seldom written",
    "left out": "a small word that one leaves out", "small alike": "a small word",
    "numbered": "what stands before it", "system": "what stands before it",
    "own initials": "its own initials, set beside it",
    "qualifier": "what stands behind it", "synonym": "a word of like meaning", "order": "the order of the words",
    "form": "the form of a word", "inflected": "what may be two forms of a word", "derived": "what an act is called",
    "blank": "a blank or hyphen inside a word, which may change the meaning",
    "confused": "one of two words that are often confused",
    "sign": "a dash before a number, which may be a minus",
    "marks": "the marks on a letter", "numeral": "a number written otherwise",
    "kin": "a letter by which two words may differ",
}  # fmt: skip
TROUBLES = {
    "needs context": "letters alone do not decide it and the log does not speak for it",
    "needs alone": "no list knows the word, and the log does not show nearly the same around both",
    "needs habit": "the log shows one in the place of the other, but so few letters stand for many things; "
    "several labels written so would tell",
    "needs place": "few letters do not decide it and the log does not show one in the place of the other",
    "needs form": "the same words in another form or order are two steps as often as one, and the log does not show "
    "one in the place of the other",
    "needs verbs": "the log shows one in the place of the other, but no list holds the verbs of their language",
    "needs act": "the log shows one in the place of the other, but one may be an act and the other a thing",
    "needs synonym": "words of like meaning are two steps as often as one",
    "needs qualifier": "no list and too few labels tell whether that says who or what",
    "needs review": "that alone makes no two steps one",
    "needs frequency": "the log shows one where the other stands, but how often each is written is not enough to call "
    "that a slip",
    "others there": "the log speaks for it, but other steps stand in that place as well",
    "needs events": "the log shows one in the place of the other, but in too few events to tell",
    "some cases": "the log shows one in the place of the other, but some cases hold both",
    "context against": "the log speaks against it: other steps stand around it",
    "same cases": "both stand in the same cases",
    "several hubs": "several labels are as likely",
    "known apart": "earlier nights knew them as two and nothing clearly stronger speaks for one",
}


def rows(process: str, proposal: Proposal, decision: Decision) -> list[dict[str, Any]]:
    """The doubts of one process and the names that changed tonight, without their rank."""
    count_of = {group.name: group.event_count for group in proposal.groups}
    label_of = _label_of(proposal, decision)
    found: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for doubt in decision.doubts:
        row = _of_doubt(process, doubt, count_of, label_of)
        if row and doubt.group not in decision.hubs and decision.hubs.get(doubt.hub) != doubt.group:
            found.setdefault((row["label"], row["other"], False), row)
    counts = proposal.asked.counts
    spelled, said = _spelled_so(proposal, decision), told(proposal, decision)
    for named in decision.named:
        if named.previous_activity:
            row = of_change(process, named, proposal, said)
            found[named.label, row["other"], _is_settled(row)] = row
        elif named.edits and counts[named.label] > spelled[named.activity] > 0:
            row = of_outgrown(process, named, counts[named.label], spelled[named.activity])
            found.setdefault((named.label, named.activity, False), row)
    return list(found.values())


def _label_of(proposal: Proposal, decision: Decision | None = None) -> dict[str, str]:
    """For each group the label it was delivered under, as it was: its name tonight, the one it is called after, or the
    most frequent.
    """
    found: dict[str, str] = {}
    group_of, counts = proposal.group_of, proposal.asked.counts
    names = {(named.label, clean(named.activity)) for named in decision.named} if decision else frozenset()

    def place(label: str) -> tuple[bool, bool, int, str]:
        text = clean(label)
        return (label, text) not in names, text != group_of[text], -counts[label], label

    for label in sorted(counts, key=place):
        found.setdefault(group_of[clean(label)], label)
    return found


def _spelled_so(proposal: Proposal, decision: Decision) -> Counter[str]:
    """Events of each activity whose label needed no mending."""
    spelled: Counter[str] = Counter()
    for named in decision.named:
        spelled[named.activity] += 0 if named.edits else proposal.asked.counts[named.label]
    return spelled


def of_homonyms(
    process: str, proposal: Proposal, decision: Decision, places: Mapping[str, list[Place]]
) -> list[dict[str, Any]]:
    """Steps of two places: a line can part two labels, but of one only the provider can say what it means."""
    found, label_of, counts = [], _label_of(proposal), proposal.asked.counts
    told = [set(map(clean, labels)) for labels in proposal.asked.said.same]
    for group in proposal.groups:
        if group.name in decision.hubs or not (here := places.get(group.name)):
            continue
        one, other = (f'between "{place.before}" and "{place.after}"' for place in here[:2])
        row = {
            "process": process,
            "kind": "homonym",
            "label": label_of[group.name],
            "other": label_of[group.name],
            "event_count": group.event_count,
            "other_event_count": group.event_count,
            "rule": "place",
            "log_odds": None,
            "shared_share": None,
            "reason": f"It stands {one}, and also {other}: it may be two steps under one name.",
            "cost": HOMONYM_COST,
            "if_same": None,
            "if_different": None,
        }
        label, second = (place.label for place in here[1::-1])  # the rarer place first
        if label and second and clean(label) != clean(second):
            if any({clean(label), clean(second)} <= labels for labels in told):
                continue
            row |= {"kind": "close", "label": label, "other": second, **lines(process, label, second)}
            row |= {"event_count": counts[label], "other_event_count": counts[second]}
            row["reason"] = (
                f'"{second}" stands {one}, and "{label}" {other}: they are taken for one step and may be two.'
            )
        found.append(row)
    return found


def of_hints(process: str, proposal: Proposal, found: Sequence[tuple[str, str, float]]) -> list[dict[str, Any]]:
    """Labels that the log alone puts in the place of another."""
    count_of = {group.name: group.event_count for group in proposal.groups}
    label_of = _label_of(proposal)
    steps = refused(proposal, [(rare, hub) for rare, hub, _ in found])
    return [
        {
            "process": process,
            "kind": "hint",
            "label": label_of[rare],
            "other": label_of[hub],
            "event_count": count_of[rare],
            "other_event_count": count_of[hub],
            "rule": "place",
            "log_odds": log_odds,
            "shared_share": 0.0,
            "reason": f'It stands where "{hub}" stands and never in a case with it; '
            f"{_why_words_are_not_enough(rare, hub, steps.get((rare, hub), ()))}.",
            "cost": HINT_COST,
            **lines(process, label_of[rare], label_of[hub]),
        }
        for rare, hub, log_odds in found
    ]


def _why_words_are_not_enough(rare: str, hub: str, steps: tuple[Step, ...]) -> str:
    if not steps:
        return "no rule of words makes them one"
    said = _difference(Verdict(rare, hub, "review", HINT_COST, steps))
    return f"they differ in {said}, and how often each is written is not enough to call that a slip"


def ranked(queue: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The queue of all processes, what would change most first; of equals the closer pair.

    Behind what the words say come hints and homonyms, which the log alone raises, and last what is settled.
    """
    in_order = sorted(
        _once(queue),
        key=lambda row: (
            _is_settled(row),
            max(KINDS.index(row["kind"]), KINDS.index("close")),
            -row["event_count"] / (1 + row["cost"]),
            row["process"],
            row["label"],
            row["other"],
        ),
    )
    return [{**row, "rank": rank} for rank, row in enumerate(in_order, 1)]


def _is_settled(row: dict[str, Any]) -> bool:
    return row["kind"] == "changed" and row["if_same"] is None and row["if_different"] is None


def _once(queue: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Each two labels once, whichever is in doubt, as the first of the kinds; of two that changed names, both.

    A change that asks nothing hides no question.
    """
    found: dict[tuple[str, frozenset[str], bool], dict[str, Any]] = {}
    for row in sorted(queue, key=lambda row: KINDS.index(row["kind"])):
        first = found.setdefault((row["process"], frozenset((row["label"], row["other"])), _is_settled(row)), row)
        if first is row or (row["kind"] == "changed" and first["label"] != row["label"]):
            yield row


def _of_doubt(process: str, doubt: Doubt, count_of: dict[str, int], label_of: dict[str, str]) -> dict[str, Any] | None:
    weighed, verdict = doubt.by, doubt.by.verdict
    is_hint = verdict.need == "synonym"
    if is_hint and ((weighed.log_odds or 0) < SURE_LOG_ODDS or doubt.trouble == "same cases"):
        return None
    return {
        "process": process,
        "kind": "ambiguous" if doubt.trouble == "several hubs" else "hint" if is_hint else "close",
        "label": label_of[doubt.group],
        "other": label_of[doubt.hub],
        "event_count": count_of[doubt.group],
        "other_event_count": count_of[doubt.hub],
        "rule": verdict.rule,
        "log_odds": weighed.log_odds,
        "shared_share": weighed.shared_share,
        "reason": f"They differ in {_difference(verdict)}; {TROUBLES[doubt.trouble]}.",
        "cost": verdict.cost,
        **lines(process, label_of[doubt.group], label_of[doubt.hub]),
    }


def _difference(verdict: Verdict) -> str:
    """In what two labels differ, what the one in doubt says before what the other says."""
    said = []
    for step in verdict.steps:
        sides = step.was, step.means
        if step.was not in prepare(verdict.rare).words and step.was in prepare(verdict.hub).words:
            sides = step.means, step.was
        labels = (verdict.rare, verdict.hub), (verdict.hub, verdict.rare)
        written = [_as_written(word, both) for word, both in zip(sides, labels, strict=True) if word]
        if None in written:  # another spelling of one of them was compared
            written = _words_apart(verdict.rare, verdict.hub)
        words = " for ".join(f'"{word}"' for word in written)
        said.append(f"{IN_WORDS[step.rule]} ({words})" if words else IN_WORDS[step.rule])
    return " and ".join(said)


def _words_apart(one: str, other: str) -> list[str]:
    """What each label says that the other does not; nothing where one of them says nothing more."""
    these, those = ([word.casefold() for word in clean(label).split()] for label in (one, other))
    apart = [" ".join(word for word in here if word not in there) for here, there in ((these, those), (those, these))]
    return apart if all(apart) else []


def _as_written(said: str, labels: tuple[str, str]) -> str | None:
    """Words as the first label that has them writes them, marks and endings and all: in capitals where it does, else in
    small letters. None where neither has them.
    """
    written: dict[str, str] = {}
    for label in map(clean, labels):
        patterns = WORD, r"[^\W_]+", ELIDED  # MB1C, l'eau
        tokens = [token for pattern in patterns for token in re.findall(pattern, label)]
        small = [APOSTROPHE.sub("", plain(token)).casefold() for token in tokens]
        for read in (small, map(singular, small)):  # a word that stands there is no other's singular
            for word, token in zip(read, tokens, strict=True):
                written.setdefault(word, token if token.isupper() else token.casefold())
    found = [written.get(word) if word.islower() else word for word in said.split()]  # else it is as the label has it
    return None if None in found else " ".join(found)
