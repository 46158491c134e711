-- mart.path_spread_finding: one provider that does some steps in other ways than another, which nearly always goes the same.
-- Harder cases take other ways, so it is only asked about.
WITH way AS (
    SELECT
        process, provider, any_value(best_provider) AS best_provider,
        list(activity::VARCHAR ORDER BY activity) AS steps,
        string_agg('''' || replace(activity::VARCHAR, '''', '''''') || '''', ', ' ORDER BY activity) AS steps_sql,
        string_agg(
            '(''' || replace(activity::VARCHAR, '''', '''''') || ''', '''
            || replace(next_activity::VARCHAR, '''', '''''') || ''')',
            ', ' ORDER BY activity
        ) AS pairs_sql
    FROM mart.provider_way
    GROUP BY process, provider
),
judged AS (
    SELECT
        way.process, way.provider, instance.provider = way.provider AS is_own, instance.case_key,
        bool_or(instance.next_activity <> way.next_activity) AS is_off
    FROM core.activity_instance AS instance
    JOIN mart.provider_way AS way
        ON way.process = instance.process AND way.activity = instance.activity
        AND (instance.provider = way.provider OR instance.provider = way.best_provider)
    WHERE instance.next_activity IS NOT NULL
    GROUP BY way.process, way.provider, is_own, instance.case_key
),
kept AS (
    SELECT
        process, provider,
        count(*) FILTER (NOT is_own AND NOT is_off) / nullif(count(*) FILTER (NOT is_own), 0) AS best_share,
        count(*) FILTER (is_own AND NOT is_off) / nullif(count(*) FILTER (is_own), 0) AS own_share
    FROM judged
    GROUP BY process, provider
),
step AS (
    SELECT process, provider, activity, count(*) AS event_count, coalesce(sum(handling_s), 0) AS handling_s
    FROM mart.path_spread
    WHERE is_by_person
    GROUP BY process, provider, activity
),
worked AS (
    SELECT
        step.process, step.provider,
        list(step.activity::VARCHAR ORDER BY step.event_count DESC, step.activity) AS activities,
        arg_max(step.activity, (step.event_count, step.handling_s, step.activity)) AS activity,
        string_agg(work.activity_sql, ', ' ORDER BY work.activity_sql) AS activities_sql,
        any_value(work.process_sql) AS process_sql,
        '''' || replace(step.provider::VARCHAR, '''', '''''') || '''' AS provider_sql,
        sum(step.event_count) AS event_count,
        sum(step.handling_s) AS handling_s,
        any_value(total.handling_s) AS total_s
    FROM step
    JOIN mart.activity_work AS work ON work.process = step.process AND work.activity = step.activity
    JOIN (SELECT process, sum(handling_s) AS handling_s FROM mart.activity_work GROUP BY process) AS total
        ON total.process = step.process
    GROUP BY step.process, step.provider
)
SELECT
    worked.process,
    worked.provider,
    worked.provider::VARCHAR AS subject,
    worked.activity,
    worked.activities,
    true AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format(
        '{} does "{}"{} in other ways than {}', worked.provider, worked.activities[1],
        CASE WHEN len(worked.activities) > 1 THEN format(' and {} more', len(worked.activities) - 1) ELSE '' END,
        way.best_provider
    ) AS title,
    format(
        'After "{}", "{}" goes on as usual in {:.1f} % of its cases, "{}" in {:.1f} %. In its other cases people did {:,}'
        || ' executions of "{}"{}. Asked, not claimed: their cases may differ.',
        array_to_string(way.steps, '", "'), way.best_provider, 100 * kept.best_share, worked.provider, 100 * kept.own_share,
        worked.event_count, array_to_string(worked.activities, '", "'),
        CASE WHEN worked.handling_s = 0 THEN '; how long that took, the log cannot say'
            ELSE format(' in {:,.1f} h', worked.handling_s / 3600) END
    ) AS reason,
    format(
        'WITH judged AS (SELECT provider, case_id, bool_or((activity::VARCHAR, next_activity::VARCHAR) NOT IN ({0})) AS is_off'
        || ' FROM core.activity_instance WHERE process = {1} AND provider IN ({2}, {3}) AND activity IN ({4})'
        || ' AND next_activity IS NOT NULL GROUP BY provider, case_id)'
        || ' SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count, sum(handling_s) / 3600 AS handling_h,'
        || ' (SELECT count(*) FILTER (NOT is_off) / count(*) FROM judged WHERE provider = {3}) AS best_share,'
        || ' (SELECT count(*) FILTER (NOT is_off) / count(*) FROM judged WHERE provider = {2}) AS own_share'
        || ' FROM core.activity_instance JOIN judged USING (provider, case_id) WHERE is_off AND process = {1}'
        || ' AND provider = {2} AND activity IN ({5}) AND NOT is_robot AND resource IS NOT NULL',
        way.pairs_sql, worked.process_sql, worked.provider_sql,
        '''' || replace(way.best_provider::VARCHAR, '''', '''''') || '''', way.steps_sql, worked.activities_sql
    ) AS evidence_sql
FROM worked
JOIN way ON way.process = worked.process AND way.provider = worked.provider
JOIN kept ON kept.process = worked.process AND kept.provider = worked.provider
CROSS JOIN ops.tonight
WHERE
    worked.event_count >= tonight.question_count_min
    AND (worked.handling_s >= tonight.question_share_min * worked.total_s OR worked.total_s = 0)
