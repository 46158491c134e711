-- core.shared_work: one execution that was suspended, or during which its worker also did others.
-- Each second goes in equal parts to all open, and none to what is suspended. Nearly all work is done one thing at a
-- time, so one pass by worker leaves few rows for everything after it.
WITH span AS (
    SELECT event_no, feed, resource, started_at, ended_at
    FROM core.stint
    WHERE NOT is_robot AND resource IS NOT NULL AND ended_at > started_at
),
juggler AS (  -- whoever once began something before the thing begun before it was done
    SELECT DISTINCT resource
    FROM (
        SELECT resource, started_at < lag(ended_at) OVER (
            PARTITION BY resource ORDER BY started_at, ended_at, event_no
        ) AS is_early
        FROM span
    )
    WHERE is_early
    UNION
    SELECT resource FROM span SEMI JOIN core.pause ON pause.event_no = span.event_no
),
reach AS (  -- one person's work may come in several feeds of a provider; two providers may both have a clerk 17
    SELECT
        span.*, feed.provider,
        max(ended_at) OVER (worker_w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until_at,
        lead(started_at) OVER worker_w < max(ended_at) OVER (worker_w ROWS UNBOUNDED PRECEDING) AS is_joined
    FROM span
    SEMI JOIN juggler ON juggler.resource = span.resource
    JOIN core.feed ON feed.feed = span.feed::VARCHAR
    WINDOW worker_w AS (PARTITION BY feed.provider, span.resource ORDER BY started_at, ended_at, event_no)
),
crowded AS (
    SELECT event_no, feed, provider, resource, epoch_ms(started_at) AS started_ms, epoch_ms(ended_at) AS ended_ms
    FROM reach
    WHERE is_joined OR started_at < busy_until_at OR event_no IN (SELECT event_no FROM core.pause)
),
paused AS (
    SELECT
        event_no,
        list(epoch_ms(paused_at) ORDER BY paused_at) AS paused_ms,
        list(epoch_ms(resumed_at) ORDER BY paused_at) AS resumed_ms
    FROM core.pause
    GROUP BY event_no
),
active AS (  -- of what was suspended the stretches between
    SELECT * FROM crowded ANTI JOIN paused ON paused.event_no = crowded.event_no
    UNION ALL
    SELECT
        crowded.* EXCLUDE (started_ms, ended_ms),
        unnest(list_prepend(crowded.started_ms, paused.resumed_ms)) AS started_ms,
        unnest(list_append(paused.paused_ms, crowded.ended_ms)) AS ended_ms
    FROM crowded
    JOIN paused ON paused.event_no = crowded.event_no
),
inside AS (
    SELECT
        daily.event_no, daily.provider, daily.resource,
        greatest(daily.started_ms, shift.begun_ms) AS begun_ms, least(daily.ended_ms, shift.done_ms) AS done_ms
    FROM (
        SELECT *, unnest(range(started_ms // 86_400_000, ended_ms // 86_400_000 + 1)) AS day_no FROM active
    ) AS daily
    JOIN core.shift ON shift.feed = daily.feed AND shift.day_no = daily.day_no
    WHERE shift.begun_ms < daily.ended_ms AND shift.done_ms > daily.started_ms
),
piece AS (  -- work wholly outside the calendar stands as it is
    SELECT * FROM inside
    UNION ALL
    SELECT event_no, provider, resource, started_ms AS begun_ms, ended_ms AS done_ms
    FROM active
    ANTI JOIN inside ON inside.event_no = active.event_no
),
turn AS (
    SELECT provider, resource, at_ms, sum(opened) AS opened
    FROM (
        SELECT provider, resource, begun_ms AS at_ms, 1 AS opened FROM piece
        UNION ALL
        SELECT provider, resource, done_ms AS at_ms, -1 AS opened FROM piece
    )
    GROUP BY provider, resource, at_ms
),
stretch AS (
    SELECT
        *,
        sum(opened) OVER (worker_w ROWS UNBOUNDED PRECEDING) AS open_count,
        lead(at_ms) OVER worker_w - at_ms AS length_ms
    FROM turn
    WINDOW worker_w AS (PARTITION BY provider, resource ORDER BY at_ms)
),
clock AS (  -- what one open execution has received from the worker's beginning until at_ms
    SELECT
        provider, resource, at_ms,
        coalesce(sum(CASE WHEN open_count > 0 THEN (length_ms / open_count)::DECIMAL(18, 3) END) OVER (
            PARTITION BY provider, resource ORDER BY at_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS received_ms
    FROM stretch
)
SELECT piece.event_no, round(sum(done.received_ms - begun.received_ms) / 1000) AS handling_s
FROM piece
JOIN clock AS begun
    ON begun.provider = piece.provider AND begun.resource = piece.resource AND begun.at_ms = piece.begun_ms
JOIN clock AS done
    ON done.provider = piece.provider AND done.resource = piece.resource AND done.at_ms = piece.done_ms
GROUP BY piece.event_no
HAVING
    sum(done.received_ms - begun.received_ms) < sum(piece.done_ms - piece.begun_ms)
    OR piece.event_no IN (SELECT event_no FROM core.pause)
