-- mart.finding_execution: one execution that one finding is about.
WITH single AS (  -- patterns that are about some executions of an activity; the others are about all by people
    SELECT activity_instance_id, 'rework' AS pattern FROM mart.rework
    UNION ALL
    SELECT activity_instance_id, 'duplicate' AS pattern FROM mart.duplicate
    UNION ALL
    SELECT activity_instance_id, 'repetition' AS pattern FROM mart.repetition
),
unlike AS (  -- cases known to be of a kind that not every provider has: nobody's pace in them was compared
    SELECT DISTINCT sampled_case.case_key, finding.activity
    FROM mart.finding
    JOIN mart.sampled_case ON sampled_case.process = finding.process
    LEFT JOIN mart.activity_mix ON activity_mix.process = finding.process AND activity_mix.activity = finding.activity
    LEFT JOIN mart.case_stratum
        ON case_stratum.case_key = sampled_case.case_key AND case_stratum.mix = activity_mix.mix
    LEFT JOIN mart.shared_stratum AS shared
        ON shared.process = finding.process AND shared.activity = finding.activity
        AND shared.stratum_key = case_stratum.stratum_key
    WHERE finding.pattern = 'provider_gap' AND NOT finding.is_question AND shared.stratum_key IS NULL
)
SELECT
    instance.activity_instance_id,
    finding.candidate_no,
    instance.feed,
    instance.provider,
    instance.case_key,
    coalesce(instance.ended_at, instance.started_at)::DATE AS worked_on,
    instance.handling_s,
    instance.handling_method = 'worker_gap' AS is_estimated
FROM core.activity_instance AS instance
JOIN mart.finding
    ON finding.process = instance.process AND finding.activity = instance.activity
    AND (finding.provider IS NULL OR finding.provider = instance.provider)
LEFT JOIN single
    ON single.activity_instance_id = instance.activity_instance_id AND single.pattern = finding.pattern
LEFT JOIN unlike ON unlike.case_key = instance.case_key AND unlike.activity = instance.activity
WHERE
    NOT instance.is_robot
    AND instance.resource IS NOT NULL
    AND CASE
        WHEN finding.pattern IN ('routine', 'long_way_round', 'path_spread') THEN false
        WHEN finding.pattern IN ('rework', 'duplicate', 'repetition') THEN single.pattern IS NOT NULL
        WHEN finding.pattern = 'provider_gap'
            THEN instance.handling_s > 0 AND instance.handling_method IN ('measured', 'shared')
                AND (finding.is_question OR unlike.case_key IS NULL)
        ELSE true
    END
UNION ALL
SELECT
    instance.activity_instance_id,
    finding.candidate_no,
    instance.feed,
    instance.provider,
    instance.case_key,
    coalesce(instance.ended_at, instance.started_at)::DATE AS worked_on,
    instance.handling_s,
    instance.handling_method = 'worker_gap' AS is_estimated
FROM mart.routine_instance AS step
JOIN mart.finding
    ON finding.subject = step.routine_id AND finding.pattern IN ('routine', 'long_way_round', 'path_spread')
JOIN core.activity_instance AS instance ON instance.activity_instance_id = step.activity_instance_id
WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
