-- ops.routine_work: which executions one routine was of, as one night left it; the last of each before tonight stays.
SELECT identity.routine_id, tonight.night AS seen_on, sketch.*
FROM mart.routine_identity AS identity
JOIN mart.routine_sketch AS sketch ON sketch.named_id = identity.named_id
CROSS JOIN ops.tonight
UNION ALL BY NAME
SELECT kept.*
FROM past.ops.routine_work AS kept
CROSS JOIN ops.tonight
WHERE kept.seen_on <> tonight.night AND kept.seen_on >= tonight.night - identity_days
QUALIFY row_number() OVER (
    PARTITION BY kept.routine_id, kept.seen_on < tonight.night ORDER BY abs(tonight.night - kept.seen_on)
) = 1
