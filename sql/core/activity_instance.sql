-- core.activity_instance: one execution of an activity, in its place in the case.
-- Built in ranges of the case key, so that a large log is sorted piece by piece; in each the cases of a process stand
-- together, so that whoever asks for one process skips most of the others.
WITH execution AS (
    SELECT *, hash(attributes) AS attributes_key
    FROM core.execution
    WHERE case_key BETWEEN getvariable('bucket_low') AND getvariable('bucket_high')
),
placed AS (
    SELECT
        *,
        row_number() OVER case_w AS position,
        lag(activity) OVER case_w AS previous_activity,
        lead(activity) OVER case_w AS next_activity,
        lag(resource) OVER case_w AS previous_resource,
        lead(resource) OVER case_w AS next_resource,
        lag(attributes_key) OVER case_w AS previous_attributes_key,
        lag(coalesce(ended_at, started_at)) OVER case_w AS previous_ended_at,
        max(ended_at) OVER (case_w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until_at
    FROM execution
    WINDOW case_w AS (PARTITION BY process, case_key ORDER BY coalesce(started_at, ended_at), ended_at, event_no)
),
ready AS (
    SELECT
        placed.*,
        CASE WHEN parallel.event_no IS NULL THEN placed.busy_until_at ELSE parallel.enabled_at END AS enabled_at
    FROM placed
    LEFT JOIN core.parallel_execution AS parallel ON parallel.event_no = placed.event_no
),
worked AS (
    SELECT
        ready.*,
        coalesce(least(shared.handling_s, round(own_work_ms / 1000)), estimated.handling_s)::INTEGER AS handling_s,
        CASE
            WHEN ready.ended_at IS NULL THEN 'unfinished'
            WHEN shared.handling_s < round(own_work_ms / 1000) THEN 'shared'
            WHEN ready.started_at IS NOT NULL THEN 'measured'
            WHEN estimated.handling_s IS NOT NULL THEN 'worker_gap'
            ELSE 'not_assessable'
        END AS handling_method,
        enabled.worked_before_ms
            + CASE WHEN enabled.is_working THEN epoch_ms(ready.enabled_at) - epoch_ms(enabled.quarter_at) ELSE 0 END
            AS enabled_work_ms
    FROM ready
    LEFT JOIN core.shared_work AS shared ON shared.event_no = ready.event_no
    LEFT JOIN core.estimated_work AS estimated ON estimated.event_no = ready.event_no
    LEFT JOIN core.working_hour AS enabled
        ON enabled.feed = ready.feed AND enabled.quarter_at = time_bucket(INTERVAL 15 MINUTE, ready.enabled_at)
)
SELECT
    worked.activity_instance_id,
    worked.event_no,
    worked.feed,
    feed.provider,
    feed.country,
    worked.process,
    worked.case_key,
    worked.case_id,
    worked.position,
    worked.activity,
    worked.previous_activity,
    worked.next_activity,
    worked.resource,
    worked.previous_resource,
    worked.next_resource,
    worked.system,
    worked.team,
    worked.outcome,
    worked.due_at,
    worked.is_robot,
    worked.enabled_at,
    worked.started_at,
    worked.ended_at,
    worked.handling_s,
    worked.handling_method,
    CASE WHEN worked.enabled_work_ms IS NOT NULL THEN greatest(
        round((coalesce(worked.started_work_ms, worked.ended_work_ms) - worked.enabled_work_ms) / 1000)
            - CASE WHEN worked.started_at IS NULL THEN coalesce(worked.handling_s, 0) ELSE 0 END,
        0)
    END AS waiting_s,
    coalesce(worked.previous_activity = worked.activity, false)
        AND worked.previous_attributes_key = worked.attributes_key AS is_same_as_previous,
    coalesce(worked.previous_attributes_key <> worked.attributes_key, true) AS has_new_values,
    epoch(coalesce(worked.started_at, worked.ended_at) - worked.previous_ended_at)::BIGINT AS gap_to_previous_s,
    worked.attributes
FROM worked
JOIN core.feed ON feed.feed = worked.feed::VARCHAR
