-- mart.finding_volume: how much work one finding is about, and how evenly it comes.
-- Of too few people only how often it comes is told.
WITH involved AS MATERIALIZED (
    SELECT candidate_no, provider, case_key, worked_on, handling_s, is_estimated, due_at, taken_s FROM mart.finding_execution
),
weekly AS (
    SELECT
        candidate_no, date_trunc('week', worked_on) AS week_on, count(*) AS n,
        sum(handling_s) AS handling_s, coalesce(sum(handling_s) FILTER (NOT is_estimated), 0) AS measured_s,
        min(provider) AS first_provider, max(provider) AS last_provider
    FROM involved
    GROUP BY candidate_no, week_on
),
total AS (
    SELECT
        candidate_no, sum(n) AS event_count, sum(handling_s) AS handling_s, sum(measured_s) AS measured_s,
        CASE WHEN min(first_provider) = max(last_provider) THEN min(first_provider) END AS provider
    FROM weekly
    GROUP BY candidate_no
),
late AS (  -- no case is later for it than it took
    SELECT taken.candidate_no, sum(least(promise.late_s, taken.taken_s)) AS late_s
    FROM (
        SELECT candidate_no, case_key, due_at, sum(taken_s) AS taken_s
        FROM involved
        WHERE due_at IS NOT NULL
        GROUP BY candidate_no, case_key, due_at
    ) AS taken
    JOIN mart.promise ON promise.case_key = taken.case_key AND promise.due_at = taken.due_at
    GROUP BY taken.candidate_no
),
touched AS (
    SELECT
        candidate_no, count(*) AS case_count,
        arg_min(case_key, hash(xor(case_key, hash(finding.candidate_id))), 10) AS example_keys
    FROM (SELECT DISTINCT candidate_no, case_key FROM involved)
    JOIN mart.finding USING (candidate_no)
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
),
worked AS (
    SELECT process, provider, date_trunc('week', coalesce(ended_at, started_at)::DATE) AS week_on, count(*) AS n
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, provider, week_on
),
monthly AS (  -- its executions, and all of the process or of the provider whose own it is; a week is its Monday's month's
    SELECT candidate_no, date_trunc('month', week_on) AS month_on, sum(own) AS own, sum(whole) AS whole
    FROM (
        SELECT candidate_no, week_on, n AS own, 0 AS whole FROM weekly
        UNION ALL
        SELECT finding.candidate_no, worked.week_on, 0, worked.n
        FROM mart.finding
        JOIN worked
            ON worked.process = finding.process AND (finding.provider IS NULL OR finding.provider = worked.provider)
    )
    GROUP BY candidate_no, month_on
),
steady AS (
    SELECT candidate_no, 1 - fsum(abs(own_share - whole_share) ORDER BY month_on) / 2 AS score
    FROM (
        SELECT
            candidate_no, month_on, own / sum(own) OVER whole_w AS own_share, whole / sum(whole) OVER whole_w AS whole_share,
            sum(own) OVER whole_w AS event_count
        FROM monthly
        WINDOW whole_w AS (PARTITION BY candidate_no)
    )
    CROSS JOIN ops.tonight
    WHERE event_count >= tonight.support_min
    GROUP BY candidate_no
    HAVING count(*) >= 2
)
SELECT
    finding.candidate_id,
    total.provider,
    total.event_count,
    touched.case_count,
    touched.example_keys,
    CASE WHEN NOT finding.is_small THEN total.handling_s END AS handling_s,
    CASE WHEN NOT finding.is_small THEN late.late_s END AS late_s,
    CASE WHEN NOT finding.is_small AND rhythm.week_count >= tonight.criterion_weeks_min AND rhythm.event_count >= tonight.support_min
        THEN round(
            (1 - least(1, sqrt(greatest(
                rhythm.week_count * rhythm.square_sum / (rhythm.event_count * rhythm.event_count) - 1, 0
            )))) * rhythm.active_count / rhythm.week_count,
            6
        )
    END AS periodicity_score,
    CASE WHEN NOT finding.is_small THEN round(total.measured_s / nullif(total.handling_s, 0), 6) END AS measured_share,
    CASE WHEN NOT finding.is_small THEN round(steady.score, 6) END AS steadiness_score
FROM total
JOIN touched ON touched.candidate_no = total.candidate_no
JOIN mart.finding ON finding.candidate_no = total.candidate_no
LEFT JOIN late ON late.candidate_no = total.candidate_no
LEFT JOIN rhythm ON rhythm.candidate_no = total.candidate_no
LEFT JOIN steady ON steady.candidate_no = total.candidate_no
CROSS JOIN ops.tonight
