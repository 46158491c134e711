-- mart.activity_work: what known people did of one activity, and queries on the published file that show it again.
WITH worked AS (
    SELECT
        process, activity,
        count(*) AS event_count,
        coalesce(sum(handling_s), 0) AS handling_s,
        '''' || replace(process::VARCHAR, '''', '''''') || '''' AS process_sql,
        '''' || replace(activity::VARCHAR, '''', '''''') || '''' AS activity_sql
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity
)
SELECT
    process,
    activity,
    event_count,
    handling_s,
    handling_s / nullif(sum(handling_s) OVER (PARTITION BY process), 0) AS process_share,
    process_sql,
    activity_sql,
    format(
        'SELECT count(*) FILTER (is_by_person) AS event_count,'
        || ' count(DISTINCT case_id) FILTER (is_by_person) AS case_count,'
        || ' sum(handling_s) FILTER (is_by_person) / 3600 AS handling_h, count(system) / count(*) AS digital_share'
        || ' FROM (SELECT case_id, handling_s, system, NOT is_robot AND resource IS NOT NULL AS is_by_person'
        || ' FROM core.activity_instance WHERE process = {} AND activity = {})',
        process_sql, activity_sql
    ) AS work_sql
FROM worked
