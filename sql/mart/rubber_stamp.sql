-- mart.rubber_stamp: one check that hardly ever says no, and after which the case goes on in the same way if it does.
-- A check is told by its name; that it decides nothing, by one of two behaviours:
--   outcome: its result is recorded, seldom another than the usual one (surely below a bound), and what follows the
--     others hardly differs from what follows the usual one, nor is anything mended at the check or soon after it: no
--     attribute changes there oftener, and no such result is called a correction;
--   bypass: no other result is recorded, what follows is always the same, and from the same steps before it enough
--     cases go straight there without the check.
-- Where another result is too rare to see what follows it, the check is only asked about.
WITH checked AS (
    SELECT
        instance.process, family.family, instance.activity, instance.next_activity, instance.previous_activity,
        instance.case_key, instance.position,
        CASE WHEN family.is_told_by_name THEN CASE WHEN family.is_refusal THEN 'no' ELSE 'yes' END
            ELSE instance.outcome
        END AS outcome
    FROM core.activity_instance AS instance
    JOIN mart.check_family AS family
        ON family.process = instance.process AND family.activity = instance.activity
    ANTI JOIN (SELECT case_key FROM core.trace WHERE is_open) AS open_case  -- what it goes on with is not in the log yet
        ON open_case.case_key = instance.case_key AND instance.next_activity IS NULL
    WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
),
result AS (
    SELECT process, family, outcome, next_activity, count(*) AS n
    FROM checked
    GROUP BY ALL
),
usual AS (
    SELECT process, family, outcome AS usual_outcome
    FROM result
    WHERE outcome IS NOT NULL
    GROUP BY process, family, outcome
    QUALIFY row_number() OVER (PARTITION BY process, family ORDER BY sum(n) DESC, outcome) = 1
),
way AS (
    SELECT
        result.process, result.family, usual.usual_outcome, result.next_activity,
        sum(result.n) AS n,
        coalesce(sum(result.n) FILTER (result.outcome = usual.usual_outcome), 0) AS usual_n,
        coalesce(sum(result.n) FILTER (result.outcome <> usual.usual_outcome), 0) AS rare_n
    FROM result
    LEFT JOIN usual ON usual.process = result.process AND usual.family = result.family
    GROUP BY result.process, result.family, usual.usual_outcome, result.next_activity
),
measured AS (
    SELECT
        way.process, way.family, way.usual_outcome,
        sum(n)::BIGINT AS event_count,
        sum(way.usual_n)::BIGINT AS usual_count,
        sum(way.rare_n)::BIGINT AS rare_count,
        list(next_activity ORDER BY n DESC, next_activity)[1] AS next_activity,
        max(n) / sum(n) AS next_share,
        sum(abs(
            way.rare_n * total.usual_n - way.usual_n * total.rare_n
        )) / nullif(2 * max(total.usual_n) * max(total.rare_n), 0) AS difference_share
    FROM way
    JOIN (
        SELECT process, family, sum(usual_n) AS usual_n, sum(rare_n) AS rare_n FROM way GROUP BY process, family
    ) AS total ON total.process = way.process AND total.family = way.family
    GROUP BY way.process, way.family, way.usual_outcome
),
entry AS (  -- the steps most executions of the check come from
    SELECT process, family, previous_activity, count(*) AS n, sum(count(*)) OVER (PARTITION BY process, family) AS total
    FROM checked
    GROUP BY process, family, previous_activity
),
bypass AS (
    SELECT measured.process, measured.family, sum(follows.event_count) AS bypass_count
    FROM measured
    JOIN entry ON entry.process = measured.process AND entry.family = measured.family
    JOIN core.directly_follows AS follows
        ON follows.process = measured.process AND follows.activity = entry.previous_activity
        AND follows.next_activity = measured.next_activity
    CROSS JOIN ops.tonight
    WHERE entry.n >= tonight.stamp_entry_share_min * entry.total
    GROUP BY measured.process, measured.family
),
tested AS (  -- checks of a result that is seldom another, and of the usual ones those in sampled cases
    SELECT
        checked.process, checked.family, checked.case_key, checked.position,
        checked.outcome <> usual.usual_outcome AS is_rare
    FROM checked
    JOIN usual ON usual.process = checked.process AND usual.family = checked.family
    SEMI JOIN (
        SELECT process, family
        FROM measured
        CROSS JOIN ops.tonight
        WHERE
            rare_count >= tonight.stamp_rare_min
            AND rare_count <= tonight.stamp_rare_share_max * (rare_count + usual_count)
    ) AS seldom ON seldom.process = checked.process AND seldom.family = checked.family
    WHERE checked.outcome IS NOT NULL AND (is_rare OR checked.case_key IN (SELECT case_key FROM mart.sampled_case))
),
around AS (  -- what a case knew before a check with a result and so many steps after; own names cannot be an attribute's
    SELECT
        reach AS essa_reach,
        tested.process AS essa_process, tested.family AS essa_family, tested.case_key AS essa_case_key,
        tested.position AS essa_position, tested.is_rare AS essa_is_rare,
        unnest(instance.attributes)
    FROM tested
    CROSS JOIN (SELECT unnest(range(1, stamp_mend_reach + 1)) AS reach FROM ops.tonight) AS reach
    JOIN core.activity_instance AS instance
        ON instance.case_key = tested.case_key
        AND instance.position BETWEEN tested.position - 1 AND tested.position + reach
),
written AS (
    SELECT
        essa_process, essa_family, essa_is_rare, essa_reach, attribute,
        count(DISTINCT attribute_value) > 1 AS is_changed
    FROM (
        UNPIVOT (
            SELECT
                essa_process, essa_family, essa_case_key, essa_position, essa_is_rare, essa_reach,
                COLUMNS(* EXCLUDE (essa_process, essa_family, essa_case_key, essa_position, essa_is_rare, essa_reach))::VARCHAR
            FROM around
        ) ON COLUMNS(* EXCLUDE (essa_process, essa_family, essa_case_key, essa_position, essa_is_rare, essa_reach))
            INTO NAME attribute VALUE attribute_value
    )
    GROUP BY essa_process, essa_family, essa_case_key, essa_position, essa_is_rare, essa_reach, attribute
),
mended AS (  -- the attribute that changes most oftener than after the usual result
    SELECT process, family, max(coalesce(rare_share, 0) - coalesce(usual_share, 0)) AS mended_share
    FROM (
        SELECT
            essa_process AS process, essa_family AS family, attribute,
            count(*) FILTER (essa_is_rare AND is_changed) / nullif(count(*) FILTER (essa_is_rare), 0) AS rare_share,
            count(*) FILTER (NOT essa_is_rare AND is_changed) / nullif(count(*) FILTER (NOT essa_is_rare), 0) AS usual_share
        FROM written
        GROUP BY essa_process, essa_family, essa_reach, attribute
    )
    GROUP BY process, family
),
named AS (  -- other results that by their name mend what they find
    SELECT
        result.process, result.family,
        sum(result.n) FILTER (regexp_matches(
            lower(result.outcome),
            '(\bcorrect(ed|ion)|amend|\bfixed|\badjust|\bmended|\brepair|\bchanged|corregid|ajustad|gecorrigeerd|aangepast'
            || '|korrigiert|berichtigt|ge[aä]ndert|popraw|skoryg)'
        )) / sum(result.n) AS named_share
    FROM result
    JOIN usual ON usual.process = result.process AND usual.family = result.family
    WHERE result.outcome <> usual.usual_outcome
    GROUP BY result.process, result.family
),
judged AS (
    SELECT
        measured.*,
        coalesce(bypass.bypass_count, 0)::BIGINT AS bypass_count,
        round(greatest(coalesce(mended.mended_share, 0), coalesce(named.named_share, 0)), 6) AS mended_share,
        (rare_count + usual_count) / event_count AS known_share,
        -- Wilson's upper bound, 95 % sure
        CASE WHEN rare_count + usual_count > 0 THEN round((
            rare_count / (rare_count + usual_count) + 1.92 / (rare_count + usual_count)
            + 1.96 * sqrt(
                rare_count / (rare_count + usual_count) * (1 - rare_count / (rare_count + usual_count))
                    / (rare_count + usual_count)
                + .96 / (rare_count + usual_count) / (rare_count + usual_count)
            )
        ) / (1 + 3.84 / (rare_count + usual_count)), 6) END AS rare_share_upper
    FROM measured
    LEFT JOIN bypass ON bypass.process = measured.process AND bypass.family = measured.family
    LEFT JOIN mended ON mended.process = measured.process AND mended.family = measured.family
    LEFT JOIN named ON named.process = measured.process AND named.family = measured.family
)
SELECT
    judged.process,
    judged.family,
    judged.usual_outcome,
    judged.event_count,
    judged.rare_count,
    judged.known_share,
    judged.rare_share_upper,
    judged.difference_share,
    judged.mended_share,
    judged.next_activity,
    judged.next_share,
    judged.bypass_count,
    CASE
        WHEN rare_count >= tonight.stamp_rare_min THEN 'outcome'
        WHEN next_share >= tonight.rule_majority_max AND bypass_count >= tonight.stamp_bypass_min THEN 'bypass'
    END AS witness
FROM judged
CROSS JOIN ops.tonight
WHERE
    judged.event_count >= tonight.rule_points_min
    AND CASE
        WHEN judged.known_share >= tonight.stamp_known_share_min THEN
            judged.rare_share_upper <= tonight.stamp_rare_share_max
            AND judged.mended_share <= tonight.stamp_difference_max
            AND (
                judged.rare_count < tonight.stamp_rare_min
                OR judged.difference_share <= tonight.stamp_difference_max
            )
        ELSE
            judged.known_share = 0
            AND judged.next_share >= tonight.rule_majority_max AND judged.bypass_count >= tonight.stamp_bypass_min
    END
