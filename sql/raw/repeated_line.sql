-- raw.repeated_line: one accepted line that equals another of its feed, and whether it stands.
-- Across deliveries the largest count in any one stands; with an event id the latest line; inside one delivery all
-- equal lines are real unless the feed says `identical_rows: drop`.
WITH repeated AS (
    SELECT row_hash FROM raw.event WHERE failed_rules = 0 GROUP BY row_hash HAVING count(*) > 1
),
line AS (
    SELECT
        event.row_hash, event.delivery_no, event.source_line, feed.identity_rule,
        row_number() OVER (PARTITION BY row_hash, delivery_no ORDER BY source_line) AS copy_no,
        row_number() OVER (PARTITION BY row_hash ORDER BY delivery_no DESC, source_line DESC) AS recency_no,
        row_number() OVER (PARTITION BY row_hash ORDER BY delivery_no, source_line) AS arrival_no
    FROM raw.event
    JOIN core.feed USING (feed)
    SEMI JOIN repeated USING (row_hash)
    WHERE event.failed_rules = 0
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY row_hash, copy_no ORDER BY delivery_no) AS delivered_no FROM line
)
SELECT
    delivery_no,
    source_line,
    CASE identity_rule WHEN 'event_id' THEN 1 ELSE copy_no END::INTEGER AS copy_no,
    CASE identity_rule
        WHEN 'event_id' THEN recency_no > 1
        WHEN 'drop' THEN arrival_no > 1
        ELSE delivered_no > 1
    END AS is_duplicate
FROM placed
