-- mart.sampled_worker: one worker of the fixed sample on whose days it is looked up why work waits.
-- A few of them for each activity of each provider, the same for many of its activities; all a sampled worker did is
-- looked at, since what somebody waits for may be anything else that worker does.
WITH worked AS (
    SELECT process, provider, activity, resource, count(*) AS n
    FROM core.activity_instance
    WHERE started_at IS NOT NULL AND ended_at IS NOT NULL AND resource IS NOT NULL
    GROUP BY process, provider, activity, resource
),
drawn AS (
    SELECT
        *,
        coalesce(sum(n) OVER (activity_w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS count_before,
        row_number() OVER activity_w AS worker_no
    FROM worked
    WINDOW activity_w AS (PARTITION BY process, provider, activity ORDER BY md5(resource::VARCHAR), resource)
)
SELECT DISTINCT provider, resource
FROM drawn
CROSS JOIN ops.tonight
WHERE count_before < tonight.waiting_sample_count AND worker_no <= tonight.waiting_workers_max
