-- mart.silent_rework: one execution that does the step just done once more, otherwise: by another hand or to other values.
-- Two witnesses: cases seldom repeat the step and hardly ever twice (a slip mended, and no series), and the repeat
-- differs. What is the same entry again is not here, nor what an attribute numbers (another object's) or says beforehand.
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    instance.activity,
    repeated.repeat_share,
    instance.handling_s
FROM core.activity_instance AS instance
JOIN mart.activity_repeat AS repeated
    ON repeated.process = instance.process AND repeated.activity = instance.activity
ANTI JOIN mart.duplicate ON duplicate.activity_instance_id = instance.activity_instance_id
ANTI JOIN mart.numbered_visit AS numbered
    ON numbered.process = instance.process AND numbered.activity = instance.activity
ANTI JOIN mart.meant_repeat AS meant ON meant.case_key = instance.case_key AND meant.activity = instance.activity
CROSS JOIN ops.tonight
WHERE
    instance.previous_activity = instance.activity
    AND (instance.has_new_values OR instance.previous_resource <> instance.resource)
    AND repeated.repeat_share < tonight.rework_rare_share_max
    AND repeated.third_count < repeated.second_count
        * (tonight.rework_spike_share_max * repeated.repeat_share + tonight.rework_spike_slack)
    AND NOT instance.is_robot
    AND instance.resource IS NOT NULL
