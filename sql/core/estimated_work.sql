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
)
SELECT
    gap.event_no,
    round(CASE WHEN gap.gap_ms <= usual.longest_ms THEN gap.gap_ms ELSE usual.median_ms END / 1000) AS handling_s
FROM core.completion_gap AS gap
JOIN usual USING (feed, process, activity)
