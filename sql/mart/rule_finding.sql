-- mart.rule_finding: one activity after which rules over recorded attributes decide the way.
WITH decided AS (
    SELECT
        process, activity,
        any_value(attribute) AS attribute,
        '"' || replace(any_value(attribute), '"', '""') || '"' AS quoted,
        any_value(held_out_accuracy) AS held_out_accuracy,
        any_value(greatest(baseline_accuracy, history_accuracy)) AS known_accuracy,
        any_value(held_out_count) AS held_out_count,
        string_agg(format('{} leads to {}', condition, predicts), '; ' ORDER BY support_count DESC, predicts) AS rules,
        string_agg(
            format(
                '({}) AND essa_next = {}', condition, '''' || replace(predicts, '''', '''''') || ''''
            ), ' OR ' ORDER BY predicts
        ) AS rightly
    FROM mart.rule
    WHERE is_held
    GROUP BY process, activity
),
found AS (
    SELECT
        decided.*, ground.* EXCLUDE (process, activity), ground.handling_s / 3600 AS handling_h, point.censored_at,
        tonight.support_min, tonight.rule_values_max, tonight.question_share_min,
        ground.handling_s > 0 AND ground.is_digital AND (ground.is_checking OR ground.is_even) AS is_sure
    FROM decided
    JOIN mart.automatable AS ground ON ground.process = decided.process AND ground.activity = decided.activity
    JOIN mart.decision_point AS point ON point.process = decided.process AND point.activity = decided.activity
    CROSS JOIN ops.tonight
)
SELECT
    process,
    activity,
    NOT is_sure AS is_question,
    held_out_accuracy AS claim_share,
    1 AS realisation_share,
    held_out_accuracy AS witness_score,
    format('{} decides what follows "{}"', attribute, activity) AS title,
    format(
        '{}. Learned on cases begun before {}; of {:,} decisions in {} begun since, {:.1f} % went as these rules say'
        || ' ({:.1f} % by habit or history alone). {:,} executions are by people and took {:,.1f} h. {}',
        rules, split_day, held_out_count,
        CASE WHEN is_sampled THEN 'a fixed sample of cases' ELSE 'cases' END,
        100 * held_out_accuracy, 100 * known_accuracy, event_count, handling_h,
        CASE WHEN is_sure THEN 'The rest stays with people.' ELSE format('Asked, not claimed: {}.', nature) END
    ) AS reason,
    format(
        'WITH split AS (SELECT quantile_disc(started_at, .7)::DATE AS split_on FROM core.trace WHERE process = {0}),'
        || ' seen AS (SELECT is_later AS is_essa_later, activity AS essa_activity,'
        || ' coalesce(ended_at, started_at) AS essa_at, coalesce(next_activity::VARCHAR, ''end of case'') AS essa_next,'
        || ' coalesce(previous_activity::VARCHAR, ''start of case'') AS essa_previous,'
        || ' last_value(attributes.{2} IGNORE NULLS) OVER (PARTITION BY case_id ORDER BY position'
        || ' ROWS UNBOUNDED PRECEDING) AS {2}'
        || ' FROM (SELECT * FROM core.activity_instance WHERE process = {0})'
        || ' JOIN (SELECT case_id, is_later FROM mart.sampled_case WHERE process = {0}) USING (case_id)),'
        || ' decision AS (SELECT *, ({3}) AS is_essa_rule FROM seen'
        || ' WHERE essa_activity = {1} AND essa_at <= TIMESTAMP ''{4}''),'
        || ' usual AS (SELECT mode(essa_next ORDER BY essa_next) AS essa_usual FROM decision WHERE NOT is_essa_later),'
        || ' learned AS (SELECT essa_previous, arg_max(essa_next, (n, essa_next)) AS essa_learned'
        || ' FROM (SELECT essa_previous, essa_next, count(*) AS n FROM decision WHERE NOT is_essa_later GROUP BY ALL)'
        || ' GROUP BY essa_previous HAVING sum(n) >= {5}'
        || ' QUALIFY row_number() OVER (ORDER BY sum(n) DESC, essa_previous) <= {6}),'
        || ' habit AS (SELECT max(n) AS most FROM'
        || ' (SELECT count(*) AS n FROM decision WHERE is_essa_later GROUP BY essa_next)),'
        || ' test AS (SELECT count(*) AS held_out_count,'
        || ' round(count(*) FILTER (is_essa_rule) / count(*), 6) AS held_out_accuracy,'
        || ' max(most) / count(*) AS baseline_accuracy,'
        || ' count(*) FILTER (essa_next = coalesce(essa_learned, essa_usual)) / count(*) AS history_accuracy,'
        || ' greatest(baseline_accuracy, history_accuracy) AS known_accuracy FROM decision'
        || ' LEFT JOIN learned USING (essa_previous) CROSS JOIN usual CROSS JOIN habit WHERE is_essa_later)'
        || ' SELECT work.*, split.*, test.* FROM ({7}) AS work CROSS JOIN split CROSS JOIN test',
        process_sql, activity_sql, quoted, rightly, censored_at, support_min, rule_values_max, work_sql
    ) AS evidence_sql
FROM found
WHERE is_sure OR process_share >= question_share_min
