-- mart.abandoned: one case that was given up: it ends in a step that by its name and its place gives cases up.
-- Two witnesses: the name speaks of cancelling or withdrawing, and at least half of the step's cases end there. A step
-- that ends many cases of its process is their usual end by another name; of one that ends a good part it is asked, for
-- there a case may come to be cancelled. A refusal is a result. A case that just
-- stops says nothing.
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
)
SELECT closed.process, closed.case_key, closed.case_id, closed.last_activity, end_share, process_share
FROM closed
JOIN giving_up ON giving_up.process = closed.process AND giving_up.last_activity = closed.last_activity
WHERE NOT closed.is_open
