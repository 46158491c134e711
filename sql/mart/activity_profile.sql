-- mart.activity_profile: what one activity costs one provider, and how much it behaves like a system's step.
-- Of a small group only what says nothing of how its people work is shown.
SELECT
    measure.* REPLACE (
        CASE WHEN size.is_small IS NOT true THEN measure.handling_h END AS handling_h,
        CASE WHEN size.is_small IS NOT true THEN measure.median_handling_s END AS median_handling_s,
        CASE WHEN size.is_small IS NOT true THEN measure.rework_share END AS rework_share,
        CASE WHEN size.is_small IS NOT true THEN measure.no_rework_score END AS no_rework_score,
        CASE WHEN size.is_small IS NOT true THEN measure.periodicity_score END AS periodicity_score,
        CASE WHEN size.is_small IS NOT true THEN measure.handling_regularity_score END AS handling_regularity_score
    ),
    coalesce(size.is_small, false) AS is_small_group
FROM mart.activity_measure AS measure
LEFT JOIN mart.group_size AS size
    ON size.process = measure.process AND size.activity = measure.activity AND size.provider = measure.provider
