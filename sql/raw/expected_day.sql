-- raw.expected_day: one recent day on which a feed's log should hold work, and whether it does.
-- A weekday is expected where the weeks before the recent ones held work on nearly all of them, holidays left out, and
-- more than a trickle, which may dry up by chance. The log of a feed that keeps coming should reach as close to the night as it did whenever it came.
WITH worked_day AS (
    SELECT
        feed,
        timezone(feed.timezone, timezone('UTC', quarter_at))::DATE AS day_on,
        sum(received_count) AS line_count
    FROM raw.delivered_quarter
    JOIN core.feed USING (feed)
    WHERE NOT is_rejected
    GROUP BY ALL
),
coming AS (  -- nights that brought something new, how far the log then was behind, and how long nothing came before
    SELECT
        past.feed,
        past.night - past.last_event_at::DATE AS behind_days,
        past.night - lag(past.night) OVER (PARTITION BY past.feed ORDER BY past.night) AS pause_days
    FROM ops.feed AS past
    JOIN ops.tonight ON past.night < tonight.night
    WHERE past.status = 'loaded' AND past.new_file_count > 0
        AND past.night - past.last_event_at::DATE <= tonight.expected_recent_days
),
rhythm AS (
    SELECT feed, max(behind_days) + max(pause_days) - 1 AS behind_days
    FROM coming
    CROSS JOIN ops.tonight
    GROUP BY feed
    HAVING count(*) > any_value(tonight.usual_count_min)
),
span AS (
    SELECT
        worked_day.feed,
        min(day_on) AS first_on,
        greatest(max(day_on), max((tonight.night - rhythm.behind_days::INTEGER)::DATE)) AS last_on,
        any_value(tonight.expected_recent_days) AS recent_days,
        any_value(tonight.expected_known_days) AS known_days
    FROM worked_day
    CROSS JOIN ops.tonight
    LEFT JOIN rhythm ON rhythm.feed = worked_day.feed
    GROUP BY worked_day.feed
),
day AS (
    SELECT
        span.feed,
        day_at::DATE AS day_on,
        isodow(day_at) AS weekday,
        day_at::DATE > last_on - recent_days AS is_recent,
        worked_day.feed IS NOT NULL AS is_worked,
        coalesce(worked_day.line_count, 0) AS line_count
    FROM span
    JOIN core.feed USING (feed)
    CROSS JOIN unnest(generate_series(last_on - recent_days - known_days + 1, last_on, INTERVAL 1 DAY)) AS t(day_at)
    LEFT JOIN worked_day ON worked_day.feed = span.feed AND worked_day.day_on = day_at::DATE
    WHERE first_on <= last_on - recent_days - known_days
        AND coalesce(list_contains(feed.calendar_weekdays, isodow(day_at)), true)
        AND NOT coalesce(list_contains(feed.calendar_holidays, day_at::DATE), false)
),
expected_weekday AS (
    SELECT feed, weekday
    FROM day
    CROSS JOIN ops.tonight
    WHERE NOT is_recent
    GROUP BY feed, weekday
    HAVING count(*) FILTER (line_count >= tonight.expected_lines_min)
        >= any_value(tonight.expected_share_min) * count(*)
)
SELECT day.feed, day.day_on, day.is_worked
FROM day
SEMI JOIN expected_weekday ON expected_weekday.feed = day.feed AND expected_weekday.weekday = day.weekday
WHERE day.is_recent
