-- mart.concurrent_pair: two activities that follow each other in either order: what comes next is then no decision.
-- Only first visits count: in a loop the other order takes a second one.
WITH step AS (
    SELECT process, variant_key, position, activity, visit_no, case_count FROM core.variant_step WHERE visit_no = 1
),
visited AS (SELECT process, activity, sum(case_count) AS case_count FROM step GROUP BY process, activity),
pair AS (
    SELECT step.process, step.activity, follower.activity AS next_activity, sum(step.case_count) AS case_count
    FROM step
    JOIN step AS follower
        ON follower.variant_key = step.variant_key AND follower.process = step.process
        AND follower.position = step.position + 1
    GROUP BY step.process, step.activity, follower.activity
),
usual AS (  -- often enough to be no stray
    SELECT pair.process, pair.activity, pair.next_activity
    FROM pair
    JOIN visited ON visited.process = pair.process AND visited.activity = pair.activity
    CROSS JOIN ops.tonight
    WHERE pair.case_count > tonight.rule_concurrent_min * visited.case_count
)
SELECT usual.process, usual.activity, usual.next_activity
FROM usual
JOIN usual AS back
    ON back.process = usual.process AND back.activity = usual.next_activity AND back.next_activity = usual.activity
