-- core.calendar: one quarter of an hour of the week that a feed's people work.
-- Inferred where nothing is declared: an hour of the week that holds a completion in a set share of the weeks.
WITH declared AS (
    SELECT feed, unnest(calendar_weekdays) AS weekday, calendar_first_quarter, calendar_end_quarter
    FROM core.feed
    WHERE calendar_first_quarter IS NOT NULL
),
declared_quarter AS (  -- a night shift's quarters past midnight belong to the next day
    SELECT feed, (weekday - 1 + quarter // 96) % 7 + 1 AS weekday, quarter % 96 AS quarter_of_day, 'declared' AS source
    FROM (SELECT feed, weekday, unnest(range(calendar_first_quarter, calendar_end_quarter)) AS quarter FROM declared)
),
completion AS (
    SELECT event.feed, timezone(feed.timezone, timezone('UTC', event.ended_at)) AS ended_at
    FROM core.event
    JOIN core.feed ON feed.feed = event.feed::VARCHAR
    WHERE feed.calendar_first_quarter IS NULL
),
hour AS (
    SELECT
        feed, date_trunc('week', ended_at) AS week_at, isodow(ended_at) AS weekday, date_part('hour', ended_at) AS hour,
        count(*) AS event_count
    FROM completion
    GROUP BY ALL
),
span AS (
    SELECT feed, sum(event_count) AS event_count, date_diff('week', min(week_at), max(week_at)) + 1 AS week_count
    FROM hour
    GROUP BY feed
),
coarse AS (  -- times told in whole hours or days show no working hours
    SELECT completion.feed
    FROM completion
    CROSS JOIN ops.tonight
    GROUP BY completion.feed, tonight.coarse_share_max
    HAVING count(*) FILTER (ended_at = date_trunc('hour', ended_at)) > tonight.coarse_share_max * count(*)
),
regular AS (
    SELECT hour.feed, hour.weekday, hour.hour
    FROM hour
    JOIN span USING (feed)
    ANTI JOIN coarse USING (feed)
    CROSS JOIN ops.tonight
    WHERE span.event_count >= tonight.calendar_events_min AND span.week_count >= tonight.calendar_weeks_min
    GROUP BY hour.feed, hour.weekday, hour.hour, span.week_count, tonight.calendar_share_min
    HAVING count(*) >= tonight.calendar_share_min * span.week_count
),
inferred_quarter AS (
    SELECT feed, weekday, hour * 4 + unnest(range(4)) AS quarter_of_day, 'inferred' AS source FROM regular
),
always AS (
    SELECT span.feed, unnest(range(1, 8)) AS weekday, 'always' AS source FROM span ANTI JOIN regular USING (feed)
)
SELECT feed, weekday, quarter_of_day, source FROM declared_quarter
UNION ALL SELECT feed, weekday, quarter_of_day, source FROM inferred_quarter
UNION ALL SELECT feed, weekday, unnest(range(96)) AS quarter_of_day, source FROM always
