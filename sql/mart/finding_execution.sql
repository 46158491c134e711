-- mart.finding_execution: one execution that one finding is about.
WITH single AS (  -- patterns that are about some executions; the others are about all of an activity by people
    SELECT activity_instance_id, process, 'rework' AS pattern, main_corrector::VARCHAR AS subject FROM mart.rework
    UNION ALL
    SELECT activity_instance_id, process, 'rework' AS pattern, 'reopened: ' || activity AS subject FROM mart.reopened
    UNION ALL
    SELECT activity_instance_id, process, 'rework' AS pattern, 'silent: ' || activity AS subject FROM mart.silent_rework
    UNION ALL
    SELECT activity_instance_id, process, 'duplicate' AS pattern, activity::VARCHAR AS subject FROM mart.duplicate
    UNION ALL
    SELECT activity_instance_id, process, 'ping_pong' AS pattern, subject FROM mart.ping_pong
    UNION ALL
    SELECT activity_instance_id, process, 'ping_pong' AS pattern, subject FROM mart.bounce
    UNION ALL
    SELECT activity_instance_id, process, 'repetition' AS pattern, activity::VARCHAR AS subject FROM mart.repetition
    UNION ALL
    SELECT activity_instance_id, process, 'long_way_round' AS pattern, subject FROM mart.detour
    UNION ALL
    SELECT activity_instance_id, process, 'path_spread' AS pattern, subject FROM mart.path_spread
),
involved AS (
    SELECT single.activity_instance_id, found.activities, found.candidate_no
    FROM single
    JOIN mart.found
        ON found.process = single.process AND found.pattern = single.pattern AND found.subject = single.subject
),
unlike AS (  -- cases known to be of a kind that not every provider has: nobody's pace in them was compared
    SELECT DISTINCT sampled_case.case_key, found.activity
    FROM mart.found
    JOIN mart.sampled_case ON sampled_case.process = found.process
    LEFT JOIN mart.activity_mix ON activity_mix.process = found.process AND activity_mix.activity = found.activity
    LEFT JOIN mart.case_stratum
        ON case_stratum.case_key = sampled_case.case_key AND case_stratum.mix = activity_mix.mix
    LEFT JOIN mart.shared_stratum AS shared
        ON shared.process = found.process AND shared.activity = found.activity
        AND shared.stratum_key = case_stratum.stratum_key
    WHERE found.pattern = 'provider_gap' AND NOT found.is_question AND shared.stratum_key IS NULL
),
whole AS (
    SELECT candidate_no, process, provider, pattern, is_question, unnest(activities)::activity_t AS activity
    FROM mart.found
    WHERE
        pattern NOT IN ('rework', 'duplicate', 'repetition', 'abandoned', 'ping_pong')
        AND pattern NOT IN ('routine', 'long_way_round', 'path_spread')
),
after AS (  -- who only passes work on is waited for after as well
    SELECT
        found.candidate_no, next.case_key, next.position - 1 AS position, epoch(next.started_at) - epoch(next.enabled_at) AS waited_s
    FROM mart.found
    JOIN core.activity_instance AS next
        ON next.process = found.process AND next.previous_activity::VARCHAR = found.activity
        AND next.started_at > next.enabled_at
    LEFT JOIN mart.promise ON promise.case_key = next.case_key AND promise.is_of_case
    WHERE found.pattern = 'forwarding' AND coalesce(next.due_at, promise.due_at) IS NOT NULL
),
stepped AS MATERIALIZED (  -- the places in a variant that are steps of a routine
    SELECT DISTINCT match.process, match.variant_key, match.position, found.candidate_no
    FROM mart.routine_match AS match
    JOIN mart.routine_identity AS identity ON identity.named_id = match.named_id
    JOIN core.variant_step AS step
        ON step.process = match.process AND step.variant_key = match.variant_key AND step.position = match.position
    JOIN mart.found
        ON found.process = match.process AND found.pattern IN ('routine', 'long_way_round')
        AND found.subject = identity.routine_id AND list_contains(found.activities, step.activity::VARCHAR)
),
touched AS (
    SELECT instance.*, stepped.candidate_no
    FROM core.activity_instance AS instance
    JOIN core.trace ON trace.case_key = instance.case_key
    JOIN stepped  -- as in mart.routine_execution
        ON hash(stepped.process, stepped.variant_key, stepped.position)
            = hash(instance.process, trace.variant_key, instance.position)
    UNION ALL
    SELECT instance.*, involved.candidate_no
    FROM core.activity_instance AS instance
    JOIN involved
        ON involved.activity_instance_id = instance.activity_instance_id
        AND list_contains(involved.activities, instance.activity::VARCHAR)
    UNION ALL
    SELECT instance.*, found.candidate_no
    FROM core.activity_instance AS instance
    JOIN mart.abandoned ON abandoned.case_key = instance.case_key
    JOIN mart.found
        ON found.process = abandoned.process AND found.pattern = 'abandoned'
        AND found.subject = abandoned.last_activity::VARCHAR
    UNION ALL
    SELECT instance.*, whole.candidate_no
    FROM core.activity_instance AS instance
    JOIN whole
        ON whole.process = instance.process AND whole.activity = instance.activity
        AND (whole.provider IS NULL OR whole.provider = instance.provider)
    WHERE whole.pattern <> 'provider_gap'
    UNION ALL
    SELECT instance.*, whole.candidate_no
    FROM core.activity_instance AS instance
    JOIN whole
        ON whole.process = instance.process AND whole.activity = instance.activity
        AND (whole.provider IS NULL OR whole.provider = instance.provider)
    LEFT JOIN unlike ON unlike.case_key = instance.case_key AND unlike.activity = instance.activity
    WHERE whole.pattern = 'provider_gap'
        AND instance.handling_s > 0 AND instance.handling_method IN ('measured', 'shared')
        AND (whole.is_question OR unlike.case_key IS NULL)
)
SELECT
    activity_instance_id,
    touched.candidate_no,
    feed,
    touched.provider,
    resource,
    touched.case_key,
    hash(touched.case_key, touched.position, touched.started_at, touched.ended_at) AS place_key,
    coalesce(touched.ended_at, touched.started_at)::DATE AS worked_on,
    handling_s,
    handling_method = 'worker_gap' AS is_estimated,
    coalesce(touched.due_at, promise.due_at) AS due_at,
    CASE WHEN coalesce(touched.due_at, promise.due_at) IS NOT NULL
        THEN (
            coalesce(epoch(coalesce(touched.ended_at, span.ended_at)) - epoch(coalesce(enabled_at, touched.started_at)), 0)
            + coalesce(after.waited_s, 0)
        )::BIGINT
    END AS taken_s
FROM touched
LEFT JOIN mart.process_span AS span ON span.process = touched.process
LEFT JOIN mart.promise ON promise.case_key = touched.case_key AND promise.is_of_case
LEFT JOIN after
    ON after.candidate_no = touched.candidate_no AND after.case_key = touched.case_key AND after.position = touched.position
WHERE NOT is_robot AND resource IS NOT NULL
