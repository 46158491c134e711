-- core.trace: one case of a process, and whether it was probably still open when the log ends.
WITH gathered AS (
    SELECT
        case_key,
        any_value(process) AS process,
        min(case_id) AS case_id,
        sum(hash(position, activity)::HUGEINT) AS variant_key,
        mode(provider ORDER BY provider) AS provider,
        count(DISTINCT provider) AS provider_count,
        count(*) AS event_count,
        min(coalesce(started_at, ended_at)) AS started_at,
        max(coalesce(ended_at, started_at)) AS ended_at,
        sum(handling_s) AS handling_s,
        arg_min(activity, position) AS first_activity,
        arg_max(activity, position) AS last_activity
    FROM core.activity_instance
    GROUP BY case_key
),
log_end AS (  -- the latest few cases are left out, as in mart.process_span: one mistyped year must not close all others
    SELECT
        process, provider,
        list(ended_at ORDER BY ended_at)[count(*) - floor(any_value(tonight.span_edge_share) * count(*))::BIGINT]
            AS ended_at
    FROM gathered
    CROSS JOIN ops.tonight
    GROUP BY process, provider
),
gap AS (  -- to the minute, of which there are few
    SELECT
        process, gap_s,
        sum(count(*)) OVER (PARTITION BY process ORDER BY gap_s) AS count_up_to,
        sum(count(*)) OVER (PARTITION BY process) AS total_count
    FROM (
        SELECT process, (gap_to_previous_s + 59) // 60 * 60 AS gap_s
        FROM core.activity_instance
        WHERE gap_to_previous_s > 0
    )
    GROUP BY process, gap_s
),
usual_gap AS (  -- few gaps are longer
    SELECT gap.process, min(gap.gap_s) AS gap_s
    FROM gap
    CROSS JOIN ops.tonight
    WHERE gap.count_up_to >= round(tonight.open_gap_share * gap.total_count, 6)
    GROUP BY gap.process
),
ending AS (
    SELECT process, activity, count(*) FILTER (next_activity IS NULL) / count(*) AS end_share
    FROM core.activity_instance
    GROUP BY process, activity
)
SELECT
    gathered.process,
    gathered.case_id,
    gathered.case_key,
    gathered.variant_key,
    gathered.provider,
    gathered.provider_count,
    gathered.event_count,
    gathered.started_at,
    gathered.ended_at,
    gathered.handling_s,
    gathered.first_activity,
    gathered.last_activity,
    ending.end_share < tonight.open_end_share_max
        AND gathered.ended_at > log_end.ended_at - to_seconds(coalesce(usual_gap.gap_s, 0)) AS is_open
FROM gathered
JOIN log_end ON log_end.process = gathered.process AND log_end.provider = gathered.provider
LEFT JOIN usual_gap ON usual_gap.process = gathered.process
JOIN ending ON ending.process = gathered.process AND ending.activity = gathered.last_activity
CROSS JOIN ops.tonight
