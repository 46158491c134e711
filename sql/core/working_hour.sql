-- core.working_hour: one quarter of an hour of a feed's time, whether it is worked, and the working time before it.
-- It spans every process the feed works on, since a case may have been with another feed long before. A year in which
-- none of them has an event is left out, so that one mistyped date does not bring decades of quarters.
WITH lived AS (
    SELECT
        process, date_part('year', ended_at) AS last_year, min(coalesce(started_at, ended_at)) AS first_at,
        max(ended_at) AS last_at
    FROM core.event
    GROUP BY process, last_year
),
worked AS (
    SELECT served.feed, lived.*
    FROM (SELECT DISTINCT feed, process FROM core.event) AS served
    JOIN lived ON lived.process = served.process
),
span AS (
    SELECT
        feed,
        date_trunc('day', min(first_at)) - INTERVAL 1 DAY AS first_at,
        date_trunc('day', max(last_at)) + INTERVAL 2 DAY AS last_at
    FROM worked
    GROUP BY feed
),
lived_year AS (
    SELECT DISTINCT feed, unnest(range(date_part('year', first_at), last_year + 1)) AS year FROM worked
),
quarter AS (
    SELECT
        span.feed,
        unnest(range(
            greatest(span.first_at, make_timestamp(year, 1, 1, 0, 0, 0)),
            least(span.last_at, make_timestamp(year + 1, 1, 1, 0, 0, 0)),
            INTERVAL 15 MINUTE
        )) AS quarter_at
    FROM lived_year
    JOIN span ON span.feed = lived_year.feed
),
local AS (
    SELECT
        quarter.feed, quarter.quarter_at, feed.calendar_holidays,
        timezone(feed.timezone, timezone('UTC', quarter.quarter_at)) AS local_at
    FROM quarter
    JOIN core.feed ON feed.feed = quarter.feed::VARCHAR
),
placed AS (
    SELECT
        local.feed,
        local.quarter_at,
        calendar.feed IS NOT NULL AND NOT list_contains(coalesce(local.calendar_holidays, []), local.local_at::DATE)
            AS is_working
    FROM local
    LEFT JOIN core.calendar
        ON calendar.feed = local.feed
        AND calendar.weekday = isodow(local.local_at)
        AND calendar.quarter_of_day = date_part('hour', local.local_at) * 4 + date_part('minute', local.local_at) // 15
)
SELECT
    feed,
    quarter_at,
    is_working,
    coalesce(sum(CASE WHEN is_working THEN 900_000 ELSE 0 END) OVER (
        PARTITION BY feed ORDER BY quarter_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS worked_before_ms
FROM placed
