-- mart.small_group: what too few people do together for a figure to be told of it, as it would be known to be somebody's.
-- Software is nobody, and work of which no log names who did it has no people who could be known by it.
WITH worked AS (
    SELECT DISTINCT
        feed::VARCHAR AS feed, process::VARCHAR AS process, provider::VARCHAR AS provider, activity::VARCHAR AS activity,
        previous_activity::VARCHAR AS previous_activity, resource
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
),
grouped AS (
    SELECT
        resource,
        unnest([
            {'kind': 'feed', 'name': [feed]},
            {'kind': 'process', 'name': [process]},
            {'kind': 'process, provider', 'name': [process, provider]},
            {'kind': 'process, activity', 'name': [process, activity]},
            {'kind': 'process, provider, activity', 'name': [process, provider, activity]},
            {'kind': 'process, activity, next_activity', 'name': [process, previous_activity, activity]}
        ], recursive := true)
    FROM worked
)
SELECT kind, name
FROM grouped
CROSS JOIN ops.tonight
WHERE list_count(name) = len(name)
GROUP BY kind, name, tonight.people_min
HAVING count(DISTINCT resource) < tonight.people_min
UNION ALL
SELECT 'routine_id', [routine_id]
FROM mart.routine
CROSS JOIN ops.tonight
WHERE people_count BETWEEN 1 AND tonight.people_min - 1
ORDER BY ALL
