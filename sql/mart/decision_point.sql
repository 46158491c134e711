-- mart.decision_point: an activity after which a case goes one of several ways often enough to ask what decides it.
WITH counted AS (
    SELECT process, activity, next_activity, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    GROUP BY process, activity, next_activity
),
point AS (
    SELECT
        counted.process, counted.activity,
        sum(counted.event_count) AS event_count,
        count(*) FILTER (counted.event_count >= tonight.rule_way_min) AS way_count
    FROM counted
    CROSS JOIN ops.tonight
    SEMI JOIN mart.attribute ON attribute.process = counted.process
    GROUP BY counted.process, counted.activity, tonight.rule_points_min, tonight.rule_majority_max
    HAVING
        sum(counted.event_count) >= tonight.rule_points_min
        AND max(counted.event_count) < tonight.rule_majority_max * sum(counted.event_count)
        AND way_count >= 2
),
following AS (  -- how long what comes next takes to come, after this very activity
    SELECT process, previous_activity AS activity, quantile_disc(gap_to_previous_s, .95) AS gap_s
    FROM core.activity_instance AS instance
    SEMI JOIN point ON point.process = instance.process AND point.activity = instance.previous_activity
    GROUP BY process, previous_activity
),
last_part AS (
    SELECT process, activity, quantile_disc(coalesce(ended_at, started_at), .85) AS begun_at
    FROM core.activity_instance
    SEMI JOIN point ON point.process = activity_instance.process AND point.activity = activity_instance.activity
    GROUP BY process, activity
)
SELECT
    point.process,
    point.activity,
    point.event_count,
    -- what cases at the end of the log do next is not in it yet: they are left out, 15 % of executions at most
    greatest(process_span.ended_at - to_seconds(greatest(following.gap_s, 0)), last_part.begun_at) AS censored_at
FROM point
JOIN mart.process_span ON process_span.process = point.process
JOIN following ON following.process = point.process AND following.activity = point.activity
JOIN last_part ON last_part.process = point.process AND last_part.activity = point.activity
