-- mart.rule_bucket: which way decisions of one kind went most often in earlier cases, and in how many later ones too.
WITH default_way AS (
    SELECT process, activity, mode(outcome ORDER BY outcome) AS outcome
    FROM mart.decision
    WHERE NOT is_later
    GROUP BY process, activity
),
learned AS (
    SELECT
        process, activity, attribute, bucket, any_value(is_number) AS is_number,
        sum(earlier_count) AS earlier_count,
        sum(later_count) AS later_count,
        arg_max(outcome, (earlier_count, outcome)) AS outcome
    FROM mart.rule_count
    GROUP BY process, activity, attribute, bucket
),
predicted AS (  -- values too rare to learn from go the usual way
    SELECT
        learned.* REPLACE (
            CASE WHEN learned.bucket IS NULL THEN default_way.outcome ELSE learned.outcome END AS outcome
        ),
        default_way.outcome AS default_outcome
    FROM learned
    JOIN default_way ON default_way.process = learned.process AND default_way.activity = learned.activity
)
SELECT
    predicted.process,
    predicted.activity,
    predicted.attribute,
    predicted.bucket,
    predicted.is_number,
    predicted.outcome,
    predicted.outcome = predicted.default_outcome AS is_default,
    predicted.earlier_count,
    predicted.later_count,
    coalesce(counted.earlier_count, 0) AS earlier_right_count,
    coalesce(counted.later_count, 0) AS later_right_count
FROM predicted
LEFT JOIN mart.rule_count AS counted
    ON counted.process = predicted.process AND counted.activity = predicted.activity
    AND counted.attribute = predicted.attribute AND counted.bucket IS NOT DISTINCT FROM predicted.bucket
    AND counted.outcome = predicted.outcome
