-- mart.rework: one execution that repeats a step after a corrector came between.
WITH corrector AS (
    SELECT
        process, activity,
        max(CASE witness WHEN 'place' THEN inside_share ELSE return_share END) AS witness_share,
        bool_or(is_correcting) AS is_correcting,
        bool_or(is_borne_out) AS is_borne_out
    FROM mart.corrector
    GROUP BY process, activity
),
loop AS (
    SELECT
        step.process, step.variant_key, step.activity, step.case_count, step.position,
        unnest(range(step.previous_visit_position + 1, step.position)) AS inner_position
    FROM core.variant_step AS step
    CROSS JOIN ops.tonight
    WHERE step.position - step.previous_visit_position BETWEEN 2 AND tonight.corrector_reach
),
corrected AS (  -- the last corrector before the repeat is its cause, and of those that are borne out if there is one
    SELECT
        loop.process, loop.variant_key, loop.activity, loop.case_count, loop.position,
        arg_max(inner_step.activity, (is_sure, loop.inner_position)) AS corrector,
        bool_or(is_sure) AS is_borne_out
    FROM loop
    JOIN core.variant_step AS inner_step
        ON inner_step.process = loop.process AND inner_step.variant_key = loop.variant_key
        AND inner_step.position = loop.inner_position
    JOIN corrector ON corrector.process = inner_step.process AND corrector.activity = inner_step.activity
    ANTI JOIN corrector AS itself ON itself.process = loop.process AND itself.activity = loop.activity
    LEFT JOIN (SELECT DISTINCT process, activity FROM mart.numbered_visit WHERE NOT is_round) AS numbered
        ON numbered.process = loop.process AND numbered.activity = loop.activity
    CROSS JOIN LATERAL (  -- what is numbered is another object's, unless its corrector says that it mends
        SELECT corrector.is_borne_out AND (corrector.is_correcting OR numbered.activity IS NULL) AS is_sure
    ) AS judged
    GROUP BY loop.process, loop.variant_key, loop.activity, loop.case_count, loop.position
),
cause AS (  -- what one activity is mostly done again after
    SELECT process, activity, is_borne_out, corrector AS main_corrector
    FROM corrected
    GROUP BY process, activity, is_borne_out, corrector
    QUALIFY row_number() OVER (PARTITION BY process, activity, is_borne_out ORDER BY sum(case_count) DESC, corrector) = 1
),
natural_repeat AS (  -- a step that most cases repeat anyway, mostly after its corrector or after one that names no mending
    SELECT corrected.process, corrected.activity, cause.is_borne_out
    FROM corrected
    JOIN cause ON cause.process = corrected.process AND cause.activity = corrected.activity
    JOIN corrector ON corrector.process = cause.process AND corrector.activity = cause.main_corrector
    JOIN mart.activity_repeat AS repeated
        ON repeated.process = corrected.process AND repeated.activity = corrected.activity
    CROSS JOIN ops.tonight
    WHERE repeated.repeat_share > tonight.rework_repeat_share_max
    GROUP BY
        corrected.process, corrected.activity, cause.is_borne_out, repeated.execution_count, repeated.case_count,
        corrector.is_correcting, tonight.rework_natural_share_max
    HAVING
        NOT corrector.is_correcting
        OR sum(corrected.case_count)
        >= tonight.rework_natural_share_max * (repeated.execution_count - repeated.case_count)
)
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    instance.case_id,
    instance.activity,
    corrected.corrector,
    cause.main_corrector,
    corrected.is_borne_out,
    corrector.witness_share AS corrector_share,
    instance.handling_s
FROM corrected
ANTI JOIN natural_repeat
    ON natural_repeat.process = corrected.process AND natural_repeat.activity = corrected.activity
    AND natural_repeat.is_borne_out = corrected.is_borne_out
JOIN cause
    ON cause.process = corrected.process AND cause.activity = corrected.activity
    AND cause.is_borne_out = corrected.is_borne_out
JOIN core.trace ON trace.process = corrected.process AND trace.variant_key = corrected.variant_key
JOIN core.activity_instance AS instance
    ON instance.case_key = trace.case_key AND instance.position = corrected.position
JOIN corrector ON corrector.process = corrected.process AND corrector.activity = corrected.corrector
WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
