-- mart.long_way_round_finding: one routine beside another that begins and ends alike in far less work.
-- The longer way may be other business, so it is only asked about.
WITH way AS (
    SELECT
        routine.routine_id, routine.process, routine.support_count, routine.median_handling_s,
        arg_min(step.activity, step.step_no) AS first_activity,
        arg_max(step.activity, step.step_no) AS last_activity
    FROM mart.routine
    JOIN mart.routine_part AS step ON step.routine_id = routine.routine_id
    CROSS JOIN ops.tonight
    WHERE NOT step.is_optional AND routine.support_count >= tonight.support_min
    GROUP BY routine.routine_id, routine.process, routine.support_count, routine.median_handling_s
),
paired AS (
    SELECT
        way.routine_id, way.support_count, way.median_handling_s,
        other.routine_id AS other_id, other.support_count AS other_count, other.median_handling_s AS other_s
    FROM way
    JOIN way AS other
        ON other.process = way.process AND other.routine_id <> way.routine_id
        AND other.first_activity = way.first_activity AND other.last_activity = way.last_activity
    CROSS JOIN ops.tonight
    WHERE other.median_handling_s > 0 AND way.median_handling_s >= tonight.detour_ratio_min * other.median_handling_s
    QUALIFY row_number() OVER (PARTITION BY way.routine_id ORDER BY other.median_handling_s, other.routine_id) = 1
)
SELECT
    work.process,
    work.routine_id AS subject,
    work.activity,
    work.activities,
    true AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format('A long way round: {}', work.steps) AS title,
    format(
        '{:,} runs go by {}, a median {:,} seconds of work each; {:,} runs begin and end alike by {} in a median {:,}.'
        || ' People did {:,} executions on the longer way in {:,.1f} h. Asked, not claimed: it may be other business.',
        paired.support_count, work.steps, paired.median_handling_s, paired.other_count, other_work.steps, paired.other_s,
        work.event_count, work.handling_s / 3600
    ) AS reason,
    format(
        'WITH done AS ({}) SELECT work.*, long.*, short.* FROM ({}) AS work CROSS JOIN (SELECT count(*) AS long_count,'
        || ' quantile_disc(handling_s, .5) AS long_s FROM ({})) AS long CROSS JOIN (SELECT count(*) AS short_count,'
        || ' quantile_disc(handling_s, .5) AS short_s FROM (WITH done AS ({}) {})) AS short',
        work.done_sql, work.work_sql, work.run_sql, other_work.done_sql, other_work.run_sql
    ) AS evidence_sql
FROM paired
JOIN mart.routine_work AS work ON work.routine_id = paired.routine_id
JOIN mart.routine_work AS other_work ON other_work.routine_id = paired.other_id
