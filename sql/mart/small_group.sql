-- mart.small_group: what too few people do together for a figure to be told of it, as it would be known to be somebody's.
-- Software is nobody, and work of which no log names who did it has no people who could be known by it.
WITH worked AS MATERIALIZED (
    SELECT DISTINCT feed, process, provider, activity, previous_activity, resource
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
),
step AS MATERIALIZED (SELECT DISTINCT process, provider, activity, resource FROM worked),
counted AS (
    SELECT 'feed' AS kind, [feed::VARCHAR] AS name, count(DISTINCT resource) AS people_count FROM worked GROUP BY feed
    UNION ALL
    SELECT 'process', [process::VARCHAR], count(DISTINCT resource) FROM step GROUP BY process
    UNION ALL
    SELECT 'process, provider', [process::VARCHAR, provider::VARCHAR], count(DISTINCT resource)
    FROM step
    GROUP BY process, provider
    UNION ALL
    SELECT 'process, activity', [process::VARCHAR, activity::VARCHAR], count(DISTINCT resource)
    FROM step
    GROUP BY process, activity
    UNION ALL
    SELECT 'process, provider, activity', [process::VARCHAR, provider::VARCHAR, activity::VARCHAR], people_count
    FROM mart.group_size
    UNION ALL
    SELECT
        'process, activity, next_activity', [process::VARCHAR, previous_activity::VARCHAR, activity::VARCHAR],
        count(DISTINCT resource)
    FROM worked
    WHERE previous_activity IS NOT NULL
    GROUP BY process, previous_activity, activity
    UNION ALL
    SELECT 'routine_id', [routine_id], people_count FROM mart.routine
)
SELECT kind, name
FROM counted
CROSS JOIN ops.tonight
WHERE people_count BETWEEN 1 AND tonight.people_min - 1
ORDER BY ALL
