-- mart.loss: seconds one candidate claimed and did not get, and the lever of the candidate that got them.
SELECT
    claim.candidate_id,
    saving.lever,
    sum(
        (CASE WHEN saving.lever = finding.lever AND claim.lever_rank > 2 THEN claim.handling_s ELSE saving.saved_s END
            * claim.claim_share)::DECIMAL(14, 3)
    ) AS lost_s
FROM mart.claim
JOIN mart.finding ON finding.candidate_id = claim.candidate_id
JOIN mart.saving
    ON saving.activity_instance_id = claim.activity_instance_id
    AND saving.candidate_id <> claim.candidate_id
    AND list_position(['eliminate', 'simplify', 'standardize', 'automate'], saving.lever) <= claim.lever_rank
GROUP BY claim.candidate_id, saving.lever
