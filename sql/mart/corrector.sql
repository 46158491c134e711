-- mart.corrector: a step that occurs mostly between two visits of another, which is done again because of it.
WITH activity AS (
    SELECT
        process, activity,
        sum(case_count) AS execution_count,
        sum(case_count) FILTER (visit_no = 1) AS case_count,
        coalesce(sum(case_count) FILTER (visit_no = 2), 0) / sum(case_count) FILTER (visit_no = 1) AS repeat_share
    FROM core.variant_step
    GROUP BY process, activity
),
loop AS (  -- one row for each place inside a loop: bounded by the reach, whatever the length of the case
    SELECT
        process, variant_key, activity AS corrected_activity,
        unnest(range(previous_visit_position + 1, position)) AS position
    FROM core.variant_step
    CROSS JOIN ops.tonight
    WHERE position - previous_visit_position BETWEEN 2 AND tonight.corrector_reach
),
inside AS (
    SELECT step.process, step.activity, loop.corrected_activity, sum(step.case_count) AS inside_count
    FROM loop
    JOIN core.variant_step AS step
        ON step.process = loop.process AND step.variant_key = loop.variant_key AND step.position = loop.position
    WHERE step.activity <> loop.corrected_activity
    GROUP BY step.process, step.activity, loop.corrected_activity
)
SELECT
    inside.process,
    inside.activity,
    inside.corrected_activity,
    own.execution_count,
    inside.inside_count,
    inside.inside_count / own.execution_count AS inside_share,
    corrected.repeat_share AS corrected_repeat_share,
    corrected.case_count AS corrected_case_count
FROM inside
JOIN activity AS own ON own.process = inside.process AND own.activity = inside.activity
JOIN activity AS corrected
    ON corrected.process = inside.process AND corrected.activity = inside.corrected_activity
CROSS JOIN ops.tonight
WHERE
    inside.inside_count >= tonight.support_min
    -- 1.64 standard errors: one-sided 95 % sure
    AND inside.inside_count / own.execution_count
        >= tonight.corrector_share_min + 1.64 * sqrt(.25 / own.execution_count)
    AND corrected.repeat_share <= tonight.rework_repeat_share_max
    AND corrected.case_count >= own.case_count
