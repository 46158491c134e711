-- core.shared_work: one execution during which its worker also did others; each second goes in equal parts to all open.
WITH span AS (
    SELECT event_no, feed, resource, started_work_ms, ended_work_ms
    FROM core.execution
    WHERE NOT is_robot AND resource IS NOT NULL AND ended_work_ms > started_work_ms
),
reach AS (
    SELECT
        *,
        started_work_ms >= max(ended_work_ms) OVER (
            PARTITION BY feed, resource ORDER BY started_work_ms, ended_work_ms, event_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) IS NOT FALSE AS is_first
    FROM span
),
island AS (
    SELECT
        *,
        sum(is_first::INTEGER) OVER (
            PARTITION BY feed, resource ORDER BY started_work_ms, ended_work_ms, event_no ROWS UNBOUNDED PRECEDING
        ) AS island_no
    FROM reach
),
crowded AS (
    SELECT island.*
    FROM island
    SEMI JOIN (SELECT feed, resource, island_no FROM island WHERE NOT is_first) AS shared USING (feed, resource, island_no)
),
turn AS (
    SELECT feed, resource, island_no, at_ms, sum(opened) AS opened
    FROM (
        SELECT feed, resource, island_no, started_work_ms AS at_ms, 1 AS opened FROM crowded
        UNION ALL
        SELECT feed, resource, island_no, ended_work_ms AS at_ms, -1 AS opened FROM crowded
    )
    GROUP BY ALL
),
stretch AS (
    SELECT
        *,
        sum(opened) OVER island_w AS open_count,
        lead(at_ms) OVER island_w - at_ms AS length_ms
    FROM turn
    WINDOW island_w AS (PARTITION BY feed, resource, island_no ORDER BY at_ms)
),
clock AS (  -- what one open execution has received from the island's beginning until at_ms
    SELECT
        feed, resource, island_no, at_ms,
        coalesce(sum((length_ms / open_count)::DECIMAL(18, 3)) OVER (
            PARTITION BY feed, resource, island_no ORDER BY at_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS received_ms
    FROM stretch
)
SELECT crowded.event_no, round((done.received_ms - begun.received_ms) / 1000) AS handling_s
FROM crowded
JOIN clock AS begun
    ON begun.feed = crowded.feed AND begun.resource = crowded.resource AND begun.island_no = crowded.island_no
    AND begun.at_ms = crowded.started_work_ms
JOIN clock AS done
    ON done.feed = crowded.feed AND done.resource = crowded.resource AND done.island_no = crowded.island_no
    AND done.at_ms = crowded.ended_work_ms
