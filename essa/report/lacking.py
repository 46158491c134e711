"""What a candidate's own pattern reads and its log does not hold; what else the log lacks is said of the data."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from essa.report.asked import Row, by, rows

HOURS = ("calendar", "handling_time", "resource", "start_times")
# The criteria of mart.sufficiency each pattern rests on: without them it could have said more, or something else
READS = {
    "duplicate": HOURS,
    "rework": HOURS,
    "rubber_stamp": (*HOURS, "outcome"),
    "abandoned": HOURS,
    "repetition": HOURS,
    "forwarding": (*HOURS, "waiting"),
    "ping_pong": HOURS,
    "batching": ("calendar", "due_at", "resource", "start_times", "waiting"),
    "provider_gap": (*HOURS, "known_at_start"),
    "judgement_gap": (*HOURS, "asked_attributes", "attributes"),
    "label_spread": (),
    "rule_based_step": (*HOURS, "asked_attributes", "attributes", "system"),
    "rekeying": (*HOURS, "attributes", "system"),
    "routine": (*HOURS, "system"),
    "long_way_round": HOURS,
    "path_spread": HOURS,
}
GAP = """SELECT process::VARCHAR AS process, criterion, missing FROM mart.sufficiency
WHERE NOT is_assessable ORDER BY ALL"""
# A check of several names says by its name how it ended
ANSWERED = """SELECT DISTINCT candidate_id FROM mart.candidate AS candidate
LEFT JOIN core.activity_instance AS instance
    ON instance.process = candidate.process AND list_contains(candidate.activities, instance.activity::VARCHAR)
WHERE candidate.pattern = 'rubber_stamp' AND (len(candidate.activities) > 1 OR instance.outcome IS NOT NULL)"""


@dataclass(frozen=True)
class Lacking:
    """What to deliver, by process, and the checks whose own results are recorded."""

    gaps: dict[str, list[Row]]
    answered: frozenset[str]

    def of(self, one: Row) -> list[str]:
        """What to deliver to know more of one candidate."""
        read = set(READS[one["pattern"]])
        if one["candidate_id"] in self.answered:
            read.discard("outcome")
        return [gap["missing"] for gap in self.gaps.get(one["process"], []) if gap["criterion"] in read]


def read(connection: duckdb.DuckDBPyConnection) -> Lacking:
    gaps = by(rows(connection, GAP), "process")
    return Lacking(gaps, frozenset(row["candidate_id"] for row in rows(connection, ANSWERED)))
