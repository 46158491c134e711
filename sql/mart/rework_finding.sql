-- mart.rework_finding: one activity that is done again after correctors.
WITH repeated AS (
    SELECT
        process, activity,
        count(*) AS repeat_count,
        sum(handling_s) / 3600 AS handling_h,
        count(DISTINCT corrector) AS corrector_count,
        mode(corrector ORDER BY corrector) AS main_corrector,
        fsum(corrector_share ORDER BY corrector_share) / count(*) AS witness_score
    FROM mart.rework
    GROUP BY process, activity
    HAVING count(*) >= any_value((SELECT support_min FROM ops.tonight))
),
corrector AS (  -- told by the step it corrects most surely
    SELECT
        corrector.*, coalesce(work.handling_s, 0) / 3600 AS handling_h, witness = 'place' AS is_by_place,
        '''' || replace(corrector.activity::VARCHAR, '''', '''''') || '''' AS corrector_sql,
        '''' || replace(corrected_activity::VARCHAR, '''', '''''') || '''' AS corrected_sql
    FROM mart.corrector
    LEFT JOIN mart.activity_work AS work ON work.process = corrector.process AND work.activity = corrector.activity
    QUALIFY row_number() OVER (
        PARTITION BY corrector.process, corrector.activity
        ORDER BY is_by_place DESC, if(is_by_place, inside_share, return_share) DESC, corrected_activity
    ) = 1
),
shared AS (  -- what else is done again after the same corrector
    SELECT
        mine.process, mine.activity,
        string_agg('"' || other.activity::VARCHAR || '"', ', ' ORDER BY other.activity::VARCHAR) AS others
    FROM repeated AS mine
    JOIN repeated AS other
        ON other.process = mine.process AND other.main_corrector = mine.main_corrector
        AND other.activity <> mine.activity
    GROUP BY mine.process, mine.activity
),
listed AS (
    SELECT process, string_agg(corrector_sql, ', ' ORDER BY corrector_sql) AS correctors FROM corrector GROUP BY process
)
SELECT
    repeated.process,
    repeated.activity,
    coalesce(repeated.handling_h, 0) = 0 AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    round(repeated.witness_score, 6) AS witness_score,
    format(
        '"{}" is done again after "{}"{}', repeated.activity, repeated.main_corrector,
        CASE WHEN corrector_count > 1 THEN ' and ' || (corrector_count - 1) || ' more' ELSE '' END
    ) AS title,
    format(
        '{:,} executions of "{}" by people repeat an earlier one of the same case after a step that sends work back'
        || ' came between, most often "{}": {}. {} "{}" itself{} may be judgement and is not counted.',
        repeat_count, repeated.activity, main_corrector,
        CASE WHEN is_by_place
            THEN format(
                '{:.0f} % of its {:,} executions lie between two visits of "{}", which comes again after the correction',
                100 * corrector.inside_share, corrector.execution_count, corrector.corrected_activity
            ) || CASE WHEN corrector.inside_share < .995
                THEN format('; the other {:.0f} % do not send it back', 100 * (1 - corrector.inside_share))
                ELSE ''
            END
            ELSE format(
                'straight after "{}", that came again {:.0f} % of the times; the other {:.0f} % did not send it back',
                corrector.corrected_activity, 100 * corrector.return_share, 100 * (1 - corrector.return_share)
            )
        END,
        CASE WHEN coalesce(repeated.handling_h, 0) = 0
            THEN 'How long the repeats took, the log cannot say, so nothing is claimed.'
            ELSE format('The repeats took {:,.1f} h.', repeated.handling_h)
        END,
        main_corrector,
        CASE WHEN corrector.handling_h > 0 THEN format(' ({:,.0f} h)', corrector.handling_h) ELSE '' END
    ) || CASE WHEN shared.others IS NOT NULL
        THEN format(' The same correction stands behind what is done again of {}.', shared.others) ELSE ''
    END AS reason,
    format(
        'WITH step AS (SELECT case_id, activity, previous_activity, position, handling_s, is_robot, resource,'
        || ' lag(position) OVER (PARTITION BY case_id, activity ORDER BY position)'
        || ' AS earlier_position, max(CASE WHEN activity IN ({0}) THEN position END) OVER case_w AS corrected_position,'
        || ' last_value(CASE WHEN activity IN ({0}) THEN activity END IGNORE NULLS) OVER case_w AS corrector'
        || ' FROM core.activity_instance WHERE process = {1} AND activity IN ({2}, {0}, {4})'
        || ' WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' again AS (SELECT * FROM step WHERE activity = {2} AND corrected_position > earlier_position'
        || ' AND position - earlier_position <= {5} AND NOT is_robot AND resource IS NOT NULL),'
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
        listed.correctors, work.process_sql, work.activity_sql, corrector.corrector_sql, corrector.corrected_sql,
        tonight.corrector_reach
    ) AS evidence_sql
FROM repeated
JOIN mart.activity_work AS work ON work.process = repeated.process AND work.activity = repeated.activity
JOIN corrector ON corrector.process = repeated.process AND corrector.activity = repeated.main_corrector
JOIN listed ON listed.process = repeated.process
LEFT JOIN shared ON shared.process = repeated.process AND shared.activity = repeated.activity
CROSS JOIN ops.tonight
