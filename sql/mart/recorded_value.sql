-- mart.recorded_value: what one attribute was first recorded as in one sampled case, and at which step.
WITH recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        activity_instance.process AS essa_process, activity_instance.case_key AS essa_case_key,
        position AS essa_position, unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
),
first AS (
    UNPIVOT (
        SELECT
            any_value(essa_process) AS essa_process, essa_case_key,
            min(
                CASE WHEN COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position)) IS NOT NULL THEN {
                    'position': essa_position,
                    'value': COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position))::VARCHAR
                } END
            )
        FROM recorded
        GROUP BY essa_case_key
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_case_key)) INTO NAME attribute VALUE found
)
SELECT
    first.essa_process AS process,
    first.essa_case_key AS case_key,
    first.attribute,
    first.found.position AS position,
    instance.activity,
    instance.system,
    lower(trim(first.found.value)) AS value,
    regexp_replace(lower(first.found.value), '[^[:alnum:].]', '', 'g') AS plain_value,
    regexp_replace(first.found.value, '[^0-9]', '', 'g') AS digits,
    CASE WHEN isfinite(TRY_CAST(first.found.value AS DOUBLE)) THEN TRY_CAST(first.found.value AS DOUBLE) END AS number,
    -- where day and month could be swapped, both
    CASE WHEN regexp_matches(first.found.value, '^\s*[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}')
        THEN list_sort(list_distinct(list_filter([
        try_strptime(regexp_extract(trim(first.found.value), '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}'), '%Y-%m-%d')::DATE,
        try_strptime(translate(trim(first.found.value), './', '--'), '%d-%m-%Y')::DATE,
        try_strptime(trim(first.found.value), '%m/%d/%Y')::DATE
    ], lambda day: day IS NOT NULL)))
        -- a month is its first day: 2026-03, 03/2026, March 2026
        WHEN regexp_matches(first.found.value, '^\s*([0-9]{1,2}|[A-Za-z]{3,9})[-./ ](19|20)[0-9]{2}\s*$|^\s*(19|20)[0-9]{2}[-./][0-9]{1,2}\s*$')
        THEN list_filter([coalesce(
            try_strptime(translate(trim(first.found.value), './ ', '---'), '%Y-%m'),
            try_strptime(translate(trim(first.found.value), './ ', '---'), '%m-%Y'),
            try_strptime(translate(trim(first.found.value), './ ', '---'), '%B-%Y'),
            try_strptime(translate(trim(first.found.value), './ ', '---'), '%b-%Y')
        )::DATE], lambda day: day IS NOT NULL) END AS days
FROM first
JOIN core.activity_instance AS instance
    ON instance.case_key = first.essa_case_key AND instance.position = first.found.position
