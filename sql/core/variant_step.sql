-- core.variant_step: one place in a variant, with the visits of its activity.
WITH step AS (
    SELECT
        process, variant_key, case_count,
        unnest(activities) AS activity, generate_subscripts(activities, 1) AS position
    FROM core.variant
)
SELECT
    process,
    variant_key,
    position,
    activity,
    row_number() OVER visit_w AS visit_no,
    lag(position) OVER visit_w AS previous_visit_position,
    case_count
FROM step
WINDOW visit_w AS (PARTITION BY process, variant_key, activity ORDER BY position)
