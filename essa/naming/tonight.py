"""Tonight's `core.activity_label` and `core.label_review`: the labels read, the log asked about the doubtful ones."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from essa.naming import hints, numbered, review
from essa.naming.context import Context, gather
from essa.naming.deciding import decide
from essa.naming.home import Home
from essa.naming.homonyms import homonyms
from essa.naming.names_file import NamesFile
from essa.naming.proposing import Asked, Proposal, propose, uncollected
from essa.naming.reading import clean
from essa.naming.remembering import Named
from essa.warehouse import Warehouse

WHY = Named._fields
ASKING = ("core.label_place", "core.label_event", "core.label_neighbour", "core.label_case", "core.label_meeting")


@uncollected()
def name_activities(warehouse: Warehouse, said: NamesFile) -> tuple[int, list[str]]:
    """Fills both tables; the number of spellings that got another name, and what was said of no label there is."""
    words = said.word_lists()
    everything = _asked(warehouse, said)
    proposals = {process: propose(asked, words) for process, asked in everything.items()}
    places = _places(warehouse, proposals)
    in_two_places = homonyms(places)
    around = hints.places_of(places)
    alike = {process: hints.candidates(proposals[process], here, words) for process, here in around.items()}
    contexts = _ask_the_log(warehouse, proposals, alike)
    labels: list[dict[str, Any]] = []
    queue: list[dict[str, Any]] = []
    for process, proposal in proposals.items():
        decision = decide(proposal, contexts.get(process))
        counts = proposal.asked.counts
        labels += [
            {"process": process, "event_count": counts[named.label], **named._asdict()} for named in decision.named
        ]
        queue += review.rows(process, proposal, decision) + numbered.rows(process, proposal, decision)
        context = contexts.get(process)
        queue += review.of_hints(process, proposal, hints.hints(alike.get(process, ()), context, decision))
        queue += review.of_homonyms(process, proposal, decision, in_two_places.get(process, {}))
    warehouse.fill("core.activity_label", labels)
    warehouse.fill("core.label_review", review.ranked(queue))
    warehouse.fill(
        "ops.label_verdict",
        [
            {"process": process, **dict(zip(("vocabulary", "pairs"), proposal.read.kept, strict=True))}
            for process, proposal in proposals.items()
        ],
    )
    heard = {process: asked.counts.keys() | asked.known.keys() for process, asked in everything.items()}
    return sum(row["label"] != row["activity"] for row in labels), said.unheard(heard)


def _asked(warehouse: Warehouse, said: NamesFile) -> dict[str, Asked]:
    """Each process's labels, the case ids they may carry, and what was said of them before."""
    warehouse.build("core.label_spelling")
    warehouse.build("core.label_case_id")
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in warehouse.rows("SELECT * FROM core.label_spelling ORDER BY process, label"):
        counts[row["process"]][row["label"]] = row["event_count"]
    own: dict[str, list[str]] = defaultdict(list)
    for row in warehouse.rows("SELECT * FROM core.label_case_id ORDER BY process, case_id"):
        own[row["process"]].append(row["case_id"])
    known = _known(warehouse)
    kept = {
        row["process"]: (row["vocabulary"], row["pairs"]) for row in warehouse.rows("SELECT * FROM ops.label_verdict")
    }
    home = Home(counts)
    return {
        process: Asked(
            spellings,
            own[process],
            said.of(process),
            known[process],
            kept.get(process, ("", "")),
            partial(home.holds, besides=process),
        )
        for process, spellings in counts.items()
    }


def _known(warehouse: Warehouse) -> dict[str, dict[str, Named]]:
    """What each label meant before tonight, so that a night run again finds what it found the first time."""
    known: dict[str, dict[str, Named]] = defaultdict(dict)
    for row in warehouse.rows(
        """SELECT * REPLACE (CASE WHEN changed_on = ? THEN previous_activity ELSE activity END AS activity)
        FROM ops.label_memory WHERE first_seen_on < ? ORDER BY process, label""",
        [warehouse.night, warehouse.night],
    ):
        why = {name: row[name] for name in WHY if name != "previous_activity"}
        known[row["process"]][row["label"]] = Named(**why)
    return known


def _places(warehouse: Warehouse, proposals: dict[str, Proposal]) -> list[dict[str, Any]]:
    """Where every group of labels stands in a sample of its process."""
    groups = []
    for process, proposal in proposals.items():
        group_of = proposal.group_of
        groups += [
            {"process": process, "label": label, "label_group": group_of[clean(label)]}
            for label in proposal.asked.counts
        ]
    warehouse.fill("core.label_group", groups)
    warehouse.build("core.label_place")
    return warehouse.rows("SELECT * FROM core.label_place")


def _ask_the_log(
    warehouse: Warehouse, proposals: dict[str, Proposal], alike: dict[str, list[hints.Pair]]
) -> dict[str, Context]:
    """What happens around the groups that may be one step; nothing is asked where no two are."""
    pairs = []
    for process, proposal in proposals.items():
        doubtful = {(one.rare, one.hub) for one in proposal.verdicts} | set(alike.get(process, ()))
        pairs += [{"process": process, "rare": rare, "hub": hub} for rare, hub in sorted(doubtful)]
    warehouse.fill("core.label_pair", pairs)
    for table in ASKING[1:]:
        if pairs:
            warehouse.build(table)
        else:
            warehouse.fill(table, [])
    return gather(
        warehouse.rows("SELECT * FROM core.label_neighbour"),
        warehouse.rows("SELECT * FROM core.label_case"),
        warehouse.rows("SELECT * FROM core.label_meeting"),
    )
