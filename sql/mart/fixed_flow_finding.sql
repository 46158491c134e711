-- mart.fixed_flow_finding: one activity whose next step is always the same.
WITH typed AS (SELECT DISTINCT process, activity FROM mart.recorded_value),
fixed AS (
    SELECT
        flow.*, typed.activity IS NOT NULL AS is_typed, ground.* EXCLUDE (process, activity), ground.handling_s / 3600 AS handling_h,
        coalesce('"' || flow.next_activity || '"', 'the end of the case') AS follower
    FROM mart.fixed_flow AS flow
    JOIN mart.automatable AS ground ON ground.process = flow.process AND ground.activity = flow.activity
    ANTI JOIN mart.rule_finding ON rule_finding.process = flow.process AND rule_finding.activity = flow.activity
    ANTI JOIN mart.rekeying_finding AS rekeying ON rekeying.process = flow.process AND rekeying.activity = flow.activity
    LEFT JOIN typed ON typed.process = flow.process AND typed.activity = flow.activity
    CROSS JOIN ops.tonight
    WHERE
        flow.earlier_count + flow.later_count >= tonight.rule_points_min
        AND flow.later_count >= tonight.support_min
        AND flow.learned_share >= tonight.rule_majority_max
        AND flow.held_share >= tonight.rule_majority_max
        AND ground.criterion_count >= tonight.criteria_min
        AND (
            ground.process_share >= tonight.question_share_min
            OR ground.is_digital AND ground.is_even AND ground.is_recording AND NOT ground.is_checking
            AND ground.handling_s > 0
        )
)
SELECT
    process,
    activity,
    true AS is_question,  -- that a step is always followed by the same says nothing of the work inside it
    held_share AS claim_share,
    1 AS realisation_share,
    round(held_share, 6) AS witness_score,
    format('"{}" always leads to {}', activity, follower) AS title,
    format(
        'Of {:,} executions in cases begun before {} {:.1f} % led to {}, and of {:,} in cases begun since {:.1f} %:'
        || ' there is nothing to decide. {:,} executions are by people and took {:,.1f} h. Asked, not claimed: {}{}; {}.',
        earlier_count, split_day, 100 * learned_share, follower, later_count, 100 * held_share, event_count, handling_h,
        CASE WHEN is_checking THEN 'by its name it checks something, '
            WHEN NOT is_recording THEN 'its name does not say that it moves data, ' ELSE ''
        END,
        nature,
        if(is_typed, 'what is recorded in it is not a copy of what the case held before', 'the log records nothing typed in it')
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
