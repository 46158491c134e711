-- mart.detour_finding: one way round of steps that only pass work on, where most cases go straight on.
WITH way AS (
    SELECT DISTINCT process, subject, previous_activity, next_activity, detour_count, straight_count FROM mart.detour
),
gone AS (
    SELECT
        process, subject,
        sum(detour_count) AS detour_count,
        sum(straight_count) AS straight_count,
        count(*) - 1 AS more_count,
        arg_min(previous_activity, (-detour_count, previous_activity, next_activity)) AS previous_activity,
        arg_min(next_activity, (-detour_count, previous_activity, next_activity)) AS next_activity,
        string_agg(
            '(''' || replace(previous_activity::VARCHAR, '''', '''''') || ''', '''
            || replace(next_activity::VARCHAR, '''', '''''') || ''')',
            ', ' ORDER BY previous_activity, next_activity
        ) AS pairs_sql
    FROM way
    GROUP BY process, subject
),
step AS (
    SELECT process, subject, activity, count(*) AS event_count, coalesce(sum(handling_s), 0) AS handling_s
    FROM mart.detour
    WHERE is_by_person
    GROUP BY process, subject, activity
),
worked AS (
    SELECT
        step.process, step.subject,
        list(step.activity::VARCHAR ORDER BY step.activity) AS activities,
        arg_max(step.activity, (step.handling_s, step.event_count, step.activity)) AS activity,
        string_agg(work.activity_sql, ', ' ORDER BY work.activity_sql) AS activities_sql,
        any_value(work.process_sql) AS process_sql,
        sum(step.event_count) AS event_count,
        sum(step.handling_s) / 3600 AS handling_h
    FROM step
    JOIN mart.activity_work AS work ON work.process = step.process AND work.activity = step.activity
    GROUP BY step.process, step.subject
),
kept AS (
    SELECT process, subject, count(*) FILTER (is_unchanged) / count(*) AS unchanged_share
    FROM (SELECT DISTINCT process, subject, case_key, stretch, is_unchanged FROM mart.detour)
    GROUP BY process, subject
)
SELECT
    worked.process,
    worked.subject,
    worked.activity,
    worked.activities,
    worked.handling_h = 0 AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    round(kept.unchanged_share, 6) AS witness_score,
    format('A way round by "{}"', replace(worked.subject, ' | ', '", "')) AS title,
    format(
        '{:,} times work went by "{}" between "{}" and "{}"{}, and {:,} times straight from the one to the other. By their'
        || ' names these steps only pass work on, and {:.0f} % of the times nothing was recorded on the way. People did'
        || ' {:,} executions on it{}.',
        gone.detour_count, replace(worked.subject, ' | ', '", "'), gone.previous_activity, gone.next_activity,
        CASE gone.more_count WHEN 0 THEN '' ELSE ' or steps like them' END,
        gone.straight_count, 100 * kept.unchanged_share, worked.event_count,
        CASE WHEN worked.handling_h = 0 THEN '; how long they took, the log cannot say, so nothing is claimed'
            ELSE format(' in {:,.1f} h', worked.handling_h) END
    ) AS reason,
    format(
        'WITH step AS (SELECT own.*, own.attributes IS NOT DISTINCT FROM earlier.attributes AS is_as_before,'
        || ' own.position - row_number() OVER (PARTITION BY own.case_id ORDER BY own.position) AS stretch'
        || ' FROM core.activity_instance AS own LEFT JOIN core.activity_instance AS earlier'
        || ' ON earlier.process = own.process AND earlier.case_id = own.case_id AND earlier.position = own.position - 1'
        || ' WHERE own.process = {0} AND own.activity IN ({1})),'
        || ' way AS (SELECT case_id, stretch, bool_and(is_as_before) AS is_unchanged FROM step'
        || ' GROUP BY case_id, stretch HAVING array_to_string(list(activity::VARCHAR ORDER BY position), '' | '') = {2}'
        || ' AND (arg_min(previous_activity, position), arg_max(next_activity, position)) IN ({3}))'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FROM way) AS detour_count,'
        || ' (SELECT count(*) FROM core.activity_instance WHERE process = {0}'
        || ' AND (previous_activity, activity) IN ({3})) AS straight_count,'
        || ' (SELECT count(*) FILTER (is_unchanged) / count(*) FROM way) AS unchanged_share'
        || ' FROM step JOIN way USING (case_id, stretch) WHERE NOT is_robot AND resource IS NOT NULL',
        worked.process_sql, worked.activities_sql, '''' || replace(worked.subject, '''', '''''') || '''', gone.pairs_sql
    ) AS evidence_sql
FROM worked
JOIN gone ON gone.process = worked.process AND gone.subject = worked.subject
JOIN kept ON kept.process = worked.process AND kept.subject = worked.subject
CROSS JOIN ops.tonight
WHERE gone.detour_count >= tonight.support_min
