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
    crossed.people_count
FROM shape
JOIN run ON run.routine_id = shape.routine_id
JOIN crossed ON crossed.routine_id = shape.routine_id
JOIN total ON total.process = shape.process
