-- mart.label_spread: one activity that is spelt in many ways, and how many lines are not in the usual one.
WITH spelt AS (
    SELECT process, activity, count(*) AS spelling_count, sum(event_count) AS line_count, max(event_count) AS usual_count
    FROM core.activity_label
    GROUP BY process, activity
)
SELECT
    process::process_t AS process,
    activity::activity_t AS activity,
    spelling_count,
    line_count,
    line_count - usual_count AS untidy_count,
    (line_count - usual_count) / line_count AS untidy_share
FROM spelt
CROSS JOIN ops.tonight
WHERE
    spelling_count >= tonight.label_spellings_min
    AND line_count - usual_count >= tonight.support_min
    AND (line_count - usual_count) / line_count >= tonight.label_untidy_share_min
