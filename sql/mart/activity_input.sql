-- mart.activity_input: how much of what is recorded at one activity has a form that software can read.
WITH filled AS (  -- own names stand first and cannot be an attribute's
    UNPIVOT (
        SELECT essa_process, essa_activity, count(COLUMNS(* EXCLUDE (essa_process, essa_activity)))
        FROM (
            SELECT activity_instance.process AS essa_process, activity AS essa_activity, unnest(attributes)
            FROM core.activity_instance
            SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
        )
        GROUP BY essa_process, essa_activity
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_activity)) INTO NAME attribute VALUE filled_count
)
SELECT
    filled.essa_process AS process,
    filled.essa_activity AS activity,
    sum(filled.filled_count)::BIGINT AS value_count,
    round(coalesce(sum(filled.filled_count) FILTER (input.is_structured), 0) / sum(filled.filled_count), 6)
        AS structured_share
FROM filled
JOIN mart.rule_input AS input ON input.process = filled.essa_process AND input.attribute = filled.attribute
CROSS JOIN ops.tonight
GROUP BY filled.essa_process, filled.essa_activity, tonight.support_min
HAVING sum(filled.filled_count) >= tonight.support_min
