-- mart.finding_volume: how much work one finding is about, and how evenly it comes.
WITH involved AS MATERIALIZED (SELECT candidate_no, provider, case_key, worked_on, handling_s, late_s FROM mart.finding_execution),
weekly AS (
    SELECT
        candidate_no, date_trunc('week', worked_on) AS week_on, count(*) AS n,
        coalesce(sum(handling_s), 0) AS handling_s, sum(late_s) AS late_s, min(provider) AS first_provider, max(provider) AS last_provider
    FROM involved
    GROUP BY candidate_no, week_on
),
total AS (
    SELECT
        candidate_no, sum(n) AS event_count, sum(handling_s) AS handling_s, sum(late_s) AS late_s,
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
    SELECT
        process, date_trunc('week', started_at) AS first_week_on, date_trunc('week', ended_at) AS last_week_on,
        date_diff('week', first_week_on, last_week_on) + 1 AS week_count
    FROM mart.process_span
),
rhythm AS (  -- of the weeks the log covers: a mistyped year is no busy week
    SELECT
        weekly.candidate_no, span.week_count, count(*) AS active_count, sum(weekly.n) AS event_count,
        sum(weekly.n * weekly.n) AS square_sum
    FROM weekly
    JOIN mart.finding ON finding.candidate_no = weekly.candidate_no
    JOIN span ON span.process = finding.process
    WHERE weekly.week_on BETWEEN span.first_week_on AND span.last_week_on
    GROUP BY weekly.candidate_no, span.week_count
)
SELECT
    finding.candidate_id,
    total.provider,
    total.event_count,
    touched.case_count,
    total.handling_s,
    total.late_s,
    CASE WHEN rhythm.week_count >= tonight.criterion_weeks_min AND rhythm.event_count >= tonight.support_min
        THEN round(
            (1 - least(1, sqrt(greatest(
                rhythm.week_count * rhythm.square_sum / (rhythm.event_count * rhythm.event_count) - 1, 0
            )))) * rhythm.active_count / rhythm.week_count,
            6
        )
    END AS periodicity_score
FROM total
JOIN touched ON touched.candidate_no = total.candidate_no
JOIN mart.finding ON finding.candidate_no = total.candidate_no
LEFT JOIN rhythm ON rhythm.candidate_no = total.candidate_no
CROSS JOIN ops.tonight
