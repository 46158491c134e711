-- raw.rejected_event: one line refused, with where it stood and why.
WITH broken AS (
    SELECT
        event.feed, event.delivery_no, event.source_line, event.malformed, event.unreadable_time,
        list_filter(rule.listed, lambda one, place: (event.failed_rules >> (place - 1)::UBIGINT) & 1 = 1) AS rules
    FROM raw.event
    CROSS JOIN (SELECT list({name: name, broken: broken} ORDER BY bit) AS listed FROM raw.reject_rule) AS rule
    WHERE event.failed_rules <> 0
)
SELECT
    broken.feed,
    delivery.source_file,
    broken.source_line,
    broken.rules[1].name AS rule,
    array_to_string(list_transform(broken.rules, lambda rule: rule.broken), ', ')
        || coalesce(' (' || coalesce(broken.malformed, broken.unreadable_time) || ')', '') AS reason
FROM broken
JOIN raw.delivery USING (delivery_no)
