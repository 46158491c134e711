-- core.completion_gap: one execution known by its completion alone, and the working time since worker or case was seen.
WITH seen AS (
    SELECT
        event_no, feed, process, activity, resource, case_key, started_at, ended_at, ended_work_ms,
        lag(ended_work_ms) OVER (PARTITION BY case_key, feed ORDER BY ended_at, event_no) AS case_before_ms
    FROM core.execution
    SEMI JOIN (SELECT feed FROM core.event WHERE started_at IS NULL GROUP BY feed) AS incomplete USING (feed)
    WHERE ended_at IS NOT NULL
),
worked AS (
    SELECT
        seen.*,
        lag(ended_work_ms) OVER worker AS worker_before_ms,
        lag(ended_at) OVER worker AS worker_before_at
    FROM seen
    SEMI JOIN (SELECT event_no FROM core.event WHERE NOT is_robot AND resource IS NOT NULL) AS human USING (event_no)
    WINDOW worker AS (PARTITION BY feed, resource ORDER BY ended_at, event_no)
),
booked AS (
    SELECT
        worked.*,
        sum((worker_before_at IS NULL OR epoch(ended_at - worker_before_at) > tonight.batch_gap_s)::INTEGER) OVER (
            PARTITION BY feed, resource ORDER BY ended_at, event_no ROWS UNBOUNDED PRECEDING
        ) AS batch_no
    FROM worked
    CROSS JOIN ops.tonight
),
batch AS (
    SELECT
        *,
        first_value(worker_before_ms) OVER batch_w AS batch_before_ms,
        count(*) OVER (PARTITION BY feed, resource, batch_no) AS batch_count
    FROM booked
    WINDOW batch_w AS (PARTITION BY feed, resource, batch_no ORDER BY ended_at, event_no)
)
SELECT
    event_no,
    feed,
    process,
    activity,
    resource,
    CASE WHEN batch_before_ms IS NOT NULL
        THEN greatest(ended_work_ms - greatest(batch_before_ms, coalesce(case_before_ms, batch_before_ms)), 1000)
            // batch_count
    END AS gap_ms,
    CASE WHEN event_no = first_value(event_no) OVER (PARTITION BY feed, resource, batch_no ORDER BY ended_at, event_no)
        THEN ended_work_ms - worker_before_ms
    END AS worker_gap_ms
FROM batch
WHERE started_at IS NULL
