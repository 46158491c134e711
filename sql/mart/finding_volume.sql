-- mart.finding_volume: how much work one finding is about, and how evenly it comes.
WITH involved AS MATERIALIZED (SELECT candidate_no, provider, case_key, worked_on, handling_s FROM mart.finding_execution),
weekly AS (
    SELECT
        candidate_no, date_trunc('week', worked_on) AS week_on, count(*) AS n,
        coalesce(sum(handling_s), 0) AS handling_s, min(provider) AS first_provider, max(provider) AS last_provider
    FROM involved
    GROUP BY candidate_no, week_on
),
total AS (
    SELECT
        candidate_no, count(*) AS active_count, sum(n) AS event_count, sum(n * n) AS square_sum,
        sum(handling_s) AS handling_s,
        CASE WHEN min(first_provider) = max(last_provider) THEN min(first_provider) END AS provider
    FROM weekly
    GROUP BY candidate_no
),
touched AS (
    SELECT candidate_no, count(*) AS case_count
    FROM (SELECT DISTINCT candidate_no, case_key FROM involved)
    GROUP BY candidate_no
),
span AS (
    SELECT process, date_diff('week', date_trunc('week', started_at), date_trunc('week', ended_at)) + 1 AS week_count
    FROM mart.process_span
)
SELECT
    finding.candidate_id,
    total.provider,
    total.event_count,
    touched.case_count,
    total.handling_s,
    CASE WHEN span.week_count >= tonight.criterion_weeks_min AND total.event_count >= tonight.support_min
        THEN round(
            (1 - least(1, sqrt(greatest(week_count * square_sum / (event_count * event_count) - 1, 0))))
                * least(1, active_count / week_count),
            6
        )
    END AS periodicity_score
FROM total
JOIN touched ON touched.candidate_no = total.candidate_no
JOIN mart.finding ON finding.candidate_no = total.candidate_no
JOIN span ON span.process = finding.process
CROSS JOIN ops.tonight
