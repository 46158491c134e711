-- mart.sla: one provider on one process, and how often and by how much its steps ended past their due date.
-- What had not ended when its process's log did is late by then.
WITH log_end AS (SELECT process, max(ended_at) AS ended_at FROM mart.process_span GROUP BY process),
promised AS (
    SELECT
        instance.process, instance.provider, instance.due_at,
        epoch(coalesce(instance.ended_at, log_end.ended_at)) - epoch(instance.due_at) AS late_s
    FROM core.activity_instance AS instance
    JOIN log_end ON log_end.process = instance.process
)
SELECT
    process,
    provider,
    count(due_at) AS due_count,
    count(due_at) / count(*) AS due_share,
    count(*) FILTER (late_s > 0) AS breach_count,
    breach_count / due_count AS breach_share,
    coalesce(sum(late_s::BIGINT) FILTER (late_s > 0), 0) / 3600 AS late_h,
    quantile_disc(late_s::BIGINT, .5) FILTER (late_s > 0) AS median_late_s
FROM promised
GROUP BY process, provider
HAVING count(due_at) > 0
