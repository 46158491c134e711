-- mart.duplicate_finding: one activity that is entered twice within minutes.
WITH repeated AS (
    SELECT
        process, activity,
        count(*) AS repeat_count,
        sum(handling_s) / 3600 AS handling_h,
        quantile_disc(gap_to_previous_s, .5) AS median_gap_s,
        any_value(repeat_share) AS repeat_share,
        any_value(is_attribute_known) AS is_attribute_known
    FROM mart.duplicate
    GROUP BY process, activity
)
SELECT
    repeated.process,
    repeated.activity,
    repeat_count < tonight.support_min OR coalesce(handling_h, 0) = 0 AS is_question,
    1 AS claim_share,
    CASE WHEN is_attribute_known THEN 1 ELSE tonight.realised_share_unwitnessed END AS realisation_share,
    round(1 - repeat_share, 6) AS witness_score,
    format('"{}" is entered twice within minutes', repeated.activity) AS title,
    format(
        '{:,} executions of "{}" follow directly on another of the same case {}, half of them within {:,} seconds,'
        || ' while only {:.1f} % of cases ever repeat it. {}{}',
        repeat_count, repeated.activity,
        CASE WHEN is_attribute_known THEN 'with every attribute equal'
            ELSE '(the log has no attributes to compare)'
        END,
        median_gap_s, 100 * repeat_share,
        CASE WHEN coalesce(handling_h, 0) = 0 THEN 'How long they took, the log cannot say, so nothing is claimed.'
            ELSE format('They took {:,.1f} h.', handling_h)
        END,
        CASE WHEN repeat_count < tonight.support_min THEN ' Too few to claim: are they slips?' ELSE '' END
    ) AS reason,
    format(
        'WITH visit AS (SELECT case_id, handling_s, is_robot, resource, row_number() OVER case_w AS visit_no,'
        || ' epoch(coalesce(started_at, ended_at) - lag(coalesce(ended_at, started_at)) OVER case_w)::BIGINT AS gap_s,'
        || ' position = lag(position) OVER case_w + 1 AND attributes IS NOT DISTINCT FROM lag(attributes) OVER case_w'
        || ' AS is_same FROM core.activity_instance WHERE process = {} AND activity = {}'
        || ' WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' twice AS (SELECT * FROM visit WHERE is_same AND gap_s BETWEEN 0 AND {} AND NOT is_robot'
        || ' AND resource IS NOT NULL)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' quantile_disc(gap_s, .5) AS median_gap_s,'
        || ' (SELECT count(*) FILTER (visit_no = 2) / count(*) FILTER (visit_no = 1) FROM visit) AS repeat_share'
        || ' FROM twice',
        work.process_sql, work.activity_sql, tonight.duplicate_gap_s
    ) AS evidence_sql
FROM repeated
JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
CROSS JOIN ops.tonight
WHERE repeat_count >= tonight.question_count_min
