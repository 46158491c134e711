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
distance AS (
    SELECT feed, max(greatest(abs(rank_no / n - (1 - exp(-z))), abs((rank_no - 1) / n - (1 - exp(-z))))) AS distance
    FROM ranked
    GROUP BY feed
),
quartile AS (
    SELECT
        feed, process, activity, quantile_disc(gap_ms, .25) AS q1_ms, quantile_disc(gap_ms, .5) AS q2_ms,
        quantile_disc(gap_ms, .75) AS q3_ms
    FROM core.completion_gap
    CROSS JOIN ops.tonight
    WHERE gap_ms > 0
    GROUP BY feed, process, activity, tonight.trust_activity_gaps_min
    HAVING count(*) >= tonight.trust_activity_gaps_min
),
spread AS (
    SELECT feed, exp(fsum(ln(q3_ms / q1_ms) ORDER BY process, activity) / count(*)) AS spread
    FROM quartile
    GROUP BY feed
),
measured AS (
    SELECT process, activity, quantile_disc(own_work_ms, .5) AS median_ms
    FROM core.execution
    CROSS JOIN ops.tonight
    WHERE own_work_ms > 0 AND NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity, tonight.trust_activity_gaps_min
    HAVING count(*) >= tonight.trust_activity_gaps_min
),
peer AS (  -- people who wait for work between two completions look as slow as they are idle
    SELECT
        quartile.feed,
        exp(fsum(ln(q2_ms / median_ms) ORDER BY quartile.process, quartile.activity) / count(*)) AS ratio
    FROM quartile
    JOIN measured ON measured.process = quartile.process AND measured.activity = quartile.activity
    GROUP BY quartile.feed
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
    round(counted.coarse_share, 6) AS coarse_share,
    round(peer.ratio, 6) AS peer_ratio,
    coalesce(peer.ratio BETWEEN 1 / tonight.estimate_factor AND tonight.estimate_factor, true)
        AND counted.coarse_share <= tonight.coarse_share_max AND coalesce(
        spread.spread < tonight.estimate_spread_sure
        OR (distance.distance >= tonight.estimate_distance_min AND spread.spread <= tonight.estimate_spread_max),
        false
    ) AS is_trusted
FROM counted
LEFT JOIN distance USING (feed)
LEFT JOIN spread USING (feed)
LEFT JOIN peer USING (feed)
CROSS JOIN ops.tonight
