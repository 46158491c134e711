-- mart.reopened_finding: one closing step that is done again because the case came back.
WITH repeated AS (
    SELECT
        process, activity,
        count(*) AS repeat_count,
        coalesce(sum(handling_s), 0) / 3600 AS handling_h,
        any_value(late_share) AS late_share,
        any_value(repeat_share) AS repeat_share
    FROM mart.reopened
    GROUP BY process, activity
    HAVING count(*) >= any_value((SELECT support_min FROM ops.tonight))
)
SELECT
    repeated.process,
    'reopened: ' || repeated.activity AS subject,
    repeated.activity,
    [repeated.activity::VARCHAR] AS activities,
    handling_h = 0 AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    round(late_share, 6) AS witness_score,
    format('Cases come back after "{}"', repeated.activity) AS title,
    format(
        '{:,} executions of "{}" by people close a case again after something else was done in between. In {:.0f} % of'
        || ' its cases it is among the last two steps, and only {:.1f} % ever have it twice: the first did not hold. {}'
        || ' What was done in between is not counted.',
        repeat_count, repeated.activity, 100 * late_share, 100 * repeat_share,
        CASE WHEN handling_h = 0 THEN 'How long they took, the log cannot say, so nothing is claimed.'
            ELSE format('They took {:,.1f} h.', handling_h)
        END
    ) AS reason,
    format(
        'WITH step AS (SELECT case_id, activity, previous_activity, position, handling_s, is_robot, resource,'
        || ' lag(position) OVER (PARTITION BY case_id, activity ORDER BY position) AS earlier_position,'
        || ' row_number() OVER (PARTITION BY case_id, activity ORDER BY position) AS visit_no,'
        || ' max(position) OVER (PARTITION BY case_id) AS last_position'
        || ' FROM core.activity_instance WHERE process = {0}),'
        || ' again AS (SELECT * FROM step WHERE activity = {1} AND position > earlier_position + 1'
        || ' AND NOT is_robot AND resource IS NOT NULL),'
        || ' visited AS (SELECT case_id, max(position) >= any_value(last_position) - 1 AS is_late'
        || ' FROM step WHERE activity = {1} GROUP BY case_id)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FILTER (is_late) / count(*) FROM visited) AS late_share,'
        || ' (SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1) FROM step WHERE activity = {1})'
        || ' AS repeat_share FROM again',
        work.process_sql, work.activity_sql
    ) AS evidence_sql
FROM repeated
JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
