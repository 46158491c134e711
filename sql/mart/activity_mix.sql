-- mart.activity_mix: the attributes at an equal mix of which providers are compared on one activity.
SELECT process, activity, coalesce(string_agg(attribute, ', ' ORDER BY attribute) FILTER (is_mix), '') AS mix
FROM mart.mix_attribute
GROUP BY process, activity
