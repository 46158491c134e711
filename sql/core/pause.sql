-- core.pause: one stretch during which an execution was suspended, by the log's own word.
-- Where two executions of an activity by one worker in a case were open, nothing says whose it was, and it is nobody's.
WITH suspended_case AS (
    SELECT DISTINCT case_key FROM core.event WHERE lifecycle = 'suspend'
),
turn AS (
    SELECT
        event_no, case_key, activity, instance_id, CASE WHEN instance_id IS NULL THEN resource END AS worker,
        lifecycle, ended_at
    FROM core.event
    SEMI JOIN suspended_case ON suspended_case.case_key = event.case_key
    WHERE lifecycle IN ('start', 'suspend', 'resume', 'complete')
),
pause AS (
    SELECT
        *,
        lead(ended_at) OVER (
            PARTITION BY case_key, activity, instance_id, worker ORDER BY ended_at, event_no
        ) AS resumed_at
    FROM turn
    QUALIFY lifecycle = 'suspend'
),
done AS (
    SELECT turn.*, stint.started_at
    FROM turn
    JOIN core.stint ON stint.event_no = turn.event_no
    WHERE turn.lifecycle = 'complete' AND stint.started_at IS NOT NULL
)
SELECT done.event_no, pause.ended_at AS paused_at, pause.resumed_at
FROM pause
JOIN done
    ON done.case_key = pause.case_key
    AND done.activity = pause.activity
    AND done.instance_id IS NOT DISTINCT FROM pause.instance_id
    AND done.worker IS NOT DISTINCT FROM pause.worker
    AND pause.ended_at >= done.started_at
    AND pause.resumed_at <= done.ended_at
WHERE pause.resumed_at > pause.ended_at
QUALIFY count(*) OVER (PARTITION BY pause.event_no) = 1
