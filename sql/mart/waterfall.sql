-- mart.waterfall: hours known people work on a process before, what each lever would take, and what is left.
-- What live candidates are about stands by itself: nobody has still to decide on it, and nothing else may claim it.
WITH worked AS (
    SELECT
        instance.process,
        -- hours of which none is known are unknown, and not none
        sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL)::DECIMAL(18, 3) AS worked_s,
        -- what is left is counted one execution at a time, so that the ladder adding up says something
        sum(handling_s - coalesce(saved_s, 0)) FILTER (NOT is_robot AND resource IS NOT NULL)::DECIMAL(18, 3) AS left_s
    FROM core.activity_instance AS instance
    LEFT JOIN (
        SELECT activity_instance_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY activity_instance_id
    ) AS saved ON saved.activity_instance_id = instance.activity_instance_id
    GROUP BY instance.process
),
taken AS (
    SELECT
        finding.process, if(live.candidate_id IS NULL, finding.lever, 'live') AS lever, sum(saving.saved_s) AS saved_s
    FROM (SELECT candidate_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY candidate_id) AS saving
    JOIN mart.finding ON finding.candidate_id = saving.candidate_id
    LEFT JOIN (SELECT candidate_id FROM mart.standing WHERE status = 'live') AS live
        ON live.candidate_id = saving.candidate_id
    GROUP BY ALL
),
step AS (
    SELECT process, 0 AS step_order, 'all' AS step, worked_s AS seconds FROM worked
    UNION ALL
    SELECT worked.process, rung.step_order, rung.lever, CASE WHEN worked.worked_s IS NOT NULL THEN coalesce(taken.saved_s, 0) END
    FROM worked
    CROSS JOIN (VALUES (1, 'eliminate'), (2, 'simplify'), (3, 'standardize'), (4, 'automate'))
        AS rung(step_order, lever)
    LEFT JOIN taken ON taken.process = worked.process AND taken.lever = rung.lever
    UNION ALL
    SELECT process, 5, 'live', saved_s FROM taken WHERE lever = 'live'
    UNION ALL
    SELECT process, 6, 'left', left_s FROM worked
)
SELECT process, step_order, step, seconds / 3600 AS hours FROM step
