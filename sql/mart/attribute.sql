-- mart.attribute: one attribute a process's log carries, and how often it is filled.
WITH filled AS (
    UNPIVOT (
        SELECT essa_process, count(COLUMNS(* EXCLUDE (essa_process)))
        FROM (SELECT process AS essa_process, unnest(attributes) FROM core.activity_instance)
        GROUP BY essa_process
    ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE filled_count
)
SELECT essa_process AS process, attribute, filled_count
FROM filled
WHERE filled_count > 0
