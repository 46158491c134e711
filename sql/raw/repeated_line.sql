-- raw.repeated_line: one accepted line that equals another of its feed, and whether it stands.
-- Across deliveries the largest count in any one stands; with an event id the latest line; inside one delivery all
-- equal lines are real unless the feed says `identical_rows: drop`. Between deliveries that have other columns, or hold
-- them otherwise, no two lines hold the same, and those are equal of which the same is read.
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
),
alike AS (
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
),
reshaped AS (
    SELECT feed
    FROM (SELECT feed FROM raw.event GROUP BY feed HAVING min(sent_as) <> max(sent_as)) AS mixed
    JOIN core.feed USING (feed)
    WHERE feed.identity_rule <> 'event_id'
),
met AS (  -- of millions of lines the few that need looking at
    SELECT feed, case_id, activity, ended_at
    FROM raw.event
    SEMI JOIN reshaped USING (feed)
    WHERE failed_rules = 0
    GROUP BY feed, case_id, activity, ended_at
    HAVING min(sent_as) <> max(sent_as)
),
standing AS (  -- by what is read of it, numbered among those that were sent alike
    SELECT
        event.delivery_no, event.source_line,
        md5(to_json({
            'feed': event.feed, 'process': process, 'case_id': case_id, 'activity': activity, 'lifecycle': lifecycle,
            'started_at': started_at, 'ended_at': ended_at, 'due_at': due_at, 'resource': resource, 'system': system,
            'team': team, 'outcome': outcome, 'instance_id': instance_id,
            'attributes': CASE WHEN otherwise.feed IS NULL THEN attributes END
        })::VARCHAR) AS read_hash,
        row_number() OVER (PARTITION BY read_hash, sent_as ORDER BY event.delivery_no, event.source_line) AS number
    FROM raw.event
    SEMI JOIN met
        ON met.feed = event.feed AND met.case_id = event.case_id AND met.activity = event.activity
        AND met.ended_at = event.ended_at
    LEFT JOIN (  -- there other attributes were read, or as something else
        SELECT DISTINCT feed FROM raw.delivery WHERE status = 'outdated'
    ) AS otherwise ON otherwise.feed = event.feed
    ANTI JOIN (FROM alike WHERE is_duplicate) AS told
        ON told.delivery_no = event.delivery_no AND told.source_line = event.source_line
    WHERE failed_rules = 0 AND sent_as IS NOT NULL
),
sent_otherwise AS (
    SELECT delivery_no, source_line
    FROM standing
    QUALIFY row_number() OVER (PARTITION BY read_hash, number ORDER BY delivery_no, source_line) > 1
)
SELECT
    delivery_no,
    source_line,
    coalesce(alike.copy_no, 1) AS copy_no,
    coalesce(alike.is_duplicate, false) OR sent_otherwise.source_line IS NOT NULL AS is_duplicate
FROM alike
FULL JOIN sent_otherwise USING (delivery_no, source_line)
