-- mart.reopened: one execution that closes a case again, of a step that by its name and its place ends cases.
-- Two witnesses: the name speaks of closing, and nearly all cases have it among their last two steps. It is seldom
-- repeated, and something else was done between the two visits.
WITH variant AS (  -- not from core.variant, whose list a join would copy to every step
    SELECT process, variant_key, max(position) AS step_count FROM core.variant_step GROUP BY process, variant_key
),
ending AS (
    SELECT
        step.process, step.activity, step.variant_key, step.case_count,
        max(step.position) >= variant.step_count - 1 AS is_late
    FROM core.variant_step AS step
    JOIN variant ON variant.process = step.process AND variant.variant_key = step.variant_key
    GROUP BY step.process, step.activity, step.variant_key, step.case_count, variant.step_count
),
closing AS (
    SELECT ending.process, ending.activity, sum(case_count) FILTER (is_late) / sum(case_count) AS late_share
    FROM ending
    JOIN mart.activity_word AS word ON word.process = ending.process AND word.activity = ending.activity
    WHERE word.is_finishing
    GROUP BY ending.process, ending.activity
)
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    instance.activity,
    closing.late_share,
    repeated.repeat_share,
    instance.handling_s
FROM closing
JOIN mart.activity_repeat AS repeated
    ON repeated.process = closing.process AND repeated.activity = closing.activity
JOIN core.variant_step AS step
    ON step.process = closing.process AND step.activity = closing.activity
    AND step.position > step.previous_visit_position + 1
JOIN core.trace ON trace.process = step.process AND trace.variant_key = step.variant_key
JOIN core.activity_instance AS instance
    ON instance.case_key = trace.case_key AND instance.position = step.position
ANTI JOIN mart.rework ON rework.is_borne_out AND rework.activity_instance_id = instance.activity_instance_id
CROSS JOIN ops.tonight
WHERE
    closing.late_share >= tonight.reopened_late_share_min
    AND repeated.repeat_share <= tonight.rework_rare_share_max
    AND NOT instance.is_robot
    AND instance.resource IS NOT NULL
