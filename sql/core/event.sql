-- core.event: one line as believed, each delivered row once, numbered by feed, delivery and line.
SELECT
    event.delivery_no::UBIGINT * 4_294_967_296 + event.source_line AS event_no,
    CASE WHEN coalesce(repeated.copy_no, 1) = 1 THEN event.row_hash
        ELSE md5(event.row_hash::VARCHAR || ':' || repeated.copy_no)::UUID
    END AS activity_instance_id,
    event.feed,
    event.process,
    hash(event.process || chr(31) || event.case_id) AS case_key,
    event.case_id,
    activity_label.activity,
    event.lifecycle,
    event.started_at,
    event.ended_at,
    event.resource,
    event.is_robot,
    event.system,
    event.team,
    event.outcome,
    event.due_at,
    event.instance_id,
    event.attributes
FROM raw.event
JOIN core.activity_label ON activity_label.process = event.process AND activity_label.label = event.activity
LEFT JOIN raw.repeated_line AS repeated
    ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
WHERE event.failed_rules = 0 AND NOT coalesce(repeated.is_duplicate, false)
