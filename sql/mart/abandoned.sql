-- mart.abandoned: one case that was given up: it ends in a step that by its name and its place gives cases up.
-- Two witnesses: the name speaks of cancelling or withdrawing and at least half of the step's cases end there; and it breaks
-- the work off, as most others that came to the same point still had more than one step to do. Where nothing was left to
-- do it is one of the usual ends, as where a customer orders a cancellation, and is asked; so is one that ends a good part
-- of all cases, and one that ends many is no giving up. A refusal is a result. A case that just stops says nothing.
WITH closed AS (
    SELECT process, case_key, case_id, last_activity, is_open, count(*) OVER (PARTITION BY process) AS case_count
    FROM core.trace
),
ending AS (
    SELECT process, last_activity, any_value(case_count) AS case_count, count(*) AS end_count
    FROM closed
    WHERE NOT is_open
    GROUP BY process, last_activity
),
giving_up AS (
    SELECT
        ending.process, ending.last_activity,
        ending.end_count / visit.case_count AS end_share,
        ending.end_count / ending.case_count AS process_share
    FROM ending
    JOIN mart.activity_word AS word ON word.process = ending.process AND word.activity = ending.last_activity
    JOIN mart.activity_repeat AS visit ON visit.process = ending.process AND visit.activity = ending.last_activity
    CROSS JOIN ops.tonight
    WHERE
        word.is_abandoning
        AND ending.end_count >= tonight.support_min
        AND end_share >= tonight.abandoned_end_share_min
        AND process_share < tonight.abandoned_case_share_max
),
other AS (  -- how much was left to do, from each step on, for cases that end otherwise
    SELECT
        process, last_activity, activity,
        sum(case_count) AS case_count,
        coalesce(sum(case_count) FILTER (left_count > 1), 0) / sum(case_count) AS going_on_share
    FROM (
        SELECT
            giving_up.process, giving_up.last_activity, step.activity, step.case_count,
            len(any_value(variant.activities)) - max(step.position) AS left_count
        FROM giving_up
        JOIN core.variant ON variant.process = giving_up.process AND variant.activities[-1] <> giving_up.last_activity
        JOIN core.variant_step AS step ON step.process = variant.process AND step.variant_key = variant.variant_key
        GROUP BY giving_up.process, giving_up.last_activity, variant.variant_key, step.activity, step.case_count
    )
    GROUP BY process, last_activity, activity
),
given AS (  -- the last step of a way that was given up that others came to as well
    SELECT variant.process, giving_up.last_activity, variant.case_count, other.going_on_share
    FROM giving_up
    JOIN core.variant ON variant.process = giving_up.process AND variant.activities[-1] = giving_up.last_activity
    JOIN core.variant_step AS step ON step.process = variant.process AND step.variant_key = variant.variant_key
    JOIN other
        ON other.process = step.process AND other.last_activity = giving_up.last_activity
        AND other.activity = step.activity
    CROSS JOIN ops.tonight
    WHERE other.case_count >= tonight.support_min AND step.activity <> giving_up.last_activity
    QUALIFY row_number() OVER (PARTITION BY variant.process, variant.variant_key ORDER BY step.position DESC) = 1
),
broken AS (
    SELECT
        process, last_activity,
        sum(case_count * round(1e6 * going_on_share)::BIGINT) / sum(case_count) / 1e6 AS broken_share
    FROM given
    GROUP BY process, last_activity
)
SELECT
    closed.process, closed.case_key, closed.case_id, closed.last_activity, end_share, process_share,
    coalesce(broken.broken_share, 0) >= tonight.abandoned_broken_share_min AS is_broken_off
FROM closed
JOIN giving_up ON giving_up.process = closed.process AND giving_up.last_activity = closed.last_activity
LEFT JOIN broken ON broken.process = closed.process AND broken.last_activity = closed.last_activity
CROSS JOIN ops.tonight
WHERE NOT closed.is_open
