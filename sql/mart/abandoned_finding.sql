-- mart.abandoned_finding: one step in which cases are given up, and all work people did in those cases.
WITH worked AS (
    SELECT
        abandoned.process, abandoned.last_activity, instance.activity,
        count(*) AS event_count,
        coalesce(sum(instance.handling_s), 0) AS handling_s,
        any_value(end_share) AS end_share,
        any_value(process_share) AS process_share,
        bool_and(is_broken_off) AS is_broken_off
    FROM mart.abandoned
    JOIN core.activity_instance AS instance ON instance.case_key = abandoned.case_key
    WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
    GROUP BY abandoned.process, abandoned.last_activity, instance.activity
),
given_up AS (
    SELECT process, last_activity, count(*) AS case_count FROM mart.abandoned GROUP BY process, last_activity
),
lost AS (
    SELECT
        process, last_activity,
        arg_min(activity, (-handling_s, activity)) AS activity,
        list(activity::VARCHAR ORDER BY handling_s DESC, activity) AS activities,
        sum(event_count) AS event_count,
        sum(handling_s) / 3600 AS handling_h,
        any_value(end_share) AS end_share,
        any_value(process_share) AS process_share,
        bool_and(is_broken_off) AS is_broken_off
    FROM worked
    GROUP BY process, last_activity
)
SELECT
    lost.process,
    lost.last_activity::VARCHAR AS subject,
    lost.activity,
    lost.activities,
    handling_h = 0 OR is_usual AS is_question,
    1 AS claim_share,
    tonight.abandoned_realised_share AS realisation_share,
    CASE WHEN NOT is_usual THEN round(end_share, 6) END AS witness_score,
    format(CASE WHEN is_usual THEN 'Are cases given up in "{}"?' ELSE 'Cases are given up in "{}"' END, lost.last_activity) AS title,
    format(
        '{:,} cases ({:.1f} % of the process) end in "{}", which ends {:.0f} % of the cases it comes in. {:,} executions'
        || ' by people in them{}. ' || CASE
            WHEN NOT is_broken_off THEN 'Others that came to the same point had hardly more to do, so it may be one of the usual ends, as'
                || ' where a customer orders it. Nothing is claimed.'
            WHEN is_usual THEN 'So many may well be what the case came for, as where a customer orders it. Nothing is claimed.'
            ELSE 'Most others that came to the same point had more than one step to go. Only what an earlier question would have spared is expected to be saved: about a quarter. A refusal is a'
                || ' result and does not count.' END,
        given_up.case_count, 100 * lost.process_share, lost.last_activity, 100 * end_share, lost.event_count,
        CASE WHEN is_usual THEN if(handling_h > 0, format(' took {:,.1f} h', handling_h), ' took a time the log cannot say')
            WHEN handling_h = 0 THEN ' led nowhere; how long they took, the log cannot say, so nothing is claimed'
            ELSE format(' took {:,.1f} h and led nowhere', handling_h)
        END
    ) AS reason,
    format(
        'WITH given_up AS (SELECT case_id FROM core.trace WHERE process = {0} AND last_activity = {1} AND NOT is_open),'
        || ' worked AS (SELECT * FROM core.activity_instance SEMI JOIN given_up USING (case_id)'
        || ' WHERE process = {0} AND NOT is_robot AND resource IS NOT NULL)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FROM given_up) AS given_up_count,'
        || ' (SELECT count(*) FROM given_up) / (SELECT count(*) FROM core.trace WHERE process = {0}) AS process_share,'
        || ' (SELECT count(*) FROM given_up) / (SELECT count(DISTINCT case_id) FROM core.activity_instance'
        || ' WHERE process = {0} AND activity = {1}) AS end_share FROM worked',
        work.process_sql,
        '''' || replace(lost.last_activity::VARCHAR, '''', '''''') || ''''
    ) AS evidence_sql
FROM lost
JOIN given_up ON given_up.process = lost.process AND given_up.last_activity = lost.last_activity
JOIN mart.activity_work AS work ON work.process = lost.process AND work.activity = lost.activity
CROSS JOIN ops.tonight
CROSS JOIN LATERAL (
    SELECT NOT is_broken_off OR lost.process_share > tonight.abandoned_usual_share_min AS is_usual
)
