-- mart.rework_finding: one corrector, and the activities that are done again mostly after it.
-- Where nothing but its place says that it sends work back it is asked, unless the two steps are a pair between which
-- cases go to and fro.
WITH repeated AS (
    SELECT
        rework.process, rework.activity, main_corrector, is_borne_out,
        count(*) AS repeat_count,
        coalesce(sum(handling_s), 0) AS handling_s,
        sum(round(1e6 * corrector_share)::BIGINT) AS share_sum
    FROM mart.rework
    ANTI JOIN (
        SELECT process, activity, partner FROM mart.ping_pong_pair
        UNION ALL
        SELECT process, partner, activity FROM mart.ping_pong_pair
    ) AS pair
        ON NOT rework.is_borne_out AND pair.process = rework.process AND pair.activity = rework.activity
        AND pair.partner = rework.main_corrector
    GROUP BY rework.process, rework.activity, main_corrector, is_borne_out
    HAVING count(*) >= any_value((SELECT support_min FROM ops.tonight))
),
caused AS (
    SELECT
        repeated.process, repeated.main_corrector, repeated.is_borne_out,
        count(*) AS activity_count,
        list(repeated.activity::VARCHAR ORDER BY repeat_count DESC, repeated.activity) AS activities,
        arg_min(repeated.activity, (-repeat_count, repeated.activity)) AS activity,
        list(work.activity_sql ORDER BY work.activity_sql) AS activities_sql,
        any_value(work.process_sql) AS process_sql,
        sum(repeat_count) AS repeat_count,
        sum(repeated.handling_s) / 3600 AS handling_h,
        sum(share_sum) / sum(repeat_count) / 1e6 AS witness_score
    FROM repeated
    JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
    GROUP BY repeated.process, repeated.main_corrector, repeated.is_borne_out
),
other AS (  -- now and then another corrector stands behind the same repeats
    SELECT repeated.process, repeated.main_corrector, count(DISTINCT corrector) AS corrector_count
    FROM mart.rework
    JOIN repeated
        ON repeated.process = rework.process AND repeated.activity = rework.activity
        AND repeated.main_corrector = rework.main_corrector
    GROUP BY repeated.process, repeated.main_corrector
),
corrector AS (  -- told by the step it corrects most surely
    SELECT
        corrector.*, coalesce(work.handling_s, 0) / 3600 AS handling_h, witness = 'place' AS is_by_place,
        bool_or(is_borne_out) OVER (PARTITION BY corrector.process, corrector.activity) AS is_sure,
        few.name IS NOT NULL AS is_small,
        '''' || replace(corrector.activity::VARCHAR, '''', '''''') || '''' AS corrector_sql,
        '''' || replace(corrected_activity::VARCHAR, '''', '''''') || '''' AS corrected_sql
    FROM mart.corrector
    LEFT JOIN mart.activity_work AS work ON work.process = corrector.process AND work.activity = corrector.activity
    LEFT JOIN mart.small_group AS few
        ON few.kind = 'process, activity' AND few.name = [corrector.process::VARCHAR, corrector.activity::VARCHAR]
    QUALIFY row_number() OVER (
        PARTITION BY corrector.process, corrector.activity
        ORDER BY is_by_place DESC, if(is_by_place, inside_share, return_share) DESC, corrected_activity
    ) = 1
),
listed AS (
    SELECT
        process,
        coalesce(list(corrector_sql ORDER BY corrector_sql) FILTER (is_sure), []) AS sure,
        coalesce(list(corrector_sql ORDER BY corrector_sql) FILTER (NOT is_sure), []) AS unsure
    FROM corrector
    GROUP BY process
)
SELECT
    caused.process,
    caused.main_corrector::VARCHAR AS subject,
    caused.activity,
    caused.activities,
    caused.handling_h = 0 OR NOT caused.is_borne_out AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    CASE WHEN caused.is_borne_out AND NOT corrector.is_small THEN round(caused.witness_score, 6) END AS witness_score,
    format(
        CASE WHEN caused.is_borne_out THEN '"{0}"{1} done again after "{2}"{3}'
            ELSE 'Must "{0}"{4} be done again after "{2}"{3}?' END,
        caused.activity,
        CASE WHEN activity_count > 1 THEN format(' and {} more are', activity_count - 1) ELSE ' is' END,
        caused.main_corrector,
        CASE WHEN other.corrector_count > 1 THEN ' and ' || (other.corrector_count - 1) || ' more' ELSE '' END,
        CASE WHEN activity_count > 1 THEN format(' and {} more', activity_count - 1) ELSE '' END
    ) AS title,
    format(
        '{:,} executions of "{}" by people repeat an earlier one of the same case after {} came between, most often "{}":'
        || ' {}. {} ' || CASE WHEN caused.is_borne_out THEN '"{}" itself{} may be judgement and is not counted.'
            ELSE doubt || ': what is done in "{}"{} may ask for it. Nothing is claimed.' END,
        repeat_count, array_to_string(caused.activities, '", "'),
        CASE WHEN corrector.is_correcting THEN 'a step that sends work back'
            WHEN caused.is_borne_out THEN 'what follows a refusal'
            ELSE 'another step' END,
        caused.main_corrector,
        CASE
            WHEN corrector.is_small THEN 'too few people do that for more to be told of it'
            WHEN is_by_place THEN format(
                '{:.0f} % of its {:,} executions lie between two visits of "{}"',
                100 * corrector.inside_share, corrector.execution_count, corrector.corrected_activity
            ) || CASE WHEN corrector.is_correcting THEN ', which comes again after the correction'
                WHEN caused.is_borne_out THEN format(', mostly straight after the result "{}"', corrector.refusal)
                ELSE '' END
            || CASE WHEN corrector.inside_share < .995
                THEN format('; the other {:.0f} % do not send it back', 100 * (1 - corrector.inside_share))
                ELSE ''
            END
            ELSE format(
                'straight after "{}", that came again {:.0f} % of the times; the other {:.0f} % did not send it back',
                corrector.corrected_activity, 100 * corrector.return_share, 100 * (1 - corrector.return_share)
            )
        END,
        CASE WHEN caused.handling_h = 0 AND NOT caused.is_borne_out THEN 'How long the repeats took, the log cannot say.'
            WHEN caused.handling_h = 0
            THEN 'How long the repeats took, the log cannot say, so nothing is claimed.'
            ELSE format('The repeats took {:,.1f} h.', caused.handling_h)
        END,
        caused.main_corrector,
        CASE WHEN corrector.handling_h > 0 AND NOT corrector.is_small THEN format(' ({:,.0f} h)', corrector.handling_h) ELSE '' END
    ) AS reason,
    CASE WHEN corrector.is_small THEN 'SELECT event_count, case_count, handling_h, corrector_count FROM (' ELSE '' END || format(
        'WITH step AS (SELECT case_id, activity, previous_activity, position, handling_s, is_robot, resource,'
        || ' lag(position) OVER (PARTITION BY case_id, activity ORDER BY position)'
        || ' AS earlier_position, max(CASE WHEN activity IN ({0}) THEN position END) OVER case_w AS corrected_position,'
        || ' last_value(CASE WHEN activity IN ({0}) THEN activity END IGNORE NULLS) OVER case_w AS corrector{7}'
        || ' FROM core.activity_instance WHERE process = {1} AND activity IN ({6})'
        || ' WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' again AS (SELECT * FROM step WHERE activity IN ({2}) AND corrected_position > earlier_position'
        || ' AND position - earlier_position <= {5} AND NOT is_robot AND resource IS NOT NULL{8}),'
        || ' sender AS (SELECT * FROM step WHERE activity = {3}),'
        || ' inside AS (SELECT sender.position = visit.earlier_position + 1 AS is_straight FROM sender'
        || ' JOIN step AS visit ON visit.case_id = sender.case_id AND visit.activity = {4}'
        || ' AND sender.position > visit.earlier_position AND sender.position < visit.position'
        || ' WHERE visit.position - visit.earlier_position <= {5})'
        || ' SELECT *, 1 - inside_share AS not_inside_share, 1 - return_share AS not_return_share FROM (SELECT'
        || ' count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' count(DISTINCT corrector) AS corrector_count,'
        || ' (SELECT count(*) FROM sender) AS corrector_execution_count,'
        || ' (SELECT sum(handling_s) / 3600 FROM sender WHERE NOT is_robot AND resource IS NOT NULL)'
        || ' AS corrector_handling_h,'
        || ' (SELECT count(*) FROM inside) / (SELECT count(*) FROM sender) AS inside_share,'
        || ' (SELECT count(*) FROM inside WHERE is_straight)'
        || ' / nullif((SELECT count(*) FROM sender WHERE previous_activity = {4}), 0) AS return_share FROM again)',
        array_to_string(if(caused.is_borne_out, listed.sure, listed.unsure), ', '), caused.process_sql, array_to_string(caused.activities_sql, ', '),
        corrector.corrector_sql, corrector.corrected_sql, tonight.corrector_reach,
        array_to_string(list_sort(list_distinct(flatten([
            caused.activities_sql, listed.sure, listed.unsure, [corrector.corrected_sql]
        ]))), ', '),
        -- a repeat that a step surely sent back is told of that one
        CASE WHEN is_else_sure THEN format(
            ', max(CASE WHEN activity IN ({}) THEN position END) OVER case_w AS sent_back_position',
            array_to_string(listed.sure, ', ')
        ) ELSE '' END,
        CASE WHEN is_else_sure THEN ' AND NOT coalesce(sent_back_position > earlier_position, false)' ELSE '' END
    ) || CASE WHEN corrector.is_small THEN ')' ELSE '' END AS evidence_sql
FROM caused
JOIN other ON other.process = caused.process AND other.main_corrector = caused.main_corrector
JOIN corrector ON corrector.process = caused.process AND corrector.activity = caused.main_corrector
JOIN listed ON listed.process = caused.process
LEFT JOIN (SELECT DISTINCT process, activity FROM mart.numbered_visit WHERE NOT is_round) AS numbered
    ON numbered.process = caused.process AND numbered.activity = caused.activity
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN numbered.activity IS NOT NULL AND corrector.refusal IS NOT NULL
            THEN format('It follows the result "{}", yet an attribute numbers what comes again', corrector.refusal)
        WHEN corrector.is_correcting OR corrector.refusal IS NOT NULL THEN 'It leads to first visits too'
        ELSE 'Nothing else says that work is sent back'
    END AS doubt
)
CROSS JOIN LATERAL (SELECT NOT caused.is_borne_out AND len(listed.sure) > 0 AS is_else_sure)
CROSS JOIN ops.tonight
