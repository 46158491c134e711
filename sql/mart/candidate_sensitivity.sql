-- mart.candidate_sensitivity: the assumption that has least way to go before one candidate's decision would be another.
-- The decision is whether its cost comes back within payback_months_max.
WITH stated AS (
    SELECT
        year.candidate_id,
        year.saving_h_per_year::DOUBLE AS saving_h,
        year.saving_h_per_year * coalesce(saving.estimated_s / saving.saved_s, 0) AS estimated_h,
        year.realised_share::DOUBLE AS realised_share,
        year.build_h::DOUBLE AS build_h,
        year.run_h_per_year / nullif(year.build_h, 0) AS run_share,
        CASE WHEN finding.lever = 'automate' THEN tonight.exception_share END AS exception_share,
        year.build_h * 12 / tonight.payback_months_max + year.run_h_per_year AS needed_h,
        needed_h / saving_h AS ratio,
        ratio <= 1 AS is_paid_back,
        tonight.* EXCLUDE (exception_share, run_share)
    FROM mart.finding
    JOIN mart.candidate_year AS year ON year.candidate_id = finding.candidate_id
    JOIN mart.candidate_saving AS saving ON saving.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
    WHERE year.saving_h_per_year > 0
),
turning AS (  -- where each assumption alone would make saving and need equal, and what it may be at its least and most
    SELECT
        *, unnest([
            {'place': 1, 'assumption': 'realised', 'assumed': realised_share, 'turns_at': realised_share * ratio,
             'least': realised_share * realised_low, 'most': least(realised_share * realised_high, 1)},
            {'place': 2, 'assumption': 'build', 'assumed': build_h, 'turns_at': build_h / ratio,
             'least': build_h * cost_low, 'most': build_h * cost_high},
            {'place': 3, 'assumption': 'run', 'assumed': run_share,
             'turns_at': saving_h / nullif(build_h, 0) - 12 / payback_months_max,
             'least': run_share * cost_low, 'most': run_share * cost_high},
            {'place': 4, 'assumption': 'exceptions', 'assumed': exception_share,
             'turns_at': 1 - (1 - exception_share) * ratio, 'least': 0, 'most': least(2 * exception_share, 1)},
            {'place': 5, 'assumption': 'estimate', 'assumed': CASE WHEN estimated_h > 0 THEN 1 END,
             'turns_at': (needed_h - (saving_h - estimated_h)) / nullif(estimated_h, 0),
             'least': 1 / estimate_factor, 'most': estimate_factor}
        ], recursive := true)
    FROM stated
),
nearest AS (
    SELECT
        *,
        turns_at > assumed AS is_rise,
        round(CASE WHEN is_rise THEN (turns_at - assumed) / nullif(most - assumed, 0)
            ELSE (assumed - turns_at) / nullif(assumed - least, 0) END, 6) AS reach
    FROM turning
    WHERE assumed > 0 AND turns_at >= 0 AND (assumption NOT IN ('realised', 'exceptions') OR turns_at <= 1)
    QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY reach NULLS LAST, place) = 1
),
told AS (
    SELECT
        *,
        CASE assumption
            WHEN 'realised' THEN format('the part realised {} {:.0f} %, assumed {:.0f} %',
                if(is_rise, 'rises above', 'falls below'), 100 * turns_at::DOUBLE, 100 * assumed::DOUBLE)
            WHEN 'build' THEN format('building it takes {} {:,.0f} h, assumed {:,.0f} h',
                if(is_rise, 'more than', 'less than'), turns_at::DOUBLE, assumed::DOUBLE)
            WHEN 'run' THEN format('looking after it takes {} {:.0f} % of its build a year, assumed {:.0f} %',
                if(is_rise, 'more than', 'less than'), 100 * turns_at::DOUBLE, 100 * assumed::DOUBLE)
            WHEN 'exceptions' THEN format('{} {:.0f} % of it comes back to people, assumed {:.0f} %',
                if(is_rise, 'more than', 'less than'), 100 * turns_at::DOUBLE, 100 * assumed::DOUBLE)
            ELSE format('its estimated handling time is {} {:.1f} times what was estimated',
                if(is_rise, 'more than', 'less than'), turns_at::DOUBLE)
        END AS turning_point
    FROM nearest
)
SELECT
    candidate_id,
    assumption,
    assumed,
    turns_at,
    reach,
    format('{} within {:.0f} months', if(is_paid_back, 'Pays back', 'Does not pay back'), payback_months_max::DOUBLE) || CASE
        WHEN reach <= 1 THEN ' unless ' || turning_point
        ELSE ', whatever one assumption does within its range: nearest is where ' || turning_point
    END || '.' AS sensitivity
FROM told
