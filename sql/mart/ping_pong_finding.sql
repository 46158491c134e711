-- mart.ping_pong_finding: one pair of steps between which cases go to and fro.
WITH returned AS (
    SELECT
        process, subject, activity,
        count(*) AS event_count,
        coalesce(sum(handling_s), 0) AS handling_s
    FROM mart.ping_pong
    GROUP BY process, subject, activity
),
bounced AS (
    SELECT
        process, subject,
        arg_min(activity, (-event_count, activity)) AS activity,
        list(activity::VARCHAR ORDER BY event_count DESC, activity) AS activities,
        sum(event_count) AS event_count,
        sum(handling_s) / 3600 AS handling_h
    FROM returned
    GROUP BY process, subject
    HAVING sum(event_count) >= any_value((SELECT support_min FROM ops.tonight))
)
SELECT
    bounced.process,
    bounced.subject,
    bounced.activity,
    bounced.activities,
    handling_h = 0 OR NOT pair.is_borne_out AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    CASE WHEN pair.is_borne_out THEN round(pair.hands_share, 6) END AS witness_score,
    format(
        CASE WHEN NOT pair.is_borne_out THEN 'Must cases go to and fro between "{}" and "{}"?'
            ELSE 'Cases go to and fro between "{}" and "{}"' END,
        pair.activity, pair.partner
    ) AS title,
    format(
        '{:,} times a case went from "{}" to "{}" and straight back: {:.0f} % of the one lead to the other and {:.0f} %'
        || ' of the other lead back, {:.0f} % of them into another hand. From the second visit of each on that'
        || ' was {:,} executions by people{}. {}',
        pair.loop_count, pair.activity, pair.partner, 100 * pair.forth_share, 100 * pair.back_share,
        100 * pair.hands_share, bounced.event_count,
        CASE WHEN handling_h = 0 THEN '; how long they took, the log cannot say, so nothing is claimed'
            ELSE format(' and {:,.1f} h', handling_h)
        END,
        CASE WHEN pair.is_borne_out THEN 'The first visit to each may be needed and is not counted.'
            WHEN pair.numbered_by IS NULL
            THEN 'No name of theirs says that one only answers the other: each may be work of its own. Nothing is claimed.'
            ELSE format('{} numbers them, so each may be meant, as a further dose is. Nothing is claimed.', pair.numbered_by)
        END
    ) AS reason,
    format(
        'WITH step AS (SELECT case_id, activity, next_activity, previous_activity, handling_s, is_robot, resource,'
        || ' lead(resource) OVER case_w AS next_resource, lead(activity, 2) OVER case_w AS again,'
        || ' lag(activity, 2) OVER case_w AS before FROM core.activity_instance WHERE process = {0}'
        || ' WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' back AS (SELECT * FROM step WHERE before = activity AND NOT is_robot AND resource IS NOT NULL'
        || ' AND (activity = {1} AND previous_activity = {2} OR activity = {2} AND previous_activity = {1}))'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FROM step WHERE activity = {1} AND next_activity = {2} AND again = {1}) AS loop_count,'
        || ' (SELECT count(*) FILTER (next_activity = {2}) / count(*) FROM step WHERE activity = {1}) AS forth_share,'
        || ' (SELECT count(*) FILTER (next_activity = {1}) / count(*) FROM step WHERE activity = {2}) AS back_share,'
        || ' (SELECT count(*) FILTER (next_resource <> resource) / count(next_resource) FROM step'
        || ' WHERE activity = {1} AND next_activity = {2} AND NOT is_robot AND resource IS NOT NULL) AS hands_share'
        || ' FROM back',
        work.process_sql,
        '''' || replace(pair.activity::VARCHAR, '''', '''''') || '''',
        '''' || replace(pair.partner::VARCHAR, '''', '''''') || ''''
    ) AS evidence_sql
FROM bounced
JOIN mart.ping_pong_pair AS pair ON pair.process = bounced.process AND pair.subject = bounced.subject
JOIN mart.activity_work AS work ON work.process = bounced.process AND work.activity = bounced.activity
