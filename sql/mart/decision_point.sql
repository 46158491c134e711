-- mart.decision_point: an activity at which one of several things happens often enough to ask what decides it.
WITH way AS (
    SELECT process, activity, 'next activity' AS decides, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    ANTI JOIN mart.concurrent_pair AS pair
        ON pair.process = succession.process AND pair.activity = succession.activity
        AND pair.next_activity = succession.next_activity
    GROUP BY process, activity, next_activity
    UNION ALL
    SELECT process, activity, 'outcome' AS decides, count(*) AS event_count
    FROM core.activity_instance
    WHERE outcome IS NOT NULL
    GROUP BY process, activity, outcome
),
point AS (
    SELECT
        way.process, way.activity, way.decides,
        sum(way.event_count) AS event_count,
        count(*) FILTER (way.event_count >= tonight.rule_way_min) AS way_count
    FROM way
    CROSS JOIN ops.tonight
    GROUP BY way.process, way.activity, way.decides, tonight.rule_points_min, tonight.rule_majority_max
    HAVING
        sum(way.event_count) >= tonight.rule_points_min
        AND max(way.event_count) < tonight.rule_majority_max * sum(way.event_count)
        AND way_count >= 2
),
following AS (  -- how long what comes next takes to come, after this very activity
    SELECT process, previous_activity AS activity, quantile_disc(gap_to_previous_s, .95) AS gap_s
    FROM core.activity_instance AS instance
    SEMI JOIN point ON point.process = instance.process AND point.activity = instance.previous_activity
    GROUP BY process, previous_activity
),
last_part AS (
    SELECT
        process, activity,
        quantile_disc(coalesce(ended_at, started_at), .85) AS begun_at, max(coalesce(ended_at, started_at)) AS ended_at
    FROM core.activity_instance
    SEMI JOIN point ON point.process = activity_instance.process AND point.activity = activity_instance.activity
    GROUP BY process, activity
)
SELECT
    point.process,
    point.activity,
    point.decides,
    point.event_count,
    -- what cases at the end of the log do next is not in it yet: they are left out, 15 % of executions at most
    CASE point.decides WHEN 'outcome' THEN last_part.ended_at
        ELSE greatest(process_span.ended_at - to_seconds(greatest(coalesce(following.gap_s, 0), 0)), last_part.begun_at)
    END AS censored_at,
    -- a power of two, so that the sample of a rare activity holds that of a frequent one
    (2 ** greatest(0, ceil(log2(point.event_count / tonight.sample_cases))))::UBIGINT AS sample_divisor,
    process_span.confirm_from_at,
    process_span.test_from_at
FROM point
JOIN mart.process_span ON process_span.process = point.process
LEFT JOIN following ON following.process = point.process AND following.activity = point.activity
JOIN last_part ON last_part.process = point.process AND last_part.activity = point.activity
CROSS JOIN ops.tonight
