-- ops.refusal: what one candidate claimed on the night that first heard of its being rejected.
SELECT kept.*
FROM past.ops.refusal AS kept
JOIN mart.standing
    ON standing.candidate_id = kept.candidate_id AND standing.decided_on = kept.decided_on AND standing.decided = 'rejected'
UNION ALL BY NAME
SELECT standing.candidate_id, standing.decided_on, standing.is_question, standing.executions_per_year, standing.claimed_h_per_year
FROM mart.standing
ANTI JOIN past.ops.refusal AS kept
    ON standing.candidate_id = kept.candidate_id AND standing.decided_on = kept.decided_on
WHERE standing.decided = 'rejected' AND standing.executions_per_year IS NOT NULL
