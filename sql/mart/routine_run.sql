-- mart.routine_run: one run of a routine in a case.
WITH worked AS (
    SELECT
        case_key, run_no,
        bool_and(NOT is_robot AND resource IS NOT NULL) AS is_by_people,
        min(resource) = max(resource) AS is_one_worker,
        max(waiting_s) FILTER (NOT is_first) AS longest_wait_s,
        sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL) AS handling_s,
        sum(waiting_s) FILTER (NOT is_first) AS waiting_s
    FROM mart.routine_execution
    GROUP BY case_key, run_no
),
shape AS (
    SELECT routine_id, count(DISTINCT activity) FILTER (NOT is_optional) AS sure_count
    FROM mart.routine_part
    GROUP BY routine_id
),
way AS (
    SELECT
        turn.process, turn.variant_key, turn.run_no, turn.routine_id,
        sum(turn.event_count) AS event_count,
        max(turn.last_position) - min(turn.position) + 1 AS span_count,
        sum(turn.event_count) = span_count AND sum(turn.event_count) = count(*)
            AND count(DISTINCT part.activity) FILTER (NOT part.is_optional) = any_value(shape.sure_count) AS is_straight
    FROM mart.routine_turn AS turn
    JOIN shape ON shape.routine_id = turn.routine_id
    LEFT JOIN mart.routine_part AS part ON part.routine_id = turn.routine_id AND part.step_no = turn.step_no
    GROUP BY turn.process, turn.variant_key, turn.run_no, turn.routine_id
)
SELECT
    way.process,
    worked.case_key,
    trace.case_id,
    worked.run_no,
    way.routine_id,
    way.event_count,
    way.span_count,
    worked.handling_s,
    worked.waiting_s,
    worked.is_by_people,
    worked.is_by_people AND worked.is_one_worker AND coalesce(worked.longest_wait_s, 0) <= tonight.routine_pause_s
        AS is_in_one_go,
    way.is_straight
FROM worked
JOIN core.trace ON trace.case_key = worked.case_key
JOIN way ON way.process = trace.process AND way.variant_key = trace.variant_key AND way.run_no = worked.run_no
CROSS JOIN ops.tonight
