-- mart.routine_execution: one execution that is a step of a run of a routine, with what is known of it.
-- Its place in a variant is compared as one hash, so that each execution finds its case first: all places of all cases
-- would be many more.
SELECT
    identity.routine_id,
    match.run_no,
    match.step_no,
    match.is_first,
    instance.activity_instance_id,
    instance.feed,
    instance.provider,
    instance.process,
    instance.case_key,
    instance.case_id,
    instance.position,
    instance.activity,
    instance.resource,
    instance.system,
    instance.is_robot,
    instance.due_at,
    instance.enabled_at,
    instance.started_at,
    instance.ended_at,
    instance.handling_s,
    instance.handling_method,
    instance.waiting_s,
    instance.attributes
FROM core.activity_instance AS instance
JOIN core.trace ON trace.case_key = instance.case_key
JOIN (
    SELECT *, position = min(position) OVER (PARTITION BY process, variant_key, run_no) AS is_first FROM mart.routine_match
) AS match
    ON hash(match.process, match.variant_key, match.position) = hash(instance.process, trace.variant_key, instance.position)
JOIN mart.routine_identity AS identity ON identity.named_id = match.named_id
