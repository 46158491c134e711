-- mart.candidate_change: one candidate against the last publication of an earlier night.
WITH earlier AS (
    SELECT candidate_id, last_seen_on, last_rank
    FROM ops.candidate_memory
    CROSS JOIN ops.tonight
    WHERE last_seen_on < tonight.night
),
published AS (  -- what was gone before is not gone again
    SELECT candidate_id, last_rank FROM earlier WHERE last_seen_on = (SELECT max(last_seen_on) FROM earlier)
)
SELECT
    coalesce(candidate.candidate_id, published.candidate_id) AS candidate_id,
    CASE
        WHEN published.candidate_id IS NULL THEN 'new'
        WHEN candidate.candidate_id IS NULL THEN 'gone'
        WHEN candidate.rank IS NOT DISTINCT FROM published.last_rank THEN 'kept'
        ELSE 'moved'
    END AS change,
    candidate.rank,
    published.last_rank AS previous_rank
FROM mart.candidate
FULL JOIN published ON published.candidate_id = candidate.candidate_id
