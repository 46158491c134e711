-- mart.decision_input: what one attribute last said before or at a decision.
WITH recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        event_no AS essa_event_no, case_key AS essa_case_key, position AS essa_position, unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN (SELECT DISTINCT case_key FROM mart.decision) AS sampled ON sampled.case_key = activity_instance.case_key
),
known AS (
    SELECT
        essa_event_no,
        last_value(COLUMNS(* EXCLUDE (essa_event_no, essa_case_key, essa_position)) IGNORE NULLS) OVER (
            PARTITION BY essa_case_key ORDER BY essa_position ROWS UNBOUNDED PRECEDING
        )
    FROM recorded
)
SELECT essa_event_no AS event_no, attribute, attribute_value
FROM (
    UNPIVOT (
        SELECT known.* FROM known
        SEMI JOIN mart.decision ON decision.event_no = known.essa_event_no
    ) ON COLUMNS(* EXCLUDE (essa_event_no)) INTO NAME attribute VALUE attribute_value
)
