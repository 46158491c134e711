-- mart.decision: one execution after which a case went one of several ways, in the sampled cases.
SELECT
    instance.event_no,
    instance.process,
    instance.activity,
    instance.case_key,
    instance.position,
    sampled_case.is_later,
    coalesce(instance.next_activity::VARCHAR, 'end of case') AS outcome,
    coalesce(instance.previous_activity::VARCHAR, 'start of case') AS previous
FROM core.activity_instance AS instance
JOIN mart.sampled_case ON sampled_case.case_key = instance.case_key
JOIN mart.decision_point AS point ON point.process = instance.process AND point.activity = instance.activity
WHERE coalesce(instance.ended_at, instance.started_at) <= point.censored_at
