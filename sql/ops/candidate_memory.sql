-- ops.candidate_memory: one candidate as one night left it; read before tonight's rows are written anew.
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
CROSS JOIN ops.tonight
WHERE last_seen_on <> tonight.night
