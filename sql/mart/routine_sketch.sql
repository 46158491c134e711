-- mart.routine_sketch: which executions one routine is of, told by the smallest of their ids and of their places.
-- A place is as mart.finding_execution has it, and stays where the sender calls the step otherwise.
WITH held AS (
    SELECT
        match.named_id,
        count(*) AS execution_count,
        min(instance.activity_instance_id, sketch_size) AS sketch,
        min(
            hash(instance.case_key, instance.position, instance.started_at, instance.ended_at), sketch_size
        ) AS place_sketch
    FROM core.activity_instance AS instance
    JOIN core.trace ON trace.case_key = instance.case_key
    JOIN mart.routine_match AS match  -- as in mart.routine_execution
        ON hash(match.process, match.variant_key, match.position)
            = hash(instance.process, trace.variant_key, instance.position)
    CROSS JOIN ops.tonight
    GROUP BY match.named_id, sketch_size
)
SELECT
    held.named_id,
    list(step.activity::VARCHAR ORDER BY step.step_no) AS activities,
    held.execution_count,
    held.sketch,
    held.place_sketch
FROM held
JOIN mart.routine_step AS step ON step.named_id = held.named_id AND step.way_no = 1
GROUP BY held.named_id, held.execution_count, held.sketch, held.place_sketch
