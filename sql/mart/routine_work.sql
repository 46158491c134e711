-- mart.routine_work: what known people did of one routine, and queries on the published file that show it again.
WITH step AS (
    SELECT routine_id, process, activity, count(*) AS event_count, sum(handling_s) AS handling_s
    FROM mart.routine_execution
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY routine_id, process, activity
),
worked AS (
    SELECT
        routine_id, process,
        arg_max(activity, (coalesce(handling_s, 0), event_count, activity)) AS activity,
        sum(event_count)::BIGINT AS event_count,
        coalesce(sum(handling_s), 0)::BIGINT AS handling_s
    FROM step
    GROUP BY routine_id, process
),
total AS (SELECT process, sum(handling_s) AS handling_s FROM mart.activity_work GROUP BY process)
SELECT
    worked.routine_id,
    worked.process,
    worked.activity,
    list_filter(
        routine.activities, lambda one, place: list_position(routine.activities, one) = place
    ) AS activities,
    worked.event_count,
    worked.handling_s,
    worked.handling_s / nullif(total.handling_s, 0) AS process_share,
    list_aggregate(
        list_transform(
            list_zip(routine.activities, routine.is_optional),
            lambda step: '"' || step[1] || '"' || if(step[2], ' (not always)', '')
        ),
        'string_agg', ', '
    ) AS steps,
    format(
        'SELECT case_id, run_no, step_no, position, provider, resource, is_robot, handling_s, waiting_s'
        || ' FROM (SELECT activity_instance_id, run_no, step_no FROM mart.routine_instance WHERE routine_id = ''{}'')'
        || ' JOIN core.activity_instance USING (activity_instance_id) WHERE process = ''{}''',
        worked.routine_id, replace(worked.process::VARCHAR, '''', '''''')
    ) AS done_sql,
    'SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h'
    || ' FROM done WHERE NOT is_robot AND resource IS NOT NULL' AS work_sql,
    format(  -- a mark for each step or name that was met: counting different ones takes thrice as long
        'SELECT case_id, run_no, CASE WHEN min(provider) = max(provider) THEN min(provider) END AS provider,'
        || ' sum(handling_s) FILTER (NOT is_robot AND resource IS NOT NULL) AS handling_s,'
        || ' count(*) = max(position) - min(position) + 1 AND count(*) = bit_count(bitstring_agg(step_no, 1, {}))'
        || ' AND bit_count(bitstring_agg(sure[step_no], 1, {})) = max(sure_count) AS is_straight,'
        || ' bool_and(NOT is_robot AND resource IS NOT NULL) AND min(resource) = max(resource)'
        || ' AND coalesce(max(waiting_s) FILTER (position > first_position), 0) <= {} AS is_in_one_go'
        || ' FROM (SELECT *, min(position) OVER (PARTITION BY case_id, run_no) AS first_position FROM done)'
        || ' CROSS JOIN (SELECT list_transform(activities, lambda one, place: CASE WHEN NOT is_optional[place]'
        || ' THEN list_position(activities, one) END) AS sure, len(list_distinct(sure)) AS sure_count'
        || ' FROM mart.routine WHERE routine_id = ''{}'') GROUP BY case_id, run_no',
        len(routine.activities), len(routine.activities), tonight.routine_pause_s, worked.routine_id
    ) AS run_sql
FROM worked
JOIN mart.routine ON routine.routine_id = worked.routine_id
JOIN total ON total.process = worked.process
CROSS JOIN ops.tonight
