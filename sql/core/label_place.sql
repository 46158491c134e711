-- core.label_place: a group of labels between the step before it and the step behind it, and how often it stands there.
SELECT process, label_group, previous_group, next_group, count(*) AS event_count
FROM core.label_event
GROUP BY process, label_group, previous_group, next_group
