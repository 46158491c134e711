-- mart.compared_case: one case in which a slower provider was compared at an equal mix, and its stratum in words.
WITH compared AS (
    SELECT DISTINCT process, activity, mix
    FROM mart.provider_comparison
    WHERE mix IS NOT NULL AND (is_claimed OR is_question)
),
part AS (
    SELECT DISTINCT compared.process, compared.mix, mix_attribute.attribute
    FROM compared
    JOIN mart.mix_attribute
        ON mix_attribute.process = compared.process AND mix_attribute.activity = compared.activity
    WHERE mix_attribute.is_mix
),
told AS (
    SELECT
        bucket.case_key, part.mix,
        string_agg(bucket.attribute || ': ' || bucket.bucket, ', ' ORDER BY bucket.attribute) AS stratum
    FROM mart.case_bucket AS bucket
    JOIN part ON part.process = bucket.process AND part.attribute = bucket.attribute
    GROUP BY bucket.case_key, part.mix
)
SELECT
    sampled_case.process,
    sampled_case.case_id,
    compared.mix,
    CASE WHEN case_stratum.stratum_key IS NOT NULL THEN coalesce(told.stratum, 'all') END AS stratum
FROM mart.sampled_case
JOIN (SELECT DISTINCT process, mix FROM compared) AS compared ON compared.process = sampled_case.process
LEFT JOIN mart.case_stratum
    ON case_stratum.case_key = sampled_case.case_key AND case_stratum.mix = compared.mix
LEFT JOIN told ON told.case_key = sampled_case.case_key AND told.mix = compared.mix
