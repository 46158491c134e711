-- mart.case_attribute: what was known of one case when it began, where several providers share its process.
-- Attributes that tell people are left out: cases are not likened by who works on them.
WITH shared AS (
    SELECT process FROM core.activity_instance GROUP BY process HAVING count(DISTINCT provider) >= 2
),
declared AS (  -- one feed may write it otherwise than another; the log has one
    SELECT worked.process, worked.attribute
    FROM (
        SELECT DISTINCT instance.process, lower(unnest(feed.known_at_start)) AS attribute
        FROM (SELECT DISTINCT process, feed FROM core.activity_instance) AS instance
        JOIN core.feed ON feed.feed = instance.feed::VARCHAR
    ) AS worked
    SEMI JOIN shared ON shared.process = worked.process
    ANTI JOIN (SELECT process, attribute FROM mart.rule_input WHERE is_of_people) AS personal
        ON personal.process = worked.process AND lower(personal.attribute) = worked.attribute
),
recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        activity_instance.process AS essa_process, case_key AS essa_case_key, position AS essa_position,
        unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN (
        SELECT case_key FROM mart.sampled_case SEMI JOIN declared ON declared.process = sampled_case.process
    ) AS known ON known.case_key = activity_instance.case_key
),
begun AS (
    UNPIVOT (
        SELECT
            any_value(essa_process) AS essa_process, essa_case_key,
            arg_min(COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position))::VARCHAR, essa_position)
        FROM recorded
        GROUP BY essa_case_key
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_case_key)) INTO NAME attribute VALUE attribute_value
)
SELECT begun.essa_process AS process, begun.essa_case_key AS case_key, begun.attribute, begun.attribute_value
FROM begun
JOIN declared ON declared.process = begun.essa_process AND declared.attribute = lower(begun.attribute)
