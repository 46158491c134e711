-- mart.duplicate: one execution that does again, within minutes and with equal values, what the step before it did.
WITH rare AS (
    SELECT process, activity, repeat_share
    FROM mart.activity_repeat
    CROSS JOIN ops.tonight
    WHERE
        second_count < tonight.duplicate_repeat_share_max * case_count
        AND third_count < tonight.duplicate_third_share_max * second_count
)
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    instance.case_id,
    instance.activity,
    instance.gap_to_previous_s,
    rare.repeat_share,
    coalesce(recorded.attribute_count, 0) > 0 AS is_attribute_known,
    instance.handling_s
FROM core.activity_instance AS instance
JOIN rare ON rare.process = instance.process AND rare.activity = instance.activity
LEFT JOIN (SELECT process, count(*) AS attribute_count FROM mart.attribute GROUP BY process) AS recorded
    ON recorded.process = instance.process
ANTI JOIN mart.meant_repeat AS meant ON meant.case_key = instance.case_key AND meant.activity = instance.activity
CROSS JOIN ops.tonight
WHERE
    instance.is_same_as_previous
    AND instance.gap_to_previous_s BETWEEN 0 AND tonight.duplicate_gap_s  -- begun before the first was done: no second entry
    AND NOT instance.is_robot
    AND instance.resource IS NOT NULL
