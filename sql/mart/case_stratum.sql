-- mart.case_stratum: one case and the stratum of like cases it is compared in, for one set of attributes.
WITH part AS (
    SELECT DISTINCT activity_mix.process, activity_mix.mix, mix_attribute.attribute
    FROM mart.activity_mix
    JOIN mart.mix_attribute
        ON mix_attribute.process = activity_mix.process AND mix_attribute.activity = activity_mix.activity
    WHERE mix_attribute.is_mix
)
SELECT
    bucket.case_key,
    part.mix,
    sum(hash(bucket.attribute, bucket.bucket)::HUGEINT) AS stratum_key
FROM mart.case_bucket AS bucket
JOIN part ON part.process = bucket.process AND part.attribute = bucket.attribute
GROUP BY bucket.case_key, part.mix
UNION ALL  -- where no attribute makes a difference, all cases are alike
SELECT DISTINCT bucket.case_key, '' AS mix, 0 AS stratum_key
FROM mart.case_bucket AS bucket
SEMI JOIN (SELECT process FROM mart.activity_mix WHERE mix = '') AS plain ON plain.process = bucket.process
