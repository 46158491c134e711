-- mart.provider_gap_finding: one provider that takes surely longer than the best for one activity.
WITH known AS (
    SELECT process, string_agg(DISTINCT attribute, ', ' ORDER BY attribute) AS attributes
    FROM mart.case_attribute
    GROUP BY process
)
SELECT
    gap.process,
    gap.provider,
    gap.activity,
    gap.is_question,
    1 - 1 / gap.ratio_lower AS claim_share,
    1 AS realisation_share,
    CASE WHEN gap.is_claimed THEN gap.coverage_share END AS witness_score,
    format(
        '{} takes {:.1f} times as long as {} for "{}"', gap.provider, gap.ratio, gap.best_provider, gap.activity
    ) AS title,
    format(
        'A typical execution takes {} {:,.0f} s and {} {:,.0f} s (ratio {:.2f}, surely above {:.2f}; {:,} executions,'
        || ' {:,.1f} h). {}',
        gap.provider, gap.adjusted_handling_s::DOUBLE, gap.best_provider, gap.best_handling_s::DOUBLE, gap.ratio,
        gap.ratio_lower, gap.event_count, gap.handling_h::DOUBLE,
        CASE
            WHEN gap.mix IS NULL THEN 'Is it slower, or are its cases harder? No attribute of the case is'
                || ' named as known when it began, so nothing is claimed.'
            WHEN gap.is_question THEN format(
                'Is it slower, or are its cases harder? Only {:.0f} % of executions could be compared at an equal mix'
                || ' by {}, so nothing is claimed.', 100 * gap.coverage_share, gap.mix
            )
            WHEN gap.mix = ''
                THEN format('Of what is known when cases begin ({}), nothing makes them harder.', known.attributes)
            ELSE format(
                'Compared at an equal mix of cases by {}; {:.0f} % of executions could be compared. Only the sure part'
                || ' of the excess is counted; what is not recorded when cases begin is not adjusted for.',
                gap.mix, 100 * gap.coverage_share
            )
        END
    ) AS reason,
    format(
        'SELECT count(*) FILTER (provider = ''{0}'') AS event_count,'
        || ' count(DISTINCT case_id) FILTER (provider = ''{0}'') AS case_count,'
        || ' sum(handling_s) FILTER (provider = ''{0}'') / 3600 AS handling_h,'
        || ' quantile_disc(handling_s, .5) FILTER (provider = ''{0}'') AS median_handling_s,'
        || ' quantile_disc(handling_s, .5) FILTER (provider = ''{1}'') AS best_median_handling_s,'
        || ' (SELECT excess_h FROM mart.provider_comparison WHERE process = ''{2}'' AND activity = ''{3}'''
        || ' AND provider = ''{0}'') AS excess_h FROM core.activity_instance WHERE process = ''{2}'''
        || ' AND activity = ''{3}'' AND handling_method IN (''measured'', ''shared'') AND handling_s > 0'
        || ' AND NOT is_robot AND resource IS NOT NULL',
        replace(gap.provider::VARCHAR, '''', ''''''), replace(gap.best_provider::VARCHAR, '''', ''''''),
        replace(gap.process::VARCHAR, '''', ''''''), replace(gap.activity::VARCHAR, '''', '''''')
    ) AS evidence_sql
FROM mart.provider_comparison AS gap
LEFT JOIN known ON known.process = gap.process
WHERE gap.is_claimed OR gap.is_question
