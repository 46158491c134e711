-- mart.candidate_year: what one candidate takes and would save in a year, in hours, and what is left after its costs.
WITH delay AS (  -- waiting a candidate stands behind: of a pile for its last, of work for the step that only passes it on
    SELECT finding.candidate_id, sum(cause.waiting_h) AS delay_h
    FROM mart.finding
    JOIN mart.waiting_cause AS cause
        ON cause.process = finding.process AND cause.activity = finding.activity
        AND (finding.provider IS NULL OR finding.provider = cause.provider)
    WHERE
        NOT finding.is_small
        AND (finding.pattern = 'forwarding' OR finding.pattern = 'batching' AND cause.cause = 'batching')
    GROUP BY finding.candidate_id
),
yearly AS (
    SELECT
        finding.candidate_id,
        volume.handling_s / 3600 AS handling_h,
        volume.late_s / 3600 AS late_h,
        365.25 / span.span_days AS log_to_year,
        finding.realisation_share
            * [
                tonight.realised_share_eliminate, tonight.realised_share_simplify,
                tonight.realised_share_standardize, tonight.realised_share_automate
            ][finding.lever_rank]
            * CASE WHEN finding.lever = 'automate' THEN 1 - tonight.exception_share ELSE 1 END AS realised_share,
        -- twice as many exceptions, or none
        CASE WHEN finding.lever = 'automate'
            THEN greatest(1 - 2 * tonight.exception_share, 0) / greatest(1 - tonight.exception_share, .000001)
            ELSE 1
        END AS many_exceptions_ratio,
        CASE WHEN finding.lever = 'automate' THEN 1 / greatest(1 - tonight.exception_share, .000001) ELSE 1 END
            AS no_exceptions_ratio,
        coalesce(saving.saved_s, 0) / 3600 AS saved_h,
        coalesce(saving.estimated_s, 0) / 3600 AS estimated_h,
        effort.build_h,
        effort.run_h_per_year
    FROM mart.finding
    JOIN mart.process_span AS span ON span.process = finding.process
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
    JOIN mart.candidate_effort AS effort ON effort.candidate_id = finding.candidate_id
    LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
),
saved AS (
    SELECT
        yearly.*,
        log_to_year * realised_share AS realised_to_year,
        saved_h * realised_to_year AS base_h,
        (saved_h - estimated_h + estimated_h / tonight.estimate_factor) * realised_to_year * tonight.realised_low
            * many_exceptions_ratio AS low_h,
        least(base_h * tonight.realised_high * no_exceptions_ratio, saved_h * log_to_year) AS high_h,
        run_h_per_year + build_h / tonight.build_years AS cost_h
    FROM yearly
    CROSS JOIN ops.tonight
)
SELECT
    saved.candidate_id,
    log_to_year,
    round(realised_share, 9) AS realised_share,
    handling_h * log_to_year AS handling_h_per_year,
    low_h AS saving_h_per_year_low,
    base_h AS saving_h_per_year,
    high_h AS saving_h_per_year_high,
    saved.build_h,
    saved.run_h_per_year,
    low_h - cost_h * tonight.cost_high AS net_h_per_year_low,
    base_h - cost_h AS net_h_per_year,
    high_h - cost_h * tonight.cost_low AS net_h_per_year_high,
    delay.delay_h * log_to_year AS delay_h_per_year,
    late_h * log_to_year AS late_h_per_year,
    CASE WHEN high_h > saved.run_h_per_year * tonight.cost_low
        THEN saved.build_h * tonight.cost_low / ((high_h - saved.run_h_per_year * tonight.cost_low) / 12)
    END AS payback_months_low,
    CASE WHEN base_h > saved.run_h_per_year THEN saved.build_h / ((base_h - saved.run_h_per_year) / 12) END
        AS payback_months,
    CASE WHEN low_h > saved.run_h_per_year * tonight.cost_high
        THEN saved.build_h * tonight.cost_high / ((low_h - saved.run_h_per_year * tonight.cost_high) / 12)
    END AS payback_months_high
FROM saved
LEFT JOIN delay ON delay.candidate_id = saved.candidate_id
CROSS JOIN ops.tonight
