"""Labels that differ in a long number alone and come too often for it to be taken off unasked: one question for all."""

from __future__ import annotations

import json
from typing import Any

from essa.naming.changes import lines
from essa.naming.pollution import CODE_COUNT, with_joined_numbers
from essa.naming.road import Decision, Proposal

NUMBER_COST = 0.9


def rows(process: str, proposal: Proposal, decision: Decision) -> list[dict[str, Any]]:
    """A row for each name that many steps have but for a number, of the steps that stand for themselves."""
    hubs = {group.name: group for group in proposal.groups if group.name not in decision.hubs}
    count_of = {name: group.event_count for name, group in hubs.items()}
    found = []
    for family in with_joined_numbers(count_of):
        if len(family) < CODE_COUNT or any(len(pair & set(family)) > 1 for pair in proposal.apart):
            continue
        label, other, *rest = sorted(family, key=lambda name: (count_of[name], name))
        same = json.dumps(sorted([label, other, *rest]), ensure_ascii=False)
        found.append(
            {
                "process": process,
                "kind": "close",
                "label": label,
                "other": other,
                "event_count": sum(count_of[name] for name in family),
                "other_event_count": count_of[other],
                "rule": "number",
                "log_odds": None,
                "shared_share": None,
                "reason": f"{len(family):,} labels differ in a number alone. It may be a reference and no part of the "
                "name, but each comes in more events than a reference does.",
                "cost": NUMBER_COST,
                **lines(process, label, other),
                "if_same": f"- {same}  # under processes: {json.dumps(process, ensure_ascii=False)}: same:",
            }
        )
    return found
