-- mart.rework_finding: one activity that is done again after correctors.
WITH repeated AS (
    SELECT
        process, activity,
        CASE WHEN min(provider) = max(provider) THEN min(provider) END AS provider,
        count(*) AS repeat_count,
        sum(handling_s) / 3600 AS handling_h,
        count(DISTINCT corrector) AS corrector_count,
        mode(corrector ORDER BY corrector) AS main_corrector,
        fsum(corrector_share ORDER BY corrector_share) / count(*) AS witness_score
    FROM mart.rework
    GROUP BY process, activity
    HAVING count(*) >= any_value((SELECT support_min FROM ops.tonight))
),
corrector AS (
    SELECT
        process, activity, max(execution_count) AS execution_count, max(inside_share) AS inside_share,
        max(return_share) AS return_share, bool_or(witness = 'place') AS is_by_place,
        '''' || replace(activity::VARCHAR, '''', '''''') || '''' AS literal
    FROM mart.corrector
    GROUP BY process, activity
),
listed AS (SELECT process, string_agg(literal, ', ' ORDER BY literal) AS correctors FROM corrector GROUP BY process),
upstream AS (
    SELECT process, activity, sum(handling_s) / 3600 AS handling_h
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity
)
SELECT
    repeated.process,
    repeated.provider,
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
                '{:.0f} % of its {:,} executions lie between two visits of the same step',
                100 * corrector.inside_share, corrector.execution_count
            )
            ELSE format(
                'straight after the step it corrects, that came again {:.0f} % of the times',
                100 * corrector.return_share
            )
        END,
        CASE WHEN coalesce(repeated.handling_h, 0) = 0
            THEN 'How long the repeats took, the log cannot say, so nothing is claimed.'
            ELSE format('The repeats took {:,.1f} h.', repeated.handling_h)
        END,
        main_corrector,
        CASE WHEN upstream.handling_h > 0 THEN format(' ({:,.0f} h)', upstream.handling_h::DOUBLE) ELSE '' END
    ) AS reason,
    format(
        'SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h'
        || ' FROM (SELECT *, lag(position) OVER (PARTITION BY case_id, activity ORDER BY position) AS earlier_position,'
        || ' max(CASE WHEN activity IN ({0}) THEN position END) OVER (PARTITION BY case_id ORDER BY position)'
        || ' AS corrected_position FROM core.activity_instance'
        || ' WHERE process = ''{1}'' AND activity IN (''{2}'', {0}))'
        || ' WHERE activity = ''{2}'' AND corrected_position > earlier_position'
        || ' AND position - earlier_position <= {3} AND NOT is_robot AND resource IS NOT NULL',
        listed.correctors, replace(repeated.process::VARCHAR, '''', ''''''),
        replace(repeated.activity::VARCHAR, '''', ''''''), tonight.corrector_reach
    ) AS evidence_sql
FROM repeated
JOIN corrector ON corrector.process = repeated.process AND corrector.activity = repeated.main_corrector
JOIN listed ON listed.process = repeated.process
LEFT JOIN upstream ON upstream.process = repeated.process AND upstream.activity = repeated.main_corrector
CROSS JOIN ops.tonight
