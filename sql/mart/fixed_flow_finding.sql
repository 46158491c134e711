-- mart.fixed_flow_finding: one activity whose next step is always the same.
WITH fixed AS (
    SELECT
        flow.*, work.event_count, work.handling_s / 3600 AS handling_h, work.process_share, work.process_sql,
        work.activity_sql, work.work_sql, score.digital_share, score.handling_regularity_score AS regularity,
        process_span.split_at, coalesce(flow.next_activity::VARCHAR, 'the end of the case') AS follower,
        word.is_checking, word.is_recording, tonight.question_share_min,
        coalesce(
            score.digital_share >= tonight.fixed_flow_digital_min
            AND score.handling_regularity_score >= tonight.fixed_flow_regularity_min
            AND word.is_recording AND NOT word.is_checking,
            false
        ) AS is_sure
    FROM mart.fixed_flow AS flow
    JOIN mart.activity_work AS work ON work.process = flow.process AND work.activity = flow.activity
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
        earlier_count, strftime(split_at, '%-d %B %Y'), 100 * learned_share,
        coalesce('"' || next_activity || '"', follower), later_count, 100 * held_share, event_count, handling_h,
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
        'WITH split AS (SELECT quantile_disc(started_at, .7) AS split_at FROM core.trace WHERE process = {0}),'
        || ' followed AS (SELECT instance.next_activity IS NOT DISTINCT FROM {2} AS is_usual,'
        || ' trace.started_at >= split_at AS is_later FROM core.activity_instance AS instance JOIN core.trace'
        || ' ON trace.process = instance.process AND trace.case_id = instance.case_id CROSS JOIN split'
        || ' WHERE instance.process = {0} AND instance.activity = {1}'
        || ' AND NOT (trace.is_open AND instance.next_activity IS NULL)),'
        || ' flow AS (SELECT count(*) FILTER (NOT is_later) AS earlier_count,'
        || ' count(*) FILTER (NOT is_later AND is_usual) / earlier_count AS learned_share,'
        || ' count(*) FILTER (is_later) AS later_count,'
        || ' count(*) FILTER (is_later AND is_usual) / later_count AS held_share FROM followed)'
        || ' SELECT work.*, split_at::DATE AS split_on, flow.* FROM ({3}) AS work CROSS JOIN split CROSS JOIN flow',
        process_sql, activity_sql, coalesce('''' || replace(next_activity::VARCHAR, '''', '''''') || '''', 'NULL'),
        work_sql
    ) AS evidence_sql
FROM fixed
WHERE is_sure AND handling_h > 0 OR process_share >= question_share_min
