-- mart.numbered_visit: an attribute that numbers the visits of one activity, as with a second dose, person or lot.
-- First visits nearly all carry one value, whether a second comes or not, and second visits nearly all another. A value
-- that was corrected is none: what the second visits carry is what cases without one carried at once. A number that by its
-- name counts rounds or tries is told apart: after a refusal it counts what was sent back.
WITH recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        instance.process AS essa_process, instance.activity AS essa_activity, step.visit_no AS essa_visit_no,
        unnest(instance.attributes)
    FROM core.activity_instance AS instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = instance.case_key
    JOIN core.trace ON trace.case_key = instance.case_key
    JOIN core.variant_step AS step
        ON step.process = trace.process AND step.variant_key = trace.variant_key AND step.position = instance.position
    JOIN mart.activity_repeat AS repeated
        ON repeated.process = instance.process AND repeated.activity = instance.activity
    CROSS JOIN ops.tonight
    WHERE step.visit_no <= 2 AND repeated.second_count >= tonight.support_min
),
visited AS (
    SELECT essa_process, essa_activity, essa_visit_no, count(*) AS visit_count
    FROM recorded
    GROUP BY essa_process, essa_activity, essa_visit_no
),
carried AS (
    SELECT essa_process, essa_activity, essa_visit_no, attribute, attribute_value, count(*) AS n
    FROM (
        UNPIVOT (
            SELECT
                essa_process, essa_activity, essa_visit_no,
                COLUMNS(* EXCLUDE (essa_process, essa_activity, essa_visit_no))::VARCHAR
            FROM recorded
        ) ON COLUMNS(* EXCLUDE (essa_process, essa_activity, essa_visit_no)) INTO NAME attribute VALUE attribute_value
    )
    GROUP BY essa_process, essa_activity, essa_visit_no, attribute, attribute_value
),
usual AS (
    SELECT
        essa_process, essa_activity, essa_visit_no, attribute,
        arg_max(attribute_value, (n, attribute_value)) AS usual_value,
        max(n) / sum(n) AS usual_share,
        sum(n) AS known_count
    FROM carried
    GROUP BY essa_process, essa_activity, essa_visit_no, attribute
)
SELECT
    first.essa_process AS process,
    first.essa_activity AS activity,
    first.attribute,
    least(first.usual_share, second.usual_share) AS told_share,
    regexp_matches(
        lower(first.attribute),
        '(\bround|attempt|\btry|\btries|iteration|revision|version|resubmi|\bcycle|ronda|intento|runde|versuch|ronde|poging|pr[oó]ba)'
    ) AS is_round
FROM usual AS first
JOIN usual AS second
    ON second.essa_process = first.essa_process AND second.essa_activity = first.essa_activity
    AND second.attribute = first.attribute
JOIN visited
    ON visited.essa_process = second.essa_process AND visited.essa_activity = second.essa_activity
    AND visited.essa_visit_no = second.essa_visit_no
CROSS JOIN ops.tonight
WHERE
    first.essa_visit_no = 1 AND second.essa_visit_no = 2
    AND first.usual_value <> second.usual_value
    AND second.known_count >= tonight.sufficient_share_min * visited.visit_count
    AND told_share >= tonight.numbered_share_min
