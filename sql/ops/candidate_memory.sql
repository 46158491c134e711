-- ops.candidate_memory: one candidate ever published, as last seen; read before it is written anew.
SELECT
    candidate_id,
    first_seen_on,
    tonight.night AS last_seen_on,
    rank AS last_rank
FROM mart.candidate
CROSS JOIN ops.tonight
UNION ALL BY NAME
SELECT candidate_id, first_seen_on, last_seen_on, last_rank
FROM past.ops.candidate_memory
ANTI JOIN mart.candidate USING (candidate_id)
