-- mart.provider_pace: how fast one provider does one activity, over the mix of cases all its providers share.
WITH total AS (
    SELECT
        process, activity, provider, sum(event_count) AS event_count,
        sum(event_count) FILTER (is_sampled) AS sampled_count,
        sum(handling_s) AS handling_s
    FROM mart.provider_cell
    CROSS JOIN ops.tonight
    GROUP BY process, activity, provider, tonight.gap_stratum_min
    HAVING sum(event_count) >= tonight.gap_stratum_min
),
rival AS (
    SELECT process, activity, count(*) AS provider_count FROM total GROUP BY process, activity HAVING count(*) >= 2
),
basis AS (  -- by strata, and plainly for where strata cannot be compared
    SELECT 'mix' AS basis, process, activity, provider, stratum_key, event_count AS n, log_sum, square_sum
    FROM mart.provider_cell
    WHERE stratum_key IS NOT NULL
    UNION ALL
    SELECT 'plain', process, activity, provider, 0, sum(event_count), sum(log_sum), sum(square_sum)
    FROM mart.provider_cell
    GROUP BY process, activity, provider
),
eligible AS (
    SELECT basis.*, rival.provider_count
    FROM basis
    JOIN rival ON rival.process = basis.process AND rival.activity = basis.activity
    SEMI JOIN total
        ON total.process = basis.process AND total.activity = basis.activity AND total.provider = basis.provider
    CROSS JOIN ops.tonight
    WHERE basis.n >= tonight.gap_stratum_min
),
shared AS (
    SELECT basis, process, activity, stratum_key, sum(n) AS weight
    FROM eligible
    GROUP BY basis, process, activity, stratum_key, provider_count
    HAVING count(*) = provider_count
)
SELECT
    eligible.basis,
    eligible.process,
    eligible.activity,
    eligible.provider,
    total.event_count,
    total.handling_s,
    CASE eligible.basis WHEN 'plain' THEN 1 ELSE sum(eligible.n) / total.sampled_count END AS coverage_share,
    fsum(weight * (log_sum / n) ORDER BY eligible.stratum_key) / sum(weight) / 1e6 AS log_mean,
    sqrt(fsum(
        (weight * weight / n) * (greatest(square_sum - log_sum * (log_sum / n), 0) / (n - 1)) ORDER BY eligible.stratum_key
    )) / sum(weight) / 1e6 AS log_error
FROM eligible
JOIN shared
    ON shared.basis = eligible.basis AND shared.process = eligible.process
    AND shared.activity = eligible.activity AND shared.stratum_key = eligible.stratum_key
JOIN total
    ON total.process = eligible.process AND total.activity = eligible.activity AND total.provider = eligible.provider
GROUP BY eligible.basis, eligible.process, eligible.activity, eligible.provider, total.event_count,
    total.sampled_count, total.handling_s
