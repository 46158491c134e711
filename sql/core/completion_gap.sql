-- core.completion_gap: one execution known by its completion alone, and the working time since worker or case was seen.
-- A worker is seen in every feed of the provider, so that no minute lies in the gaps of two feeds. At a screen every
-- event is seen when it is done, none is booked later; and what passed before a run of steps is not its first step's.
WITH patchy AS (
    SELECT DISTINCT feed.provider
    FROM (SELECT DISTINCT feed FROM core.event WHERE started_at IS NULL) AS incomplete
    JOIN core.feed ON feed.feed = incomplete.feed::VARCHAR
),
seen AS (
    SELECT
        event_no, execution.feed, feed.provider, feed.is_desktop, process, activity, resource, is_robot, started_at, ended_at,
        ended_work_ms, lag(ended_at) OVER (PARTITION BY case_key ORDER BY ended_at, event_no) AS case_before_at
    FROM core.execution
    JOIN core.feed ON feed.feed = execution.feed::VARCHAR
    SEMI JOIN patchy ON patchy.provider = feed.provider
    WHERE ended_at IS NOT NULL
),
worked AS (
    SELECT *, lag(ended_at) OVER (PARTITION BY provider, resource ORDER BY ended_at, event_no) AS worker_before_at
    FROM seen
    WHERE NOT is_robot AND resource IS NOT NULL
),
booked AS (
    SELECT
        worked.*,
        sum((worker_before_at IS NULL OR epoch(ended_at - worker_before_at) > if(is_desktop, 0, tonight.batch_gap_s))::INTEGER) OVER (
            PARTITION BY provider, resource ORDER BY ended_at, event_no ROWS UNBOUNDED PRECEDING
        ) AS batch_no
    FROM worked
    CROSS JOIN ops.tonight
),
batch AS (
    SELECT
        *,
        row_number() OVER batch_w AS batch_position,
        first_value(worker_before_at) OVER batch_w AS batch_before_at,
        count(*) OVER (PARTITION BY provider, resource, batch_no) AS batch_count
    FROM booked
    WINDOW batch_w AS (PARTITION BY provider, resource, batch_no ORDER BY ended_at, event_no)
),
gap AS (  -- DuckDB's greatest passes over what is empty
    SELECT *, CASE WHEN batch_before_at IS NOT NULL THEN greatest(batch_before_at, case_before_at) END AS since_at
    FROM batch
    WHERE started_at IS NULL
),
told AS (
    SELECT
        gap.*,
        since.worked_before_ms
            + CASE WHEN since.is_working THEN epoch_ms(since_at) - epoch_ms(since.quarter_at) ELSE 0 END
            AS since_work_ms,
        before.worked_before_ms
            + CASE WHEN before.is_working THEN epoch_ms(batch_before_at) - epoch_ms(before.quarter_at) ELSE 0 END
            AS before_work_ms
    FROM gap
    LEFT JOIN core.working_hour AS since
        ON since.feed = gap.feed AND since.quarter_at = time_bucket(INTERVAL 15 MINUTE, gap.since_at)
    LEFT JOIN core.working_hour AS before
        ON before.feed = gap.feed AND before.quarter_at = time_bucket(INTERVAL 15 MINUTE, gap.batch_before_at)
)
SELECT
    event_no,
    feed,
    process,
    activity,
    resource,
    -- a second at least, since gaps are compared by their ratios
    CASE WHEN since_work_ms IS NOT NULL AND NOT (is_desktop AND case_before_at IS NULL) THEN greatest(ended_work_ms - since_work_ms, 1000) // batch_count END AS gap_ms,
    CASE WHEN batch_position = 1 THEN ended_work_ms - before_work_ms END AS worker_gap_ms
FROM told
