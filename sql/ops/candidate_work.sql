-- ops.candidate_work: what one candidate was about and worth, as one night left it; the last of each before tonight stays.
-- What an analyst spoke of is never forgotten: else what was rejected would come back under another id.
SELECT
    finding.candidate_id,
    tonight.night AS seen_on,
    sketch.* EXCLUDE (candidate_no, people_count),
    candidate.event_count * year.log_to_year AS executions_per_year,
    coalesce(saving.saved_s, 0) / candidate.event_count * year.realised_share AS saved_s_per_execution,
    coalesce(candidate.score / 100, tonight.unscored_share) AS weight,
    year.run_h_per_year + year.build_h / tonight.build_years AS cost_h_per_year,
    candidate.rank,
    CASE WHEN candidate.is_question THEN 'question' ELSE candidate.status END AS verdict
FROM mart.candidate
JOIN mart.finding ON finding.candidate_id = candidate.candidate_id
JOIN mart.found_sketch AS sketch ON sketch.candidate_no = finding.candidate_no
JOIN mart.candidate_year AS year ON year.candidate_id = candidate.candidate_id
LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = candidate.candidate_id
CROSS JOIN ops.tonight
UNION ALL BY NAME
SELECT kept.*
FROM past.ops.candidate_work AS kept
CROSS JOIN ops.tonight
LEFT JOIN ops.decision ON decision.candidate_id = kept.candidate_id
WHERE kept.seen_on <> tonight.night AND (kept.seen_on >= tonight.night - identity_days OR decision.status IS NOT NULL)
QUALIFY row_number() OVER (
    PARTITION BY kept.candidate_id, kept.seen_on < tonight.night ORDER BY abs(tonight.night - kept.seen_on)
) = 1
