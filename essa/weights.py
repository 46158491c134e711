"""The criteria that a candidate's score is the mean of, by their columns in mart.candidate, and what each weighs."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

Criterion = Literal[
    "evidence_score", "witness_score", "periodicity_score", "measured_share", "steadiness_score",
    "successor_standardisation_score", "predecessor_standardisation_score", "no_rework_score", "stability_score",
    "handling_regularity_score", "digital_share", "structured_input_share", "trigger_score", "next_step_score",
]  # fmt: skip
EQUAL: dict[Criterion, float] = dict.fromkeys(get_args(Criterion), 1.0)
Weights = Annotated[
    dict[Criterion, Annotated[float, Field(ge=0, le=100)]],
    AfterValidator(lambda given: EQUAL | given),
]
