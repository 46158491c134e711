-- mart.routine_run: one run of a routine in a case.
WITH step AS (
    SELECT
        found.process, found.case_key, found.case_id, found.run_no, found.routine_id, found.step_no, instance.position,
        instance.provider, instance.resource, instance.is_robot, instance.handling_s,
        CASE WHEN instance.position > min(instance.position) OVER run_w THEN instance.waiting_s END AS waiting_s,
        coalesce(instance.started_at, instance.ended_at) AS started_at,
        coalesce(instance.ended_at, instance.started_at) AS ended_at
    FROM mart.routine_instance AS found
    JOIN core.activity_instance AS instance ON instance.activity_instance_id = found.activity_instance_id
    WINDOW run_w AS (PARTITION BY found.case_key, found.run_no)
),
gathered AS (
    SELECT
        process, case_key, case_id, run_no, routine_id,
        min(provider) AS provider,
        max(provider) AS last_provider,
        count(*) AS event_count,
        count(DISTINCT step_no) AS step_count,
        max(position) - min(position) + 1 AS span_count,
        bool_and(NOT is_robot AND resource IS NOT NULL) AS is_by_people,
        count(DISTINCT resource) = 1 AND count(resource) = count(*) AS is_one_worker,
        max(waiting_s) AS longest_wait_s,
        sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL) AS handling_s,
        sum(waiting_s) AS waiting_s,
        min(started_at) AS started_at,
        max(ended_at) AS ended_at
    FROM step
    GROUP BY process, case_key, case_id, run_no, routine_id
),
shape AS (
    SELECT routine_id, count(DISTINCT activity) FILTER (NOT is_optional) AS sure_count
    FROM mart.routine_part
    GROUP BY routine_id
),
sure AS (
    SELECT found.case_key, found.run_no, count(DISTINCT part.activity) AS done_count
    FROM mart.routine_instance AS found
    JOIN mart.routine_part AS part ON part.routine_id = found.routine_id AND part.step_no = found.step_no
    WHERE NOT part.is_optional
    GROUP BY found.case_key, found.run_no
)
SELECT
    gathered.process,
    gathered.case_key,
    gathered.case_id,
    gathered.run_no,
    gathered.routine_id,
    CASE WHEN provider = last_provider THEN provider END AS provider,
    event_count,
    span_count,
    handling_s,
    waiting_s,
    is_by_people,
    is_by_people AND is_one_worker AND coalesce(longest_wait_s, 0) <= tonight.routine_pause_s AS is_in_one_go,
    event_count = span_count AND event_count = step_count AND coalesce(sure.done_count, 0) = shape.sure_count AS is_straight,
    started_at,
    ended_at
FROM gathered
JOIN shape ON shape.routine_id = gathered.routine_id
LEFT JOIN sure ON sure.case_key = gathered.case_key AND sure.run_no = gathered.run_no
CROSS JOIN ops.tonight
