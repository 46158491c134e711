-- mart.attribute: one attribute a process's log carries, how often it is filled and how often it reads as a number.
WITH filled AS (
    UNPIVOT (
        SELECT essa_process, count(COLUMNS(* EXCLUDE (essa_process)))
        FROM (SELECT process AS essa_process, unnest(attributes) FROM core.activity_instance)
        GROUP BY essa_process
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE filled_count
),
numeric AS (
    UNPIVOT (
        SELECT essa_process, count(CASE WHEN isfinite(TRY_CAST(COLUMNS(* EXCLUDE (essa_process)) AS DOUBLE)) THEN 1 END)
        FROM (SELECT process AS essa_process, unnest(attributes) FROM core.activity_instance)
        GROUP BY essa_process
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE numeric_count
)
SELECT filled.essa_process AS process, filled.attribute, filled.filled_count, numeric.numeric_count
FROM filled
JOIN numeric ON numeric.essa_process = filled.essa_process AND numeric.attribute = filled.attribute
WHERE filled.filled_count > 0
