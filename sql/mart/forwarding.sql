-- mart.forwarding: a step that by its name and by its behaviour only passes work on.
WITH usual AS (
    SELECT
        process,
        quantile_disc(handling_s, .5) FILTER (NOT is_robot AND handling_s > 0) AS median_handling_s,
        quantile_disc(waiting_s, .5) AS median_waiting_s
    FROM core.activity_instance
    GROUP BY process
),
named AS (SELECT process, activity FROM mart.activity_word WHERE is_passing_on),
behaviour AS (
    SELECT
        instance.process, instance.activity,
        count(*) AS event_count,
        count(*) FILTER (handling_method IN ('measured', 'shared')) AS measured_count,
        quantile_disc(handling_s, .5) FILTER (handling_method IN ('measured', 'shared')) AS median_handling_s,
        quantile_disc(waiting_s, .5) AS median_waiting_in_s,
        count(*) FILTER (previous_activity IS NOT NULL AND next_activity IS NOT NULL) AS inner_count,
        count(*) FILTER (previous_resource <> next_resource) AS hands_count,
        count(*) FILTER (previous_activity IS NOT NULL AND NOT has_new_values) AS unchanged_count
    FROM core.activity_instance AS instance
    SEMI JOIN named ON named.process = instance.process AND named.activity = instance.activity
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY instance.process, instance.activity
),
after AS (
    SELECT instance.process, previous_activity AS activity, quantile_disc(waiting_s, .5) AS median_waiting_out_s
    FROM core.activity_instance AS instance
    SEMI JOIN named ON named.process = instance.process AND named.activity = instance.previous_activity
    GROUP BY instance.process, previous_activity
),
measured AS (
    SELECT
        behaviour.process, behaviour.activity, event_count, behaviour.median_handling_s, median_waiting_in_s,
        after.median_waiting_out_s,
        usual.median_handling_s AS process_median_handling_s,
        usual.median_waiting_s AS process_median_waiting_s,
        inner_count / event_count AS inner_share,
        hands_count / greatest(inner_count, 1) AS hands_share,
        unchanged_count / event_count AS unchanged_share,
        measured_count >= tonight.sufficient_share_min * event_count AS is_handling_measured
    FROM behaviour
    JOIN usual ON usual.process = behaviour.process
    LEFT JOIN after ON after.process = behaviour.process AND after.activity = behaviour.activity
    CROSS JOIN ops.tonight
)
SELECT measured.*, event_count >= tonight.support_min AS is_claimed
FROM measured
CROSS JOIN ops.tonight
WHERE
    (
        NOT is_handling_measured
        OR median_handling_s <= least(
            tonight.forwarding_handling_s_max, tonight.forwarding_handling_share_max * process_median_handling_s
        )
    )
    AND greatest(median_waiting_in_s, median_waiting_out_s)
        >= greatest(tonight.forwarding_waiting_ratio_min * process_median_waiting_s, 1)
    AND inner_share >= tonight.forwarding_inner_share_min
    AND hands_share >= tonight.forwarding_hands_share_min
    AND unchanged_share >= tonight.forwarding_unchanged_share_min
