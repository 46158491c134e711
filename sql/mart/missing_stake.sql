-- mart.missing_stake: hours of one process that knowing one thing more could bring to a candidate or take from one.
WITH worked AS (
    SELECT
        instance.process, instance.activity, instance.provider,
        sum(handling_s - coalesce(saved_s, 0)) FILTER (is_known) AS left_s,
        sum(handling_s - coalesce(saved_s, 0)) FILTER (is_known AND system IS NULL) AS systemless_s,
        sum(handling_s - coalesce(saved_s, 0)) FILTER (is_known AND outcome IS NULL) AS resultless_s,
        sum(handling_s) FILTER (instance.resource IS NULL) AS nobodys_s,
        sum(handling_s) FILTER (handling_method = 'worker_gap') AS estimated_s,
        sum(handling_s) FILTER (ended_at::DATE > started_at::DATE) AS overnight_s,
        sum(handling_s) AS handling_s,
        count(handling_s) AS timed_count,
        count(*) AS event_count
    FROM (SELECT *, resource IS NOT NULL AS is_known FROM core.activity_instance WHERE NOT is_robot) AS instance
    LEFT JOIN (
        SELECT activity_instance_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY activity_instance_id
    ) AS saved ON saved.activity_instance_id = instance.activity_instance_id
    GROUP BY instance.process, instance.activity, instance.provider
),
followed AS (
    SELECT process, activity, next_activity, sum(event_count) AS event_count FROM core.directly_follows GROUP BY ALL
),
branching AS (  -- steps after which several things happen, and nothing tells which
    SELECT followed.process, followed.activity
    FROM followed
    LEFT JOIN mart.decision
        ON decision.process = followed.process AND decision.activity = followed.activity
        AND decision.verdict IN ('rule', 'fixed_flow')
    CROSS JOIN ops.tonight
    WHERE decision.activity IS NULL
    GROUP BY followed.process, followed.activity, tonight.rule_majority_max
    HAVING max(followed.event_count) <= tonight.rule_majority_max * sum(followed.event_count)
),
told AS (
    SELECT
        worked.*,
        branching.activity IS NOT NULL AS is_branching,
        word.is_checking,
        count(*) OVER (PARTITION BY worked.process, worked.activity) > 1 AS is_shared,
        -- of steps whose time is not known, as if they took as long as those of it that is
        sum(worked.handling_s) OVER (PARTITION BY worked.process) / sum(worked.timed_count) OVER (PARTITION BY worked.process)
            AS usual_s
    FROM worked
    LEFT JOIN branching ON branching.process = worked.process AND branching.activity = worked.activity
    LEFT JOIN mart.activity_word AS word ON word.process = worked.process AND word.activity = worked.activity
),
again AS (  -- what a team might do again each time another has had it
    SELECT process, sum(handling_s) AS handling_s FROM mart.repetition GROUP BY process
),
stake AS (
    SELECT
        told.process,
        coalesce(sum(estimated_s), 0) AS start_times,
        CASE WHEN sum(timed_count) = sum(event_count) THEN 0
            ELSE round(sum((event_count - timed_count)::BIGINT) * any_value(usual_s), 3) END AS handling_time,
        coalesce(sum(overnight_s), 0) AS calendar,
        0 AS waiting,
        coalesce(sum(nobodys_s), 0) AS resource,
        coalesce(sum(systemless_s), 0) AS system,
        coalesce(sum(left_s) FILTER (is_branching), 0) AS attributes,
        attributes AS asked_attributes,
        coalesce(sum(left_s) FILTER (is_shared), 0) AS known_at_start,
        coalesce(sum(resultless_s) FILTER (is_checking), 0) AS outcome,
        coalesce(any_value(again.handling_s), 0) AS team,
        0 AS due_at
    FROM told
    LEFT JOIN again ON again.process = told.process
    GROUP BY told.process
),
yearly AS (
    SELECT stake.process, COLUMNS(stake.* EXCLUDE (process))::DOUBLE / 3600 * 365.25 / span.span_days
    FROM stake
    JOIN mart.process_span AS span ON span.process = stake.process
)
SELECT process, criterion, round(stake_h_per_year, 6) AS stake_h_per_year
FROM yearly UNPIVOT INCLUDE NULLS (stake_h_per_year FOR criterion IN (COLUMNS(* EXCLUDE (process))))
