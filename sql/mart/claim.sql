-- mart.claim: one execution that one candidate claims, before the ledger.
-- A question claims none, nor does a candidate that an analyst rejected or retired, nor batching: delay is no work.
SELECT
    involved.activity_instance_id,
    involved.candidate_no,
    involved.feed,
    involved.handling_s,
    involved.is_estimated
FROM mart.finding_execution AS involved
SEMI JOIN (
    SELECT candidate_no
    FROM mart.finding
    ANTI JOIN (SELECT candidate_id FROM mart.standing WHERE status IN ('rejected', 'retired')) AS refused
        ON refused.candidate_id = finding.candidate_id
    WHERE NOT is_question AND pattern <> 'batching'
) AS claimant
    ON claimant.candidate_no = involved.candidate_no
