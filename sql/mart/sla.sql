-- mart.sla: one provider on one process, and how many of the due dates it was the last to work for were missed, by how much.
-- Where too few executions of the process have one, how many were missed is not told: a date on some steps alone may be
-- the case's as well as theirs.
WITH worked AS (
    SELECT
        instance.process, instance.provider,
        count(*) AS event_count,
        count(coalesce(instance.due_at, promise.due_at)) AS dated_count,
        sum(dated_count) OVER process_w / sum(event_count) OVER process_w AS process_due_share
    FROM core.activity_instance AS instance
    LEFT JOIN mart.promise ON promise.case_key = instance.case_key AND promise.is_of_case
    GROUP BY instance.process, instance.provider
    WINDOW process_w AS (PARTITION BY instance.process)
),
told AS (
    SELECT worked.*, process_due_share >= tonight.sufficient_share_min AS is_assessable
    FROM worked
    CROSS JOIN ops.tonight
)
SELECT
    promise.process,
    promise.provider,
    count(*) AS due_count,
    any_value(told.dated_count / told.event_count) AS due_share,
    CASE WHEN told.is_assessable THEN count(*) FILTER (late_s > 0) END AS breach_count,
    breach_count / due_count AS breach_share,
    CASE WHEN told.is_assessable THEN sum(late_s) / 3600 END AS late_h,
    CASE WHEN told.is_assessable THEN quantile_disc(late_s, .5) FILTER (late_s > 0) END AS median_late_s
FROM mart.promise
JOIN told ON told.process = promise.process AND told.provider = promise.provider
GROUP BY promise.process, promise.provider, told.is_assessable
