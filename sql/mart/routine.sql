-- mart.routine: one recurring run of steps, and how much work it holds.
WITH shape AS (
    SELECT
        process, routine_id,
        list(activity::VARCHAR ORDER BY step_no) AS activities,
        list(is_optional ORDER BY step_no) AS is_optional
    FROM mart.routine_part
    GROUP BY process, routine_id
),
run AS (
    SELECT
        routine_id,
        count(*) AS support_count,
        count(DISTINCT case_key) AS case_count,
        sum(event_count)::BIGINT AS event_count,
        sum(event_count) / sum(span_count) AS cohesion,
        sum(handling_s)::BIGINT AS handling_s,
        coalesce(sum(waiting_s), 0)::BIGINT AS waiting_s,
        count(*) FILTER (is_by_people) / count(*) AS people_share,
        count(*) FILTER (is_in_one_go) / count(*) AS one_go_share,
        count(*) FILTER (is_straight) / count(*) AS straight_share,
        quantile_disc(handling_s, .5) AS median_handling_s
    FROM mart.routine_run
    GROUP BY routine_id
),
crossed AS (
    SELECT
        found.routine_id,
        list(DISTINCT instance.system::VARCHAR ORDER BY instance.system::VARCHAR)
            FILTER (instance.system IS NOT NULL) AS systems,
        list(DISTINCT instance.provider::VARCHAR ORDER BY instance.provider::VARCHAR) AS providers,
        count(DISTINCT instance.resource) FILTER (NOT instance.is_robot) AS people_count
    FROM mart.routine_instance AS found
    JOIN core.activity_instance AS instance ON instance.activity_instance_id = found.activity_instance_id
    GROUP BY found.routine_id
),
turn AS (  -- when each run of a variant first comes to each of its steps
    SELECT process, variant_key, run_no, named_id, step_no, min(position) AS position
    FROM mart.routine_match
    GROUP BY process, variant_key, run_no, named_id, step_no
),
ordered AS (
    SELECT identity.routine_id, sum(variant.case_count) FILTER (is_in_order) / sum(variant.case_count) AS in_order_share
    FROM (
        SELECT process, variant_key, named_id, list(step_no ORDER BY position) = list(step_no ORDER BY step_no) AS is_in_order
        FROM turn
        GROUP BY process, variant_key, run_no, named_id
    ) AS run
    JOIN mart.routine_identity AS identity ON identity.named_id = run.named_id
    JOIN core.variant ON variant.process = run.process AND variant.variant_key = run.variant_key
    GROUP BY identity.routine_id
),
total AS (SELECT process, sum(event_count) AS event_count FROM mart.step_worth GROUP BY process)
SELECT
    shape.routine_id,
    shape.process,
    shape.activities,
    shape.is_optional,
    run.support_count,
    run.case_count,
    run.event_count,
    run.event_count / total.event_count AS coverage_share,
    run.cohesion,
    run.handling_s / 3600 AS handling_h,
    run.waiting_s / 3600 AS waiting_h,
    run.median_handling_s,
    coalesce(crossed.systems, []) AS systems,
    crossed.providers,
    run.people_share,
    run.one_go_share,
    run.straight_share,
    coalesce(ordered.in_order_share, 0) AS in_order_share,
    crossed.people_count
FROM shape
JOIN run ON run.routine_id = shape.routine_id
LEFT JOIN ordered ON ordered.routine_id = shape.routine_id
JOIN crossed ON crossed.routine_id = shape.routine_id
JOIN total ON total.process = shape.process
