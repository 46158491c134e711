"""The tables that are learned instead of selected, each with what fills it."""

from __future__ import annotations

from essa.rules import branches, contrasts, counts, evidence, reading

TABLES = {
    "mart.attribute_reading": reading.make,
    "mart.known_number": reading.known_numbers,
    "mart.rule_branch": branches.make,
    "mart.rule_count": counts.make,
    "mart.decision_contrast": contrasts.make,
    "mart.rule_evidence": evidence.make,
}
