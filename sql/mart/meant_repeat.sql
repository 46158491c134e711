-- mart.meant_repeat: one case in which a step comes again because a value says so, as where two discs are ordered.
-- Learned on sampled cases: of those whose first visit carries the value, nearly all have a second. A slip is nobody's plan.
WITH repeated AS (  -- of steps so seldom repeated that a slip may be behind it
    SELECT step.process, step.variant_key, step.activity, min(step.position) AS position, count(*) > 1 AS is_repeated
    FROM core.variant_step AS step
    JOIN mart.activity_repeat AS visit ON visit.process = step.process AND visit.activity = step.activity
    CROSS JOIN ops.tonight
    WHERE
        visit.second_count >= tonight.support_min
        AND visit.repeat_share < greatest(tonight.duplicate_repeat_share_max, tonight.rework_rare_share_max)
    GROUP BY step.process, step.variant_key, step.activity
),
first AS (  -- first visits, of all cases that have another and of the sampled others; own names cannot be an attribute's
    SELECT
        instance.process AS essa_process, instance.activity AS essa_activity, instance.case_key AS essa_case_key,
        repeated.is_repeated AS essa_is_repeated, sampled_case.case_key IS NOT NULL AS essa_is_sampled,
        unnest(instance.attributes)
    FROM core.activity_instance AS instance
    JOIN core.trace ON trace.case_key = instance.case_key
    JOIN repeated
        ON repeated.process = trace.process AND repeated.variant_key = trace.variant_key
        AND repeated.position = instance.position
    LEFT JOIN mart.sampled_case ON sampled_case.case_key = instance.case_key
    WHERE repeated.is_repeated OR sampled_case.case_key IS NOT NULL
),
carried AS (
    UNPIVOT (
        SELECT
            essa_process, essa_activity, essa_case_key, essa_is_repeated, essa_is_sampled,
            COLUMNS(* EXCLUDE (essa_process, essa_activity, essa_case_key, essa_is_repeated, essa_is_sampled))::VARCHAR
        FROM first
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_activity, essa_case_key, essa_is_repeated, essa_is_sampled))
        INTO NAME attribute VALUE attribute_value
),
telling AS (
    SELECT essa_process, essa_activity, attribute, attribute_value
    FROM carried
    CROSS JOIN ops.tonight
    WHERE essa_is_sampled
    GROUP BY
        essa_process, essa_activity, attribute, attribute_value, tonight.support_min, tonight.numbered_share_min
    HAVING
        count(*) FILTER (essa_is_repeated) >= tonight.support_min
        AND count(*) FILTER (essa_is_repeated) >= tonight.numbered_share_min * count(*)
)
SELECT DISTINCT carried.essa_process AS process, carried.essa_activity AS activity, carried.essa_case_key AS case_key
FROM carried
JOIN telling
    ON telling.essa_process = carried.essa_process AND telling.essa_activity = carried.essa_activity
    AND telling.attribute = carried.attribute AND telling.attribute_value = carried.attribute_value
WHERE carried.essa_is_repeated
