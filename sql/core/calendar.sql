-- core.calendar: one quarter of an hour of the week that a feed's people work.
-- Inferred where nothing is declared, from how many people are seen at work, so that neither a large office's stragglers
-- nor one who books a thousand lines at night make an hour worked. It is the hours of an office: with shifts more than
-- anybody's own, which is why core.execution lets nobody work longer than a working day in 24 hours.
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
    SELECT event.feed, event.resource, timezone(feed.timezone, timezone('UTC', event.ended_at)) AS ended_at
    FROM core.event
    JOIN core.feed ON feed.feed = event.feed::VARCHAR
    WHERE feed.calendar_first_quarter IS NULL AND NOT event.is_robot
),
sighting AS (  -- one person in one hour of one week; people without a name count as one
    SELECT
        feed, resource, date_trunc('week', ended_at) AS week_at, isodow(ended_at) AS weekday,
        date_part('hour', ended_at) AS hour, count(*) AS event_count
    FROM completion
    GROUP BY ALL
),
span AS (
    SELECT feed, sum(event_count) AS event_count, count(DISTINCT week_at) AS week_count
    FROM sighting
    GROUP BY feed
),
hour AS (
    SELECT feed, weekday, hour, count(*) AS person_count
    FROM sighting
    GROUP BY feed, weekday, hour
),
usual AS (  -- the people in the hour somebody seen at work is usually seen in
    SELECT feed, sum(person_count * person_count) / sum(person_count) AS person_count FROM hour GROUP BY feed
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
    JOIN usual USING (feed)
    JOIN span USING (feed)
    ANTI JOIN coarse USING (feed)
    CROSS JOIN ops.tonight
    WHERE
        span.event_count >= tonight.calendar_events_min
        AND span.week_count >= tonight.calendar_weeks_min
        AND hour.person_count >= tonight.calendar_share_min * usual.person_count
),
inferred_quarter AS (
    SELECT feed, weekday, hour * 4 + unnest(range(4)) AS quarter_of_day, 'inferred' AS source FROM regular
),
always AS (
    SELECT undeclared.feed, unnest(range(1, 8)) AS weekday, 'always' AS source
    FROM (SELECT DISTINCT feed FROM core.event ANTI JOIN declared ON declared.feed = event.feed::VARCHAR) AS undeclared
    ANTI JOIN regular USING (feed)
)
SELECT feed, weekday, quarter_of_day, source FROM declared_quarter
UNION ALL SELECT feed, weekday, quarter_of_day, source FROM inferred_quarter
UNION ALL SELECT feed, weekday, unnest(range(96)) AS quarter_of_day, source FROM always
