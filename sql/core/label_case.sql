-- core.label_case: one group of labels that is compared with another, and the cases looked at that hold it.
WITH compared AS (
    SELECT process, rare AS label_group FROM core.label_pair
    UNION
    SELECT process, hub FROM core.label_pair
),
visit AS (
    SELECT process, label_group, case_key, count(*) AS event_count
    FROM core.label_event
    SEMI JOIN compared USING (process, label_group)
    GROUP BY ALL
)
SELECT process, label_group, count(*) AS case_count, count(*) FILTER (event_count > 1) AS repeat_count
FROM visit
GROUP BY process, label_group
