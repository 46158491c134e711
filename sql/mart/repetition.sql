-- mart.repetition: one execution that repeats an earlier one of its case, where no corrector explains it.
WITH unexplained AS (  -- what repeats an earlier step, told on variants
    SELECT step.process, step.variant_key, step.position, visit.repeat_share
    FROM core.variant_step AS step
    JOIN mart.activity_repeat AS visit ON visit.process = step.process AND visit.activity = step.activity
    ANTI JOIN (
        SELECT process, activity FROM mart.rework
        UNION ALL
        SELECT process, activity FROM mart.reopened
        UNION ALL
        SELECT process, activity FROM mart.silent_rework
        UNION ALL
        SELECT process, activity FROM mart.ping_pong
    ) AS explained ON explained.process = step.process AND explained.activity = step.activity
    WHERE step.visit_no > 1
),
repeat AS (
    SELECT
        instance.activity_instance_id, instance.process, instance.provider, instance.activity, instance.handling_s,
        unexplained.repeat_share
    FROM unexplained
    JOIN core.trace ON trace.process = unexplained.process AND trace.variant_key = unexplained.variant_key
    JOIN core.activity_instance AS instance
        ON instance.case_key = trace.case_key AND instance.position = unexplained.position
    WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
),
worked AS (SELECT process, sum(handling_s) AS handling_s FROM mart.activity_work GROUP BY process)
SELECT repeat.*
FROM repeat
JOIN worked ON worked.process = repeat.process
CROSS JOIN ops.tonight
QUALIFY
    sum(repeat.handling_s) OVER (PARTITION BY repeat.process, repeat.activity)
    >= greatest(tonight.question_share_min * worked.handling_s, 1)
