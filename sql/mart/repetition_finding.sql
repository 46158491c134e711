-- mart.repetition_finding: one activity whose many repeats nothing in the log explains; always a question.
WITH repeated AS (
    SELECT
        process, activity,
        count(*) AS repeat_count,
        sum(handling_s) / 3600 AS handling_h,
        any_value(repeat_share) AS repeat_share
    FROM mart.repetition
    GROUP BY process, activity
)
SELECT
    repeated.process,
    repeated.activity,
    true AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format('Must "{}" be done more than once a case?', repeated.activity) AS title,
    format(
        '{:.0f} % of cases with "{}" have it again; the {:,} repeats by people took {:,.1f} h. No step sends it back,'
        || ' so whether it repeats by nature (a call until somebody answers, a part of a delivery) or for want of'
        || ' something at the first visit, the log cannot say. Nothing is claimed.',
        100 * repeat_share, repeated.activity, repeat_count, handling_h
    ) AS reason,
    format(
        'WITH visit AS (SELECT case_id, handling_s, is_robot, resource, row_number() OVER (PARTITION BY case_id ORDER BY position) AS visit_no'
        || ' FROM core.activity_instance WHERE process = {} AND activity = {})'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1) FROM visit) AS repeat_share'
        || ' FROM visit WHERE visit_no > 1 AND NOT is_robot AND resource IS NOT NULL',
        work.process_sql, work.activity_sql
    ) AS evidence_sql
FROM repeated
JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
