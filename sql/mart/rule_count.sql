-- mart.rule_count: how often decisions with one value, or on one side of a threshold, went one way.
-- The flow's own history (the step before) stands among the attributes under the empty name, to be beaten.
WITH known AS (
    SELECT event_no, attribute, attribute_value FROM mart.decision_input
    UNION ALL
    SELECT event_no, '' AS attribute, previous AS attribute_value FROM mart.decision
),
counted AS (
    SELECT
        decision.process, decision.activity, known.attribute,
        CASE
            WHEN threshold.threshold IS NULL THEN known.attribute_value
            WHEN known.attribute_value::DOUBLE <= threshold.threshold THEN 'low'
            ELSE 'high'
        END AS bucket,
        threshold.threshold IS NOT NULL AS is_number,
        decision.outcome,
        count(*) FILTER (NOT decision.is_later) AS earlier_count,
        count(*) FILTER (decision.is_later) AS later_count
    FROM known
    JOIN mart.decision ON decision.event_no = known.event_no
    LEFT JOIN mart.threshold
        ON threshold.process = decision.process AND threshold.activity = decision.activity
        AND threshold.attribute = known.attribute
    GROUP BY ALL
),
frequent AS (
    SELECT process, activity, attribute, bucket
    FROM counted
    CROSS JOIN ops.tonight
    GROUP BY process, activity, attribute, bucket, tonight.rule_values_max, tonight.support_min
    HAVING sum(earlier_count) >= tonight.support_min
    QUALIFY row_number() OVER (PARTITION BY process, activity, attribute ORDER BY sum(earlier_count) DESC, bucket)
        <= tonight.rule_values_max
),
listed AS (
    SELECT counted.*
    FROM counted
    JOIN frequent USING (process, activity, attribute, bucket)
),
total AS (
    SELECT
        process, activity, outcome,
        count(*) FILTER (NOT is_later) AS earlier_count, count(*) FILTER (is_later) AS later_count
    FROM mart.decision
    GROUP BY process, activity, outcome
),
rest AS (  -- every other value, and none
    SELECT
        total.process, total.activity, listed.attribute, NULL AS bucket, bool_or(listed.is_number) AS is_number,
        total.outcome,
        total.earlier_count - coalesce(sum(listed.earlier_count) FILTER (listed.outcome = total.outcome), 0)
            AS earlier_count,
        total.later_count - coalesce(sum(listed.later_count) FILTER (listed.outcome = total.outcome), 0) AS later_count
    FROM total
    JOIN listed ON listed.process = total.process AND listed.activity = total.activity
    GROUP BY
        total.process, total.activity, listed.attribute, total.outcome, total.earlier_count, total.later_count
)
SELECT process, activity, attribute, bucket, is_number, outcome, earlier_count, later_count FROM listed
UNION ALL
SELECT process, activity, attribute, bucket, is_number, outcome, earlier_count, later_count
FROM rest
WHERE earlier_count + later_count > 0
