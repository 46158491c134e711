-- mart.concurrent_pair: two activities that follow each other in either order: what comes next is then no decision.
-- Only first visits count: in a loop the other order takes a second one. Which of several such begins, where all of them
-- come, is none either.
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
),
beside AS (
    SELECT usual.process, usual.activity, usual.next_activity
    FROM usual
    JOIN usual AS back
        ON back.process = usual.process AND back.activity = usual.next_activity AND back.next_activity = usual.activity
),
begun AS (  -- of the cases that begin with the one, those in which the other comes as well
    SELECT
        step.process, step.activity, beside.activity AS next_activity, beside.next_activity AS other_activity,
        sum(step.case_count) AS case_count, sum(step.case_count) FILTER (other.activity IS NOT NULL) AS both_count
    FROM step
    JOIN step AS follower
        ON follower.variant_key = step.variant_key AND follower.process = step.process
        AND follower.position = step.position + 1
    JOIN beside ON beside.process = follower.process AND beside.activity = follower.activity
    JOIN usual
        ON usual.process = step.process AND usual.activity = step.activity AND usual.next_activity = follower.activity
    JOIN usual AS instead
        ON instead.process = step.process AND instead.activity = step.activity
        AND instead.next_activity = beside.next_activity
    LEFT JOIN step AS other
        ON other.variant_key = step.variant_key AND other.process = step.process
        AND other.activity = beside.next_activity
    WHERE step.activity <> beside.next_activity
    GROUP BY step.process, step.activity, beside.activity, beside.next_activity
)
SELECT process, activity, next_activity
FROM beside
UNION
SELECT process, activity, next_activity
FROM begun
CROSS JOIN ops.tonight
WHERE both_count >= (1 - tonight.rule_concurrent_min) * case_count
