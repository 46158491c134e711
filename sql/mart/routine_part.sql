-- mart.routine_part: one step of a routine, and in how many of its runs it is done.
WITH known AS (  -- by the id it keeps, in its commonest order, which has all of its steps
    SELECT step.process, identity.routine_id, step.step_no, step.activity
    FROM mart.routine_step AS step
    JOIN mart.routine_identity AS identity ON identity.named_id = step.named_id
    WHERE step.way_no = 1
),
done AS (
    SELECT routine_id, step_no, sum(case_count) AS run_count FROM mart.routine_turn GROUP BY routine_id, step_no
),
anywhere AS (  -- what stands in a routine twice may be one step that is done before or after another
    SELECT routine_id, activity, sum(case_count) AS run_count
    FROM (
        SELECT DISTINCT turn.process, turn.variant_key, turn.run_no, turn.routine_id, step.activity, turn.case_count
        FROM mart.routine_turn AS turn
        JOIN known AS step ON step.routine_id = turn.routine_id AND step.step_no = turn.step_no
    )
    GROUP BY routine_id, activity
),
run AS (
    SELECT routine_id, sum(case_count) AS run_count
    FROM (SELECT DISTINCT process, variant_key, run_no, routine_id, case_count FROM mart.routine_turn)
    GROUP BY routine_id
)
SELECT
    step.process,
    step.routine_id,
    step.step_no,
    step.activity,
    coalesce(done.run_count, 0) AS run_count,
    coalesce(done.run_count, 0) / run.run_count AS done_share,
    CASE
        WHEN max(coalesce(done.run_count, 0)) OVER (PARTITION BY step.routine_id, step.activity)
            < tonight.routine_step_share_min * run.run_count
            THEN coalesce(anywhere.run_count, 0)
        ELSE coalesce(done.run_count, 0)
    END < tonight.routine_step_share_min * run.run_count AS is_optional
FROM known AS step
JOIN run ON run.routine_id = step.routine_id
LEFT JOIN done ON done.routine_id = step.routine_id AND done.step_no = step.step_no
LEFT JOIN anywhere ON anywhere.routine_id = step.routine_id AND anywhere.activity = step.activity
CROSS JOIN ops.tonight
