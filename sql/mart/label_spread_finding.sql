-- mart.label_spread_finding: one process with steps that are typed by hand and not picked from a list; always a question.
WITH worked AS (
    SELECT spread.*, work.event_count, work.process_sql, work.activity_sql
    FROM mart.label_spread AS spread
    JOIN mart.activity_work AS work ON work.process = spread.process AND work.activity = spread.activity
),
typed AS (
    SELECT
        process,
        count(*) AS activity_count,
        arg_min(activity, (-untidy_count, activity)) AS activity,
        list(activity::VARCHAR ORDER BY untidy_count DESC, activity) AS activities,
        string_agg(activity_sql, ', ' ORDER BY activity_sql) AS activities_sql,
        any_value(process_sql) AS process_sql,
        sum(spelling_count) AS spelling_count,
        sum(line_count) AS line_count,
        sum(untidy_count) AS untidy_count
    FROM worked
    GROUP BY process
)
SELECT
    process,
    'spelling' AS subject,
    activity,
    activities,
    true AS is_question,  -- the log tells that names differ, and no time that is lost by it
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    CASE activity_count WHEN 1 THEN format('Is "{}" typed by hand?', activity)
        ELSE format('Are "{}" and {} more typed by hand?', activity, activity_count - 1)
    END AS title,
    format(
        '{:,} spellings stand for "{}", and {:,} of {:,} lines ({:.0f} %) are not in the usual one. They are read alike'
        || ' here, but who searches or counts elsewhere misses some. Could they be picked from a list? What it costs, the'
        || ' log cannot say, so nothing is claimed.',
        spelling_count, array_to_string(activities, '", "'), untidy_count, line_count, 100 * untidy_count / line_count
    ) AS reason,
    format(
        'WITH spelt AS (SELECT count(*) AS spellings, sum(event_count) AS lines, max(event_count) AS usual'
        || ' FROM core.activity_label WHERE process = {0} AND activity IN ({1}) GROUP BY activity),'
        || ' untidy AS (SELECT sum(spellings) AS spelling_count, sum(lines) AS line_count, sum(lines - usual) AS untidy_count,'
        || ' sum(lines - usual) / sum(lines) AS untidy_share FROM spelt)'
        || ' SELECT about.*, untidy.* FROM (SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count,'
        || ' sum(handling_s) / 3600 AS handling_h FROM core.activity_instance'
        || ' WHERE process = {0} AND activity IN ({1}) AND NOT is_robot AND resource IS NOT NULL) AS about CROSS JOIN untidy',
        process_sql, activities_sql
    ) AS evidence_sql
FROM typed
