-- mart.sla: one provider on one process, and how many of the due dates it was the last to work for were missed, by how much.
WITH worked AS (
    SELECT process, provider, count(due_at) / count(*) AS due_share FROM core.activity_instance GROUP BY process, provider
)
SELECT
    promise.process,
    promise.provider,
    count(*) AS due_count,
    any_value(worked.due_share) AS due_share,
    count(*) FILTER (late_s > 0) AS breach_count,
    breach_count / due_count AS breach_share,
    coalesce(sum(late_s) FILTER (late_s > 0), 0) / 3600 AS late_h,
    quantile_disc(late_s, .5) FILTER (late_s > 0) AS median_late_s
FROM mart.promise
JOIN worked ON worked.process = promise.process AND worked.provider = promise.provider
GROUP BY promise.process, promise.provider
