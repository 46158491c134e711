-- mart.repetition_finding: one activity whose many repeats nothing in the log explains; always a question.
WITH repeated AS (
    SELECT
        process, activity,
        CASE WHEN min(provider) = max(provider) THEN min(provider) END AS provider,
        count(*) AS repeat_count,
        sum(handling_s) / 3600 AS handling_h,
        any_value(repeat_share) AS repeat_share
    FROM mart.repetition
    GROUP BY process, activity
)
SELECT
    process,
    provider,
    activity,
    true AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format('Must "{}" be done more than once a case?', activity) AS title,
    format(
        '{:.0f} % of cases with "{}" have it again; the {:,} repeats by people took {:,.1f} h. No step sends it back,'
        || ' so whether it repeats by nature (a call until somebody answers, a part of a delivery) or for want of'
        || ' something at the first visit, the log cannot say. Nothing is claimed.',
        100 * repeat_share, activity, repeat_count, handling_h
    ) AS reason,
    format(
        'SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h'
        || ' FROM (SELECT *, row_number() OVER (PARTITION BY case_id ORDER BY position) AS visit_no'
        || ' FROM core.activity_instance WHERE process = ''{}'' AND activity = ''{}'')'
        || ' WHERE visit_no > 1 AND NOT is_robot AND resource IS NOT NULL',
        replace(process::VARCHAR, '''', ''''''), replace(activity::VARCHAR, '''', '''''')
    ) AS evidence_sql
FROM repeated
