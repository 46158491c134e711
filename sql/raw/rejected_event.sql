-- raw.rejected_event: one line refused, with where it stood and why.
WITH broken AS (
    SELECT
        event.feed, event.delivery_no, event.source_line, event.malformed, event.unreadable_time,
        list_filter(rule.names, lambda name, place: (event.failed_rules >> (place - 1)::UBIGINT) & 1 = 1) AS rules
    FROM raw.event
    CROSS JOIN (SELECT list(name ORDER BY bit) AS names FROM raw.reject_rule) AS rule
    WHERE event.failed_rules <> 0
)
SELECT
    broken.feed,
    delivery.source_file,
    broken.source_line,
    broken.rules[1] AS rule,
    array_to_string(broken.rules, ', ')
        || coalesce(' (' || coalesce(broken.malformed, broken.unreadable_time) || ')', '') AS reason
FROM broken
JOIN raw.delivery USING (delivery_no)
