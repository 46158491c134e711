-- mart.rubber_stamp_finding: one check that hardly ever says no.
-- Where something tells the cases that go round it, it is left out on purpose, and that is asked about. So is a step that
-- only confirms or accepts and records no result: that as often tells somebody, or takes something in, as it checks.
WITH member AS (
    SELECT
        stamp.*,
        family.activity,
        family.is_told_by_name,
        family.is_refusal,
        work.event_count AS worked_count,
        work.handling_s,
        work.process_share,
        work.process_sql,
        work.activity_sql
    FROM mart.rubber_stamp AS stamp
    JOIN mart.check_family AS family ON family.process = stamp.process AND family.family = stamp.family
    JOIN mart.activity_work AS work ON work.process = family.process AND work.activity = family.activity
),
stamp AS (
    SELECT
        process, family,
        arg_min(activity, (-worked_count, activity)) AS activity,
        list(activity::VARCHAR ORDER BY worked_count DESC, activity) AS activities,
        string_agg(activity_sql, ', ' ORDER BY activity_sql) AS activities_sql,
        coalesce(string_agg(activity_sql, ', ' ORDER BY activity_sql) FILTER (is_told_by_name AND is_refusal), 'NULL')
            AS refusals_sql,
        bool_or(is_told_by_name) AS is_told_by_name,
        any_value(process_sql) AS process_sql,
        sum(worked_count) AS worked_count,
        sum(handling_s) / 3600 AS handling_h,
        round(fsum(process_share ORDER BY activity), 6) AS process_share,
        any_value(usual_outcome) AS usual_outcome,
        any_value(event_count) AS event_count,
        any_value(rare_count) AS rare_count,
        any_value(rare_share_upper) AS rare_share_upper,
        any_value(difference_share) AS difference_share,
        any_value(next_activity) AS next_activity,
        any_value(next_share) AS next_share,
        any_value(bypass_count) AS bypass_count,
        any_value(known_share) AS known_share,
        any_value(witness) AS witness,
        any_value(witness) = 'bypass' AND bool_and(NOT regexp_matches(
            regexp_replace(lower(activity::VARCHAR), 'confirm|accept', '', 'g'),
            '(approv|check|verif|review|validat|authori[sz]|\bsign|control|inspect|screen|audit|assess|evaluat|apprais|deci[ds]'
            || '|aprob|autoriz|revis|validar|validaci|evalua|beoordee?l|goedkeur|valider|keuren'
            || '|pr[uü]f|freigab|genehmig|zatwierdz|weryfik|sprawdz|ocen)'
        )) AS is_said_to_confirm
    FROM member
    GROUP BY process, family
)
SELECT
    stamp.process,
    stamp.family AS subject,
    stamp.activity,
    stamp.activities,
    witness IS NULL OR handling_h = 0 OR bound.condition IS NOT NULL OR is_said_to_confirm AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    CASE WHEN bound.condition IS NOT NULL OR is_said_to_confirm THEN NULL
        WHEN witness = 'outcome' THEN round(1 - difference_share, 6)
        WHEN witness = 'bypass' THEN round(next_share, 6) END AS witness_score,
    CASE WHEN bound.condition IS NOT NULL
        THEN format('"{}" is left out where {}: is that right?', stamp.activity, bound.condition)
        WHEN witness IS NULL OR is_said_to_confirm THEN format('Does "{}" ever say no?', stamp.activity)
        ELSE format('"{}" hardly ever says no', stamp.activity)
    END AS title,
    concat_ws(
        ' ',
        CASE WHEN known_share > 0
            THEN format(
                'Of {:,} finished executions of "{}" by people {:,} came to another result than the usual one, surely'
                || ' fewer than {:.1f} %.',
                event_count, array_to_string(activities, '", "'), rare_count, 100 * rare_share_upper
            )
            ELSE format(
                'No result of "{}" is recorded, and of its {:,} finished executions by people {:.1f} % lead to {}.',
                stamp.activity, event_count, 100 * next_share,
                coalesce('"' || next_activity || '"', 'the end of the case')
            )
        END,
        CASE
            WHEN witness = 'outcome' AND difference_share < .005
                THEN 'What follows is the same: the case goes on as if nothing had been found.'
            WHEN witness = 'outcome' THEN format(
                'What follows differs in {:.0f} % only: the case goes on as if nothing had been found.',
                100 * difference_share
            )
            WHEN witness = 'bypass' THEN format(
                '{:,} times the steps before it led straight to "{}"{}.', bypass_count, next_activity,
                CASE WHEN bound.condition IS NULL THEN ', and nothing recorded tells why'
                    ELSE format(
                        ', and {} tells when. That is a control by risk and no proof that it is needless, so nothing is claimed',
                        bound.attribute
                    )
                END
            )
            ELSE 'Too few to see what follows them, so it is asked and nothing is claimed.'
        END,
        CASE WHEN is_said_to_confirm AND bound.condition IS NULL
            THEN 'To confirm or accept is as often to tell somebody or to take something in as to check, so nothing'
                || ' is claimed.'
        END,
        format('{:,} executions took {:,.1f} h.', worked_count, handling_h),
        'Is it required by a rule? Then it is one to automate, and not to leave out.'
    ) AS reason,
    format(
        'WITH step AS (SELECT case_id, activity, next_activity, previous_activity, handling_s, is_robot, resource,'
        || ' CASE WHEN {4} THEN CASE WHEN activity IN ({5}) THEN ''no'' ELSE ''yes'' END ELSE outcome END AS result'
        || ' FROM core.activity_instance WHERE process = {0}),'
        || ' worked AS (SELECT * FROM step WHERE activity IN ({1}) AND NOT is_robot AND resource IS NOT NULL),'
        || ' finished AS (SELECT worked.*, result <> {2} AS is_rare FROM worked'
        || ' JOIN (SELECT case_id, is_open FROM core.trace WHERE process = {0}) USING (case_id)'
        || ' WHERE NOT (is_open AND next_activity IS NULL)),'
        || ' way AS (SELECT count(*) FILTER (is_rare) AS rare_n, count(*) FILTER (NOT is_rare) AS usual_n'
        || ' FROM finished GROUP BY next_activity),'
        || ' entry AS (SELECT previous_activity FROM finished GROUP BY previous_activity'
        || ' HAVING count(*) >= {6} * (SELECT count(*) FROM finished)),'
        || ' total AS (SELECT count(*) AS finished_count, count(*) FILTER (is_rare) AS rare_count,'
        || ' count(*) FILTER (NOT is_rare) AS usual_count, rare_count + usual_count AS known_count,'
        || ' rare_count / nullif(known_count, 0) AS rare_share,'
        || ' count(*) FILTER (next_activity IS NOT DISTINCT FROM {3}) / count(*) AS next_share FROM finished)'
        || ' SELECT about.*, total.*, (rare_share + 1.92 / known_count + 1.96 * sqrt(rare_share * (1 - rare_share)'
        || ' / known_count + .96 / known_count / known_count)) / (1 + 3.84 / known_count) AS rare_upper_share,'
        || ' (SELECT sum(abs(rare_n / nullif(rare_count, 0) - usual_n / nullif(usual_count, 0))) / 2 FROM way, total)'
        || ' AS difference_share,'
        || ' (SELECT count(*) FROM step JOIN entry USING (previous_activity) WHERE activity = {3}) AS bypass_count'
        || ' FROM (SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count,'
        || ' sum(handling_s) / 3600 AS handling_h FROM worked) AS about CROSS JOIN total',
        process_sql, activities_sql, coalesce('''' || replace(usual_outcome, '''', '''''') || '''', 'NULL'),
        coalesce('''' || replace(next_activity::VARCHAR, '''', '''''') || '''', 'NULL'),
        is_told_by_name, refusals_sql, tonight.stamp_entry_share_min
    ) AS evidence_sql
FROM stamp
LEFT JOIN mart.bypass_limit AS bound ON bound.process = stamp.process AND bound.family = stamp.family
CROSS JOIN ops.tonight
WHERE witness IS NOT NULL OR process_share >= tonight.question_share_min
