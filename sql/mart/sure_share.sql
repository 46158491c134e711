-- mart.sure_share: the executions of one decision point that rules can be left with, as promised and as it came.
WITH leaf AS (
    SELECT
        counted.process, counted.activity, counted.decides, counted.branch_no,
        coalesce(sum(event_count) FILTER (slice = 'learn'), 0)::BIGINT AS learned_count,
        coalesce(sum(event_count) FILTER (slice = 'learn' AND way = predicts), 0)::BIGINT AS learned_right_count,
        coalesce(sum(event_count) FILTER (slice = 'confirm'), 0)::BIGINT AS confirmed_count,
        coalesce(sum(event_count) FILTER (slice = 'confirm' AND way = predicts), 0)::BIGINT AS confirmed_right_count,
        coalesce(sum(event_count) FILTER (slice = 'test'), 0)::BIGINT AS test_count,
        coalesce(sum(event_count) FILTER (slice = 'test' AND way = predicts), 0)::BIGINT AS test_right_count,
        coalesce(sum(foretold_count) FILTER (slice = 'test'), 0) AS test_foretold_count
    FROM mart.rule_count AS counted
    JOIN mart.rule_branch AS branch
        ON branch.process = counted.process AND branch.activity = counted.activity
        AND branch.decides = counted.decides AND branch.model = counted.model AND branch.branch_no = counted.branch_no
    WHERE counted.model = 'sure'
    GROUP BY counted.process, counted.activity, counted.decides, counted.branch_no
),
promised AS (  -- by the Wilson lower bound, 95 %; where no condition holds nothing was learned
    SELECT
        leaf.*,
        coalesce(branch_no > 0 AND learned_count > 0 AND (
            learned_right_count / learned_count + 1.9208 / learned_count - 1.96 * sqrt(
                learned_right_count / learned_count * (1 - learned_right_count / learned_count) / learned_count
                + .9604 / (learned_count * learned_count)
            )
        ) / (1 + 3.8416 / learned_count) >= tonight.rule_sure_min, false) AS is_promised,
        is_promised AND confirmed_count >= tonight.rule_way_min
            AND confirmed_right_count >= tonight.rule_sure_min * confirmed_count AS is_confirmed
    FROM leaf
    CROSS JOIN ops.tonight
),
total AS (
    SELECT
        process, activity, decides,
        sum(learned_count)::BIGINT AS learned_count,
        sum(test_count)::BIGINT AS test_count,
        coalesce(sum(learned_count) FILTER (is_promised), 0)::BIGINT AS promised_count,
        coalesce(sum(test_count) FILTER (is_confirmed), 0)::BIGINT AS realised_count,
        coalesce(sum(test_right_count) FILTER (is_confirmed), 0)::BIGINT AS realised_right_count,
        coalesce(sum(test_foretold_count) FILTER (is_confirmed), 0) AS foretold_count,
        list(branch_no ORDER BY branch_no) FILTER (is_confirmed) AS branches
    FROM promised
    GROUP BY process, activity, decides
)
SELECT
    process,
    activity,
    decides,
    test_count,
    realised_count,
    realised_right_count,
    coalesce(branches, []) AS branches,
    CASE WHEN learned_count > 0 THEN round(promised_count / learned_count, 6) END AS promised_share,
    CASE WHEN test_count > 0 THEN round(realised_count / test_count, 6) END AS realised_share,
    CASE WHEN realised_count > 0 THEN round(realised_right_count / realised_count, 6) END AS realised_accuracy,
    -- Wilson lower bound, 95 %
    CASE WHEN realised_count > 0 THEN round(
        (
            realised_right_count / realised_count + 1.9208 / realised_count - 1.96 * sqrt(
                realised_right_count / realised_count * (1 - realised_right_count / realised_count) / realised_count
                + .9604 / (realised_count * realised_count)
            )
        ) / (1 + 3.8416 / realised_count),
        6
    ) END AS realised_accuracy_lower,
    CASE WHEN realised_count > 0 THEN round(foretold_count / realised_count, 6) END AS foretold_share
FROM total
