-- mart.provider_pace: how fast one provider does one activity, over the mix of cases all its providers share.
WITH total AS (
    SELECT
        process, activity, provider,
        sum(event_count) AS event_count,
        sum(handling_s) AS handling_s,
        sum(handling_s) FILTER (is_sampled) AS sampled_s,
        count(*) OVER (PARTITION BY process, activity) AS provider_count
    FROM mart.provider_cell
    CROSS JOIN ops.tonight
    GROUP BY process, activity, provider, tonight.gap_stratum_min
    HAVING sum(event_count) >= tonight.gap_stratum_min
),
basis AS (  -- by strata, and plainly for where strata cannot be compared
    SELECT
        'mix' AS basis, cell.process, cell.activity, cell.provider, cell.stratum_key, shared.event_count AS weight,
        cell.event_count AS n, cell.handling_s AS compared_s, cell.log_sum, cell.square_sum
    FROM mart.provider_cell AS cell
    JOIN mart.shared_stratum AS shared
        ON shared.process = cell.process AND shared.activity = cell.activity AND shared.stratum_key = cell.stratum_key
    UNION ALL
    SELECT
        'plain', process, activity, provider, 0, 1, sum(event_count), sum(handling_s) FILTER (is_sampled),
        sum(log_sum), sum(square_sum)
    FROM mart.provider_cell
    GROUP BY process, activity, provider
)
SELECT
    basis.basis,
    total.process,
    total.activity,
    total.provider,
    total.event_count,
    total.handling_s,
    coalesce(total.sampled_s - sum(basis.compared_s), 0) AS unlike_s,
    CASE basis.basis WHEN 'plain' THEN 1 ELSE sum(basis.compared_s) / total.sampled_s END AS coverage_share,
    fsum(weight * (log_sum / n) ORDER BY basis.stratum_key) / sum(weight) / 1e6 AS log_mean,
    sqrt(fsum(
        (weight * weight / n) * (greatest(square_sum - log_sum * (log_sum / n), 0) / (n - 1)) ORDER BY basis.stratum_key
    )) / sum(weight) / 1e6 AS log_error
FROM basis
JOIN total
    ON total.process = basis.process AND total.activity = basis.activity AND total.provider = basis.provider
WHERE total.provider_count >= 2
GROUP BY basis.basis, total.process, total.activity, total.provider, total.event_count, total.sampled_s, total.handling_s
