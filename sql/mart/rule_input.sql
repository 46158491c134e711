-- mart.rule_input: one attribute of a process's log, and whether rules may read it.
WITH recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT activity_instance.process AS essa_process, case_key AS essa_case_key, unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
),
shape AS (  -- 2: filled alike on every row of the case, 1: otherwise filled
    UNPIVOT (
        SELECT
            any_value(essa_process) AS essa_process,
            CASE
                WHEN count(*) = 1 THEN NULL
                WHEN count(COLUMNS(* EXCLUDE (essa_process, essa_case_key))) = count(*)
                    AND min(COLUMNS(* EXCLUDE (essa_process, essa_case_key)))
                        = max(COLUMNS(* EXCLUDE (essa_process, essa_case_key))) THEN 2
                WHEN count(COLUMNS(* EXCLUDE (essa_process, essa_case_key))) > 0 THEN 1
            END
        FROM recorded
        GROUP BY essa_case_key
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE shape
),
kind AS (
    UNPIVOT (
        SELECT essa_process, count(DISTINCT COLUMNS(* EXCLUDE (essa_process, essa_case_key)))
        FROM recorded
        GROUP BY essa_process
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE value_count
),
seen AS (
    UNPIVOT (
        SELECT essa_process, count(COLUMNS(* EXCLUDE (essa_process, essa_case_key)))
        FROM recorded
        GROUP BY essa_process
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE filled_count
),
whole AS (
    SELECT essa_process AS process, attribute, count(*) FILTER (shape = 2) / count(*) AS whole_case_share
    FROM shape
    GROUP BY essa_process, attribute
),
declared AS (
    SELECT DISTINCT worked.process, unnest(feed.known_at_start) AS attribute
    FROM (SELECT DISTINCT process, feed FROM core.activity_instance) AS worked
    JOIN core.feed ON feed.feed = worked.feed::VARCHAR
)
SELECT
    attribute.process,
    attribute.attribute,
    attribute.numeric_count >= tonight.rule_number_share_min * attribute.filled_count AS is_number,
    is_number OR coalesce(kind.value_count <= tonight.rule_distinct_max * seen.filled_count, false) AS is_structured,
    coalesce(whole.whole_case_share >= tonight.rule_whole_case_min, false) AS is_of_case,
    declared.attribute IS NOT NULL AS is_known_at_start,
    is_known_at_start OR NOT is_of_case AS is_read,
    CASE WHEN NOT is_read THEN format(
        '{} stands alike on every row of a case, so the log cannot say when it was known. If it was when the case began,'
        || ' name it under known_at_start: in the feeds file.',
        attribute.attribute
    ) END AS warning
FROM mart.attribute
LEFT JOIN kind ON kind.essa_process = attribute.process AND kind.attribute = attribute.attribute
LEFT JOIN seen ON seen.essa_process = attribute.process AND seen.attribute = attribute.attribute
LEFT JOIN whole ON whole.process = attribute.process AND whole.attribute = attribute.attribute
LEFT JOIN declared ON declared.process = attribute.process AND declared.attribute = attribute.attribute
CROSS JOIN ops.tonight
