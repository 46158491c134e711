-- mart.routine_finding: one recurring run of steps that software could take over as a whole.
-- That steps follow one another says nothing of the work inside them: it is claimed only where every step is even work
-- inside systems and no check, one person mostly does the run in one go, and rules or a fixed flow handle what is
-- decided inside it. What comes after its last step is no part of it, unless those who do it are seen to decide it.
WITH step AS (
    SELECT
        step.routine_id,
        count(DISTINCT step.activity) FILTER (NOT step.is_optional) AS step_count,
        bool_and(coalesce(ground.is_digital AND ground.is_even AND NOT ground.is_checking, false)) AS is_plain,
        string_agg(DISTINCT format('"{}"', step.activity), ', ' ORDER BY format('"{}"', step.activity))
            FILTER (NOT coalesce(ground.is_digital AND ground.is_even AND NOT ground.is_checking, false)) AS others
    FROM mart.routine_part AS step
    LEFT JOIN mart.automatable AS ground ON ground.process = step.process AND ground.activity = step.activity
    GROUP BY step.routine_id
),
held AS (SELECT DISTINCT routine_id, process, activity FROM mart.routine_part),
ruled AS (  -- how its decisions are made
    SELECT
        held.routine_id,
        list(
            format('after "{}", if "{}", then "{}"', rule.activity, rule.condition, rule.predicts)
            ORDER BY rule.activity::VARCHAR, rule.predicts, rule.condition
        ) AS rules
    FROM held
    JOIN mart.rule ON rule.process = held.process AND rule.activity = held.activity
    WHERE rule.is_held
    GROUP BY held.routine_id
),
decided AS (  -- what rules handle of what is decided inside it: of the least handled, for software does the run or does not
    SELECT
        step.routine_id,
        min(if(decision.verdict = 'fixed_flow', 1, decision.handled_share)) AS handled_share,
        string_agg(DISTINCT format('"{}"', step.activity), ', ' ORDER BY format('"{}"', step.activity))
            FILTER (decision.verdict <> 'fixed_flow' AND decision.handled_share = 0) AS undecided,
        string_agg(
            DISTINCT format('(''{}'', ''{}'')', replace(step.activity::VARCHAR, '''', ''''''), step.decides), ', '
            ORDER BY format('(''{}'', ''{}'')', replace(step.activity::VARCHAR, '''', ''''''), step.decides)
        ) FILTER (decision.verdict <> 'fixed_flow') AS ruled_sql
    FROM (
        SELECT part.*, point.decides, part.step_no = max(part.step_no) OVER (PARTITION BY part.routine_id) AS is_last
        FROM mart.routine_part AS part
        LEFT JOIN mart.decision_point AS point ON point.process = part.process AND point.activity = part.activity
    ) AS step
    JOIN mart.decision
        ON decision.process = step.process AND decision.activity = step.activity AND decision.decides = step.decides
    WHERE NOT step.is_last OR step.decides = 'outcome' OR decision.verdict = 'standardize_first'
    GROUP BY step.routine_id
),
retyped AS (  -- what its steps record that is known already, from where that is surest
    SELECT
        routine_id,
        list(
            format('"{}" of "{}" at "{}"', from_attribute, from_activity, to_activity)
            ORDER BY to_activity::VARCHAR, to_attribute
        ) AS copies
    FROM (
        SELECT held.routine_id, copied.*
        FROM held
        JOIN mart.copied_value AS copied ON copied.process = held.process AND copied.to_activity = held.activity
        CROSS JOIN ops.tonight
        WHERE copied.kind IN ('copy', 'reformatted copy') AND copied.typed_share >= tonight.sufficient_share_min
        QUALIFY row_number() OVER (
            PARTITION BY held.routine_id, copied.to_attribute ORDER BY copied.score DESC, copied.from_attribute
        ) = 1
    )
    GROUP BY routine_id
),
judged AS (
    SELECT
        ruled.rules, retyped.copies,
        work.*, routine.support_count, routine.straight_share, routine.one_go_share, step.others,
        coalesce(decided.handled_share, 1) AS handled_share, decided.undecided, decided.ruled_sql,
        step.is_plain AND coalesce(decided.handled_share, 1) > 0
            AND routine.one_go_share >= tonight.routine_one_go_min AND work.handling_s > 0 AS is_sure
    FROM mart.routine_work AS work
    JOIN mart.routine ON routine.routine_id = work.routine_id
    JOIN step ON step.routine_id = work.routine_id
    LEFT JOIN decided ON decided.routine_id = work.routine_id
    LEFT JOIN ruled ON ruled.routine_id = work.routine_id
    LEFT JOIN retyped ON retyped.routine_id = work.routine_id
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
    straight_share * if(is_sure, handled_share, 1) AS claim_share,
    1 AS realisation_share,
    round(straight_share, 6) AS witness_score,
    format('A run of steps that recurs: {}', steps) AS title,
    format(
        '{:,} runs of {}. People did {:,} executions of it{}. {:.1f} % of the runs have every usual step,'
        || ' none twice and nothing between; {:.1f} % were done by one person without a long wait.{}{} {}',
        support_count, steps, event_count,
        CASE WHEN coalesce(handling_s, 0) = 0 THEN '; how long that took, the log cannot say'
            ELSE format(' in {:,.1f} h', handling_s / 3600)
        END,
        100 * straight_share, 100 * one_go_share,
        coalesce(format(
            ' Rules decide in it: {}{}.', list_aggregate(rules[:3], 'string_agg', '; '), if(len(rules) > 3, '; and others', '')
        ), ''),
        coalesce(format(
            ' It types in again {}{}.', list_aggregate(copies[:3], 'string_agg', ', '), if(len(copies) > 3, ' and others', '')
        ), ''),
        CASE
            WHEN is_sure AND handled_share < 1 THEN format(
                'What is not straight stays with people, and so do the runs whose decisions no rule handles: {:.1f} % are handled.',
                100 * handled_share
            )
            WHEN is_sure THEN 'What is not straight stays with people.'
            WHEN undecided IS NOT NULL
                THEN format('Asked, not claimed: something is decided at {} that neither a rule nor the flow handles.', undecided)
            WHEN others IS NOT NULL
                THEN format('Asked, not claimed: {} may hold more than moving data in a system.', others)
            ELSE 'Asked, not claimed: several people share it, or its time is not known.'
        END
    ) AS reason,
    format(
        'WITH done AS ({}), run AS ({}) SELECT work.*, run_count AS support_count, straight_share, one_go_share,'
        || ' rules, typed_again FROM ({}) AS work'
        || ' CROSS JOIN (SELECT count(*) AS run_count, count(*) FILTER (is_straight) / count(*) AS straight_share,'
        || ' count(*) FILTER (is_in_one_go) / count(*) AS one_go_share FROM run)'
        || ' CROSS JOIN (SELECT list(DISTINCT condition ORDER BY condition) AS rules FROM mart.rule AS rule'
        || ' JOIN mart.routine AS own ON own.process = rule.process AND list_contains(own.activities, rule.activity::VARCHAR)'
        || ' WHERE is_held AND own.routine_id = ''{}'')'
        || ' CROSS JOIN (SELECT list(DISTINCT from_attribute ORDER BY from_attribute) AS typed_again'
        || ' FROM mart.copied_value AS copied JOIN mart.routine AS own ON own.process = copied.process'
        || ' AND list_contains(own.activities, to_activity::VARCHAR)'
        || ' WHERE kind LIKE ''%copy'' AND own.routine_id = ''{}'')',
        done_sql, run_sql, work_sql, routine_id, routine_id
    ) || coalesce(format(
        ' CROSS JOIN (SELECT min(handled_share) AS handled_share FROM mart.decision WHERE process = ''{}'''
        || ' AND (activity::VARCHAR, decides) IN ({}))',
        replace(process::VARCHAR, '''', ''''''), ruled_sql
    ), '') AS evidence_sql
FROM judged
