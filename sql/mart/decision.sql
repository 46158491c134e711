-- mart.decision: one execution after which a case went one of several ways, in a fixed sample of cases.
WITH sampled AS (
    SELECT trace.process, trace.case_key, trace.started_at >= process_span.split_at AS is_later
    FROM core.trace
    JOIN mart.process_span ON process_span.process = trace.process
    SEMI JOIN mart.decision_point ON decision_point.process = trace.process
    WHERE trace.case_key % process_span.rule_divisor = 0
)
SELECT
    instance.event_no,
    instance.process,
    instance.activity,
    instance.case_key,
    instance.position,
    sampled.is_later,
    coalesce(instance.next_activity::VARCHAR, 'end of case') AS outcome,
    coalesce(instance.previous_activity::VARCHAR, 'start of case') AS previous
FROM core.activity_instance AS instance
JOIN sampled ON sampled.case_key = instance.case_key
JOIN mart.decision_point AS point ON point.process = instance.process AND point.activity = instance.activity
WHERE coalesce(instance.ended_at, instance.started_at) <= point.censored_at
