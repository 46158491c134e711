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
        'WITH done AS (SELECT provider, case_id, system, handling_s, is_robot, handling_method,'
        || ' NOT is_robot AND resource IS NOT NULL AS is_by_person'
        || ' FROM core.activity_instance WHERE process = {} AND activity = {}),'
        || ' usual AS (SELECT provider, quantile_disc(handling_s, .5) AS usual_s FROM done'
        || ' WHERE NOT is_robot AND handling_s > 0 AND handling_method IN (''measured'', ''shared'') GROUP BY provider),'
        || ' regular AS (SELECT provider,'
        || ' 1 / (1 + ln(quantile_disc(greatest(handling_s / usual_s, usual_s / handling_s), .5))) AS regularity'
        || ' FROM done JOIN usual USING (provider)'
        || ' WHERE NOT is_robot AND handling_s > 0 AND handling_method IN (''measured'', ''shared'')'
        || ' GROUP BY provider HAVING count(*) >= {}),'
        || ' counted AS (SELECT provider, count(*) AS n FROM done GROUP BY provider)'
        || ' SELECT count(*) FILTER (is_by_person) AS event_count,'
        || ' count(DISTINCT case_id) FILTER (is_by_person) AS case_count,'
        || ' sum(handling_s) FILTER (is_by_person) / 3600 AS handling_h,'
        || ' count(system) / count(*) AS digital_share,'
        || ' (SELECT round(fsum(n * regularity ORDER BY provider) / sum(n), 6) FROM regular JOIN counted USING (provider))'
        || ' AS handling_regularity_score FROM done',
        process_sql, activity_sql, tonight.support_min
    ) AS work_sql
FROM worked
CROSS JOIN ops.tonight
