-- mart.routine_finding: one recurring run of steps that software could take over as a whole.
-- That steps follow one another says nothing of the work inside them: it is claimed only where every usual step is even
-- work inside systems and no check, and one person mostly does the run in one go.
WITH step AS (
    SELECT
        step.routine_id,
        count(DISTINCT step.activity) AS step_count,
        bool_and(coalesce(ground.is_digital AND ground.is_even AND NOT ground.is_checking, false)) AS is_plain,
        string_agg(DISTINCT format('"{}"', step.activity), ', ' ORDER BY format('"{}"', step.activity))
            FILTER (NOT coalesce(ground.is_digital AND ground.is_even AND NOT ground.is_checking, false)) AS others
    FROM mart.routine_part AS step
    LEFT JOIN mart.automatable AS ground ON ground.process = step.process AND ground.activity = step.activity
    WHERE NOT step.is_optional
    GROUP BY step.routine_id
),
judged AS (
    SELECT
        work.*, routine.support_count, routine.straight_share, routine.one_go_share, step.others,
        step.is_plain AND routine.one_go_share >= tonight.routine_one_go_min AND work.handling_s > 0 AS is_sure
    FROM mart.routine_work AS work
    JOIN mart.routine ON routine.routine_id = work.routine_id
    JOIN step ON step.routine_id = work.routine_id
    CROSS JOIN ops.tonight
    WHERE
        step.step_count >= 2
        AND routine.support_count >= tonight.support_min
        AND (work.process_share >= tonight.question_share_min OR work.handling_s = 0)
)
SELECT
    process,
    routine_id AS subject,
    activity,
    activities,
    NOT is_sure AS is_question,
    straight_share AS claim_share,
    1 AS realisation_share,
    round(straight_share, 6) AS witness_score,
    format('A run of steps that recurs: {}', steps) AS title,
    format(
        '{:,} runs of {}. People did {:,} executions of it{}. {:.1f} % of the runs have every usual step,'
        || ' none twice and nothing between; {:.1f} % were done by one person without a long wait. {}',
        support_count, steps, event_count,
        CASE WHEN coalesce(handling_s, 0) = 0 THEN '; how long that took, the log cannot say'
            ELSE format(' in {:,.1f} h', handling_s / 3600)
        END,
        100 * straight_share, 100 * one_go_share,
        CASE
            WHEN is_sure THEN 'What is not straight stays with people.'
            WHEN others IS NOT NULL
                THEN format('Asked, not claimed: {} may hold more than moving data in a system.', others)
            ELSE 'Asked, not claimed: several people share it, or its time is not known.'
        END
    ) AS reason,
    format(
        'WITH done AS ({}), run AS ({}) SELECT work.*, run_count AS support_count, straight_share, one_go_share FROM ({}) AS work'
        || ' CROSS JOIN (SELECT count(*) AS run_count, count(*) FILTER (is_straight) / count(*) AS straight_share,'
        || ' count(*) FILTER (is_in_one_go) / count(*) AS one_go_share FROM run)',
        done_sql, run_sql, work_sql
    ) AS evidence_sql
FROM judged
