-- mart.finding_execution: one execution that one finding is about.
WITH single AS (  -- patterns that are about some executions of an activity; the others are about all by people
    SELECT activity_instance_id, 'rework' AS pattern FROM mart.rework
    UNION ALL
    SELECT activity_instance_id, 'duplicate' AS pattern FROM mart.duplicate
    UNION ALL
    SELECT activity_instance_id, 'repetition' AS pattern FROM mart.repetition
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
WHERE
    NOT instance.is_robot
    AND instance.resource IS NOT NULL
    AND CASE
        WHEN finding.pattern IN ('rework', 'duplicate', 'repetition') THEN single.pattern IS NOT NULL
        WHEN finding.pattern = 'provider_gap'
            THEN instance.handling_s > 0 AND instance.handling_method IN ('measured', 'shared')
        ELSE true
    END
