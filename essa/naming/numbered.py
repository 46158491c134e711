"""Labels that differ in a long number alone and come too often, or are too few, for it to be taken off unasked: one
question for all of a name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from essa.naming.changes import lines
from essa.naming.deciding import Decision
from essa.naming.pollution import CODE_COUNT, with_few_numbers, with_few_remarks, with_joined_numbers
from essa.naming.proposing import Proposal
from essa.naming.reading import clean

NUMBER_COST = 0.9


def rows(process: str, proposal: Proposal, decision: Decision) -> list[dict[str, Any]]:
    """A row for each name that many steps have but for a number, of the steps that stand for themselves, and for each
    that has few beside it.
    """
    hubs = {group.name: group for group in proposal.groups if group.name not in decision.hubs}
    count_of = {name: group.event_count for name, group in hubs.items()}
    found, asked = [], set()
    for family in with_joined_numbers(count_of):
        if len(family) < CODE_COUNT or any(len(pair & set(family)) > 1 for pair in proposal.apart):
            continue
        label, other, *rest = sorted(family, key=lambda name: (count_of[name], name))
        reason = (
            f"{len(family):,} labels differ in a number alone. It may be a reference and no part of the "
            "name, but each comes in more events than a reference does."
        )
        asked |= set(family)
        found.append(
            _row(process, [label, other, *rest], label, other, count_of, sum(map(count_of.get, family)), reason)
        )
    for *numbered, other in (*with_few_numbers(count_of), *_with_few_remarks(proposal, decision)):
        if not asked.isdisjoint(numbered) or any(len(pair & {*numbered, other}) > 1 for pair in proposal.apart):
            continue
        asked |= set(numbered)
        how_many = "One label is" if len(numbered) == 1 else f"{len(numbered):,} labels are"
        reason = f'{how_many} "{other}" and a number. It may be a reference, but so few numbers do not tell.'
        label = min(numbered, key=lambda name: (count_of[name], name))
        found.append(
            _row(process, [*numbered, other], label, other, count_of, sum(map(count_of.get, numbered)), reason)
        )
    return found


def _with_few_remarks(proposal: Proposal, decision: Decision) -> Iterator[list[str]]:
    """Steps that stand for themselves and hold a label that is the name of another and a remark, and that one last."""
    counts: Counter[str] = Counter()
    for label, count in proposal.asked.counts.items():
        counts[clean(label)] += count
    step_of = {text: decision.hubs.get(group, group) for text, group in proposal.group_of.items()}
    for *remarked, bare in with_few_remarks(counts):
        if steps := dict.fromkeys(step_of[text] for text in remarked if step_of[text] != step_of[bare]):
            yield [*steps, step_of[bare]]


def _row(
    process: str, family: list[str], label: str, other: str, count_of: Mapping[str, int], event_count: int, reason: str
) -> dict[str, Any]:
    same = json.dumps([other, *sorted({*family} - {other})], ensure_ascii=False)
    pasted = lines(process, label, other)
    if len(family) > 2:
        pasted["if_same"] = f"- {same}  # under processes: {json.dumps(process, ensure_ascii=False)}: same:"
    return {
        "process": process,
        "kind": "close",
        "label": label,
        "other": other,
        "event_count": event_count,
        "other_event_count": count_of[other],
        "rule": "number",
        "log_odds": None,
        "shared_share": None,
        "reason": reason,
        "cost": NUMBER_COST,
        **pasted,
    }
