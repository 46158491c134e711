-- ops.feed: one feed tonight, and where its lines went.
WITH counted AS (
    SELECT
        feed,
        coalesce(sum(received_count - duplicate_count) FILTER (NOT is_rejected), 0)::BIGINT AS accepted_count,
        coalesce(sum(received_count) FILTER (is_rejected), 0)::BIGINT AS rejected_count,
        sum(duplicate_count)::BIGINT AS duplicate_count,
        sum(kept_copy_count)::BIGINT AS kept_copy_count,
        sum(dropped_copy_count)::BIGINT AS dropped_copy_count,
        min(first_event_at) FILTER (NOT is_rejected) AS first_event_at,
        max(last_event_at) FILTER (NOT is_rejected) AS last_event_at
    FROM raw.delivered_quarter
    GROUP BY feed
),
usual_file AS (
    SELECT feed, median(line_count) AS line_count
    FROM raw.delivery
    JOIN ops.tonight ON delivery.first_seen_on < tonight.night
    GROUP BY feed
    HAVING count(*) >= any_value(tonight.usual_count_min)
),
earlier AS (  -- less what was past its days since
    SELECT
        feed.feed, feed.status,
        feed.received_count - coalesce(expired.expired_count, 0) - coalesce(sum(feed.expired_count) OVER (
            PARTITION BY feed.feed ORDER BY feed.night ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ), 0) AS received_count
    FROM ops.feed
    JOIN ops.tonight ON feed.night < tonight.night
    LEFT JOIN raw.expired ON expired.feed = feed.feed
),
usual_whole AS (  -- a feed of one file that is written anew each night has no earlier deliveries to compare with
    SELECT feed, median(greatest(received_count, 0)) AS received_count
    FROM earlier
    CROSS JOIN ops.tonight
    WHERE status IN ('loaded', 'unchanged')
    GROUP BY feed
    HAVING count(*) >= any_value(tonight.usual_count_min)
),
reach AS (
    SELECT feed, delivery_no, max(last_event_at) FILTER (NOT is_rejected) AS last_event_at
    FROM raw.delivered_quarter
    GROUP BY feed, delivery_no
),
known AS (
    SELECT delivery.feed, max(reach.last_event_at) AS last_event_at
    FROM raw.delivery
    JOIN ops.tonight ON delivery.first_seen_on < tonight.night
    JOIN reach USING (delivery_no)
    GROUP BY delivery.feed
),
weekday AS (  -- those more than seldom worked
    SELECT feed, weekday
    FROM (
        SELECT feed, isodow(timezone(feed.timezone, timezone('UTC', quarter_at))) AS weekday, sum(received_count) AS n
        FROM raw.delivered_quarter
        JOIN core.feed USING (feed)
        WHERE NOT is_rejected
        GROUP BY feed, weekday
    )
    CROSS JOIN ops.tonight
    QUALIFY n >= tonight.volume_share_min * avg(n) OVER (PARTITION BY feed)
),
due AS (  -- a day before the night that should hold work, and of which nothing was known
    SELECT DISTINCT feed.feed
    FROM known
    JOIN core.feed USING (feed)
    CROSS JOIN ops.tonight
    CROSS JOIN unnest(generate_series(
        date_trunc('day', timezone(feed.timezone, timezone('UTC', known.last_event_at))) + INTERVAL 1 DAY,
        tonight.night - INTERVAL 1 DAY,
        INTERVAL 1 DAY
    )) AS day(day_at)
    LEFT JOIN weekday ON weekday.feed = feed.feed AND weekday.weekday = isodow(day_at)
    WHERE coalesce(list_contains(feed.calendar_weekdays, isodow(day_at)), weekday.feed IS NOT NULL)
        AND NOT coalesce(list_contains(feed.calendar_holidays, day_at::DATE), false)
),
new_file AS (  -- a file that ends before what was known corrects the past, and may be as small as it likes
    SELECT delivery.feed, sum(delivery.line_count) AS line_count
    FROM raw.delivery
    JOIN ops.tonight ON delivery.first_seen_on = tonight.night
    LEFT JOIN reach USING (delivery_no)
    LEFT JOIN known ON known.feed = delivery.feed
    LEFT JOIN due ON due.feed = delivery.feed
    WHERE delivery.status IN ('new', 'changed') AND coalesce(reach.last_event_at > known.last_event_at, true)
        AND (delivery.line_count > 0 OR known.feed IS NULL OR due.feed IS NOT NULL)  -- nothing is sent of a free day
    GROUP BY delivery.feed
),
new_line AS (  -- a year of sound deliveries must not hide one that is broken
    SELECT
        delivery.feed,
        sum(quarter.received_count) AS n,
        sum(quarter.received_count * quarter.is_rejected::INTEGER) AS refused
    FROM raw.delivery
    JOIN ops.tonight ON delivery.first_seen_on = tonight.night
    JOIN raw.delivered_quarter AS quarter USING (delivery_no)
    WHERE delivery.status IN ('new', 'changed')
    GROUP BY delivery.feed
),
refused AS (  -- the lower end of its share, 95 % sure (Wilson): one line of six may be chance
    SELECT feed, (refused + 1.92 - 1.96 * sqrt(refused * (n - refused) / n + 0.96)) / (n + 3.84) AS surely_share
    FROM new_line
    JOIN ops.tonight ON new_line.n >= tonight.expected_lines_min
),
stretch AS (
    SELECT feed, day_on, is_worked, sum(is_worked::INTEGER) OVER (PARTITION BY feed ORDER BY day_on) AS stretch_no
    FROM raw.expected_day
),
missing AS (
    SELECT feed, count(*) FILTER (NOT is_worked) AS day_count, min(day_on) FILTER (NOT is_worked) AS from_on
    FROM stretch
    GROUP BY feed, stretch_no
    QUALIFY row_number() OVER (PARTITION BY feed ORDER BY day_count DESC, from_on DESC) = 1
),
file AS (
    SELECT
        feed,
        sum(line_count)::BIGINT AS received_count,  -- as counted when the files were read, the others in their rows
        count(*) AS file_count,
        count(*) FILTER (status IN ('new', 'changed')) AS new_file_count,
        count(*) FILTER (status IN ('vanished', 'outdated')) AS vanished_file_count,
        count(*) FILTER (status = 'outdated') AS outdated_file_count,
        count(*) FILTER (is_shared) AS shared_file_count
    FROM (
        SELECT *, min(feed) OVER same_content <> max(feed) OVER same_content AS is_shared
        FROM raw.delivery
        WHERE status <> 'removed'
        WINDOW same_content AS (PARTITION BY content_hash)
    )
    GROUP BY feed
),
removed AS (  -- told once: on later nights a feed that nobody names any more has no line
    SELECT
        feed,
        'not in the feeds file any more: ' || count(*) || ' files with ' || sum(line_count)::BIGINT
            || ' lines no longer count; write the feed back under this name and they do' AS reason
    FROM raw.delivery
    CROSS JOIN ops.tonight
    WHERE status = 'removed'
    GROUP BY feed, tonight.night
    HAVING coalesce((SELECT max_by(told.status, told.night) FROM ops.feed AS told
        WHERE told.feed = delivery.feed AND told.night < tonight.night), 'loaded') <> 'removed'
)
SELECT
    tonight.night,
    feed.feed,
    CASE
        WHEN trouble.trouble IS NOT NULL THEN 'blocked'
        WHEN file.new_file_count = 0 AND file.vanished_file_count = 0 THEN 'unchanged'
        ELSE 'loaded'
    END AS status,
    coalesce(file.received_count, 0) AS received_count,
    coalesce(counted.accepted_count, 0) AS accepted_count,
    coalesce(counted.rejected_count, 0) AS rejected_count,
    coalesce(counted.duplicate_count, 0) AS duplicate_count,
    coalesce(counted.kept_copy_count, 0)
        + CASE WHEN feed.identity_rule = 'drop' THEN coalesce(counted.dropped_copy_count, 0) ELSE 0 END
        AS identical_count,
    coalesce(file.file_count, 0) AS file_count,
    coalesce(file.new_file_count, 0) AS new_file_count,
    coalesce(file.vanished_file_count, 0) AS vanished_file_count,
    coalesce(file.shared_file_count, 0) AS shared_file_count,
    NULL AS shared_case_count,  -- known once the cases are
    expired.expired_count,
    counted.first_event_at,
    counted.last_event_at,
    coalesce(greatest(counted.rejected_count / file.received_count, refused.surely_share), 0) AS rejected_share,
    least(new_file.line_count / usual_file.line_count, coalesce(file.received_count, 0) / nullif(usual_whole.received_count, 0))
        AS volume_share,
    coalesce(missing.day_count, 0) AS missing_day_count,
    CASE WHEN missing.day_count > 0 THEN missing.from_on END AS missing_from_on,
    trouble.trouble,
    nullif(concat_ws('; ',
        CASE WHEN expired.expired_count > 0
            THEN expired.expired_count || ' of its lines were older than ' || feed.keep_days || ' days and are removed'
        END,
        CASE WHEN file.vanished_file_count > 0
            THEN file.vanished_file_count || ' of its files are gone from their folder; what they held still counts'
        END,
        CASE WHEN file.outdated_file_count > 0
            THEN file.outdated_file_count || ' of those as they were read before the feed was described otherwise'
        END,
        CASE WHEN file.shared_file_count > 0
            THEN file.shared_file_count || ' of its files count under another feed too'
        END
    ), '') AS reason
FROM core.feed
CROSS JOIN ops.tonight
LEFT JOIN raw.pull_trouble AS trouble USING (feed)
LEFT JOIN raw.expired USING (feed)
LEFT JOIN counted USING (feed)
LEFT JOIN new_file USING (feed)
LEFT JOIN refused USING (feed)
LEFT JOIN usual_file USING (feed)
LEFT JOIN usual_whole USING (feed)
LEFT JOIN missing USING (feed)
LEFT JOIN file USING (feed)
UNION ALL BY NAME
SELECT
    tonight.night, removed.feed, 'removed' AS status, removed.reason, 0 AS rejected_share,
    0 AS received_count, 0 AS accepted_count, 0 AS rejected_count, 0 AS duplicate_count, 0 AS identical_count,
    0 AS file_count, 0 AS new_file_count, 0 AS vanished_file_count, 0 AS shared_file_count
FROM removed
CROSS JOIN ops.tonight
