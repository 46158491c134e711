-- mart.bypass_limit: what tells the cases that go round a check from those that undergo it.
-- One attribute, by a limit or by its values, or the result of a step, of what was known at the step before, or what was
-- done by then; else the rule learned there, or who had the case. A check that is left out below an amount or after another
-- step is a control by risk, and that cases do without it says nothing against it.
WITH checked AS (
    SELECT
        stamp.process, stamp.family, stamp.next_activity AS after_activity, family.activity,
        instance.previous_activity, count(*) AS n
    FROM mart.rubber_stamp AS stamp
    JOIN mart.check_family AS family ON family.process = stamp.process AND family.family = stamp.family
    JOIN core.activity_instance AS instance
        ON instance.process = family.process AND instance.activity = family.activity
    WHERE stamp.witness = 'bypass' AND NOT instance.is_robot AND instance.resource IS NOT NULL
    GROUP BY ALL
),
entry AS (
    SELECT process, family, any_value(after_activity) AS after_activity, previous_activity AS activity
    FROM checked
    CROSS JOIN ops.tonight
    GROUP BY process, family, previous_activity, tonight.stamp_entry_share_min
    QUALIFY sum(n) >= tonight.stamp_entry_share_min * sum(sum(n)) OVER (PARTITION BY process, family)
),
passing AS (
    SELECT entry.process, entry.family, instance.case_key, instance.position, checked.activity IS NOT NULL AS is_checked
    FROM entry
    JOIN core.activity_instance AS instance
        ON instance.process = entry.process AND instance.activity = entry.activity
    LEFT JOIN (SELECT DISTINCT process, family, activity FROM checked) AS checked
        ON checked.process = entry.process AND checked.family = entry.family
        AND checked.activity = instance.next_activity
    WHERE checked.activity IS NOT NULL OR instance.next_activity = entry.after_activity
),
passed AS (  -- cases that were read
    SELECT passing.*
    FROM passing
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = passing.case_key
),
side AS (
    SELECT
        process, family,
        count(*) FILTER (is_checked) AS checked_count, count(*) FILTER (NOT is_checked) AS skipped_count
    FROM passed
    GROUP BY process, family
),
recorded AS (
    SELECT case_key, position, attribute, value, number
    FROM mart.recorded_value
    UNION ALL
    SELECT case_key, position, format('the result of "{}"', activity), outcome, NULL
    FROM core.activity_instance
    SEMI JOIN passed USING (case_key)
    WHERE outcome IS NOT NULL
),
known AS (
    SELECT
        passed.process, passed.family, recorded.attribute, recorded.value, recorded.number,
        count(*) FILTER (passed.is_checked) AS checked_n,
        count(*) FILTER (NOT passed.is_checked) AS skipped_n
    FROM passed
    JOIN recorded ON recorded.case_key = passed.case_key AND recorded.position <= passed.position
    GROUP BY passed.process, passed.family, recorded.attribute, recorded.value, recorded.number
),
total AS (
    SELECT
        known.process, known.family, known.attribute, bool_and(known.number IS NOT NULL) AS is_numeric,
        sum(known.checked_n) AS checked_sum, sum(known.skipped_n) AS skipped_sum
    FROM known
    JOIN side ON side.process = known.process AND side.family = known.family
    CROSS JOIN ops.tonight
    GROUP BY known.process, known.family, known.attribute
    HAVING
        checked_sum >= any_value(tonight.sufficient_share_min * side.checked_count)
        AND skipped_sum >= any_value(tonight.sufficient_share_min * side.skipped_count)
        AND least(checked_sum, skipped_sum) > 0
),
below AS (  -- how many of each side lie at or below a number
    SELECT
        known.process, known.family, known.attribute, known.number,
        sum(sum(known.checked_n)) OVER below_w / any_value(total.checked_sum) AS checked_share,
        sum(sum(known.skipped_n)) OVER below_w / any_value(total.skipped_sum) AS skipped_share
    FROM known
    JOIN total
        ON total.process = known.process AND total.family = known.family AND total.attribute = known.attribute
    WHERE total.is_numeric
    GROUP BY known.process, known.family, known.attribute, known.number
    WINDOW below_w AS (PARTITION BY known.process, known.family, known.attribute ORDER BY known.number)
),
valued AS (  -- values that few cases carry are one
    SELECT
        known.process, known.family, known.attribute,
        CASE WHEN known.checked_n + known.skipped_n >= tonight.rule_way_min THEN known.value END AS common_value,
        sum(known.checked_n) / any_value(total.checked_sum) AS checked_share,
        sum(known.skipped_n) / any_value(total.skipped_sum) AS skipped_share
    FROM known
    JOIN total
        ON total.process = known.process AND total.family = known.family AND total.attribute = known.attribute
    CROSS JOIN ops.tonight
    WHERE NOT total.is_numeric
    GROUP BY ALL
),
reading AS (
    SELECT
        process, family, attribute,
        max(abs(skipped_share - checked_share)) AS told_share,
        arg_max(
            format(
                '{} {} {}', attribute, if(skipped_share > checked_share, 'is at most', 'is above'),
                regexp_replace(number::VARCHAR, '\.0$', '')
            ),
            (abs(skipped_share - checked_share), -number)
        ) AS condition
    FROM below
    GROUP BY process, family, attribute
    UNION ALL
    SELECT
        process, family, attribute,
        sum(abs(skipped_share - checked_share) ORDER BY common_value) / 2,
        CASE WHEN max(skipped_share) FILTER (common_value IS NOT NULL) >= any_value(tonight.stamp_known_share_min)
            THEN format('{} is "{}"', attribute, arg_max(common_value, (skipped_share, common_value)))
            ELSE format('{} has some values and not others', attribute)
        END
    FROM valued
    CROSS JOIN ops.tonight
    GROUP BY process, family, attribute
),
gone_by AS (  -- the way to there, the step before the check included
    SELECT
        passed.process, passed.family, instance.activity,
        count(DISTINCT (passed.case_key, passed.position)) FILTER (NOT passed.is_checked)
            / any_value(side.skipped_count) AS skipped_share,
        count(DISTINCT (passed.case_key, passed.position)) FILTER (passed.is_checked)
            / any_value(side.checked_count) AS checked_share
    FROM passed
    JOIN core.activity_instance AS instance
        ON instance.case_key = passed.case_key AND instance.position <= passed.position
    JOIN side ON side.process = passed.process AND side.family = passed.family
    GROUP BY passed.process, passed.family, instance.activity
),
way AS (
    SELECT
        process, family, 'what was done before' AS attribute, abs(skipped_share - checked_share) AS told_share,
        format(
            if(skipped_share > checked_share, '"{}" was done before', '"{}" was not done before'), activity
        ) AS condition
    FROM gone_by
),
handed AS (  -- who had the case; never a name
    SELECT
        entry.process, entry.family, 'who had the case' AS attribute, contrast.gain AS told_share,
        format(
            'some {}, and not others, had the case',
            CASE contrast.kind WHEN 'worker' THEN 'people' WHEN 'team' THEN 'teams' ELSE 'providers' END
        ) AS condition
    FROM entry
    JOIN mart.decision_contrast AS contrast
        ON contrast.process = entry.process AND contrast.activity = entry.activity AND contrast.decides = 'next activity'
    CROSS JOIN ops.tonight
    WHERE
        contrast.kind IN ('worker', 'team', 'provider')
        AND (contrast.kind <> 'worker' OR contrast.group_count >= tonight.people_min)
        AND contrast.coverage_share >= tonight.rule_coverage_min
        AND least(contrast.gain, contrast.held_out_gain) >= tonight.stamp_told_share_min
),
learned AS (  -- what more than one attribute decides
    SELECT entry.process, entry.family, rule.attribute, rule.held_out_accuracy AS told_share, rule.condition
    FROM entry
    JOIN mart.rule
        ON rule.process = entry.process AND rule.activity = entry.activity
        AND rule.decides = 'next activity' AND rule.predicts = entry.after_activity::VARCHAR
    WHERE rule.is_held
)
SELECT process, family, attribute, round(told_share, 6) AS told_share, condition
FROM (
    SELECT single.*, true AS is_single
    FROM (FROM reading UNION ALL FROM way) AS single
    CROSS JOIN ops.tonight
    WHERE told_share >= tonight.stamp_told_share_min
    UNION ALL
    SELECT several.*, false
    FROM (FROM learned UNION ALL FROM handed) AS several
)
QUALIFY row_number() OVER (
    PARTITION BY process, family ORDER BY is_single DESC, round(told_share, 6) DESC, attribute, condition
) = 1
