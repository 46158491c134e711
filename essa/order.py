"""The tables of a night, in the order in which they are built or, where several come at once, judged."""

from __future__ import annotations

from dataclasses import dataclass

from essa.naming.tonight import ASKING


@dataclass(frozen=True)
class Stage:
    """Tables that are built one after the other under one name, and what the rows of some are called."""

    name: str
    tables: tuple[str, ...]
    counted: dict[str, str]


NAMED = (
    "core.desktop_event",
    "core.label_spelling",
    "core.label_case_id",
    "core.label_group",
    "core.label_pair",
    "core.label_event",
    "core.label_neighbour",
    "core.label_case",
    "core.label_meeting",
    "core.label_place",
    "core.activity_label",
    "core.label_review",
    "ops.label_verdict",
)
NAMING = ("core.label_spelling", "core.label_case_id", *ASKING)  # built while names are gathered
BELIEVED = (
    "core.feed",
    "ops.decision",
    "raw.reject_rule",
    "raw.delivery",
    "raw.rejected_event",
    "raw.repeated_line",
    "raw.delivered_quarter",
    "raw.expected_day",
    "raw.pull_trouble",
    "ops.feed",
)
STAGES = (
    Stage(
        "Rebuild the cases",
        (
            "core.event",
            "core.calendar",
            "core.working_hour",
            "core.stint",
            "core.execution",
            "core.shift",
            "core.shared_work",
            "core.parallel_execution",
            "core.completion_gap",
            "core.handling_trust",
            "core.estimated_work",
            "core.activity_instance",
            "core.trace",
            "core.variant",
            "core.variant_step",
            "core.directly_follows",
        ),
        {"core.activity_instance": "execution", "core.trace": "case", "core.variant": "variant"},
    ),
    Stage(
        "Look for lost work and waiting",
        (
            "mart.process_span",
            "mart.sampled_case",
            "mart.activity_work",
            "mart.group_size",
            "mart.activity_repeat",
            "mart.succession",
            "mart.flow_score",
            "mart.attribute",
            "mart.corrector",
            "mart.rework",
            "mart.activity_word",
            "mart.reopened",
            "mart.duplicate",
            "mart.silent_rework",
            "mart.ping_pong_pair",
            "mart.ping_pong",
            "mart.repetition",
            "mart.check_family",
            "mart.rubber_stamp",
            "mart.abandoned",
            "mart.forwarding",
            "mart.sampled_worker",
            "mart.worker_turn",
            "mart.turn_wait",
            "mart.waiting_cause",
            "mart.batching",
            "mart.sla",
            "mart.label_spread",
        ),
        {"mart.rework": "rework", "mart.turn_wait": "wait"},
    ),
    Stage(
        "Compare the providers",
        (
            "mart.case_attribute",
            "mart.case_bucket",
            "mart.mix_attribute",
            "mart.activity_mix",
            "mart.case_stratum",
            "mart.provider_cell",
            "mart.shared_stratum",
            "mart.provider_pace",
            "mart.provider_comparison",
            "mart.compared_case",
        ),
        {"mart.provider_comparison": "comparison"},
    ),
    Stage(
        "Learn the rules",
        (
            "mart.fixed_flow",
            "mart.rule_input",
            "mart.concurrent_pair",
            "mart.decision_point",
            "mart.choice",
            "mart.rule_branch",
            "mart.rule_count",
            "mart.decision_contrast",
            "mart.rule_score",
            "mart.sure_share",
            "mart.rule_evidence",
            "mart.decision",
            "mart.rule",
            "mart.recorded_value",
            "mart.copied_value",
        ),
        {"mart.decision": "decision", "mart.rule": "rule"},
    ),
    Stage(
        "Judge each step",
        (
            "mart.step_score",
            "mart.activity_input",
            "mart.activity_measure",
            "mart.activity_profile",
            "mart.activity_score",
            "mart.automatable",
            "mart.step_worth",
        ),
        {"mart.activity_profile": "profile"},
    ),
    Stage(
        "Find the routines",
        (
            "mart.routine_step",
            "mart.routine_match",
            "mart.routine_instance",
            "mart.routine_part",
            "mart.routine_run",
            "mart.routine",
            "mart.routine_work",
        ),
        {"mart.routine": "routine"},
    ),
    Stage(
        "Gather what was found",
        (
            "mart.duplicate_finding",
            "mart.rework_finding",
            "mart.reopened_finding",
            "mart.silent_rework_finding",
            "mart.rubber_stamp_finding",
            "mart.abandoned_finding",
            "mart.repetition_finding",
            "mart.forwarding_finding",
            "mart.ping_pong_finding",
            "mart.batching_finding",
            "mart.provider_gap_finding",
            "mart.label_spread_finding",
            "mart.rule_finding",
            "mart.fixed_flow_finding",
            "mart.routine_finding",
            "mart.long_way_round_finding",
            "mart.path_spread_finding",
            "mart.finding",
            "mart.finding_execution",
            "mart.claim",
            "mart.finding_volume",
        ),
        {"mart.finding": "finding"},
    ),
    Stage(
        "Count every second once",
        (
            "mart.saving",
            "mart.waterfall",
            "mart.loss",
        ),
        {"mart.saving": "saving"},
    ),
    Stage(
        "Rank the candidates",
        (
            "mart.candidate_saving",
            "mart.candidate_cost",
            "mart.candidate_year",
            "mart.candidate_score",
            "mart.candidate_rank",
            "mart.candidate",
            "mart.candidate_change",
            "mart.sufficiency",
        ),
        {"mart.candidate": "candidate"},
    ),
)
CORE = STAGES[0].tables
MART = tuple(table for stage in STAGES[1:] for table in stage.tables)
