-- mart.rule_score: how well one decision point is predicted from data, from habit and from history, in cases begun later.
WITH counted AS (
    SELECT counted.*, counted.way = branch.predicts AS is_right
    FROM mart.rule_count AS counted
    JOIN mart.rule_branch AS branch
        ON branch.process = counted.process AND branch.activity = counted.activity
        AND branch.decides = counted.decides AND branch.model = counted.model AND branch.branch_no = counted.branch_no
),
model AS (
    SELECT
        process, activity, decides, model,
        coalesce(sum(event_count) FILTER (slice = 'learn'), 0)::BIGINT AS learned_count,
        coalesce(sum(event_count) FILTER (slice = 'learn' AND is_right), 0)::BIGINT AS learned_right_count,
        coalesce(sum(event_count) FILTER (slice <> 'learn'), 0)::BIGINT AS held_count,
        coalesce(sum(event_count) FILTER (slice <> 'learn' AND is_right), 0)::BIGINT AS held_right_count,
        coalesce(sum(event_count) FILTER (slice = 'test'), 0)::BIGINT AS test_count,
        coalesce(sum(event_count) FILTER (slice = 'test' AND is_right), 0)::BIGINT AS test_right_count,
        min(first_case_at) FILTER (slice = 'learn')::DATE AS learned_from_on,
        max(last_case_at) FILTER (slice = 'learn')::DATE AS learned_to_on,
        min(first_case_at) FILTER (slice <> 'learn')::DATE AS tested_from_on,
        max(last_case_at) FILTER (slice <> 'learn')::DATE AS tested_to_on
    FROM counted
    GROUP BY process, activity, decides, model
),
rule AS (
    SELECT model.*, branch.branch_count, branch.reads, branch.own, branch.is_cut
    FROM model
    JOIN (
        SELECT process, activity, decides, max(branch_no) AS branch_count, any_value(reads) AS reads, any_value(own) AS own,
            bool_or(is_cut) AS is_cut
        FROM mart.rule_branch
        WHERE model = 'rule'
        GROUP BY process, activity, decides
    ) AS branch USING (process, activity, decides)
    WHERE model.model = 'rule' AND model.held_count > 0
),
way AS (
    SELECT
        process, activity, decides, way,
        coalesce(sum(event_count) FILTER (slice = 'learn'), 0)::BIGINT AS learned_count,
        coalesce(sum(event_count) FILTER (slice <> 'learn'), 0)::BIGINT AS held_count
    FROM mart.rule_count
    WHERE model = 'rule'
    GROUP BY process, activity, decides, way
),
habit AS (  -- the usual way of earlier cases or that of the later ones, whichever does better on those
    SELECT
        process, activity, decides, max(held_count) AS right_count,
        max(learned_count) / nullif(sum(learned_count), 0) AS learned_share
    FROM way
    GROUP BY process, activity, decides
),
measured AS (
    SELECT
        rule.*,
        rule.held_right_count / rule.held_count AS accuracy,
        habit.right_count / rule.held_count AS baseline,
        habit.learned_share AS learned_baseline,
        history.held_right_count / history.held_count AS flow,
        greatest(baseline, flow) AS known,
        CASE WHEN rule.learned_count > 0 THEN rule.learned_right_count / rule.learned_count END AS learned,
        CASE WHEN rule.test_count > 0 THEN rule.test_right_count / rule.test_count END AS latest
    FROM rule
    JOIN habit USING (process, activity, decides)
    JOIN (SELECT * FROM model WHERE model = 'history') AS history USING (process, activity, decides)
),
source AS (  -- where what it reads was recorded, unless at the step itself or known at the start, and under which name
    SELECT
        read.process, read.activity, read.decides,
        nullif(concat_ws(
            ', ',
            string_agg(format('{} is recorded at "{}"', input.attribute, input.recorded_at), ', ' ORDER BY input.attribute)
                FILTER (NOT input.is_known_at_start AND NOT list_contains(read.own, read.attribute)),
            string_agg(format('{} is the column {}', input.attribute, input.column_name), ', ' ORDER BY input.attribute)
        ), '') AS sources
    FROM (
        SELECT process, activity, decides, own, unnest(reads) AS attribute FROM rule
    ) AS read
    JOIN mart.rule_input AS input ON input.process = read.process AND input.attribute = read.attribute
    GROUP BY read.process, read.activity, read.decides
),
bounded AS (  -- Wilson, 95 %
    SELECT
        *,
        (accuracy + 1.9208 / held_count - 1.96 * sqrt(accuracy * (1 - accuracy) / held_count
            + .9604 / (held_count * held_count))) / (1 + 3.8416 / held_count) AS lower,
        CASE WHEN test_count > 0 THEN (latest + 1.9208 / test_count + 1.96 * sqrt(latest * (1 - latest) / test_count
            + .9604 / (test_count * test_count))) / (1 + 3.8416 / test_count) END AS latest_upper
    FROM measured
)
SELECT
    process,
    activity,
    decides,
    branch_count,
    reads,
    own,
    sources,
    is_cut,
    learned_count,
    held_count,
    test_count,
    learned_from_on,
    learned_to_on,
    tested_from_on,
    tested_to_on,
    round(learned, 6) AS learned_accuracy,
    round(accuracy, 6) AS held_out_accuracy,
    round(lower, 6) AS held_out_accuracy_lower,
    round(baseline, 6) AS baseline_accuracy,
    round(flow, 6) AS history_accuracy,
    round(latest, 6) AS latest_accuracy,
    CASE WHEN baseline < 1 THEN round((accuracy - baseline) / (1 - baseline), 6) END AS gain,
    CASE WHEN baseline < 1 THEN round((lower - baseline) / (1 - baseline), 6) END AS gain_lower,
    CASE WHEN baseline < 1 THEN round((flow - baseline) / (1 - baseline), 6) END AS history_gain,
    CASE WHEN known < 1 THEN round((accuracy - known) / (1 - known), 6) END AS net_gain,
    CASE WHEN known < 1 THEN round((lower - known) / (1 - known), 6) END AS net_gain_lower,
    -- what never added to habit has not stopped to decide: habit itself has changed
    branch_count > 0 AND coalesce(
        latest_upper < learned - tonight.rule_drift_min
            AND learned - learned_baseline >= tonight.rule_listed_min * (1 - learned_baseline),
        false
    ) AS is_drifted,
    branch_count > 0 AND lower > known AND coalesce(latest > known, false) AS is_accepted
FROM bounded
LEFT JOIN source USING (process, activity, decides)
CROSS JOIN ops.tonight
