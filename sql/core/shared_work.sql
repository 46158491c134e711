-- core.shared_work: one execution during which its worker also did others; each second goes in equal parts to all open.
-- Nearly all work is done one thing at a time, so one pass by worker leaves few rows for everything after it.
WITH span AS (
    SELECT event_no, feed, resource, started_at, ended_at
    FROM core.event
    WHERE NOT is_robot AND resource IS NOT NULL AND ended_at > started_at AND lifecycle IS NULL
),
juggler AS (  -- whoever once began something before the thing begun before it was done
    SELECT DISTINCT feed, resource
    FROM (
        SELECT feed, resource, started_at < lag(ended_at) OVER (
            PARTITION BY feed, resource ORDER BY started_at, ended_at, event_no
        ) AS is_early
        FROM span
    )
    WHERE is_early
),
reach AS (
    SELECT
        event_no, started_at,
        max(ended_at) OVER (worker_w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until_at,
        lead(started_at) OVER worker_w < max(ended_at) OVER (worker_w ROWS UNBOUNDED PRECEDING) AS is_joined
    FROM span
    SEMI JOIN juggler USING (feed, resource)
    WINDOW worker_w AS (PARTITION BY feed, resource ORDER BY started_at, ended_at, event_no)
),
crowded AS (
    SELECT event_no FROM reach WHERE is_joined OR started_at < busy_until_at
    UNION ALL
    SELECT event_no FROM core.event WHERE lifecycle = 'complete' AND NOT is_robot AND resource IS NOT NULL
),
worked AS (
    SELECT execution.event_no, execution.feed, execution.resource, execution.started_work_ms, execution.ended_work_ms
    FROM core.execution
    SEMI JOIN crowded ON crowded.event_no = execution.event_no
    WHERE execution.ended_work_ms > execution.started_work_ms
),
turn AS (
    SELECT feed, resource, at_ms, sum(opened) AS opened
    FROM (
        SELECT feed, resource, started_work_ms AS at_ms, 1 AS opened FROM worked
        UNION ALL
        SELECT feed, resource, ended_work_ms AS at_ms, -1 AS opened FROM worked
    )
    GROUP BY feed, resource, at_ms
),
stretch AS (
    SELECT
        *,
        sum(opened) OVER (worker_w ROWS UNBOUNDED PRECEDING) AS open_count,
        lead(at_ms) OVER worker_w - at_ms AS length_ms
    FROM turn
    WINDOW worker_w AS (PARTITION BY feed, resource ORDER BY at_ms)
),
clock AS (  -- what one open execution has received from the worker's beginning until at_ms
    SELECT
        feed, resource, at_ms,
        coalesce(sum(CASE WHEN open_count > 0 THEN (length_ms / open_count)::DECIMAL(18, 3) END) OVER (
            PARTITION BY feed, resource ORDER BY at_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS received_ms
    FROM stretch
),
shared AS (
    SELECT
        worked.event_no, worked.ended_work_ms - worked.started_work_ms AS span_ms,
        done.received_ms - begun.received_ms AS received_ms
    FROM worked
    JOIN clock AS begun
        ON begun.feed = worked.feed AND begun.resource = worked.resource AND begun.at_ms = worked.started_work_ms
    JOIN clock AS done
        ON done.feed = worked.feed AND done.resource = worked.resource AND done.at_ms = worked.ended_work_ms
)
SELECT event_no, round(received_ms / 1000) AS handling_s FROM shared WHERE received_ms < span_ms
