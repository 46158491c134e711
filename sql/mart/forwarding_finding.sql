-- mart.forwarding_finding: one step that only passes work on.
SELECT
    forwarding.process,
    forwarding.activity,
    NOT forwarding.is_claimed OR work.handling_s = 0 AS is_question,
    1 AS claim_share,
    CASE WHEN forwarding.is_handling_measured THEN 1 ELSE tonight.realised_share_unwitnessed END AS realisation_share,
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
        CASE WHEN work.handling_s = 0
            THEN 'How long they took, the log cannot say, so nothing is claimed.'
            ELSE format('They took {:,.1f} h.', work.handling_s / 3600)
        END
    ) AS reason,
    format(
        'WITH step AS NOT MATERIALIZED (SELECT * FROM core.activity_instance WHERE process = {0}),'
        || ' passed AS (SELECT step.*, later.resource <> earlier.resource AS is_other_hand,'
        || ' step.attributes IS NOT DISTINCT FROM earlier.attributes AS is_unchanged FROM step'
        || ' LEFT JOIN step AS earlier ON earlier.case_id = step.case_id AND earlier.position = step.position - 1'
        || ' LEFT JOIN step AS later ON later.case_id = step.case_id AND later.position = step.position + 1'
        || ' WHERE step.activity = {1} AND NOT step.is_robot AND step.resource IS NOT NULL)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' quantile_disc(handling_s, .5) FILTER (handling_method IN (''measured'', ''shared'')) AS median_handling_s,'
        || ' count(*) FILTER (previous_activity IS NOT NULL AND is_unchanged) / count(*) AS unchanged_share,'
        || ' count(*) FILTER (is_other_hand)'
        || ' / greatest(count(*) FILTER (previous_activity IS NOT NULL AND next_activity IS NOT NULL), 1) AS hands_share,'
        || ' coalesce(quantile_disc(waiting_s, .5), 0) AS median_waiting_in_s,'
        || ' (SELECT coalesce(quantile_disc(waiting_s, .5), 0) FROM step WHERE previous_activity = {1})'
        || ' AS median_waiting_out_s,'
        || ' (SELECT coalesce(quantile_disc(waiting_s, .5), 0) FROM step) AS process_median_waiting_s FROM passed',
        work.process_sql, work.activity_sql
    ) AS evidence_sql
FROM mart.forwarding
JOIN mart.activity_work AS work ON work.process = forwarding.process AND work.activity = forwarding.activity
CROSS JOIN ops.tonight
