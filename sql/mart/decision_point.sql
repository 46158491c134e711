-- mart.decision_point: an activity after which a case goes one of several ways often enough to ask what decides it.
WITH counted AS (
    SELECT process, activity, next_activity, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    GROUP BY process, activity, next_activity
),
log_end AS (  -- what the last cases do next is not in the log yet: the tail is left out, 15 % of it at most
    SELECT
        process,
        greatest(
            max(coalesce(ended_at, started_at)) - to_seconds(coalesce(quantile_disc(gap_to_previous_s, .95), 0)),
            quantile_disc(coalesce(ended_at, started_at), .85)
        ) AS censored_at
    FROM core.activity_instance
    GROUP BY process
)
SELECT
    counted.process,
    counted.activity,
    sum(counted.event_count) AS event_count,
    count(*) FILTER (counted.event_count >= 5) AS successor_count,
    max(counted.event_count) / sum(counted.event_count) AS majority_share,
    log_end.censored_at
FROM counted
JOIN log_end ON log_end.process = counted.process
CROSS JOIN ops.tonight
SEMI JOIN mart.attribute ON attribute.process = counted.process
GROUP BY counted.process, counted.activity, log_end.censored_at, tonight.rule_points_min, tonight.rule_majority_max
HAVING
    sum(counted.event_count) >= tonight.rule_points_min
    AND max(counted.event_count) < tonight.rule_majority_max * sum(counted.event_count)
    AND count(*) FILTER (counted.event_count >= 5) >= 2
