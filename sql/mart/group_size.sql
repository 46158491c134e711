-- mart.group_size: how many people of one provider do one activity, and whether that is too few to show how they do it.
SELECT
    process,
    activity,
    provider,
    count(DISTINCT resource) AS people_count,
    people_count BETWEEN 1 AND tonight.people_min - 1 AS is_small
FROM core.activity_instance
CROSS JOIN ops.tonight
WHERE NOT is_robot
GROUP BY process, activity, provider, tonight.people_min
