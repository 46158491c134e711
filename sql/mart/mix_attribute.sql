-- mart.mix_attribute: how much of the spread of one activity's handling one attribute of the case explains.
-- Within providers, so that a slow provider does not look like a hard kind of case.
WITH cell AS (
    SELECT
        instance.process, instance.activity, bucket.attribute, instance.provider, bucket.bucket,
        count(*) AS n,
        sum(round(1e6 * ln(instance.handling_s))::BIGINT) AS log_sum,
        sum(round(1e6 * ln(instance.handling_s))::HUGEINT * round(1e6 * ln(instance.handling_s))::HUGEINT) AS square_sum
    FROM core.activity_instance AS instance
    JOIN mart.case_bucket AS bucket ON bucket.case_key = instance.case_key
    WHERE
        instance.handling_method IN ('measured', 'shared') AND instance.handling_s > 0
        AND NOT instance.is_robot AND instance.resource IS NOT NULL
    GROUP BY ALL
),
side AS (
    SELECT
        process, activity, attribute, provider,
        sum(n) AS n,
        count(*) AS bucket_count,
        sum(square_sum) / 1e12 - sum(log_sum) / 1e6 * (sum(log_sum) / 1e6 / sum(n)) AS all_squares,
        sum(square_sum) / 1e12 - fsum(log_sum / 1e6 * (log_sum / 1e6 / n) ORDER BY bucket) AS inner_squares
    FROM cell
    GROUP BY process, activity, attribute, provider
),
pooled AS (
    SELECT
        process, activity, attribute,
        sum(n) - sum(bucket_count) AS inner_freedom,
        sum(bucket_count) - count(*) AS outer_freedom,
        fsum(all_squares ORDER BY provider) AS all_squares,
        fsum(inner_squares ORDER BY provider) AS inner_squares
    FROM side
    GROUP BY process, activity, attribute
)
SELECT
    process,
    activity,
    attribute,
    CASE WHEN all_squares > 0 AND inner_freedom > 0 THEN round(greatest(
        (all_squares - inner_squares - outer_freedom * inner_squares / inner_freedom) / all_squares, 0
    ), 6) ELSE 0 END AS explained_share,
    -- of an attribute that explains nothing the share scatters about 0 by sqrt(2 x freedom) / freedom left
    explained_share >= greatest(
        tonight.gap_explained_min, tonight.gap_chance_max * sqrt(2 * outer_freedom) / nullif(inner_freedom, 0)
    ) AS is_mix
FROM pooled
CROSS JOIN ops.tonight
