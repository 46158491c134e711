-- mart.corrector: a step that occurs mostly between two visits of another, which is done again after it.
-- Its place alone says that one follows the other, as drafting follows a visit to the site and a dose a blood test: work
-- may ask for both. A second witness bears out that it sends work back: its name, or that cases go back past more than
-- the step before it, which few of them do. An outcome is none: that a visit is needed decides the way as a refusal does.
WITH loop AS (  -- one row for each place inside a loop: bounded by the reach, whatever the length of the case
    SELECT
        process, variant_key, activity AS corrected_activity, previous_visit_position AS earlier_position,
        unnest(range(previous_visit_position + 1, position)) AS position
    FROM core.variant_step
    CROSS JOIN ops.tonight
    WHERE position - previous_visit_position BETWEEN 2 AND tonight.corrector_reach
),
inside AS (
    SELECT
        step.process, step.activity, loop.corrected_activity,
        sum(step.case_count) AS inside_count,
        coalesce(sum(step.case_count) FILTER (loop.position = loop.earlier_position + 1), 0) AS returned_count
    FROM loop
    JOIN core.variant_step AS step
        ON step.process = loop.process AND step.variant_key = loop.variant_key AND step.position = loop.position
    WHERE step.activity <> loop.corrected_activity
    GROUP BY step.process, step.activity, loop.corrected_activity
),
passage AS (  -- the step before it is done again, and before that one another
    SELECT step.process, step.activity, sum(step.case_count) AS passage_count
    FROM (
        SELECT process, variant_key, position
        FROM loop
        GROUP BY process, variant_key, position
        HAVING count(DISTINCT corrected_activity) > 1 AND bool_or(position = earlier_position + 1)
    ) AS place
    JOIN core.variant_step AS step
        ON step.process = place.process AND step.variant_key = place.variant_key AND step.position = place.position
    GROUP BY step.process, step.activity
),
measured AS (
    SELECT
        inside.process, inside.activity, inside.corrected_activity, own.execution_count, inside.inside_count,
        inside.inside_count / own.execution_count AS inside_share,
        coalesce(after.event_count, 0) AS after_count,
        inside.returned_count / after.event_count AS return_share,
        corrected.repeat_share AS corrected_repeat_share,
        corrected.case_count AS corrected_case_count,
        coalesce(passage.passage_count, 0) / own.execution_count AS passage_share,
        regexp_matches(  -- narrow on purpose: "change", "fix" or "incomplete" brought nonsense
            lower(inside.activity::VARCHAR),
            '(reject|\breturn|correct|amend|cancel|dispute|\brevis(e|ion)|redo|clarif|mismatch|sen[dt] back|rework'
            || '|rechaz|devol(ver|uci)|corregi|anulaci|afkeur|afgekeurd|afwijz|afgewezen|terugstu|terugzend|corrige'
            || '|ablehn|abgelehnt|zur[uü]ck(weis|geb|send)|korrig|korrektur|storn|odrzuc|zwrot|popraw|korekt)'
        ) AS is_correcting
    FROM inside
    JOIN mart.activity_repeat AS own ON own.process = inside.process AND own.activity = inside.activity
    JOIN mart.activity_repeat AS corrected
        ON corrected.process = inside.process AND corrected.activity = inside.corrected_activity
    LEFT JOIN core.directly_follows AS after
        ON after.process = inside.process AND after.activity = inside.corrected_activity
        AND after.next_activity = inside.activity
    LEFT JOIN passage ON passage.process = inside.process AND passage.activity = inside.activity
    WHERE corrected.case_count >= own.case_count
)
SELECT
    measured.* EXCLUDE (after_count, passage_share),
    is_correcting
    OR passage_share >= tonight.corrector_share_min AND corrected_repeat_share <= tonight.rework_rare_share_max AS is_borne_out,
    -- 1.64 standard errors: one-sided 95 % sure
    CASE WHEN inside_share >= tonight.corrector_share_min + 1.64 * sqrt(.25 / execution_count) THEN 'place'
        ELSE 'return and name'
    END AS witness
FROM measured
CROSS JOIN ops.tonight
WHERE
    inside_count >= tonight.support_min
    AND corrected_repeat_share <= tonight.rework_repeat_share_max
    AND (
        inside_share >= tonight.corrector_share_min + 1.64 * sqrt(.25 / execution_count)
        OR is_correcting
        AND after_count >= tonight.support_min
        AND return_share - 1.64 * sqrt(.25 / after_count) >= tonight.corrector_return_min
        AND return_share >= tonight.corrector_return_ratio_min * corrected_repeat_share
    )
