-- mart.waterfall: hours known people work on a process before, what each lever takes, and what is left.
WITH worked AS (
    SELECT process, coalesce(sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL), 0)::DECIMAL(18, 3) AS worked_s
    FROM core.activity_instance
    GROUP BY process
),
taken AS (
    SELECT finding.process, finding.lever, sum(saving.saved_s) AS saved_s
    FROM (SELECT candidate_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY candidate_id) AS saving
    JOIN mart.finding ON finding.candidate_id = saving.candidate_id
    GROUP BY finding.process, finding.lever
),
step AS (
    SELECT process, 0 AS step_order, 'all' AS step, worked_s AS seconds FROM worked
    UNION ALL
    SELECT worked.process, rung.step_order, rung.lever, coalesce(taken.saved_s, 0)
    FROM worked
    CROSS JOIN (VALUES (1, 'eliminate'), (2, 'simplify'), (3, 'standardize'), (4, 'automate'))
        AS rung(step_order, lever)
    LEFT JOIN taken ON taken.process = worked.process AND taken.lever = rung.lever
    UNION ALL
    SELECT worked.process, 5, 'left', worked.worked_s - coalesce(sum(taken.saved_s), 0)
    FROM worked
    LEFT JOIN taken ON taken.process = worked.process
    GROUP BY worked.process, worked.worked_s
)
SELECT process, step_order, step, seconds / 3600 AS hours FROM step
