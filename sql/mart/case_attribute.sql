-- mart.case_attribute: what was known of one case when it began, where several providers share its process.
WITH shared AS (
    SELECT process FROM core.activity_instance GROUP BY process HAVING count(DISTINCT provider) >= 2
),
declared AS (
    SELECT DISTINCT worked.process, unnest(feed.known_at_start) AS attribute
    FROM (SELECT DISTINCT process, feed FROM core.activity_instance) AS worked
    JOIN core.feed ON feed.feed = worked.feed::VARCHAR
    SEMI JOIN shared ON shared.process = worked.process
),
sampled AS (  -- every so many-th case by its key, about gap_sample_cases of a process
    SELECT process, ceil(case_count / tonight.gap_sample_cases)::UBIGINT AS divisor
    FROM mart.process_span
    CROSS JOIN ops.tonight
),
recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        activity_instance.process AS essa_process, case_key AS essa_case_key, position AS essa_position,
        unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN (SELECT DISTINCT process FROM declared) AS known ON known.process = activity_instance.process
    JOIN sampled ON sampled.process = activity_instance.process AND activity_instance.case_key % sampled.divisor = 0
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
JOIN declared ON declared.process = begun.essa_process AND declared.attribute = begun.attribute
