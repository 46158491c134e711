-- core.handling_trust: whether handling time may be estimated from one feed's completions.
WITH worker AS (
    SELECT feed, resource, avg(worker_gap_ms) AS mean_ms
    FROM core.completion_gap
    CROSS JOIN ops.tonight
    WHERE worker_gap_ms > 0
    GROUP BY feed, resource, tonight.trust_worker_gaps_min
    HAVING count(*) >= tonight.trust_worker_gaps_min
),
scaled AS (
    SELECT gap.feed, round(gap.worker_gap_ms / worker.mean_ms, 6) AS z
    FROM core.completion_gap AS gap
    JOIN worker USING (feed, resource)
    WHERE gap.worker_gap_ms > 0
),
ranked AS (
    SELECT feed, z, row_number() OVER (PARTITION BY feed ORDER BY z) AS rank_no, count(*) OVER (PARTITION BY feed) AS n
    FROM scaled
),
distance AS (  -- that short gaps are few is as much a rota's doing as that of work, and tells nothing
    SELECT feed, greatest(max(rank_no / n - (1 - exp(-z))) FILTER (z < 1), 0) AS distance FROM ranked GROUP BY feed
),
quartile AS (
    SELECT
        feed, process, activity, quantile_disc(gap_ms, .25) AS q1_ms, quantile_disc(gap_ms, .5) AS median_ms,
        quantile_disc(gap_ms, .75) AS q3_ms
    FROM core.completion_gap
    CROSS JOIN ops.tonight
    WHERE gap_ms > 0
    GROUP BY feed, process, activity, tonight.trust_activity_gaps_min
    HAVING count(*) >= tonight.trust_activity_gaps_min
),
step AS (  -- a bell's quartiles lie 1.349 of its deviations apart
    SELECT
        feed,
        count(*) AS step_count,
        exp(fsum(ln(q3_ms / q1_ms) ORDER BY process, activity) / step_count) AS spread,
        fsum(pow(ln(q3_ms / q1_ms) / 1.349, 2) ORDER BY process, activity) / step_count AS within,
        greatest(
            fsum(pow(ln(median_ms), 2) ORDER BY process, activity) / step_count
                - pow(fsum(ln(median_ms) ORDER BY process, activity) / step_count, 2),
            0
        ) AS beyond
    FROM quartile
    GROUP BY feed
),
spread AS (
    SELECT feed, spread, CASE WHEN step_count > 1 THEN beyond / nullif(beyond + within, 0) END AS step_share FROM step
),
compared AS (  -- hours as core.estimated_work would have them, and as it takes where it is measured
    SELECT
        gap.feed,
        sum(CASE
            WHEN gap.gap_ms <= q3_ms + tonight.estimate_outlier_ratio * (q3_ms - q1_ms) THEN gap.gap_ms ELSE median_ms
        END)::BIGINT AS estimated_ms,
        round(count(*) * any_value(step.mean_ms))::BIGINT AS measured_ms
    FROM core.completion_gap AS gap
    JOIN quartile ON quartile.feed = gap.feed AND quartile.process = gap.process AND quartile.activity = gap.activity
    JOIN core.measured_step AS step ON step.process = gap.process AND step.activity = gap.activity
    CROSS JOIN ops.tonight
    WHERE gap.gap_ms > 0 AND step.execution_count >= tonight.trust_activity_gaps_min AND step.mean_ms > 0
    GROUP BY gap.feed, gap.process, gap.activity
),
peer AS (  -- step by step, so that what is too long and what is too short do not make up for each other
    SELECT
        feed,
        sum(estimated_ms) / 3_600_000 AS estimated_h,
        sum(measured_ms) / 3_600_000 AS measured_h,
        sum(greatest(estimated_ms, measured_ms)) / sum(least(estimated_ms, measured_ms)) AS factor
    FROM compared
    GROUP BY feed
),
counted AS (
    SELECT
        gap.feed,
        count(*) AS completion_count,
        -- a clock of whole minutes says nothing of steps that mostly take less
        count(*) FILTER (event.ended_at = date_trunc(gap.clock, event.ended_at)) / count(*) AS coarse_share
    FROM (
        SELECT *, if(quantile_disc(gap_ms, .5) OVER (PARTITION BY feed) < 60000, 'minute', 'hour') AS clock
        FROM core.completion_gap
    ) AS gap
    JOIN core.event USING (event_no)
    GROUP BY gap.feed
)
SELECT
    counted.feed,
    counted.completion_count,
    round(distance.distance, 6) AS chance_distance,
    round(spread.spread, 6) AS gap_spread,
    round(spread.step_share, 6) AS step_share,
    round(counted.coarse_share, 6) AS coarse_share,
    round(peer.estimated_h, 6) AS estimated_h,
    round(peer.measured_h, 6) AS measured_h,
    round(peer.factor, 6) AS measured_factor,
    CASE
        WHEN counted.coarse_share > tonight.coarse_share_max THEN 'times too coarse'
        WHEN peer.factor > tonight.estimate_factor THEN 'measured otherwise'
        WHEN distance.distance >= tonight.estimate_distance_min AND spread.spread <= tonight.estimate_spread_max THEN NULL
        -- work takes as long as its step takes, a rota's turn as long as at any other
        WHEN spread.spread < tonight.estimate_spread_sure AND spread.step_share < tonight.estimate_step_share_min
            THEN 'gaps alike at every step'
        WHEN spread.spread < tonight.estimate_spread_sure THEN NULL
        WHEN distance.distance < tonight.estimate_distance_min THEN 'gaps may be idleness'
        WHEN spread.spread > tonight.estimate_spread_max THEN 'gaps too uneven'
        ELSE 'too few gaps'
    END AS doubt,
    doubt IS NULL AS is_trusted
FROM counted
LEFT JOIN distance USING (feed)
LEFT JOIN spread USING (feed)
LEFT JOIN peer USING (feed)
CROSS JOIN ops.tonight
