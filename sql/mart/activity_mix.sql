-- mart.activity_mix: the attributes at an equal mix of which providers are compared on one activity, and what keeps it unknown.
WITH unread AS (  -- an attribute that was meant as a number, and cannot be compared as one
    SELECT known.process, string_agg(replace(reading.doubt, '{}', known.attribute), ' ' ORDER BY known.attribute) AS unread
    FROM (SELECT DISTINCT process, attribute FROM mart.case_attribute) AS known
    JOIN mart.attribute_reading AS reading
        ON reading.process = known.process AND reading.attribute = known.attribute
    WHERE reading.doubt IS NOT NULL
    GROUP BY known.process
)
SELECT
    mix.process, mix.activity,
    coalesce(string_agg(mix.attribute, ', ' ORDER BY mix.attribute) FILTER (mix.is_mix), '') AS mix,
    any_value(unread.unread) AS unread
FROM mart.mix_attribute AS mix
LEFT JOIN unread ON unread.process = mix.process
GROUP BY mix.process, mix.activity
