-- core.label_spelling: one spelling of a step in a process, as often as it was accepted.
SELECT process, activity AS label, count(*) AS event_count
FROM raw.event
ANTI JOIN (FROM raw.repeated_line WHERE is_duplicate) USING (delivery_no, source_line)
WHERE failed_rules = 0
GROUP BY process, activity
ORDER BY process, label
