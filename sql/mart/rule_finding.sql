-- mart.rule_finding: one activity after which rules over recorded attributes decide the way.
WITH worked AS (
    SELECT
        process, activity,
        CASE WHEN min(provider) = max(provider) THEN min(provider) END AS provider,
        count(*) AS event_count,
        coalesce(sum(handling_s), 0) / 3600 AS handling_h,
        coalesce(sum(handling_s), 0) / nullif(sum(sum(handling_s)) OVER (PARTITION BY process), 0) AS process_share
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity
),
decided AS (
    SELECT
        process, activity,
        any_value(attribute) AS attribute,
        '"' || replace(any_value(attribute), '"', '""') || '"' AS quoted,
        any_value(held_out_accuracy) AS held_out_accuracy,
        any_value(greatest(baseline_accuracy, history_accuracy)) AS known_accuracy,
        any_value(held_out_count) AS held_out_count,
        string_agg(format('{} leads to {}', condition, predicts), '; ' ORDER BY support_count DESC, predicts) AS rules,
        string_agg(
            format(
                '({}) AND essa_next IS NOT DISTINCT FROM {}', condition,
                CASE predicts WHEN 'end of case' THEN 'NULL' ELSE '''' || replace(predicts, '''', '''''') || '''' END
            ), ' OR ' ORDER BY predicts
        ) AS rightly
    FROM mart.rule
    WHERE is_held
    GROUP BY process, activity
),
found AS (
    SELECT
        decided.*, worked.provider, worked.event_count, worked.handling_h, worked.process_share, process_span.split_at,
        score.digital_share, score.handling_regularity_score AS regularity,
        coalesce(
            worked.handling_h > 0 AND score.digital_share >= tonight.fixed_flow_digital_min
            AND (word.is_checking OR score.handling_regularity_score >= tonight.fixed_flow_regularity_min),
            false
        ) AS is_sure
    FROM decided
    JOIN worked ON worked.process = decided.process AND worked.activity = decided.activity
    JOIN mart.activity_score AS score ON score.process = decided.process AND score.activity = decided.activity
    JOIN mart.activity_word AS word ON word.process = decided.process AND word.activity = decided.activity
    JOIN mart.process_span ON process_span.process = decided.process
    ANTI JOIN mart.corrector ON corrector.process = decided.process AND corrector.activity = decided.activity
    CROSS JOIN ops.tonight
)
SELECT
    process,
    provider,
    activity,
    NOT is_sure AS is_question,
    held_out_accuracy AS claim_share,
    1 AS realisation_share,
    held_out_accuracy AS witness_score,
    format('{} decides what follows "{}"', attribute, activity) AS title,
    format(
        '{}. Learned on cases begun before {}; of {:,} decisions in cases begun since, {:.1f} % went as these rules say'
        || ' ({:.1f} % by habit or history alone). {:,} executions are by people and took {:,.1f} h. {}',
        rules, strftime(split_at, '%-d %B %Y'), held_out_count, 100 * held_out_accuracy, 100 * known_accuracy,
        event_count, handling_h,
        CASE WHEN is_sure THEN 'The rest stays with people.'
            ELSE format(
                'Asked, not claimed: {}, {}.',
                coalesce(format('{:.0f} % name a system', 100 * digital_share), 'the log names no systems'),
                coalesce(format('regularity of handling is {:.2f}', regularity), 'handling times are not measured')
            )
        END
    ) AS reason,
    format(
        'SELECT count(*) AS event_count, count(DISTINCT essa_case) AS case_count,'
        || ' sum(essa_handling_s) / 3600 AS handling_h, count(*) FILTER ({}) AS decided_count'
        || ' FROM (SELECT case_id AS essa_case, activity AS essa_activity,'
        || ' next_activity AS essa_next, handling_s AS essa_handling_s,'
        || ' NOT is_robot AND resource IS NOT NULL AS is_essa_person, last_value(attributes.{} IGNORE NULLS) OVER'
        || ' (PARTITION BY case_id ORDER BY position ROWS UNBOUNDED PRECEDING) AS {}'
        || ' FROM core.activity_instance WHERE process = ''{}'') WHERE essa_activity = ''{}'' AND is_essa_person',
        rightly, quoted, quoted, replace(process::VARCHAR, '''', ''''''), replace(activity::VARCHAR, '''', '''''')
    ) AS evidence_sql
FROM found
WHERE is_sure OR process_share >= (SELECT question_share_min FROM ops.tonight)
