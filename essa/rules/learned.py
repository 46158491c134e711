"""The tables that are learned instead of selected, each with what fills it."""

from __future__ import annotations

from essa.rules import branches, contrasts, counts, evidence

TABLES = {
    "mart.rule_branch": branches.make,
    "mart.rule_count": counts.make,
    "mart.decision_contrast": contrasts.make,
    "mart.rule_evidence": evidence.make,
}
