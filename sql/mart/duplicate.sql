-- mart.duplicate: one execution that does again, within minutes and with equal values, what the step before it did.
WITH repeated AS (
    SELECT
        process, activity,
        sum(case_count) FILTER (visit_no = 1) AS first_count,
        coalesce(sum(case_count) FILTER (visit_no = 2), 0) AS second_count,
        coalesce(sum(case_count) FILTER (visit_no = 3), 0) AS third_count
    FROM core.variant_step
    GROUP BY process, activity
),
rare AS (
    SELECT process, activity, second_count / first_count AS repeat_share
    FROM repeated
    CROSS JOIN ops.tonight
    WHERE
        second_count < tonight.duplicate_repeat_share_max * first_count
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
LEFT JOIN (SELECT process, count(*) AS attribute_count FROM mart.attribute WHERE filled_count > 0 GROUP BY process)
    AS recorded ON recorded.process = instance.process
CROSS JOIN ops.tonight
WHERE
    instance.is_same_as_previous
    AND abs(instance.gap_to_previous_s) <= tonight.duplicate_gap_s
    AND NOT instance.is_robot
    AND instance.resource IS NOT NULL
