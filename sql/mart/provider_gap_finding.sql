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
    (1 - 1 / gap.ratio_lower) * CASE WHEN gap.is_claimed THEN gap.comparable_share ELSE 1 END AS claim_share,
    1 AS realisation_share,
    CASE WHEN gap.is_claimed THEN gap.coverage_share END AS witness_score,
    format(
        '{} takes {:.1f} times as long as {} for "{}"', gap.provider, gap.ratio, gap.best_provider, gap.activity
    ) AS title,
    format(
        'A typical execution takes {} {:,.0f} s and {} {:,.0f} s (ratio {:.2f}, surely above {:.2f}; {:,} executions,'
        || ' {:,.1f} h in all). {}',
        gap.provider, gap.adjusted_handling_s::DOUBLE, gap.best_provider, gap.best_handling_s::DOUBLE, gap.ratio,
        gap.ratio_lower, gap.event_count, gap.handling_h::DOUBLE,
        CASE
            WHEN gap.mix IS NULL THEN 'Is it slower, or are its cases harder? No attribute of the case is'
                || ' named as known when it began, so nothing is claimed.'
            WHEN activity_mix.unread IS NOT NULL THEN format(
                'Is it slower, or are its cases harder? {} Until then nothing is claimed.', activity_mix.unread
            )
            WHEN gap.is_question THEN format(
                'Is it slower, or are its cases harder? Only {:.0f} % of the hours could be compared at an equal mix'
                || ' by {}, so nothing is claimed.', 100 * gap.coverage_share, gap.mix
            )
            WHEN gap.mix = ''
                THEN format('Of what is known when cases begin ({}), nothing makes them harder.', known.attributes)
            ELSE format(
                'Compared at an equal mix of cases by {}; {:.0f} % of the hours could be compared. Only the sure part'
                || ' of their excess is counted; what is not recorded when cases begin is not adjusted for.',
                gap.mix, 100 * gap.coverage_share
            )
        END
    ) AS reason,
    format(
        'WITH done AS (SELECT provider, case_id, handling_s, round(1e6 * ln(handling_s))::HUGEINT AS log_s'
        || ' FROM core.activity_instance WHERE process = {0} AND activity = {1} AND handling_s > 0'
        || ' AND handling_method IN (''measured'', ''shared'') AND NOT is_robot AND resource IS NOT NULL AND provider IN'
        || ' (SELECT provider FROM core.activity_instance WHERE process = {0} AND activity = {1} AND NOT is_robot'
        || ' GROUP BY provider HAVING count(DISTINCT resource) >= {7})),'
        || ' rival AS (SELECT provider FROM done GROUP BY provider HAVING count(*) >= {2}),'
        || ' grouped AS (SELECT ''mix'' AS basis, provider, stratum, log_s FROM done'
        || ' JOIN (SELECT case_id, stratum FROM mart.compared_case WHERE process = {0} AND mix = {3}) USING (case_id)'
        || ' UNION ALL SELECT ''plain'', provider, ''all'', log_s FROM done),'
        || ' cell AS (SELECT basis, provider, stratum, count(*) AS n, sum(log_s) AS log_sum,'
        || ' sum(log_s * log_s) AS square_sum FROM grouped SEMI JOIN rival USING (provider) GROUP BY ALL),'
        || ' shared AS (SELECT basis, stratum, sum(n) AS weight FROM cell WHERE n >= {2} AND stratum IS NOT NULL'
        || ' GROUP BY ALL HAVING count(*) = (SELECT count(*) FROM rival)),'
        || ' pace AS (SELECT basis, provider, sum(n) AS n,'
        || ' fsum(weight * (log_sum / n) ORDER BY stratum) / sum(weight) / 1e6 AS log_mean,'
        || ' sqrt(fsum((weight * weight / n) * (greatest(square_sum - log_sum * (log_sum / n), 0) / (n - 1))'
        || ' ORDER BY stratum)) / sum(weight) / 1e6 AS log_error'
        || ' FROM cell JOIN shared USING (basis, stratum) GROUP BY ALL),'
        || ' placed AS (SELECT done.*, shared.stratum IS NOT NULL AS is_shared FROM done SEMI JOIN rival USING (provider)'
        || ' JOIN (SELECT case_id, stratum FROM mart.compared_case WHERE process = {0} AND mix = {3}) AS likened'
        || ' USING (case_id) LEFT JOIN shared ON shared.basis = ''mix'' AND shared.stratum = likened.stratum),'
        || ' covered AS (SELECT provider, coalesce(sum(handling_s) FILTER (is_shared), 0) / sum(handling_s)'
        || ' AS coverage_share, coalesce(sum(handling_s) FILTER (NOT is_shared), 0) AS unlike_s'
        || ' FROM placed GROUP BY provider),'
        || ' mine AS (SELECT * FROM done WHERE provider = {5} AND ({4} = ''plain'''
        || ' OR case_id NOT IN (SELECT case_id FROM placed WHERE NOT is_shared))),'
        || ' gap AS (SELECT exp(slow.log_mean) AS adjusted_handling_s, exp(best.log_mean) AS best_handling_s,'
        || ' round(exp(slow.log_mean - best.log_mean), 6) AS ratio, round(exp(slow.log_mean - best.log_mean'
        || ' - 1.64 * sqrt(slow.log_error * slow.log_error + best.log_error * best.log_error)), 6) AS ratio_lower'
        || ' FROM pace AS slow JOIN pace AS best USING (basis)'
        || ' WHERE basis = {4} AND slow.provider = {5} AND best.provider = {6})'
        || ' SELECT (SELECT count(*) FROM mine) AS event_count,'
        || ' (SELECT count(DISTINCT case_id) FROM mine) AS case_count,'
        || ' (SELECT sum(handling_s) / 3600 FROM mine) AS handling_h,'
        || ' (SELECT count(*) FROM done WHERE provider = {5}) AS measured_count,'
        || ' (SELECT sum(handling_s) / 3600 FROM done WHERE provider = {5}) AS measured_h,'
        || ' round(adjusted_handling_s, 3) AS adjusted_handling_s, round(best_handling_s, 3) AS best_handling_s,'
        || ' ratio, ratio_lower,'
        || ' round((1 - 1 / ratio_lower) * CASE {4} WHEN ''mix'' THEN (SELECT round(coverage_share'
        || ' * (SELECT sum(handling_s) FROM done WHERE provider = {5}) / (SELECT sum(handling_s) FROM mine), 6)'
        || ' FROM covered WHERE provider = {5}) ELSE 1 END, 6) AS excess_share,'
        || ' (SELECT round(coalesce(min(coverage_share), 0), 6) FROM covered) AS coverage_share FROM gap',
        work.process_sql, work.activity_sql, tonight.gap_stratum_min,
        coalesce('''' || replace(gap.mix, '''', '''''') || '''', 'NULL'),
        CASE WHEN gap.is_claimed THEN '''mix''' ELSE '''plain''' END,
        '''' || replace(gap.provider::VARCHAR, '''', '''''') || '''',
        '''' || replace(gap.best_provider::VARCHAR, '''', '''''') || '''',
        tonight.people_min
    ) AS evidence_sql
FROM mart.provider_comparison AS gap
JOIN mart.activity_work AS work ON work.process = gap.process AND work.activity = gap.activity
LEFT JOIN known ON known.process = gap.process
LEFT JOIN mart.activity_mix ON activity_mix.process = gap.process AND activity_mix.activity = gap.activity
CROSS JOIN ops.tonight
WHERE gap.is_claimed OR gap.is_question
