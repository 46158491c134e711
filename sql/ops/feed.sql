-- ops.feed: one feed tonight, and where its lines went.
WITH line AS (
    SELECT
        event.feed,
        event.delivery_no,
        event.failed_rules <> 0 AS is_rejected,
        coalesce(repeated.is_duplicate, false) AS is_duplicate,
        coalesce(repeated.copy_no > 1, false) AS is_copy,
        event.ended_at
    FROM raw.event
    LEFT JOIN raw.repeated_line AS repeated
        ON repeated.delivery_no = event.delivery_no AND repeated.source_line = event.source_line
),
counted AS (
    SELECT
        feed,
        count(*) AS received_count,
        count(*) FILTER (is_rejected) AS rejected_count,
        count(*) FILTER (is_duplicate) AS duplicate_count,
        count(*) FILTER (is_copy AND NOT is_duplicate) AS kept_copy_count,
        count(*) FILTER (is_copy AND is_duplicate) AS dropped_copy_count,
        min(ended_at) FILTER (NOT is_rejected) AS first_event_at,
        max(ended_at) FILTER (NOT is_rejected) AS last_event_at
    FROM line
    GROUP BY feed
),
usual_volume AS (
    SELECT feed, median(line_count) AS line_count
    FROM raw.delivery
    JOIN ops.tonight ON delivery.first_seen_on < tonight.night
    GROUP BY feed
    HAVING count(*) >= 3
),
usual_whole AS (  -- a feed of one file that is written anew each night has no earlier deliveries to compare with
    SELECT feed, median(received_count) AS received_count
    FROM ops.feed
    JOIN ops.tonight ON feed.night < tonight.night
    WHERE status <> 'blocked'
    GROUP BY feed
    HAVING count(*) >= 3
),
volume AS (
    SELECT delivery.feed, sum(delivery.line_count) / any_value(usual_volume.line_count) AS volume_share
    FROM raw.delivery
    JOIN usual_volume USING (feed)
    JOIN ops.tonight ON delivery.first_seen_on = tonight.night
    WHERE delivery.status IN ('new', 'changed')
    GROUP BY delivery.feed
),
worked_quarter AS (  -- few, so that few are moved to the feed's own clock
    SELECT DISTINCT feed, time_bucket(INTERVAL 15 MINUTE, ended_at) AS quarter_at FROM line WHERE NOT is_rejected
),
worked_day AS (
    SELECT DISTINCT feed, timezone(feed.timezone, timezone('UTC', quarter_at))::DATE AS day_on
    FROM worked_quarter
    JOIN core.feed USING (feed)
),
span AS (
    SELECT feed, min(day_on) AS first_on, max(day_on) AS last_on FROM worked_day GROUP BY feed
),
expected_day AS (
    SELECT feed, day_at::DATE AS day_on, day_at::DATE > last_on - 56 AS is_recent
    FROM span, unnest(generate_series(first_on, last_on, INTERVAL 1 DAY)) AS t(day_at)
    WHERE isodow(day_at) <= 5 AND last_on - first_on > 112
),
day AS (
    SELECT
        expected_day.feed, expected_day.day_on, expected_day.is_recent, worked_day.feed IS NOT NULL AS is_worked,
        sum((worked_day.feed IS NOT NULL)::INTEGER) OVER (
            PARTITION BY expected_day.feed ORDER BY expected_day.day_on
        ) AS stretch_no
    FROM expected_day
    LEFT JOIN worked_day ON worked_day.feed = expected_day.feed AND worked_day.day_on = expected_day.day_on
),
regular AS (
    SELECT feed FROM day WHERE NOT is_recent GROUP BY feed HAVING bool_and(is_worked)
),
missing AS (
    SELECT feed, coalesce(max(day_count), 0) AS missing_day_count
    FROM (
        SELECT feed, stretch_no, count(*) FILTER (NOT is_worked) AS day_count
        FROM day SEMI JOIN regular USING (feed)
        WHERE is_recent
        GROUP BY feed, stretch_no
    )
    GROUP BY feed
),
file AS (
    SELECT
        feed,
        count(*) AS file_count,
        count(*) FILTER (status IN ('new', 'changed')) AS new_file_count,
        count(*) FILTER (status = 'vanished') AS vanished_file_count
    FROM raw.delivery
    GROUP BY feed
)
SELECT
    tonight.night,
    feed.feed,
    CASE
        WHEN trouble.trouble IS NOT NULL THEN 'blocked'
        WHEN file.new_file_count = 0 AND file.vanished_file_count = 0 THEN 'unchanged'
        ELSE 'loaded'
    END AS status,
    coalesce(counted.received_count, 0) AS received_count,
    coalesce(counted.received_count - counted.rejected_count - counted.duplicate_count, 0) AS accepted_count,
    coalesce(counted.rejected_count, 0) AS rejected_count,
    coalesce(counted.duplicate_count, 0) AS duplicate_count,
    coalesce(counted.kept_copy_count, 0)
        + CASE WHEN feed.identity_rule = 'drop' THEN coalesce(counted.dropped_copy_count, 0) ELSE 0 END
        AS identical_count,
    coalesce(file.file_count, 0) AS file_count,
    coalesce(file.new_file_count, 0) AS new_file_count,
    coalesce(file.vanished_file_count, 0) AS vanished_file_count,
    counted.first_event_at,
    counted.last_event_at,
    coalesce(counted.rejected_count / counted.received_count, 0) AS rejected_share,
    least(volume.volume_share, coalesce(counted.received_count, 0) / usual_whole.received_count) AS volume_share,
    missing.missing_day_count,
    trouble.trouble,
    CASE WHEN file.vanished_file_count > 0
        THEN file.vanished_file_count || ' of its files are gone from their folder; what they held still counts'
    END AS reason
FROM core.feed
CROSS JOIN ops.tonight
LEFT JOIN raw.pull_trouble AS trouble USING (feed)
LEFT JOIN counted USING (feed)
LEFT JOIN volume USING (feed)
LEFT JOIN usual_whole USING (feed)
LEFT JOIN missing USING (feed)
LEFT JOIN file USING (feed)
