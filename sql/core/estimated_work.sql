-- core.estimated_work: one execution whose handling time is estimated from completions, where that may be trusted.
WITH usual AS (
    SELECT
        feed, process, activity,
        quantile_disc(gap_ms, .5) AS median_ms,
        quantile_disc(gap_ms, .75)
            + tonight.estimate_outlier_ratio * (quantile_disc(gap_ms, .75) - quantile_disc(gap_ms, .25)) AS longest_ms
    FROM core.completion_gap
    CROSS JOIN ops.tonight
    SEMI JOIN (SELECT feed FROM core.handling_trust WHERE is_trusted) AS trusted USING (feed)
    WHERE gap_ms IS NOT NULL
    GROUP BY feed, process, activity, tonight.estimate_outlier_ratio
),
-- a step at a screen that begins a run has no gap of its own, and what it has where it does not begin one is rare
usual_at_screens AS (
    SELECT feed, quantile_disc(gap_ms, .5) AS median_ms
    FROM core.completion_gap
    SEMI JOIN (SELECT feed FROM core.handling_trust WHERE is_trusted) AS trusted USING (feed)
    SEMI JOIN (SELECT feed::feed_t AS feed FROM core.feed WHERE is_desktop) AS desktop USING (feed)
    WHERE gap_ms IS NOT NULL
    GROUP BY feed
)
SELECT
    gap.event_no,
    round(
        CASE
            WHEN gap.gap_ms <= usual.longest_ms THEN gap.gap_ms
            WHEN gap.gap_ms IS NULL THEN coalesce(screens.median_ms, usual.median_ms)
            ELSE usual.median_ms
        END / 1000
    ) AS handling_s
FROM core.completion_gap AS gap
LEFT JOIN usual USING (feed, process, activity)
LEFT JOIN usual_at_screens AS screens USING (feed)
WHERE usual.median_ms IS NOT NULL OR screens.median_ms IS NOT NULL
