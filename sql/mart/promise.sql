-- mart.promise: one due date of one case, and by how much it was missed.
-- A date that all steps of a case carry was promised once, and kept or missed by the last of them; where each step has
-- its own it is promised for that one. What had not ended when its process's log did is late by then.
WITH dated AS (
    SELECT
        instance.process, instance.case_key, instance.provider, instance.due_at, instance.position,
        coalesce(instance.ended_at, span.ended_at) AS ended_at
    FROM core.activity_instance AS instance
    JOIN mart.process_span AS span ON span.process = instance.process
    WHERE instance.due_at IS NOT NULL
)
SELECT
    process,
    case_key,
    due_at,
    arg_max(provider, (ended_at, position)) AS provider,
    greatest(epoch(max(ended_at)) - epoch(due_at), 0)::BIGINT AS late_s
FROM dated
GROUP BY process, case_key, due_at
