-- mart.saving: seconds of one execution that one candidate would save; each second goes to one candidate.
-- An execution of zero seconds has no row: there is nothing of it to save.
-- Eliminate and simplify take the whole execution, one of them; standardize takes its share of what is left; automate
-- its share of the rest. On one rung the smaller pattern rank goes first, then the candidate that claims more.
WITH candidate AS (
    SELECT
        finding.candidate_no, finding.candidate_id, finding.lever, finding.lever_rank, finding.claim_share,
        row_number() OVER (
            ORDER BY
                lever_rank, pattern_rank, round(volume.handling_s * finding.claim_share) DESC, finding.candidate_id
        ) AS turn
    FROM mart.finding
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
),
execution AS (
    SELECT
        claim.activity_instance_id,
        any_value(claim.feed) AS feed,
        any_value(claim.handling_s) AS handling_s,
        any_value(claim.is_estimated) AS is_estimated,
        min(candidate.turn) FILTER (candidate.lever_rank <= 2) AS whole_turn,
        min(candidate.turn) FILTER (candidate.lever_rank = 3) AS standardize_turn,
        min(candidate.turn) FILTER (candidate.lever_rank = 4) AS automate_turn
    FROM mart.claim
    JOIN candidate ON candidate.candidate_no = claim.candidate_no
    WHERE claim.handling_s > 0
    GROUP BY claim.activity_instance_id
),
shared AS (
    SELECT
        execution.*,
        CASE WHEN whole_turn IS NULL
            THEN coalesce(round(handling_s * standardize.claim_share, 3), 0)::DECIMAL(14, 3) ELSE 0
        END AS standardized_s,
        CASE WHEN whole_turn IS NULL THEN automate.claim_share END AS automate_share
    FROM execution
    LEFT JOIN candidate AS standardize ON standardize.turn = execution.standardize_turn
    LEFT JOIN candidate AS automate ON automate.turn = execution.automate_turn
),
saved AS (
    SELECT shared.*, whole_turn AS turn, handling_s::DECIMAL(14, 3) AS saved_s FROM shared WHERE whole_turn IS NOT NULL
    UNION ALL
    SELECT shared.*, standardize_turn, standardized_s FROM shared
    UNION ALL
    SELECT shared.*, automate_turn, round((handling_s - standardized_s) * automate_share, 3)::DECIMAL(14, 3)
    FROM shared
)
SELECT
    saved.activity_instance_id,
    candidate.candidate_id,
    candidate.lever,
    saved.saved_s,
    saved.feed,
    saved.is_estimated
FROM saved
JOIN candidate ON candidate.turn = saved.turn
WHERE saved.saved_s > 0
