-- mart.turn_wait: one wait for a sampled worker by the clock, and what it went on, each instant once.
-- In this order: batching, until the last of its batch was ready; then prioritisation, while the worker did something
-- that was ready later; contention, while it did something ready earlier or at once; unavailability, outside the
-- calendar; extraneous, the rest: the worker was there and free.
WITH waited AS (
    SELECT turn.*
    FROM mart.worker_turn AS turn
    CROSS JOIN ops.tonight
    WHERE turn.started_at > turn.enabled_at
    -- a fixed draw of an activity's waits, so that long queues of short work stay bounded
    QUALIFY row_number() OVER (
        PARTITION BY turn.process, turn.provider, turn.activity
        ORDER BY md5(turn.activity_instance_id::VARCHAR), turn.activity_instance_id
    ) <= tonight.waiting_sample_count
),
done AS (  -- the last turn by which all before had ended
    SELECT provider, resource, busy_until_at, max(turn_no) AS turn_no
    FROM mart.worker_turn
    GROUP BY provider, resource, busy_until_at
),
reach AS (
    SELECT
        waited.*,
        greatest(coalesce(done.turn_no, 0) + 1, waited.turn_no - tonight.waiting_turns_max) AS first_turn_no
    FROM waited
    ASOF LEFT JOIN done
        ON done.provider = waited.provider AND done.resource = waited.resource
        AND done.busy_until_at <= waited.ready_at
    CROSS JOIN ops.tonight
),
meanwhile AS (
    SELECT
        * EXCLUDE (first_turn_no),
        unnest(range(first_turn_no, turn_no)) AS other_no
    FROM reach
),
busy AS (
    SELECT
        meanwhile.provider, meanwhile.resource, meanwhile.turn_no, meanwhile.other_no,
        epoch_ms(greatest(meanwhile.ready_at, other.started_at)) AS begun_ms,
        epoch_ms(least(meanwhile.started_at, other.ended_at)) AS done_ms,
        greatest(meanwhile.ready_work_ms, other.started_work_ms) AS begun_work_ms,
        least(meanwhile.started_work_ms, other.ended_work_ms) AS done_work_ms,
        coalesce(other.enabled_at, other.started_at)
            > CASE WHEN other.sitting_no = meanwhile.sitting_no AND other.batch_size > 1 AND meanwhile.batch_size > 1
                THEN meanwhile.enabled_at ELSE meanwhile.ready_at
            END AS is_later
    FROM meanwhile
    JOIN mart.worker_turn AS other
        ON other.provider = meanwhile.provider AND other.resource = meanwhile.resource
        AND other.turn_no = meanwhile.other_no
    WHERE other.started_at < meanwhile.started_at AND other.ended_at > meanwhile.ready_at
),
apart AS (  -- what of it nothing begun before covered, of all and of what was ready later
    SELECT
        provider, resource, turn_no, is_later,
        greatest(done_ms - greatest(begun_ms, coalesce(max(done_ms) OVER all_w, 0)), 0) AS busy_ms,
        greatest(done_work_ms - greatest(begun_work_ms, coalesce(max(done_work_ms) OVER all_w, 0)), 0) AS busy_work_ms,
        greatest(done_ms - greatest(begun_ms, coalesce(max(done_ms) FILTER (is_later) OVER all_w, 0)), 0) AS later_ms
    FROM busy
    WINDOW all_w AS (
        PARTITION BY provider, resource, turn_no ORDER BY begun_ms, done_ms, other_no
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
),
covered AS (
    SELECT
        provider, resource, turn_no,
        sum(busy_ms)::BIGINT AS busy_ms,
        sum(busy_work_ms)::BIGINT AS busy_work_ms,
        coalesce(sum(later_ms) FILTER (is_later), 0)::BIGINT AS later_ms
    FROM apart
    GROUP BY provider, resource, turn_no
),
measured AS (
    SELECT
        waited.*,
        epoch_ms(started_at) - epoch_ms(enabled_at) AS waiting_ms,
        epoch_ms(ready_at) - epoch_ms(enabled_at) AS batching_ms,
        coalesce(later_ms, 0) AS prioritisation_ms,
        coalesce(busy_ms - later_ms, 0) AS contention_ms,
        waiting_ms - batching_ms - coalesce(busy_ms, 0) AS idle_ms,
        idle_ms - (started_work_ms - ready_work_ms - coalesce(busy_work_ms, 0)) AS closed_ms
    FROM waited
    LEFT JOIN covered
        ON covered.provider = waited.provider AND covered.resource = waited.resource AND covered.turn_no = waited.turn_no
)
SELECT
    activity_instance_id,
    process,
    provider,
    activity,
    waiting_ms,
    batching_ms,
    prioritisation_ms,
    contention_ms,
    least(greatest(coalesce(closed_ms, 0), 0), idle_ms) AS unavailability_ms,
    idle_ms - unavailability_ms AS extraneous_ms
FROM measured
