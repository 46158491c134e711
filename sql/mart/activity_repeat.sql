-- mart.activity_repeat: how often cases come back to one activity.
SELECT
    process,
    activity,
    sum(case_count) AS execution_count,
    sum(case_count) FILTER (visit_no = 1) AS case_count,
    coalesce(sum(case_count) FILTER (visit_no = 2), 0) AS second_count,
    coalesce(sum(case_count) FILTER (visit_no = 3), 0) AS third_count,
    second_count / sum(case_count) FILTER (visit_no = 1) AS repeat_share
FROM core.variant_step
GROUP BY process, activity
