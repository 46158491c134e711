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
        routine_id,
        list(DISTINCT system::VARCHAR ORDER BY system::VARCHAR) FILTER (system IS NOT NULL) AS systems,
        list(DISTINCT provider::VARCHAR ORDER BY provider::VARCHAR) AS providers,
        count(DISTINCT resource) FILTER (NOT is_robot) AS people_count
    FROM (SELECT DISTINCT routine_id, system, provider, resource, is_robot FROM mart.routine_execution)
    GROUP BY routine_id
),
ordered AS (
    SELECT routine_id, sum(case_count) FILTER (is_in_order) / sum(case_count) AS in_order_share
    FROM (
        SELECT
            routine_id, case_count, list(step_no ORDER BY position) = list(step_no ORDER BY step_no) AS is_in_order
        FROM mart.routine_turn
        GROUP BY process, variant_key, run_no, routine_id, case_count
    )
    GROUP BY routine_id
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
