-- mart.forwarding_finding: one step that only passes work on.
WITH worked AS (
    SELECT
        instance.process, instance.activity,
        CASE WHEN min(instance.provider) = max(instance.provider) THEN min(instance.provider) END AS provider,
        sum(instance.handling_s) / 3600 AS handling_h
    FROM core.activity_instance AS instance
    SEMI JOIN mart.forwarding ON forwarding.process = instance.process AND forwarding.activity = instance.activity
    WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
    GROUP BY instance.process, instance.activity
)
SELECT
    forwarding.process,
    worked.provider,
    forwarding.activity,
    NOT forwarding.is_claimed OR coalesce(worked.handling_h, 0) = 0 AS is_question,
    1 AS claim_share,
    CASE WHEN forwarding.is_handling_measured THEN 1 ELSE .5 END AS realisation_share,
    round(forwarding.unchanged_share, 6) AS witness_score,
    format('"{}" only passes work on', forwarding.activity) AS title,
    format(
        '{:,} executions of "{}"{}; {:.0f} % change nothing that is recorded and {:.0f} % stand between two different'
        || ' people. The case waits a median {:,.1f} working hours before and {:,.1f} after it, against {:,.1f} before'
        || ' the steps of the process. {} Its waiting is delay, not work, and is not counted as hours saved.',
        forwarding.event_count, forwarding.activity,
        CASE WHEN forwarding.is_handling_measured
            THEN format(' take a median {:,} seconds', forwarding.median_handling_s)
            ELSE ' (their length is not recorded)'
        END,
        100 * unchanged_share, 100 * hands_share,
        coalesce(median_waiting_in_s, 0) / 3600, coalesce(median_waiting_out_s, 0) / 3600,
        coalesce(process_median_waiting_s, 0) / 3600,
        CASE WHEN coalesce(worked.handling_h, 0) = 0
            THEN 'How long they took, the log cannot say, so nothing is claimed.'
            ELSE format('They took {:,.1f} h.', worked.handling_h)
        END
    ) AS reason,
    format(
        'SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' quantile_disc(handling_s, .5) AS median_handling_s, quantile_disc(waiting_s, .5) AS median_waiting_in_s'
        || ' FROM core.activity_instance WHERE process = ''{}'' AND activity = ''{}'''
        || ' AND NOT is_robot AND resource IS NOT NULL',
        replace(forwarding.process::VARCHAR, '''', ''''''), replace(forwarding.activity::VARCHAR, '''', '''''')
    ) AS evidence_sql
FROM mart.forwarding
JOIN worked ON worked.process = forwarding.process AND worked.activity = forwarding.activity
