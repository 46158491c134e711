-- mart.live_case: one case and the provider that began it, which it stays with whoever works on it later.
SELECT
    process::VARCHAR AS process,
    case_key,
    arg_min(provider::VARCHAR, position) AS provider,
    min(coalesce(started_at, ended_at))::DATE AS begun_on
FROM core.activity_instance
SEMI JOIN (SELECT 1 AS one FROM mart.live_candidate LIMIT 1) AS live ON live.one = 1
GROUP BY process, case_key
