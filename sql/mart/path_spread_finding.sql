-- mart.path_spread_finding: one routine that providers run differently.
-- Harder cases take other ways, so it is only asked about.
WITH way AS (
    SELECT
        run.routine_id, run.provider, count(*) AS run_count,
        count(*) FILTER (run.is_straight) / count(*) AS straight_share
    FROM mart.routine_run AS run
    CROSS JOIN ops.tonight
    WHERE run.provider IS NOT NULL
    GROUP BY run.routine_id, run.provider, tonight.support_min
    HAVING count(*) >= tonight.support_min
),
spread AS (
    SELECT
        way.routine_id,
        arg_max(provider, (straight_share, provider)) AS best_provider,
        arg_min(provider, (straight_share, provider)) AS worst_provider,
        max(straight_share) AS best_share,
        min(straight_share) AS worst_share,
        count(*) AS provider_count
    FROM way
    CROSS JOIN ops.tonight
    GROUP BY way.routine_id, tonight.path_spread_min
    HAVING max(straight_share) - min(straight_share) >= tonight.path_spread_min
)
SELECT
    work.process,
    work.routine_id AS subject,
    work.activity,
    work.activities,
    true AS is_question,
    spread.best_share - spread.worst_share AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format('{} and {} do the same run of steps differently: {}', spread.worst_provider, spread.best_provider, work.steps)
        AS title,
    format(
        'Of {}: "{}" runs {:.1f} % with every usual step, none twice and nothing between, "{}" {:.1f} %. People did {:,}'
        || ' executions of it in {:,.1f} h. Asked, not claimed: their cases may differ.',
        work.steps, spread.best_provider, 100 * spread.best_share, spread.worst_provider, 100 * spread.worst_share,
        work.event_count, work.handling_s / 3600
    ) AS reason,
    format(
        'SELECT work.*, spread.* FROM ({}) AS work CROSS JOIN (SELECT max(straight_share) AS best_share,'
        || ' min(straight_share) AS worst_share FROM (SELECT count(*) FILTER (is_straight) / count(*) AS straight_share'
        || ' FROM ({}) WHERE provider IS NOT NULL GROUP BY provider HAVING count(*) >= {})) AS spread',
        work.work_sql, work.run_sql, tonight.support_min
    ) AS evidence_sql
FROM spread
JOIN mart.routine_work AS work ON work.routine_id = spread.routine_id
CROSS JOIN ops.tonight
