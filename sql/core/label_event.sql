-- core.label_event: one event of a case looked at to tell what its labels mean, between its neighbours in the case.
-- All cases that hold the rarer label of a pair are looked at; of the others so many that a process has its sample.
WITH share AS (
    SELECT process, greatest(1, sum(event_count) // any_value(tonight.names_sample_events)) AS case_step
    FROM core.label_spelling
    CROSS JOIN ops.tonight
    SEMI JOIN core.label_pair USING (process)
    GROUP BY process
),
placed AS (
    SELECT
        event.process, event.case_id, hash(event.process || chr(31) || event.case_id) AS case_key,
        label_group.label_group, event.system,
        event.ended_at, event.started_at, event.delivery_no, event.source_line, share.case_step
    FROM raw.event
    JOIN share ON share.process = event.process
    JOIN core.label_group ON label_group.process = event.process AND label_group.label = event.activity
    ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) AS repeated
        ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
    WHERE event.failed_rules = 0 AND (event.lifecycle IS NULL OR event.lifecycle = 'complete')
),
telling AS (
    SELECT DISTINCT placed.case_key
    FROM placed
    SEMI JOIN core.label_pair AS pair ON pair.process = placed.process AND pair.rare = placed.label_group
)
SELECT
    placed.process,
    placed.case_key,
    placed.label_group,
    lag(placed.label_group, 1, '^') OVER case_w AS previous_group,
    lead(placed.label_group, 1, '$') OVER case_w AS next_group,
    placed.system
FROM placed
LEFT JOIN telling ON telling.case_key = placed.case_key
WHERE placed.case_key % placed.case_step = 0 OR telling.case_key IS NOT NULL
WINDOW case_w AS (
    PARTITION BY placed.case_key
    ORDER BY placed.ended_at, placed.started_at, placed.delivery_no, placed.source_line
)
