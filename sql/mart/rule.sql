-- mart.rule: the condition under which one thing happens at an activity, learned on earlier cases and tested on later.
WITH counted AS (
    SELECT
        process, activity, decides, branch_no,
        sum(event_count)::BIGINT AS support_count,
        coalesce(sum(event_count) FILTER (slice <> 'learn'), 0)::BIGINT AS held_count
    FROM mart.rule_count
    WHERE model = 'rule'
    GROUP BY process, activity, decides, branch_no
),
rightly AS (
    SELECT
        counted.process, counted.activity, counted.decides, counted.branch_no,
        sum(counted.event_count)::BIGINT AS held_count
    FROM mart.rule_count AS counted
    JOIN mart.rule_branch AS branch
        ON branch.process = counted.process AND branch.activity = counted.activity
        AND branch.decides = counted.decides AND branch.model = counted.model AND branch.branch_no = counted.branch_no
    WHERE counted.model = 'rule' AND counted.slice <> 'learn' AND counted.way = branch.predicts
    GROUP BY counted.process, counted.activity, counted.decides, counted.branch_no
)
SELECT
    branch.process,
    branch.activity,
    branch.decides,
    branch.predicts,
    branch.condition,
    array_to_string(branch.reads, ', ') AS attribute,
    score.sources,
    counted.support_count,
    CASE WHEN counted.held_count > 0 THEN round(coalesce(rightly.held_count, 0) / counted.held_count, 6) END
        AS branch_accuracy,
    score.held_out_accuracy,
    score.held_out_accuracy_lower,
    score.baseline_accuracy,
    score.history_accuracy,
    score.gain,
    score.net_gain,
    score.net_gain_lower,
    score.held_count AS held_out_count,
    score.learned_from_on,
    score.learned_to_on,
    score.tested_from_on,
    score.tested_to_on,
    decision.tested_from_at,
    decision.latest_from_at,
    decision.censored_at,
    sure.promised_share,
    sure.realised_share,
    sure.realised_accuracy,
    score.is_drifted,
    decision.verdict = 'rule' AS is_held,
    evidence.evidence_sql
FROM mart.rule_branch AS branch
JOIN mart.rule_score AS score USING (process, activity, decides)
JOIN mart.sure_share AS sure USING (process, activity, decides)
JOIN mart.decision USING (process, activity, decides)
JOIN mart.rule_evidence AS evidence USING (process, activity, decides, branch_no)
JOIN counted USING (process, activity, decides, branch_no)
LEFT JOIN rightly USING (process, activity, decides, branch_no)
CROSS JOIN ops.tonight
WHERE
    branch.model = 'rule' AND branch.condition IS NOT NULL
    AND score.is_accepted AND score.held_count >= tonight.rule_held_out_min
    AND score.net_gain >= tonight.rule_listed_min
    AND score.net_gain_lower >= tonight.rule_listed_lower_min
    -- where nobody could say whether people differ no rule is told, unless work is left to it or it held before
    AND (decision.verdict <> 'abstains' OR decision.handled_share > 0 OR score.is_drifted)
    AND 2 * coalesce(rightly.held_count, 0) >= counted.held_count  -- what is mostly wrong is no rule
