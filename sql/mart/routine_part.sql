-- mart.routine_part: one step of a routine, and in how many of its runs it is done.
WITH done AS (
    SELECT routine_id, step_no, count(DISTINCT (case_key, run_no)) AS run_count
    FROM mart.routine_instance
    GROUP BY routine_id, step_no
),
run AS (
    SELECT routine_id, count(DISTINCT (case_key, run_no)) AS run_count FROM mart.routine_instance GROUP BY routine_id
)
SELECT
    step.process,
    step.routine_id,
    step.step_no,
    step.activity,
    coalesce(done.run_count, 0) AS run_count,
    coalesce(done.run_count, 0) / run.run_count AS done_share,
    coalesce(done.run_count, 0) < tonight.routine_step_share_min * run.run_count AS is_optional
FROM mart.routine_step AS step
JOIN run ON run.routine_id = step.routine_id
LEFT JOIN done ON done.routine_id = step.routine_id AND done.step_no = step.step_no
CROSS JOIN ops.tonight
