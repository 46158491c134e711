-- mart.batching: one activity that one provider's people lay aside and do in sittings.
-- Two behaviours: most of it is done in unbroken runs by one person, all of which could have begun before the run did,
-- and the runs are long. Chance makes some runs of two or three.
WITH piled AS (
    SELECT
        process, provider, activity,
        count(*) AS event_count,
        count(*) FILTER (batch_size > 1) AS piled_count,
        count(DISTINCT CASE WHEN batch_size > 1 THEN hash(resource, sitting_no) END) AS sitting_count
    FROM mart.worker_turn
    WHERE NOT is_robot
    GROUP BY process, provider, activity
)
SELECT
    piled.process,
    piled.provider,
    piled.activity,
    piled.event_count,
    piled_count / event_count AS piled_share,
    piled_count / sitting_count AS mean_size,
    cause.waiting_h AS delay_h,
    cause.waiting_h / sum_h.waiting_h AS delay_share
FROM piled
JOIN mart.group_size AS size
    ON size.process = piled.process AND size.provider = piled.provider AND size.activity = piled.activity
    AND NOT size.is_small
JOIN mart.waiting_cause AS cause
    ON cause.process = piled.process AND cause.provider = piled.provider AND cause.activity = piled.activity
    AND cause.cause = 'batching'
JOIN (
    SELECT process, provider, activity, sum(waiting_h) AS waiting_h
    FROM mart.waiting_cause
    GROUP BY process, provider, activity
) AS sum_h ON sum_h.process = piled.process AND sum_h.provider = piled.provider AND sum_h.activity = piled.activity
CROSS JOIN ops.tonight
WHERE
    piled_count >= tonight.support_min
    AND piled_share >= tonight.batching_share_min
    AND mean_size >= tonight.batching_size_min
    AND cause.waiting_h > 0
