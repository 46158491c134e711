-- mart.rule: the condition under which a case goes one way after an activity.
WITH score AS (SELECT * FROM mart.rule_score WHERE is_accepted),
branch AS (
    SELECT
        bucket.process, bucket.activity, bucket.attribute, bucket.outcome AS predicts, bucket.is_default,
        '"' || replace(bucket.attribute, '"', '""') || '"' AS quoted,
        regexp_replace(threshold.threshold::VARCHAR, '\.0$', '') AS threshold,
        bool_or(bucket.bucket IS NULL) AS has_rest,
        max(bucket.bucket) FILTER (bucket.is_number) AS side,
        count(bucket.bucket) AS value_count,
        string_agg('''' || replace(bucket.bucket, '''', '''''') || '''', ', ' ORDER BY bucket.bucket) AS listed,
        sum(bucket.earlier_count + bucket.later_count) AS support_count,
        sum(bucket.later_count) AS later_count,
        sum(bucket.later_right_count) AS later_right_count
    FROM mart.rule_bucket AS bucket
    SEMI JOIN score
        ON score.process = bucket.process AND score.activity = bucket.activity AND score.attribute = bucket.attribute
    LEFT JOIN mart.threshold
        ON threshold.process = bucket.process AND threshold.activity = bucket.activity
        AND threshold.attribute = bucket.attribute
    GROUP BY ALL
),
elsewhere AS (  -- the values that lead another way than usual
    SELECT process, activity, string_agg(listed, ', ' ORDER BY listed) AS listed
    FROM branch
    WHERE NOT is_default
    GROUP BY process, activity
)
SELECT
    branch.process,
    branch.activity,
    branch.predicts,
    concat_ws(
        ' OR ',
        CASE WHEN branch.has_rest THEN branch.quoted || ' IS NULL' END,
        CASE
            WHEN score.is_number AND branch.side IS NOT NULL
                THEN branch.quoted || '::DOUBLE ' || CASE branch.side WHEN 'low' THEN '<= ' ELSE '> ' END || threshold
            WHEN score.is_number THEN NULL
            WHEN branch.has_rest THEN branch.quoted || ' NOT IN (' || elsewhere.listed || ')'
            ELSE branch.quoted || ' IN (' || branch.listed || ')'
        END
    ) AS condition,
    branch.attribute,
    branch.support_count,
    branch.later_right_count / nullif(branch.later_count, 0) AS branch_accuracy,
    score.held_out_accuracy,
    score.held_out_accuracy_lower,
    score.baseline_accuracy,
    score.history_accuracy,
    score.net_gain,
    score.later_count AS held_out_count,
    score.net_gain >= tonight.rule_net_min AND score.later_count >= tonight.rule_held_out_min AS is_held
FROM branch
JOIN score ON score.process = branch.process AND score.activity = branch.activity
LEFT JOIN elsewhere ON elsewhere.process = branch.process AND elsewhere.activity = branch.activity
CROSS JOIN ops.tonight
