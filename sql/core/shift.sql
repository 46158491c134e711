-- core.shift: one stretch of a feed's working time without a break, cut at midnight UTC.
WITH run AS (  -- quarters without a gap keep their distance to their own number
    SELECT
        feed, epoch_ms(quarter_at) AS quarter_ms,
        epoch_ms(quarter_at) // 900_000 - row_number() OVER (PARTITION BY feed ORDER BY quarter_at) AS run_no
    FROM core.working_hour
    WHERE is_working
)
SELECT
    feed,
    quarter_ms // 86_400_000 AS day_no,
    min(quarter_ms) AS begun_ms,
    max(quarter_ms) + 900_000 AS done_ms
FROM run
GROUP BY feed, quarter_ms // 86_400_000, run_no
