-- mart.path_spread_finding: one routine that providers run differently.
-- Harder cases take other ways, so it is only asked about.
WITH run AS (
    SELECT run.case_key, run.run_no, run.routine_id, run.provider, run.is_straight
    FROM mart.routine_run AS run
    CROSS JOIN ops.tonight
    WHERE run.provider IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY run.routine_id, run.provider) >= tonight.support_min
),
way AS (
    SELECT routine_id, provider, count(*) AS run_count, count(*) FILTER (is_straight) / count(*) AS straight_share
    FROM run
    GROUP BY routine_id, provider
),
done AS (
    SELECT run.routine_id, run.provider, found.step_no, count(DISTINCT (run.case_key, run.run_no)) AS done_count
    FROM run
    JOIN mart.routine_instance AS found ON found.case_key = run.case_key AND found.run_no = run.run_no
    GROUP BY run.routine_id, run.provider, found.step_no
),
-- a step that one provider leaves out is no usual one, so that straight runs do not show it
step_way AS (
    SELECT
        part.routine_id, part.step_no, part.activity, way.provider,
        coalesce(done.done_count, 0) / way.run_count AS done_share
    FROM way
    JOIN mart.routine_part AS part ON part.routine_id = way.routine_id
    LEFT JOIN done
        ON done.routine_id = way.routine_id AND done.provider = way.provider AND done.step_no = part.step_no
),
step_spread AS (
    SELECT
        routine_id, step_no, activity AS step,
        arg_max(provider, (done_share, provider)) AS most_provider,
        arg_min(provider, (done_share, provider)) AS least_provider,
        max(done_share) AS most_share,
        min(done_share) AS least_share
    FROM step_way
    GROUP BY routine_id, step_no, activity
    QUALIFY row_number() OVER (
        PARTITION BY routine_id ORDER BY round(max(done_share) - min(done_share), 9) DESC, step_no
    ) = 1
),
straight_spread AS (
    SELECT
        routine_id,
        arg_max(provider, (straight_share, provider)) AS best_provider,
        arg_min(provider, (straight_share, provider)) AS worst_provider,
        max(straight_share) AS best_share,
        min(straight_share) AS worst_share
    FROM way
    GROUP BY routine_id
),
spread AS (
    SELECT
        straight_spread.*, step_no, step, most_provider, least_provider, most_share, least_share,
        coalesce(most_share - least_share, 0) AS step_spread_share,
        best_share - worst_share AS straight_spread_share
    FROM straight_spread
    LEFT JOIN step_spread ON step_spread.routine_id = straight_spread.routine_id
)
SELECT
    work.process,
    work.routine_id AS subject,
    work.activity,
    work.activities,
    true AS is_question,
    greatest(step_spread_share, straight_spread_share) AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    CASE
        WHEN step_spread_share >= tonight.path_spread_min THEN format(
            '{} leaves out "{}" more often than {} in the same run of steps: {}',
            least_provider, step, most_provider, work.steps
        )
        ELSE format('{} and {} do the same run of steps differently: {}', worst_provider, best_provider, work.steps)
    END AS title,
    format('Of {}: ', work.steps)
        || CASE
            WHEN step_spread_share >= tonight.path_spread_min THEN format(
                '"{}" does "{}" in {:.1f} % of its runs, "{}" in {:.1f} %. ',
                most_provider, step, 100 * most_share, least_provider, 100 * least_share
            )
            ELSE ''
        END
        || CASE
            WHEN straight_spread_share >= tonight.path_spread_min THEN format(
                '"{}" runs {:.1f} % with every usual step, none twice and nothing between, "{}" {:.1f} %. ',
                best_provider, 100 * best_share, worst_provider, 100 * worst_share
            )
            ELSE ''
        END
        || format(
            'People did {:,} executions of it in {:,.1f} h. Asked, not claimed: their cases may differ.',
            work.event_count, work.handling_s / 3600
        ) AS reason,
    format(
        'WITH done AS ({}), run AS ({}) SELECT work.*, spread.* FROM ({}) AS work CROSS JOIN (SELECT max(straight_share) AS best_share,'
        || ' min(straight_share) AS worst_share, max(done_share) AS most_share, min(done_share) AS least_share'
        || ' FROM (SELECT count(*) FILTER (is_straight) / count(*) AS straight_share,'
        || ' count(*) FILTER (step_no IS NOT NULL) / count(*) AS done_share FROM run'
        || ' LEFT JOIN (SELECT DISTINCT case_id, run_no, step_no FROM mart.routine_instance WHERE routine_id = ''{}'''
        || ' AND step_no = {}) AS step USING (case_id, run_no)'
        || ' WHERE provider IS NOT NULL GROUP BY provider HAVING count(*) >= {})) AS spread',
        work.done_sql, work.run_sql, work.work_sql, work.routine_id, coalesce(spread.step_no, 0), tonight.support_min
    ) AS evidence_sql
FROM spread
JOIN mart.routine_work AS work ON work.routine_id = spread.routine_id
CROSS JOIN ops.tonight
WHERE greatest(step_spread_share, straight_spread_share) >= tonight.path_spread_min
