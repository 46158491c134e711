-- mart.fixed_flow_finding: one activity whose next step is always the same.
WITH worked AS (
    SELECT
        process, activity,
        CASE WHEN min(provider) = max(provider) THEN min(provider) END AS provider,
        count(*) AS event_count,
        coalesce(sum(handling_s), 0) / 3600 AS handling_h,
        coalesce(sum(handling_s), 0) / nullif(sum(sum(handling_s)) OVER (PARTITION BY process), 0)
            AS process_share
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity
),
fixed AS (
    SELECT
        flow.*, worked.provider, worked.event_count, worked.handling_h, worked.process_share, score.digital_share,
        process_span.split_at, coalesce(flow.next_activity::VARCHAR, 'the end of the case') AS follower,
        score.handling_regularity_score AS regularity,
        word.is_checking, word.is_recording,
        coalesce(
            score.digital_share >= tonight.fixed_flow_digital_min
            AND score.handling_regularity_score >= tonight.fixed_flow_regularity_min
            AND word.is_recording AND NOT word.is_checking,
            false
        ) AS is_sure
    FROM mart.fixed_flow AS flow
    JOIN worked ON worked.process = flow.process AND worked.activity = flow.activity
    JOIN mart.activity_score AS score ON score.process = flow.process AND score.activity = flow.activity
    JOIN mart.activity_word AS word ON word.process = flow.process AND word.activity = flow.activity
    JOIN mart.process_span ON process_span.process = flow.process
    ANTI JOIN mart.corrector ON corrector.process = flow.process AND corrector.activity = flow.activity
    CROSS JOIN ops.tonight
    WHERE
        flow.earlier_count + flow.later_count >= tonight.rule_points_min
        AND flow.later_count >= tonight.support_min
        AND flow.learned_share >= tonight.rule_majority_max
        AND flow.held_share >= tonight.rule_majority_max
        AND score.criterion_count > tonight.criteria_min
)
SELECT
    process,
    provider,
    activity,
    true AS is_question,  -- that a step is always followed by the same says nothing of the work inside it
    held_share AS claim_share,
    1 AS realisation_share,
    round(held_share, 6) AS witness_score,
    format('"{}" always leads to {}', activity, coalesce('"' || next_activity || '"', follower)) AS title,
    format(
        'Of {:,} executions in cases begun before {} {:.1f} % led to {}, and of {:,} in cases begun since {:.1f} %:'
        || ' there is nothing to decide. {:,} executions are by people and took {:,.1f} h. {} what is typed in the step'
        || ' was not looked at.',
        earlier_count, strftime(split_at, '%-d %B %Y'), 100 * learned_share, follower, later_count, 100 * held_share,
        event_count, handling_h,
        CASE
            WHEN is_sure THEN format(
                'Asked, not claimed: {:.0f} % name a system and handling is even (regularity {:.2f}), but',
                100 * digital_share, regularity
            )
            ELSE format(
                'Asked, not claimed: {}{}, {};',
                CASE WHEN is_checking THEN 'by its name it checks something, ' WHEN NOT is_recording
                    THEN 'its name does not say that it moves data, ' ELSE '' END,
                coalesce(format('{:.0f} % name a system', 100 * digital_share), 'the log names no systems'),
                coalesce(format('regularity of handling is {:.2f}', regularity), 'handling times are not measured')
            )
        END
    ) AS reason,
    format(
        'SELECT count(*) AS event_count, count(DISTINCT instance.case_id) AS case_count,'
        || ' sum(instance.handling_s) / 3600 AS handling_h, count(*) FILTER (trace.started_at >= TIMESTAMP ''{}'''
        || ' AND instance.next_activity IS NOT DISTINCT FROM {}) AS held_count,'
        || ' count(*) FILTER (trace.started_at >= TIMESTAMP ''{}'') AS later_count'
        || ' FROM core.activity_instance AS instance JOIN core.trace'
        || ' ON trace.process = instance.process AND trace.case_id = instance.case_id'
        || ' WHERE instance.process = ''{}'' AND instance.activity = ''{}'' AND NOT instance.is_robot'
        || ' AND instance.resource IS NOT NULL',
        split_at, coalesce('''' || replace(next_activity::VARCHAR, '''', '''''') || '''', 'NULL'), split_at,
        replace(process::VARCHAR, '''', ''''''), replace(activity::VARCHAR, '''', '''''')
    ) AS evidence_sql
FROM fixed
WHERE is_sure AND handling_h > 0 OR process_share >= (SELECT question_share_min FROM ops.tonight)
