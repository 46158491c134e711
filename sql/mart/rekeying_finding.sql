-- mart.rekeying_finding: one activity that records nothing but what was recorded before in the case.
-- Claimed where it is done in another application than the one that held the value: there people carry it over. Within
-- one application the system itself may have copied it. What people decide at it stays with them, as far as no rule does.
WITH copied AS (  -- of several sources the one that it follows most surely
    SELECT *
    FROM mart.copied_value
    WHERE kind IN ('copy', 'reformatted copy') AND typed_share IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY process, to_attribute ORDER BY score DESC, from_attribute) = 1
),
step AS (  -- of several values the one that is seldomest a copy
    SELECT
        *, round(typed_share * (1 - slip_share), 6) AS copied_share,
        count(*) OVER (PARTITION BY process, to_activity) AS attribute_count
    FROM copied
    QUALIFY row_number() OVER (PARTITION BY process, to_activity ORDER BY copied_share, to_attribute) = 1
),
own AS (  -- what the activity usually records and no one knew before
    SELECT step.process, step.to_activity AS activity, min(typed.attribute) AS attribute
    FROM step
    JOIN (SELECT process, activity, attribute, count(*) AS case_count FROM mart.recorded_value GROUP BY ALL) AS typed
        ON typed.process = step.process AND typed.activity = step.to_activity
    ANTI JOIN copied
        ON copied.process = typed.process AND copied.to_attribute = typed.attribute AND copied.to_activity = typed.activity
    CROSS JOIN ops.tonight
    WHERE typed.case_count >= tonight.sufficient_share_min * step.case_count
    GROUP BY step.process, step.to_activity
),
judged AS (  -- what people decide by results that differ; to them a value that differs is no slip
    SELECT process, activity
    FROM (
        SELECT process, activity, outcome, count(*) AS n
        FROM core.activity_instance
        WHERE outcome IS NOT NULL AND NOT is_robot
        GROUP BY process, activity, outcome
    )
    CROSS JOIN ops.tonight
    GROUP BY process, activity
    HAVING sum(n) - max(n) > max(tonight.stamp_rare_share_max) * sum(n)
),
decided AS (  -- what rules handle of what is decided at it; of two decisions the least
    SELECT process, activity, min(if(verdict = 'fixed_flow', 1, handled_share)) AS handled_share
    FROM mart.decision
    SEMI JOIN mart.decision_point USING (process, activity, decides)
    GROUP BY process, activity
),
found AS (
    SELECT
        step.* EXCLUDE (copied_share),
        -- what no rule decides is asked about whole
        round(step.copied_share * coalesce(nullif(decided.handled_share, 0), 1), 6) AS copied_share,
        coalesce(decided.handled_share, 1) AS handled_share, ground.* EXCLUDE (process), ground.handling_s / 3600 AS handling_h, own.attribute AS own_attribute,
        judged.activity IS NOT NULL AS is_judged,
        coalesce(step.crossing_share >= tonight.sufficient_share_min, false) AS is_crossing,
        step.typed_share >= tonight.sufficient_share_min AS is_usual,
        is_crossing AND is_usual AND own_attribute IS NULL AND NOT is_judged
            AND decided.handled_share IS DISTINCT FROM 0
            AND ground.is_digital AND NOT ground.is_checking AND ground.handling_s > 0 AS is_sure,
        tonight.question_share_min
    FROM step
    JOIN mart.automatable AS ground ON ground.process = step.process AND ground.activity = step.to_activity
    LEFT JOIN own ON own.process = step.process AND own.activity = step.to_activity
    LEFT JOIN decided ON decided.process = step.process AND decided.activity = step.to_activity
    LEFT JOIN judged ON judged.process = step.process AND judged.activity = step.to_activity
    CROSS JOIN ops.tonight
)
SELECT
    process,
    activity,
    NOT is_sure AS is_question,
    copied_share AS claim_share,
    1 AS realisation_share,
    score AS witness_score,
    format('"{}" types in "{}" again', activity, from_attribute) AS title,
    format(
        'In {:,} cases "{}", first recorded in it, comes after "{}" of "{}"; in {:.1f} % it is the same{}, and {:.1f} % go'
        || ' from one application to another{}.{} {:,} executions are by people and took {:,.1f} h; {:.1f} % of it {}.{}',
        case_count, to_attribute, from_attribute, from_activity, 100 * (1 - slip_share),
        if(kind = 'copy', '', ', written another way'), 100 * crossing_share,
        if(from_system IS NOT NULL AND to_system IS NOT NULL, format(', mostly from "{}" to "{}"', from_system, to_system), ''),
        CASE WHEN own_attribute IS NULL AND NOT is_judged THEN ' Nothing else is usually recorded there for the first time.' ELSE '' END,
        event_count, handling_h, 100 * copied_share, if(is_sure, 'is claimed', 'could be carried over'),
        CASE WHEN is_sure THEN '' ELSE format(' Asked, not claimed: {}.', concat_ws(
            ', ',
            CASE WHEN own_attribute IS NOT NULL THEN format('"{}" is typed in there too', own_attribute) END,
            CASE WHEN is_judged THEN 'it also decides a result' END,
            CASE WHEN handled_share = 0 AND NOT is_judged THEN 'what follows is decided there, and no rule handles it' END,
            CASE WHEN NOT is_crossing THEN 'the application may copy it by itself' END,
            CASE WHEN NOT is_usual THEN 'most of its cases do not record it' END,
            CASE WHEN is_checking THEN 'by its name it checks something' END,
            nature
        )) END
    ) AS reason,
    format(
        'SELECT work.*, copied.* FROM ({}) AS work CROSS JOIN (SELECT case_count AS copied_count, 1 - slip_share AS'
        || ' same_share, crossing_share, round(round(typed_share * (1 - slip_share), 6){}, 6) AS copied_share'
        || ' FROM mart.copied_value WHERE process = {} AND from_attribute = {} AND to_attribute = {}) AS copied',
        work_sql,
        CASE WHEN handled_share BETWEEN .000001 AND .999999 THEN format(
            ' * (SELECT min(handled_share) FROM mart.decision WHERE process = {} AND activity = {} AND verdict <> ''fixed_flow'')',
            process_sql, activity_sql
        ) ELSE '' END,
        process_sql, '''' || replace(from_attribute, '''', '''''') || '''',
        '''' || replace(to_attribute, '''', '''''') || ''''
    ) AS evidence_sql
FROM found
WHERE is_sure OR process_share >= question_share_min
