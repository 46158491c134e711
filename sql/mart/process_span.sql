-- mart.process_span: the stretch of time one process's log covers, and where earlier cases end and later ones begin.
SELECT
    trace.process,
    min(trace.started_at) AS started_at,
    max(trace.ended_at) AS ended_at,
    greatest(date_diff('day', min(trace.started_at), max(trace.ended_at)) + 1, any_value(tonight.span_days_min))
        AS span_days,
    quantile_disc(trace.started_at, .7) AS split_at,
    count(*) AS case_count,
    ceil(count(*) / any_value(tonight.sample_cases)) AS sample_divisor
FROM core.trace
CROSS JOIN ops.tonight
GROUP BY trace.process
