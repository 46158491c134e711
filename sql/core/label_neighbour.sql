-- core.label_neighbour: what stands beside a group of labels, or is its system, and how often; without group: anywhere.
WITH compared AS (
    SELECT process, rare AS label_group FROM core.label_pair
    UNION
    SELECT process, hub FROM core.label_pair
),
beside AS (
    SELECT process, label_group, 'before' AS channel, previous_group AS neighbour FROM core.label_event
    UNION ALL
    SELECT process, label_group, 'after', next_group FROM core.label_event
    UNION ALL
    SELECT process, label_group, 'system', system FROM core.label_event WHERE system IS NOT NULL
)
SELECT process, label_group, channel, neighbour, count(*) AS event_count
FROM beside
SEMI JOIN compared USING (process, label_group)
GROUP BY ALL
UNION ALL
SELECT process, NULL, channel, neighbour, count(*)
FROM beside
GROUP BY ALL
