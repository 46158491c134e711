-- mart.rule_score: the attribute that decides best after one activity, and what it adds over habit and history.
WITH total AS (
    SELECT
        process, activity, attribute, any_value(is_number) AS is_number,
        count(DISTINCT outcome) FILTER (NOT is_number OR bucket IS NOT NULL) AS way_count,
        sum(earlier_count) AS earlier_count,
        sum(later_count) AS later_count,
        sum(earlier_right_count) AS earlier_right_count,
        sum(later_right_count) AS later_right_count
    FROM mart.rule_bucket
    GROUP BY process, activity, attribute
),
best AS (  -- chosen on earlier cases alone: the later ones stay untouched for the test
    SELECT *
    FROM total
    WHERE attribute <> '' AND way_count > 1
    QUALIFY row_number() OVER (PARTITION BY process, activity ORDER BY earlier_right_count DESC, attribute) = 1
),
outcome AS (
    SELECT
        process, activity, outcome,
        count(*) FILTER (NOT is_later) AS earlier_count, count(*) FILTER (is_later) AS later_count
    FROM mart.decision
    GROUP BY process, activity, outcome
),
habit AS (  -- the usual way of earlier cases, or that of the later ones themselves, whichever does better on those
    SELECT process, activity, max(later_count) AS right_count FROM outcome GROUP BY process, activity
),
measured AS (
    SELECT
        best.*,
        best.later_right_count / best.later_count AS accuracy,
        habit.right_count / best.later_count AS baseline_accuracy,
        coalesce(history.later_right_count / best.later_count, 0) AS history_accuracy
    FROM best
    JOIN habit ON habit.process = best.process AND habit.activity = best.activity
    LEFT JOIN (SELECT * FROM total WHERE attribute = '') AS history
        ON history.process = best.process AND history.activity = best.activity
    WHERE best.later_count > 0
),
bounded AS (
    SELECT
        *,
        greatest(baseline_accuracy, history_accuracy) AS known_accuracy,
        (
            accuracy + 1.9208 / later_count
            - 1.96 * sqrt(accuracy * (1 - accuracy) / later_count + .9604 / (later_count * later_count))
        ) / (1 + 3.8416 / later_count) AS accuracy_lower
    FROM measured
)
SELECT
    process,
    activity,
    attribute,
    is_number,
    earlier_count,
    later_count,
    round(accuracy, 6) AS held_out_accuracy,
    round(accuracy_lower, 6) AS held_out_accuracy_lower,
    round(baseline_accuracy, 6) AS baseline_accuracy,
    round(history_accuracy, 6) AS history_accuracy,
    CASE WHEN known_accuracy < 1 THEN round((accuracy - known_accuracy) / (1 - known_accuracy), 6) END AS net_gain,
    accuracy_lower > known_accuracy AS is_accepted
FROM bounded
