-- mart.case_bucket: one case's quartile of a number, or its value if frequent, as known when it began.
WITH known AS (
    SELECT case_attribute.*, told.number
    FROM mart.case_attribute
    LEFT JOIN mart.known_number AS told
        ON told.process = case_attribute.process AND told.attribute = case_attribute.attribute
        AND told.attribute_value = case_attribute.attribute_value
),
quartile AS (
    SELECT
        process, attribute,
        quantile_disc(number, .25) AS q1,
        quantile_disc(number, .5) AS q2,
        quantile_disc(number, .75) AS q3
    FROM known
    WHERE number IS NOT NULL
    GROUP BY process, attribute
),
frequent AS (  -- of numbers those values alone that are none, such as a slip
    SELECT
        process, attribute, attribute_value,
        row_number() OVER (PARTITION BY process, attribute ORDER BY count(*) DESC, attribute_value) AS rank_no
    FROM known
    WHERE number IS NULL
    GROUP BY process, attribute, attribute_value
)
SELECT
    known.case_key,
    known.process,
    known.attribute,
    CASE
        WHEN known.number IS NOT NULL
            THEN 'q' || (1 + (number > q1)::INTEGER + (number > q2)::INTEGER + (number > q3)::INTEGER)
        WHEN frequent.rank_no <= tonight.gap_values_max THEN known.attribute_value
        ELSE 'any other'
    END AS bucket
FROM known
LEFT JOIN quartile ON quartile.process = known.process AND quartile.attribute = known.attribute
LEFT JOIN frequent
    ON frequent.process = known.process AND frequent.attribute = known.attribute
    AND frequent.attribute_value = known.attribute_value
CROSS JOIN ops.tonight
