-- core.label_place: a label of a group between the step before it and the step behind it, and how often it stands there.
-- So many cases of each process are looked at that it has its sample, the same whatever the process is called.
WITH share AS (
    SELECT process, greatest(1, sum(event_count) // any_value(tonight.names_sample_events))::UBIGINT AS case_step
    FROM core.label_spelling
    CROSS JOIN ops.tonight
    GROUP BY process
),
looked_at AS (
    SELECT
        event.process, hash(event.case_id) AS case_key, event.activity AS label,
        event.ended_at, event.started_at, event.delivery_no, event.source_line
    FROM raw.event AS event
    JOIN share USING (process)
    WHERE event.failed_rules = 0
        AND (event.lifecycle IS NULL OR event.lifecycle = 'complete')
        AND hash(event.case_id) % share.case_step = 0
),
placed AS (
    SELECT
        looked_at.process,
        label_group.label_group,
        looked_at.label,
        lag(label_group.label_group, 1, '^') OVER case_w AS previous_group,
        lead(label_group.label_group, 1, '$') OVER case_w AS next_group
    FROM looked_at
    JOIN core.label_group ON label_group.process = looked_at.process AND label_group.label = looked_at.label
    ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) AS repeated
        ON repeated.delivery_no = looked_at.delivery_no AND repeated.source_line = looked_at.source_line
    WINDOW case_w AS (
        PARTITION BY hash(looked_at.process, looked_at.case_key)
        ORDER BY looked_at.ended_at, looked_at.started_at, looked_at.delivery_no, looked_at.source_line
    )
)
SELECT process, label_group, label, previous_group, next_group, count(*) AS event_count
FROM placed
GROUP BY process, label_group, label, previous_group, next_group
