-- mart.silent_rework_finding: one step that is now and then done once more at once, with no step that sends it back.
WITH repeated AS (
    SELECT
        process, activity,
        count(*) AS repeat_count,
        coalesce(sum(handling_s), 0) / 3600 AS handling_h,
        any_value(repeat_share) AS repeat_share
    FROM mart.silent_rework
    GROUP BY process, activity
    HAVING count(*) >= any_value((SELECT support_min FROM ops.tonight))
)
SELECT
    repeated.process,
    'silent: ' || repeated.activity AS subject,
    repeated.activity,
    [repeated.activity::VARCHAR] AS activities,
    handling_h = 0 AS is_question,
    1 AS claim_share,
    tonight.realised_share_unwitnessed AS realisation_share,
    round(1 - repeat_share, 6) AS witness_score,
    format('"{}" is done once more at once', repeated.activity) AS title,
    format(
        '{:,} executions of "{}" by people follow directly on another of the same case, by another hand or to other'
        || ' values, while only {:.1f} % of cases ever repeat it and hardly any twice: the first was not right. {} No'
        || ' step sends it back, so half of what is usual is expected to be saved.',
        repeat_count, repeated.activity, 100 * repeat_share,
        CASE WHEN handling_h = 0 THEN 'How long they took, the log cannot say, so nothing is claimed.'
            ELSE format('They took {:,.1f} h.', handling_h)
        END
    ) AS reason,
    format(
        'WITH step AS (SELECT case_id, activity, previous_activity, handling_s, is_robot, resource,'
        || ' row_number() OVER (PARTITION BY case_id, activity ORDER BY position) AS visit_no,'
        || ' lag(resource) OVER case_w AS previous_resource, attributes IS DISTINCT FROM lag(attributes) OVER case_w'
        || ' AS is_changed, epoch(coalesce(started_at, ended_at) - lag(coalesce(ended_at, started_at)) OVER case_w)'
        || ' AS gap_s FROM core.activity_instance WHERE process = {0} WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' again AS (SELECT * FROM step WHERE activity = {1} AND previous_activity = {1}'
        || ' AND (is_changed OR previous_resource <> resource) AND (is_changed OR NOT {3} OR gap_s NOT BETWEEN 0 AND {2})'
        || ' AND NOT is_robot AND resource IS NOT NULL)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1) FROM step WHERE activity = {1})'
        || ' AS repeat_share FROM again',
        work.process_sql, work.activity_sql, tonight.duplicate_gap_s, twice.activity IS NOT NULL
    ) AS evidence_sql
FROM repeated
JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
LEFT JOIN (SELECT DISTINCT process, activity FROM mart.duplicate) AS twice
    ON twice.process = repeated.process AND twice.activity = repeated.activity
CROSS JOIN ops.tonight
