-- mart.worker_turn: one execution of a sampled worker in the order that worker did them, and the sitting it was part of.
-- A sitting is an unbroken run of one activity. What of it could have begun before its first did is a batch: each of it
-- waited for the last to be ready. The same instants in working time tell what of a wait lies outside the calendar.
WITH done AS (
    SELECT
        instance.activity_instance_id, instance.process, instance.provider, instance.activity, instance.resource,
        instance.is_robot, instance.enabled_at, instance.started_at, instance.ended_at,
        ready.worked_before_ms
            + CASE WHEN ready.is_working THEN epoch_ms(instance.enabled_at) - epoch_ms(ready.quarter_at) ELSE 0 END
            AS enabled_work_ms,
        begun.worked_before_ms
            + CASE WHEN begun.is_working THEN epoch_ms(instance.started_at) - epoch_ms(begun.quarter_at) ELSE 0 END
            AS started_work_ms,
        finished.worked_before_ms
            + CASE WHEN finished.is_working THEN epoch_ms(instance.ended_at) - epoch_ms(finished.quarter_at) ELSE 0 END
            AS ended_work_ms
    FROM core.activity_instance AS instance
    SEMI JOIN mart.sampled_worker AS worker
        ON worker.provider = instance.provider AND worker.resource = instance.resource
    LEFT JOIN core.working_hour AS ready
        ON ready.feed = instance.feed AND ready.quarter_at = time_bucket(INTERVAL 15 MINUTE, instance.enabled_at)
    LEFT JOIN core.working_hour AS begun
        ON begun.feed = instance.feed AND begun.quarter_at = time_bucket(INTERVAL 15 MINUTE, instance.started_at)
    LEFT JOIN core.working_hour AS finished
        ON finished.feed = instance.feed AND finished.quarter_at = time_bucket(INTERVAL 15 MINUTE, instance.ended_at)
    WHERE instance.started_at IS NOT NULL AND instance.ended_at IS NOT NULL
),
ordered AS (
    SELECT
        done.*,
        row_number() OVER worker_w AS turn_no,
        max(ended_at) OVER (worker_w ROWS UNBOUNDED PRECEDING) AS busy_until_at,
        coalesce(
            process <> lag(process) OVER worker_w
            OR activity <> lag(activity) OVER worker_w
            OR started_at > lag(ended_at) OVER worker_w + to_seconds(tonight.sitting_gap_s),
            true
        ) AS is_first
    FROM done
    CROSS JOIN ops.tonight
    WINDOW worker_w AS (PARTITION BY provider, resource ORDER BY started_at, ended_at, activity_instance_id)
),
sat AS (
    SELECT
        * EXCLUDE (is_first),
        max(turn_no) FILTER (is_first) OVER worker_w AS sitting_no,
        coalesce(enabled_at <= max(started_at) FILTER (is_first) OVER worker_w, false) AS is_piled
    FROM ordered
    WINDOW worker_w AS (PARTITION BY provider, resource ORDER BY turn_no ROWS UNBOUNDED PRECEDING)
)
SELECT
    * EXCLUDE (is_piled),
    CASE WHEN is_piled THEN count(*) FILTER (is_piled) OVER sitting_w ELSE 1 END AS batch_size,
    CASE WHEN is_piled THEN max(enabled_at) FILTER (is_piled) OVER sitting_w ELSE enabled_at END AS ready_at,
    CASE WHEN is_piled THEN max(enabled_work_ms) FILTER (is_piled) OVER sitting_w ELSE enabled_work_ms END AS ready_work_ms
FROM sat
WINDOW sitting_w AS (PARTITION BY provider, resource, sitting_no)
