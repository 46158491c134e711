-- core.label_event: one event of a case looked at to tell what its labels mean, between its neighbours in the case.
-- So many cases are looked at that a process has its sample, and the rarer label of each pair one of its own,
-- the same whatever the process is called.
WITH share AS (
    SELECT process, greatest(1, sum(event_count) // any_value(tonight.names_sample_events))::UBIGINT AS case_step
    FROM core.label_spelling
    CROSS JOIN ops.tonight
    SEMI JOIN core.label_pair USING (process)
    GROUP BY process
),
accepted AS (
    SELECT
        process, hash(case_id) AS case_key, activity AS label, system,
        ended_at, started_at, delivery_no, source_line
    FROM raw.event
    WHERE failed_rules = 0 AND (lifecycle IS NULL OR lifecycle = 'complete')
),
rare_label AS (
    SELECT
        label_group.process, label_group.label,
        greatest(1, sum(spelling.event_count) OVER group_w // tonight.names_sample_rare_events)::UBIGINT AS case_step
    FROM core.label_group
    JOIN core.label_spelling AS spelling USING (process, label)
    CROSS JOIN ops.tonight
    SEMI JOIN core.label_pair AS pair ON pair.process = label_group.process AND pair.rare = label_group.label_group
    WINDOW group_w AS (PARTITION BY label_group.process, label_group.label_group)
),
telling AS (
    SELECT DISTINCT accepted.process, accepted.case_key
    FROM accepted
    JOIN rare_label ON rare_label.process = accepted.process AND rare_label.label = accepted.label
    ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) AS repeated
        ON repeated.delivery_no = accepted.delivery_no AND repeated.source_line = accepted.source_line
    WHERE accepted.case_key % rare_label.case_step = 0
),
looked_at AS (
    SELECT accepted.*
    FROM accepted
    JOIN share USING (process)
    WHERE accepted.case_key % share.case_step = 0 OR (accepted.process, accepted.case_key) IN (FROM telling)
)
SELECT
    looked_at.process,
    looked_at.case_key,
    label_group.label_group,
    lag(label_group.label_group, 1, '^') OVER case_w AS previous_group,
    lead(label_group.label_group, 1, '$') OVER case_w AS next_group,
    looked_at.system
FROM looked_at
JOIN core.label_group ON label_group.process = looked_at.process AND label_group.label = looked_at.label
ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) AS repeated
    ON repeated.delivery_no = looked_at.delivery_no AND repeated.source_line = looked_at.source_line
WINDOW case_w AS (
    PARTITION BY hash(looked_at.process, looked_at.case_key)
    ORDER BY looked_at.ended_at, looked_at.started_at, looked_at.delivery_no, looked_at.source_line
)
