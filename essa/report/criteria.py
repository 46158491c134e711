"""Each part of a candidate's score: its name, how it is counted in words, and its value, None where it abstains."""

from __future__ import annotations

from typing import Any

from essa.report.asked import Row

# By column of mart.candidate, in the order they are shown; docs/tables.md has what each leaves out
WORDS = {
    "evidence_score": ("Enough executions", "executions / (executions + {support_min})"),
    "witness_score": ("Second witness", ""),
    "periodicity_score": (
        "Comes every week",
        "(1 - spread of the weekly counts (their population standard deviation) / their mean) x weeks with any / all"
        " weeks",
    ),
    "measured_share": ("Measured, not estimated", "seconds measured / all seconds known"),
    "steadiness_score": (
        "As steady as the work",
        "1 - half the sum of distances between each month's share of it and of all people's work there",
    ),
    "successor_standardisation_score": (
        "Same step follows",
        "1 - entropy of what follows / the most that so many different steps could have",
    ),
    "predecessor_standardisation_score": (
        "Same step before",
        "1 - entropy of what comes before / the most that so many different steps could have",
    ),
    "no_rework_score": ("Seldom repeated", "1 - share of executions that repeat the step in its case"),
    "stability_score": (
        "Alike over months",
        "1 - mean distance (root of Jensen-Shannon) of what follows in a month from what follows in all",
    ),
    "handling_regularity_score": (
        "Even handling time",
        "1 / (1 + median distance of the logarithms of people's handling times from their middle)",
    ),
    "digital_share": ("Done in a system", "executions that name a system / all executions"),
    "structured_input_share": (
        "Tidy inputs",
        "attribute values recorded at it that are numbers or of few kinds / all attribute values recorded at it",
    ),
    "trigger_score": (
        "Foretold by the step before",
        "share of later executions that a rule, the history or the usual next step foretold at the step before",
    ),
    "next_step_score": (
        "Next step foretold",
        "share of later executions whose next step a rule, the history or the usual next step foretold",
    ),
}
WITNESSES = {
    "rework": "share of the correcting step's executions between two visits; of closing again, share of the cases it"
    " ends; of a slip mended at once, 1 - share of cases that repeat",
    "duplicate": "1 - share of cases that repeat the step",
    "rubber_stamp": "how far the same follows after any result; where none is recorded, how often the same follows",
    "abandoned": "share of its cases that the step ends",
    "forwarding": "share of executions that change nothing",
    "ping_pong": "share of the way there that changes hands; between providers or teams, share of returns in which"
    " something is done again",
    "batching": "share of executions in sittings",
    "long_way_round": "share of the times nothing was recorded on the way",
    "provider_gap": "share of executions in cases that can be compared",
}
ELSEWHERE = {
    "evidence_score",
    "witness_score",
    "measured_share",
    "steadiness_score",
}  # parts of every lever but automate
SHARED = {"periodicity_score"}


def read(one: Row, settings: dict[str, Any]) -> list[Row]:
    """Each part that the candidate's lever has."""
    told, weights = [], settings.get("criterion_weights", {})
    for column, (name, formula) in WORDS.items():
        if one[column] is not None or column in SHARED or (column in ELSEWHERE) != (one["lever"] == "automate"):
            words = formula.format(**settings) or WITNESSES.get(one["pattern"], "no second witness is known for it")
            told.append({"name": name, "formula": words, "value": one[column], "weight": weights.get(column, 1)})
    return told
