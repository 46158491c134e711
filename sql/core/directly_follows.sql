-- core.directly_follows: one activity and the one that directly follows it in a case.
SELECT
    process,
    previous_activity AS activity,
    activity AS next_activity,
    count(*) AS event_count,
    quantile_disc(waiting_s, .5) AS median_waiting_s
FROM core.activity_instance
WHERE previous_activity IS NOT NULL
GROUP BY process, previous_activity, activity
