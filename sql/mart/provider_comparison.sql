-- mart.provider_comparison: one provider on one activity beside the best, at an equal mix of cases where that is known.
WITH coverage AS (
    SELECT process, activity, min(coverage_share) AS coverage_share
    FROM mart.provider_pace
    WHERE basis = 'mix'
    GROUP BY process, activity
),
chosen AS (  -- the plain comparison stands in where the mix covers too little or cannot be read, and then it only asks
    SELECT
        pace.* REPLACE (coalesce(coverage.coverage_share, 0) AS coverage_share),
        pace.coverage_share * pace.handling_s AS compared_s,
        activity_mix.mix
    FROM mart.provider_pace AS pace
    LEFT JOIN mart.activity_mix ON activity_mix.process = pace.process AND activity_mix.activity = pace.activity
    LEFT JOIN coverage ON coverage.process = pace.process AND coverage.activity = pace.activity
    CROSS JOIN ops.tonight
    WHERE
        pace.basis
        = CASE WHEN coverage.coverage_share >= tonight.gap_coverage_min AND activity_mix.unread IS NULL THEN 'mix' ELSE 'plain' END
),
compared AS (
    SELECT
        *,
        first_value(provider) OVER best_w AS best_provider,
        first_value(log_mean) OVER best_w AS best_mean,
        first_value(log_error) OVER best_w AS best_error
    FROM chosen
    WINDOW best_w AS (PARTITION BY process, activity ORDER BY log_mean, provider)
),
tested AS (
    SELECT
        *,
        exp(log_mean - best_mean) AS ratio,
        CASE WHEN provider = best_provider THEN 1
            -- 1.64 standard errors: one-sided 95 % sure
            ELSE exp(log_mean - best_mean - 1.64 * sqrt(log_error * log_error + best_error * best_error))
        END AS ratio_lower,
        CASE WHEN provider <> best_provider
            THEN (log_mean - best_mean) / greatest(sqrt(log_error * log_error + best_error * best_error), 1e-6)
        END AS sureness
    FROM compared
),
judged AS (
    SELECT
        tested.*,
        coalesce(sureness > tonight.gap_sureness_min AND ratio_lower > tonight.gap_ratio_min, false) AS is_slower
    FROM tested
    CROSS JOIN ops.tonight
)
SELECT
    process,
    activity,
    provider,
    event_count,
    round(exp(log_mean), 3) AS adjusted_handling_s,
    round(exp(best_mean), 3) AS best_handling_s,
    best_provider,
    CASE WHEN is_slower AND basis = 'mix' THEN compared_s / 3600 * (1 - 1 / ratio_lower) ELSE 0 END AS excess_h,
    handling_s / 3600 AS handling_h,
    (handling_s - unlike_s) / 3600 AS about_h,
    round(compared_s / (handling_s - unlike_s), 6) AS comparable_share,
    round(ratio, 6) AS ratio,
    round(ratio_lower, 6) AS ratio_lower,
    round(sureness, 3) AS sureness,
    round(coverage_share, 6) AS coverage_share,
    mix,
    is_slower AND basis = 'mix' AS is_claimed,
    is_slower AND basis = 'plain' AS is_question
FROM judged
