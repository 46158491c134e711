-- mart.candidate_year: what one candidate takes and would save in a year, in hours and in money.
WITH paid AS (  -- the currency in which most of its hours are paid
    SELECT *
    FROM mart.candidate_cost
    QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY saved_s DESC, currency) = 1
),
delay AS (  -- waiting a candidate stands behind: of a pile for its last, of work for the step that only passes it on
    SELECT finding.candidate_id, sum(cause.waiting_h) AS delay_h
    FROM mart.finding
    JOIN mart.waiting_cause AS cause
        ON cause.process = finding.process AND cause.activity = finding.activity
        AND (finding.provider IS NULL OR finding.provider = cause.provider)
    WHERE finding.pattern = 'forwarding' OR finding.pattern = 'batching' AND cause.cause = 'batching'
    GROUP BY finding.candidate_id
),
yearly AS (
    SELECT
        finding.candidate_id,
        volume.handling_s / 3600 AS handling_h,
        volume.late_s / 3600 AS late_h,
        365.25 / span.span_days AS log_to_year,
        log_to_year * finding.realisation_share
            * [
                tonight.realised_share_eliminate, tonight.realised_share_simplify,
                tonight.realised_share_standardize, tonight.realised_share_automate
            ][finding.lever_rank] AS realised_to_year,
        coalesce(saving.saved_s, 0) / 3600 AS saved_h,
        coalesce(saving.estimated_s, 0) / 3600 AS estimated_h
    FROM mart.finding
    JOIN mart.process_span AS span ON span.process = finding.process
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
    LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
)
SELECT
    yearly.candidate_id,
    handling_h * log_to_year AS handling_h_per_year,
    (saved_h - estimated_h + estimated_h / tonight.estimate_factor) * realised_to_year * tonight.realised_low
        AS saving_h_per_year_low,
    saved_h * realised_to_year AS saving_h_per_year,
    least(saved_h * realised_to_year * tonight.realised_high, saved_h * log_to_year) AS saving_h_per_year_high,
    paid.cost * realised_to_year AS saving_per_year,
    paid.currency,
    CASE WHEN saved_h > 0 THEN round(coalesce(paid.saved_s, 0) / 3600 / saved_h, 6) END AS priced_share,
    delay.delay_h * log_to_year AS delay_h_per_year,
    late_h * log_to_year AS late_h_per_year,
    tonight.build_cost_h / nullif(saved_h * realised_to_year / 12, 0) AS payback_months
FROM yearly
LEFT JOIN paid ON paid.candidate_id = yearly.candidate_id
LEFT JOIN delay ON delay.candidate_id = yearly.candidate_id
CROSS JOIN ops.tonight
