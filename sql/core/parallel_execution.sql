-- core.parallel_execution: one execution in a case where work once ran side by side, and when it could have begun.
-- Work still going on did not enable it, and in all other cases that is simply the latest end before it.
WITH begun AS (
    SELECT
        event_no, case_key, coalesce(started_at, ended_at) AS begun_at, ended_at,
        coalesce(started_at = ended_at, started_at IS NULL) AS is_instant
    FROM core.stint
),
parallel_case AS (
    SELECT DISTINCT case_key
    FROM (
        SELECT case_key, begun_at < lag(ended_at) OVER (
            PARTITION BY case_key ORDER BY begun_at, ended_at, event_no
        ) AS is_early
        FROM begun
    )
    WHERE is_early
),
turn AS (  -- in the order of the case: at one instant, what ends, what takes no time, what begins
    SELECT
        event_no, case_key, begun_at AS turned_at, CASE WHEN is_instant THEN 2 ELSE 3 END AS turn_no,
        NULL AS ended_at, true AS is_begun
    FROM begun
    SEMI JOIN parallel_case ON parallel_case.case_key = begun.case_key
    UNION ALL
    SELECT
        event_no, case_key, ended_at AS turned_at, CASE WHEN is_instant THEN 2 ELSE 1 END AS turn_no,
        ended_at, false AS is_begun
    FROM begun
    SEMI JOIN parallel_case ON parallel_case.case_key = begun.case_key
    WHERE ended_at IS NOT NULL
)
SELECT
    event_no,
    max(ended_at) OVER (
        PARTITION BY case_key ORDER BY turned_at, turn_no, event_no, is_begun DESC ROWS UNBOUNDED PRECEDING
    ) AS enabled_at
FROM turn
QUALIFY is_begun
