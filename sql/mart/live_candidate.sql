-- mart.live_candidate: one candidate that was decided live, and the work it is about, also where it is found no more. A question is none.
WITH known AS (
    SELECT candidate_id, process::VARCHAR AS process, provider::VARCHAR AS provider, activities, tonight.night AS seen_on
    FROM mart.finding
    CROSS JOIN ops.tonight
    UNION ALL
    SELECT candidate_id, process, provider, activities, seen_on
    FROM ops.candidate_work
    CROSS JOIN ops.tonight
    WHERE seen_on < tonight.night
)
SELECT
    decision.candidate_id,
    decision.live_on,
    known.process,
    known.provider,
    list_sort(known.activities) AS activities
FROM ops.decision
JOIN known ON known.candidate_id = decision.candidate_id
ANTI JOIN mart.standing ON standing.candidate_id = decision.candidate_id AND standing.is_unheard
CROSS JOIN ops.tonight
WHERE decision.status = 'live' AND decision.live_on <= tonight.night
QUALIFY row_number() OVER (PARTITION BY decision.candidate_id ORDER BY known.seen_on DESC) = 1
