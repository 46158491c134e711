-- mart.activity_measure: what one activity costs one provider, and how much it behaves like a system's step.
WITH counted AS (
    SELECT
        provider, process, activity,
        count(*) AS event_count,
        count(*) FILTER (is_robot) AS robot_count,
        count(system) AS system_count,
        -- what robots alone do takes people nothing
        CASE WHEN bool_and(is_robot) THEN 0 ELSE sum(handling_s) FILTER (NOT is_robot) END AS handling_s,
        quantile_disc(handling_s, .5) FILTER (NOT is_robot) AS median_handling_s,
        quantile_disc(handling_s, .5) FILTER (
            NOT is_robot AND handling_s > 0 AND handling_method IN ('measured', 'shared')
        ) AS usual_s
    FROM core.activity_instance
    GROUP BY provider, process, activity
),
repeated AS (  -- where one provider did the whole case, its cases are the first visits; only others need counting
    SELECT
        instance.provider, instance.process, instance.activity,
        count(step.position) AS event_count,
        count(*) FILTER (trace.provider_count = 1 AND step.position IS NULL)
            + count(DISTINCT CASE WHEN trace.provider_count > 1 THEN trace.case_key END) AS case_count
    FROM core.activity_instance AS instance
    JOIN core.trace ON trace.case_key = instance.case_key
    LEFT JOIN (SELECT process, variant_key, position FROM core.variant_step WHERE visit_no > 1) AS step
        ON step.process = trace.process AND step.variant_key = trace.variant_key AND step.position = instance.position
    GROUP BY instance.provider, instance.process, instance.activity
),
spread AS (
    SELECT
        provider, process, activity,
        quantile_disc(greatest(instance.handling_s / counted.usual_s, counted.usual_s / instance.handling_s), .5)
            AS factor
    FROM core.activity_instance AS instance
    JOIN counted USING (provider, process, activity)
    CROSS JOIN ops.tonight
    WHERE NOT is_robot AND instance.handling_s > 0 AND handling_method IN ('measured', 'shared')
    GROUP BY provider, process, activity, tonight.support_min
    HAVING count(*) >= tonight.support_min
),
weekly AS (
    SELECT provider, process, activity, date_trunc('week', coalesce(ended_at, started_at)) AS week_at, count(*) AS n
    FROM core.activity_instance
    GROUP BY ALL
),
week_span AS (
    SELECT provider, process, date_diff('week', min(week_at), max(week_at)) + 1 AS week_count
    FROM weekly
    GROUP BY provider, process
),
rhythm AS (  -- weeks without the activity count as weeks of none
    SELECT
        weekly.provider, weekly.process, weekly.activity,
        (1 - least(1, sqrt(greatest(week_count * sum(n * n) / (sum(n) * sum(n)) - 1, 0)))) * count(*) / week_count
            AS score
    FROM weekly
    JOIN week_span ON week_span.provider = weekly.provider AND week_span.process = weekly.process
    CROSS JOIN ops.tonight
    WHERE week_count >= tonight.criterion_weeks_min
    GROUP BY weekly.provider, weekly.process, weekly.activity, week_count, tonight.support_min
    HAVING sum(n) >= tonight.support_min
),
recorded AS (SELECT process, sum(system_count) AS system_count FROM counted GROUP BY process)
SELECT
    counted.provider,
    counted.process,
    counted.activity,
    counted.event_count,
    repeated.case_count,
    counted.handling_s / 3600 AS handling_h,
    counted.median_handling_s,
    repeated.event_count / counted.event_count AS rework_share,
    counted.robot_count / counted.event_count AS robot_share,
    flow_score.successor_standardisation_score,
    flow_score.predecessor_standardisation_score,
    1 - repeated.event_count / counted.event_count AS no_rework_score,
    round(rhythm.score, 6) AS periodicity_score,
    flow_score.stability_score,
    round(1 / (1 + ln(spread.factor)), 6) AS handling_regularity_score,
    CASE WHEN recorded.system_count > 0 THEN counted.system_count / counted.event_count END AS digital_share,
    input.structured_share AS structured_input_share,
    step.trigger_score,
    step.next_step_score
FROM counted
JOIN repeated USING (provider, process, activity)
LEFT JOIN spread USING (provider, process, activity)
LEFT JOIN rhythm USING (provider, process, activity)
LEFT JOIN mart.flow_score USING (provider, process, activity)
LEFT JOIN mart.step_score AS step ON step.process = counted.process AND step.activity = counted.activity
LEFT JOIN mart.activity_input AS input ON input.process = counted.process AND input.activity = counted.activity
JOIN recorded ON recorded.process = counted.process
