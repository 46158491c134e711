"""Candidates as the page and the terminal show them: figures, criteria with their formulas, rules, assumptions."""

from __future__ import annotations

import json
from typing import Any

import duckdb

from essa import in_words
from essa.report import criteria, lacking, providers, worth
from essa.report.asked import Row, by, listed, rows
from essa.settings import Settings

# What waits for an answer; a question of a run of steps goes with the largest on them
ASKED = "(is_question AND folded_into IS NULL AND status = 'proposed')"
DECIDED = "(status IN ('rejected', 'retired', 'live') OR is_question AND status <> 'proposed')"


def read(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every candidate, the ranked first, then questions by the hours they are about."""
    found = rows(
        connection,
        f"""SELECT candidate.*, process::VARCHAR AS process, provider::VARCHAR AS provider, {ASKED} AS is_asked,
            {DECIDED} AS is_decided
        FROM mart.candidate AS candidate
        ORDER BY rank NULLS LAST, is_question, handling_h_per_year DESC NULLS LAST, candidate_id""",
    )
    changes = {row["candidate_id"]: row for row in rows(connection, "FROM mart.candidate_change")}
    rules = _rules(connection)
    missing = lacking.read(connection)
    involved = providers.read(connection)
    costs = by(rows(connection, "FROM mart.candidate_cost ORDER BY ALL"), "candidate_id")
    settings = settings_of(connection)
    correctors = by(rows(connection, CORRECTOR), "process", "corrected_activity")
    decisions = {row["candidate_id"]: row for row in listed(connection, "ops.decision", DECISION, DECISION[:1])}
    since = benefits(connection)
    is_first_night = len(rows(connection, "SELECT DISTINCT night FROM ops.run LIMIT 2")) < 2
    folded = by([one for one in found if one["folded_into"]], "folded_into")
    titles = {one["candidate_id"]: one["title"] for one in found}
    examples = by(listed(connection, "mart.candidate_example", EXAMPLE, EXAMPLE[:2]), "candidate_id")
    for one in found:
        one["examples"] = [row["case_id"] for row in examples.get(one["candidate_id"], [])]
        one["folded"] = [other for other in folded.get(one["candidate_id"], []) if other["status"] == "proposed"]
        one["goes_with"] = titles.get(one["folded_into"], "")
        one |= involved.of(one)
        one["change"] = None if is_first_night else _change(changes.get(one["candidate_id"]))
        one["criteria"] = criteria.read(one, settings)
        one["rules"] = _rules_of(one, rules)
        one["contracts"] = costs.get(one["candidate_id"], [])
        one["correctors"] = _correctors(one, correctors)
        one["is_claimed"] = not one["is_question"] and one["status"] not in ("rejected", "retired")
        predicted = [rule["predicts"] for rule in one["rules"]]
        one["names"] = [*one["activities"], *one["providers"], one["process"], *one["correctors"], *predicted]
        one |= worth.read(one, settings)
        one["missing"] = missing.of(one)
        decision = decisions.get(one["candidate_id"], dict.fromkeys(DECISION))
        one["decided"] = _decided(decision, one)
        one |= {name: decision[name] for name in ("note", "decided_on", "live_on")}
        one["benefit"] = since.get(one["candidate_id"], {}).get("says", [])
    return found


EXAMPLE = ("candidate_id", "example_no", "case_id")
DECISION = ("candidate_id", "status", "note", "decided_on", "live_on")


def _decided(found: Row, one: Row) -> str:
    """An analyst's word: rejected on 22 November 2026: the law asks for it. Who said it stays in the file."""
    if found["status"] is None:
        return ""
    is_ahead = found["live_on"] and one["status"] != "live"
    ahead = f", goes live on {in_words.day(found['live_on'])}" if is_ahead else ""
    back = f"; proposed anew, for {one['returned_because']}" if one.get("returned_because") else ""
    note = f": {' '.join(found['note'].split())}" if found["note"] else ""
    if found["live_on"] and not is_ahead:
        return f"live since {in_words.day(found['live_on'])}{note}{back}"
    word = one["status"] if is_ahead else found["status"]
    return f"{in_words.spoken(word)} on {in_words.day(found['decided_on'])}{ahead}{note}{back}"


CORRECTOR = """SELECT process::VARCHAR AS process, corrected_activity::VARCHAR AS corrected_activity,
    activity::VARCHAR AS activity FROM mart.corrector ORDER BY ALL"""


BENEFIT = ("candidate_id", "process", "activities", "live_on", "measure", "verdict", "moved_share", "says")
MEASURES = ("step_handling_h", "step_executions", "step_waiting_h", "case_handling_h", "case_duration_h")


def benefits(connection: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """What came of each live candidate, also of one that is found no more: what was told, else why nothing was."""
    found = by(listed(connection, "mart.benefit", BENEFIT, ("candidate_id",)), "candidate_id")
    for candidate_id, held in found.items():
        held.sort(key=lambda row: MEASURES.index(row["measure"]))
        told = [row["says"] for row in _unmoved(held) if row["verdict"] != "abstains"]
        found[candidate_id] = held[0] | {"says": told or list(dict.fromkeys(row["says"] for row in held))}
    return found


def _unmoved(held: list[Row]) -> list[Row]:
    """All that was measured; where work was moved away, that once and the whole case: less of a step is no success."""
    moved = next((row["measure"] for row in held if row["moved_share"]), None)
    return [row for row in held if moved in (None, row["measure"]) or row["measure"].startswith("case_")]


def _correctors(one: Row, correctors: dict[Any, list[Row]]) -> list[str]:
    """The steps that send a candidate's work back."""
    if one["pattern"] != "rework":
        return []
    return [row["activity"] for step in one["activities"] for row in correctors.get((one["process"], step), [])]


def settings_of(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The settings of the night; those that came later as they are unless said."""
    held = rows(connection, "SELECT settings FROM ops.run ORDER BY night DESC LIMIT 1")[0]["settings"]
    return Settings().model_dump() | json.loads(held)


def _change(found: Row | None) -> Row | None:
    if found is None:
        return None
    was, now = found["previous_rank"], found["rank"]
    places = was - now if was and now else 0
    return {
        "kind": found["change"],
        "places": places,
        "was": was,
        "why": found["why"] or "",
        "moved_by": found["moved_by"] or "",
        "related": found["related_id"] or "",
    }


RULE = (
    "process", "activity", "predicts", "condition", "support_count", "branch_accuracy", "held_out_accuracy",
    "baseline_accuracy", "history_accuracy", "held_out_count", "is_held",
)  # fmt: skip


def _rules(connection: duckdb.DuckDBPyConnection) -> dict[Any, list[Row]]:
    found = listed(connection, "mart.rule", RULE, ("process", "activity", "decides", "predicts"))
    held = [row | {"says": in_words.condition(row["condition"])} for row in found if row["is_held"] is not False]
    return by(held, "process", "activity")


def _rules_of(one: Row, rules: dict[Any, list[Row]]) -> list[Row]:
    if one["pattern"] != "rule_based_step" or one["is_question"]:
        return []
    return [rule for step in one["activities"] for rule in rules.get((one["process"], step), [])]


def in_short(one: Row) -> Row:
    """A candidate as a script reads it: the published columns and the rules, nothing for the eye."""
    eye = {
        "criteria", "delays", "costs_more", "folded", "contracts", "is_asked", "is_decided", "is_claimed", "refused",
        "change", "rules", "correctors", "hours_by_provider", "goes_with", "names",
    }  # fmt: skip
    plain = {name: value for name, value in one.items() if name not in eye}
    plain["change"] = one["change"] and one["change"]["kind"]
    plain["rules"] = [{name: rule[name] for name in RULE} | {"says": rule["says"]} for rule in one["rules"]]
    return plain


def processes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Every process with a case, also those without a candidate."""
    found = rows(connection, "SELECT DISTINCT process::VARCHAR AS process FROM core.trace ORDER BY ALL")
    return [row["process"] for row in found]
