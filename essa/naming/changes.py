"""Rows of the queue for names that changed tonight, and for slips that outgrew what they were slips of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from essa.naming.deciding import Decision
from essa.naming.proposing import Proposal
from essa.naming.reading import clean
from essa.naming.remembering import Named, called, told_apart, words_of


def told(proposal: Proposal, decision: Decision) -> set[str]:
    """Labels whose name changed by an analyst's word: of one spoken of, with it, or by a word of the lists."""
    changed = [named for named in decision.named if named.previous_activity]
    said, group_of = proposal.asked.said, proposal.group_of
    found = {named.label for named in changed} & proposal.refused
    if not changed or not (said.same or said.different or said.call):
        return found
    names_before: dict[str, set[str]] = defaultdict(set)
    for label, before in proposal.asked.known.items():
        names_before[group_of.get(clean(label), clean(label))].add(before.activity)
    spoken = {group_of.get(text) for text in words_of(said)}
    parted_from: dict[str | None, set[str]] = defaultdict(set)
    for pair in told_apart(said):
        for one, other in (pair, pair[::-1]):
            there = group_of.get(other, other)
            parted_from[group_of.get(one)] |= {other, there, *names_before[there]}
    for named in changed:
        group, before = group_of[clean(named.label)], named.previous_activity
        hub = decision.hubs.get(group, group)
        homes = {group, hub} if before in names_before[hub] else {group}
        is_told = named.rule == "analyst" or named.activity in called(said).values()
        if is_told or not homes.isdisjoint(spoken) or any(before in parted_from[one] for one in {group, hub}):
            found.add(named.label)
    return found


def of_change(process: str, named: Named, proposal: Proposal, said: Collection[str]) -> dict[str, Any]:
    """A label that means something else tonight, beside the one it was parted from or put to.

    `said` are the labels that changed by an analyst's word.
    """
    counts, before = proposal.asked.counts, named.previous_activity
    other = named.activity if before == named.label else before
    row = {**_of_label(process, named, other, counts[named.label], counts.get(other, 0)), "kind": "changed"}
    if named.label in said:
        why, is_settled = "names.yaml says so", True
    elif named.label in proposal.guarded:
        why, is_settled = 'a number, a sign, an opposite or a "not" tells them apart', False
    elif named.label not in proposal.known:
        why, is_settled = "what names.yaml said of it was taken back", True
    else:
        why, is_settled = "its letters, the word lists as they are now and the log speak for it", False
    what = f'Until the night before it meant "{before}"; tonight it means "{named.activity}": {why}'
    if is_settled:
        return row | {"reason": f"{what}. Nothing need be pasted.", "if_same": None, "if_different": None}
    if other not in counts:  # a name is no label: the two are told apart, and the one is called so again
        apart = lines(process, named.label, named.activity)["if_different"] if named.activity in counts else None
        both = f"{apart}\n{_call_line(process, named.label, before)}" if apart else None
        row |= {"if_same": None, "if_different": both}
    return row | {"reason": f"{what}."}


def of_outgrown(process: str, named: Named, count: int, spelled: int) -> dict[str, Any]:
    said = f'It is taken for a slip of "{named.activity}" and is written more often than that'
    return {
        **_of_label(process, named, named.activity, count, spelled),
        "kind": "outgrown",
        "reason": f"{said}; if it is the right spelling, the first line calls both so.",
        "if_same": _call_line(process, named.activity, named.label),
    }


def _call_line(process: str, label: str, name: str) -> str:
    said, called_so, place = (json.dumps(text, ensure_ascii=False) for text in (label, name, process))
    return f"{said}: {called_so}  # under processes: {place}: call:"


def _of_label(process: str, named: Named, other: str, count: int, other_count: int) -> dict[str, Any]:
    return {
        "process": process,
        "label": named.label,
        "other": other,
        "event_count": count,
        "other_event_count": other_count,
        "rule": named.rule,
        "log_odds": named.log_odds,
        "shared_share": None,
        "cost": 0.0,
        **lines(process, named.label, other),
    }


def lines(process: str, label: str, other: str) -> dict[str, str]:
    """What to paste; JSON's texts are YAML's, and the comment says under which key it goes."""
    same, different, place = (json.dumps(one, ensure_ascii=False) for one in ([other, label], [label, other], process))
    return {
        "if_same": f"- {same}  # under processes: {place}: same:",  # of labels as frequent the first names the step
        "if_different": f"- {different}  # under processes: {place}: different:",
    }
