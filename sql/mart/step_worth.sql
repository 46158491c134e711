-- mart.step_worth: one activity after another, and the seconds that its executions by people took and waited there.
SELECT
    process,
    previous_activity,
    activity,
    count(*) AS event_count,
    coalesce(sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL), 0)::BIGINT AS handling_s,
    coalesce(sum(waiting_s), 0)::BIGINT AS waiting_s
FROM core.activity_instance
GROUP BY process, previous_activity, activity
