-- mart.promise: one due date of one case, and by how much it was missed.
-- A date that stands on a case's first step, and no other on a later one, was promised for the case: it is kept or missed
-- by the last of all its steps, whether they carry it or not. Where a step has its own it is promised for that one. What
-- had not ended when its process's log did is late by then; a case that just stops has ended, as far as a log can tell.
WITH dated AS (
    SELECT
        case_key,
        min(due_at) AS due_at,
        min(due_at) = max(due_at) AND bool_or(position = 1 AND due_at IS NOT NULL) AS is_of_case
    FROM core.activity_instance
    GROUP BY case_key
    HAVING count(due_at) > 0
),
held AS (
    SELECT
        instance.process, instance.case_key, instance.provider, instance.position, dated.is_of_case,
        CASE WHEN dated.is_of_case THEN dated.due_at ELSE instance.due_at END AS due_at,
        CASE WHEN dated.is_of_case AND trace.is_open THEN span.ended_at
            ELSE coalesce(instance.ended_at, span.ended_at) END AS ended_at
    FROM core.activity_instance AS instance
    JOIN dated ON dated.case_key = instance.case_key
    JOIN mart.process_span AS span ON span.process = instance.process
    LEFT JOIN core.trace ON trace.case_key = instance.case_key
    WHERE dated.is_of_case OR instance.due_at IS NOT NULL
)
SELECT
    process,
    case_key,
    due_at,
    is_of_case,
    arg_max(provider, (ended_at, position)) AS provider,
    greatest(epoch(max(ended_at)) - epoch(due_at), 0)::BIGINT AS late_s
FROM held
GROUP BY process, case_key, due_at, is_of_case
