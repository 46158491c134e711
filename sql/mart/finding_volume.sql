-- mart.finding_volume: how much work one finding is about, and how evenly it comes.
WITH total AS (
    SELECT
        candidate_id, any_value(process) AS process, count(*) AS event_count, count(DISTINCT case_key) AS case_count,
        coalesce(sum(handling_s), 0) AS handling_s
    FROM mart.finding_execution
    GROUP BY candidate_id
),
weekly AS (
    SELECT candidate_id, date_trunc('week', worked_on) AS week_on, count(*) AS n
    FROM mart.finding_execution
    GROUP BY ALL
),
spread AS (SELECT candidate_id, count(*) AS active_count, sum(n) AS n, sum(n * n) AS square_sum FROM weekly GROUP BY candidate_id),
span AS (
    SELECT process, date_diff('week', date_trunc('week', started_at), date_trunc('week', ended_at)) + 1 AS week_count
    FROM mart.process_span
)
SELECT
    total.candidate_id,
    total.event_count,
    total.case_count,
    total.handling_s,
    CASE WHEN span.week_count >= tonight.criterion_weeks_min AND total.event_count >= tonight.support_min
        THEN round(
            (1 - least(1, sqrt(greatest(span.week_count * square_sum / (spread.n * spread.n) - 1, 0))))
                * active_count / span.week_count,
            6
        )
    END AS periodicity_score
FROM total
JOIN spread ON spread.candidate_id = total.candidate_id
JOIN span ON span.process = total.process
CROSS JOIN ops.tonight
