-- raw.delivered_quarter: the lines of one delivery that ended in one quarter of an hour, and where they went.
SELECT
    event.feed,
    event.delivery_no,
    time_bucket(INTERVAL 15 MINUTE, event.ended_at) AS quarter_at,
    event.failed_rules <> 0 AS is_rejected,
    count(*) AS received_count,
    count(*) FILTER (repeated.is_duplicate) AS duplicate_count,
    count(*) FILTER (repeated.copy_no > 1 AND NOT repeated.is_duplicate) AS kept_copy_count,
    count(*) FILTER (repeated.copy_no > 1 AND repeated.is_duplicate) AS dropped_copy_count,
    min(event.ended_at) AS first_event_at,
    max(event.ended_at) AS last_event_at
FROM raw.event
LEFT JOIN raw.repeated_line AS repeated
    ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
GROUP BY ALL
