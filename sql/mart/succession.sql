-- mart.succession: how often one provider's activity was followed by another in a month, in earlier and in later cases.
-- The last step of a case still open says nothing about what follows, so it is left out.
SELECT
    instance.provider,
    instance.process,
    instance.activity,
    instance.next_activity,
    date_trunc('month', coalesce(instance.ended_at, instance.started_at))::DATE AS month_on,
    trace.started_at >= process_span.split_at AS is_later,
    count(*) AS event_count
FROM core.activity_instance AS instance
JOIN core.trace ON trace.case_key = instance.case_key
JOIN mart.process_span ON process_span.process = instance.process
WHERE NOT (trace.is_open AND instance.next_activity IS NULL)
GROUP BY ALL
