-- mart.promise: one due date of one case, and by how much it was missed.
-- The only date of a case was promised for the case where it stands on the first step, or on a later one to whose end it
-- lies, in the median of its process, less near than to the case's: it is kept or missed by the last of all its steps,
-- whether they carry it or not. Where a step has its own it is promised for that one. What had not ended when its
-- process's log did, or was worked on last, is late by then; a case that just stops has ended, as far as a log can tell.
WITH recorded AS (
    SELECT
        process, case_key,
        min(due_at) AS due_at,
        min(due_at) = max(due_at) AS is_only_date,
        bool_or(position = 1 AND due_at IS NOT NULL) AS is_at_start,
        abs(epoch(min(due_at)) - epoch(arg_min(ended_at, position) FILTER (due_at IS NOT NULL))) AS from_step_s,
        abs(epoch(min(due_at)) - epoch(max(ended_at))) AS from_case_s
    FROM core.activity_instance
    GROUP BY process, case_key
    HAVING count(due_at) > 0
),
later AS (  -- of dates that a later step is the first to carry
    SELECT process, median(from_case_s) < median(from_step_s) AS is_of_case
    FROM recorded
    WHERE is_only_date AND NOT is_at_start
    GROUP BY process
),
dated AS (
    SELECT
        recorded.case_key, recorded.due_at,
        recorded.is_only_date AND (recorded.is_at_start OR coalesce(later.is_of_case, false)) AS is_of_case
    FROM recorded
    LEFT JOIN later ON later.process = recorded.process
),
held AS (
    SELECT
        instance.process, instance.case_key, instance.provider, instance.position, dated.is_of_case,
        CASE WHEN dated.is_of_case THEN dated.due_at ELSE instance.due_at END AS due_at,
        CASE WHEN dated.is_of_case AND trace.is_open THEN greatest(span.ended_at, instance.ended_at)
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
