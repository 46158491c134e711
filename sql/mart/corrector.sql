-- mart.corrector: a step that occurs mostly between two visits of another, which is done again after it.
-- Its place alone says that one follows the other, as drafting follows a visit to the site and a dose a blood test: work
-- may ask for both, and for as many steps once more as a second person, dose or lot needs. A second witness bears out
-- that it sends work back: its own name, or that of the result it mostly comes after, unless an attribute numbers the
-- visits of what comes again otherwise than by rounds. Neither does where it comes before first visits as well. That a case goes another way after
-- a result is no witness: that a visit is needed decides the way as a refusal does.
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
refused AS (  -- what the step before it ended with, where that is called a refusal
    SELECT
        process, next_activity AS activity,
        sum(n) FILTER (is_refusal) AS refused_count,
        arg_max(outcome, (n, outcome)) FILTER (is_refusal) AS common_refusal
    FROM (
        SELECT
            process, next_activity, outcome, count(*) AS n,
            regexp_matches(
                lower(outcome),
                '(reject|refus|return|incorrect|incomplet|\bnot (ok|correct|complete|approved|accepted)|\bnok\b|fail|invalid'
                || '|mismatch|\berror|\bwrong|defect|rechaz|devol|incomplet|err[oó]ne|afgekeurd|afgewezen|fout|onvolledig'
                || '|retour|terug|abgelehnt|fehler|unvollst|zur[uü]ck|odrzuc|b[lł][eę]d|niekompl|zwr[oó][tc]|popraw)'
            ) AS is_refusal
        FROM core.activity_instance
        WHERE outcome IS NOT NULL AND next_activity IS NOT NULL
        GROUP BY process, next_activity, outcome
    )
    GROUP BY process, next_activity
),
measured AS (
    SELECT
        inside.process, inside.activity, inside.corrected_activity, own.execution_count, inside.inside_count,
        inside.inside_count / own.execution_count AS inside_share,
        coalesce(after.event_count, 0) AS after_count,
        inside.returned_count / after.event_count AS return_share,
        corrected.repeat_share AS corrected_repeat_share,
        corrected.case_count AS corrected_case_count,
        refused.refused_count / own.execution_count AS refused_share,
        refused.common_refusal,
        regexp_matches(  -- narrow on purpose: "change", "fix" or "incomplete" brought nonsense
            lower(inside.activity::VARCHAR),
            '(reject|^\W*return|\breturn(s|ed|ing| to| for)\b|correct|amend|cancel|dispute|\brevis(e|ion)|redo|clarif'
            || '|mismatch|sen[dt] back|rework'
            || '|rechaz|devol(ver|uci)|corregi|anulaci|afkeur|afgekeurd|afwijz|afgewezen|terugstu|terugzend|corrige'
            || '|ablehn|abgelehnt|zur[uü]ck(weis|geb|send)|korrig|korrektur|storn|odrzuc|zwrot|popraw|korekt)'
        )
        -- an order that somebody else gave and that is only written down sends nothing back
        AND NOT regexp_matches(
            lower(inside.activity::VARCHAR),
            '^\W*(record|receiv|regist|log\b|erfass|ontvang).*(amend|cancel|dispute|\brevis|anulaci|annuler|storn)'
        ) AS is_correcting
    FROM inside
    JOIN mart.activity_repeat AS own ON own.process = inside.process AND own.activity = inside.activity
    JOIN mart.activity_repeat AS corrected
        ON corrected.process = inside.process AND corrected.activity = inside.corrected_activity
    LEFT JOIN core.directly_follows AS after
        ON after.process = inside.process AND after.activity = inside.corrected_activity
        AND after.next_activity = inside.activity
    LEFT JOIN refused ON refused.process = inside.process AND refused.activity = inside.activity
    WHERE corrected.case_count >= own.case_count
),
found AS (
    SELECT
        measured.* EXCLUDE (after_count, refused_share, common_refusal),
        CASE WHEN refused_share >= tonight.corrector_share_min THEN common_refusal END AS refusal,
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
),
early AS (  -- what as often leads to a step that was not done before is on its way there, whatever its name
    SELECT found.process, found.activity, found.corrected_activity, sum(step.case_count) AS early_count
    FROM found
    JOIN core.variant_step AS step ON step.process = found.process AND step.activity = found.activity
    JOIN core.variant_step AS first
        ON first.process = step.process AND first.variant_key = step.variant_key
        AND first.activity = found.corrected_activity AND first.visit_no = 1
    CROSS JOIN ops.tonight
    WHERE step.position BETWEEN first.position - tonight.corrector_reach AND first.position - 1
    GROUP BY found.process, found.activity, found.corrected_activity
)
SELECT
    found.*,
    (is_correcting OR refusal IS NOT NULL AND numbered.activity IS NULL)
    AND coalesce(early_count, 0) <= tonight.rework_natural_share_max * execution_count AS is_borne_out
FROM found
LEFT JOIN early
    ON early.process = found.process AND early.activity = found.activity
    AND early.corrected_activity = found.corrected_activity
LEFT JOIN (SELECT DISTINCT process, activity FROM mart.numbered_visit WHERE NOT is_round) AS numbered
    ON numbered.process = found.process AND numbered.activity = found.corrected_activity
CROSS JOIN ops.tonight
