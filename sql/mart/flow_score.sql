-- mart.flow_score: how standardised and how stable the steps around one provider's activity are.
WITH follower AS (
    SELECT provider, process, activity, next_activity AS neighbour, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    GROUP BY ALL
),
leader AS (
    SELECT provider, process, activity, previous_activity AS neighbour, count(*) AS event_count
    FROM core.activity_instance
    GROUP BY ALL
),
neighbour AS (
    SELECT
        'next' AS side, *,
        event_count / sum(event_count) OVER (PARTITION BY provider, process, activity) AS share
    FROM follower
    UNION ALL
    SELECT
        'previous' AS side, *,
        event_count / sum(event_count) OVER (PARTITION BY provider, process, activity) AS share
    FROM leader
),
standard AS (
    SELECT
        side, provider, process, activity,
        greatest(1 + fsum(share * log2(share) ORDER BY neighbour) / log2(greatest(2, count(*))), 0) AS score
    FROM neighbour
    CROSS JOIN ops.tonight
    GROUP BY side, provider, process, activity, tonight.support_min
    HAVING sum(event_count) >= tonight.support_min
),
monthly AS (
    SELECT
        provider, process, activity, month_on, next_activity AS neighbour, sum(event_count) AS event_count,
        sum(sum(event_count)) OVER (PARTITION BY provider, process, activity, month_on) AS month_count
    FROM mart.succession
    GROUP BY provider, process, activity, month_on, next_activity
),
mixed AS (  -- p of this month, q of all months, m halfway between them
    SELECT
        monthly.*, event_count / month_count AS p, whole.share AS q,
        (event_count / month_count + whole.share) / 2 AS m
    FROM monthly
    JOIN (SELECT * EXCLUDE (event_count) FROM neighbour WHERE side = 'next') AS whole
        ON whole.provider = monthly.provider AND whole.process = monthly.process AND whole.activity = monthly.activity
        AND whole.neighbour IS NOT DISTINCT FROM monthly.neighbour
    CROSS JOIN ops.tonight
    WHERE monthly.month_count >= tonight.support_min
),
divergence AS (  -- Jensen-Shannon, in bits; a step missing this month adds half its overall share
    SELECT
        provider, process, activity, month_on, any_value(month_count) AS month_count,
        greatest(fsum(.5 * p * log2(p / m) + .5 * q * log2(q / m) - .5 * q ORDER BY neighbour) + .5, 0) AS divergence
    FROM mixed
    GROUP BY provider, process, activity, month_on
),
stable AS (
    SELECT
        provider, process, activity,
        greatest(1 - fsum(month_count * sqrt(divergence) ORDER BY month_on) / sum(month_count), 0) AS score
    FROM divergence
    GROUP BY provider, process, activity
    HAVING count(*) >= 2
)
SELECT
    provider,
    process,
    activity,
    round(next.score, 6) AS successor_standardisation_score,
    round(previous.score, 6) AS predecessor_standardisation_score,
    round(stable.score, 6) AS stability_score
FROM (SELECT * FROM standard WHERE side = 'previous') AS previous
FULL JOIN (SELECT * FROM standard WHERE side = 'next') AS next USING (provider, process, activity)
FULL JOIN stable USING (provider, process, activity)
