-- mart.live_party: whose cases a live candidate is measured by, its own or a peer's, each case with one of them alone.
-- Cases stay with who began them: whose steps move to another has as many cases as before, and the other no more. A
-- provider that takes over most of its cases from others begins too few to be measured by: there all of the process count.
WITH taking_over AS (
    SELECT worked.process, worked.provider
    FROM (
        SELECT DISTINCT instance.process::VARCHAR AS process, instance.provider::VARCHAR AS provider, case_key
        FROM core.activity_instance AS instance
        SEMI JOIN mart.live_candidate AS live
            ON live.process = instance.process::VARCHAR AND live.provider = instance.provider::VARCHAR
    ) AS worked
    JOIN mart.live_case AS begun ON begun.case_key = worked.case_key
    GROUP BY worked.process, worked.provider
    HAVING 2 * count(*) FILTER (begun.provider = worked.provider) < count(*)
),
party AS (
    SELECT candidate_id, kind, place, process, bool_or(scope = 'case') AS is_compared
    FROM mart.live_unit
    WHERE kind IN ('own', 'provider', 'process')
    GROUP BY candidate_id, kind, place, process
)
SELECT
    party.candidate_id,
    party.kind,
    party.place,
    party.process,
    CASE WHEN taking_over.process IS NULL THEN
        CASE party.kind WHEN 'own' THEN live.provider WHEN 'provider' THEN party.place END
    END AS provider,
    -- where all cases are its own, nobody else's whole case is left to set it against in the process
    party.is_compared AND (party.kind <> 'provider' OR taking_over.process IS NULL) AS is_compared
FROM party
JOIN mart.live_candidate AS live ON live.candidate_id = party.candidate_id
LEFT JOIN taking_over
    ON taking_over.process = party.process AND taking_over.provider = live.provider
