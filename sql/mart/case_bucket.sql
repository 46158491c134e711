-- mart.case_bucket: one case's quartile of a number, or its value if frequent, as known when it began.
WITH numbered AS (
    SELECT attribute.process, attribute.attribute
    FROM mart.attribute
    WHERE attribute.numeric_count = attribute.filled_count
),
quartile AS (
    SELECT
        case_attribute.process, case_attribute.attribute,
        quantile_disc(TRY_CAST(attribute_value AS DOUBLE), .25) AS q1,
        quantile_disc(TRY_CAST(attribute_value AS DOUBLE), .5) AS q2,
        quantile_disc(TRY_CAST(attribute_value AS DOUBLE), .75) AS q3
    FROM mart.case_attribute
    SEMI JOIN numbered
        ON numbered.process = case_attribute.process AND numbered.attribute = case_attribute.attribute
    GROUP BY case_attribute.process, case_attribute.attribute
),
frequent AS (
    SELECT
        process, attribute, attribute_value,
        row_number() OVER (PARTITION BY process, attribute ORDER BY count(*) DESC, attribute_value) AS rank_no
    FROM mart.case_attribute
    GROUP BY process, attribute, attribute_value
)
SELECT
    known.case_key,
    known.process,
    known.attribute,
    CASE
        WHEN quartile.process IS NOT NULL
            THEN 'q' || (1 + (number > q1)::INTEGER + (number > q2)::INTEGER + (number > q3)::INTEGER)
        WHEN frequent.rank_no <= tonight.gap_values_max THEN known.attribute_value
        ELSE 'any other'
    END AS bucket
FROM (SELECT *, TRY_CAST(attribute_value AS DOUBLE) AS number FROM mart.case_attribute) AS known
LEFT JOIN quartile ON quartile.process = known.process AND quartile.attribute = known.attribute
JOIN frequent
    ON frequent.process = known.process AND frequent.attribute = known.attribute
    AND frequent.attribute_value = known.attribute_value
CROSS JOIN ops.tonight
