-- mart.live_unit: some work (a step of a provider's team) and what it is to a candidate that is live: its own, or a peer's.
-- Work that another live candidate is about is nobody's peer, and what software alone does has no hours to move.
WITH unit AS (
    SELECT DISTINCT
        process::VARCHAR AS process, provider::VARCHAR AS provider, activity::VARCHAR AS activity, coalesce(team, '') AS team
    FROM core.activity_instance
    SEMI JOIN (SELECT 1 AS one FROM mart.live_candidate LIMIT 1) AS live ON live.one = 1
),
seen AS (
    SELECT
        live.candidate_id, unit.*,
        live.process = unit.process AS is_same_process,
        is_same_process AND (live.provider IS NULL OR live.provider = unit.provider) AS is_own_side,
        list_contains(live.activities, unit.activity) AS is_step
    FROM mart.live_candidate AS live
    CROSS JOIN unit
),
taken AS (SELECT DISTINCT process, provider, activity FROM seen WHERE is_own_side AND is_step),
free AS (
    SELECT
        *,
        bool_or(is_taken) OVER (PARTITION BY candidate_id, process, provider) AS is_side_taken,
        bool_or(is_taken) OVER (PARTITION BY candidate_id, process) AS is_process_taken
    FROM (
        SELECT
            seen.*,
            EXISTS (
                SELECT 1 FROM taken
                WHERE
                    taken.process = seen.process AND taken.provider = seen.provider AND taken.activity = seen.activity
            ) AS is_taken
        FROM seen
    )
)
SELECT
    candidate_id, process, provider, activity, team,
    unnest(list_filter([
        CASE WHEN is_own_side AND is_step THEN {'scope': 'step', 'kind': 'own', 'place': ''} END,
        CASE WHEN is_own_side AND is_step AND team <> '' THEN {'scope': 'step', 'kind': 'team', 'place': team} END,
        CASE WHEN is_own_side AND NOT is_step AND NOT is_taken
            THEN {'scope': 'step', 'kind': 'label', 'place': activity} END,
        CASE WHEN is_same_process AND NOT is_own_side AND is_step AND NOT is_taken
            THEN {'scope': 'step', 'kind': 'provider', 'place': provider} END,
        CASE WHEN is_own_side THEN {'scope': 'case', 'kind': 'own', 'place': ''} END,
        CASE WHEN is_same_process AND NOT is_own_side AND NOT is_side_taken
            THEN {'scope': 'case', 'kind': 'provider', 'place': provider} END,
        CASE WHEN NOT is_same_process AND NOT is_process_taken
            THEN {'scope': 'case', 'kind': 'process', 'place': process} END
    ], lambda one: one IS NOT NULL), recursive := true)
FROM free
