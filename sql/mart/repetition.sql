-- mart.repetition: one execution that repeats an earlier one of its case, where no corrector explains it.
WITH repeat AS (
    SELECT
        instance.activity_instance_id, instance.process, instance.provider, instance.activity, instance.handling_s,
        visit.repeat_share
    FROM core.activity_instance AS instance
    JOIN core.trace ON trace.case_key = instance.case_key
    JOIN mart.activity_repeat AS visit
        ON visit.process = instance.process AND visit.activity = instance.activity
    SEMI JOIN (SELECT variant_key, position FROM core.variant_step WHERE visit_no > 1) AS step
        ON step.variant_key = trace.variant_key AND step.position = instance.position
    ANTI JOIN (
        SELECT process, activity FROM mart.rework
        UNION ALL
        SELECT process, activity FROM mart.reopened
        UNION ALL
        SELECT process, activity FROM mart.silent_rework
        UNION ALL
        SELECT process, activity FROM mart.ping_pong
    ) AS explained ON explained.process = instance.process AND explained.activity = instance.activity
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
