-- mart.routine_instance: one execution that is a step of a run of a routine; each execution is of one run at most.
SELECT
    instance.activity_instance_id,
    identity.routine_id,
    instance.process,
    instance.case_key,
    instance.case_id,
    match.run_no,
    match.step_no
FROM core.trace
JOIN mart.routine_match AS match ON match.process = trace.process AND match.variant_key = trace.variant_key
JOIN mart.routine_identity AS identity ON identity.named_id = match.named_id
JOIN core.activity_instance AS instance
    ON instance.case_key = trace.case_key AND instance.position = match.position
