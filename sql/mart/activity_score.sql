-- mart.activity_score: each criterion of one activity over all its providers, weighted by executions.
WITH criterion AS (
    UNPIVOT (
        SELECT
            process, activity, provider, event_count,
            successor_standardisation_score, predecessor_standardisation_score, no_rework_score, periodicity_score,
            stability_score, handling_regularity_score, digital_share, structured_input_share, trigger_score,
            next_step_score
        FROM mart.activity_measure
    ) ON COLUMNS(* EXCLUDE (process, activity, provider, event_count)) INTO NAME criterion VALUE score
),
weighted AS (
    SELECT
        process, activity, criterion,
        round(fsum(event_count * score ORDER BY provider) / sum(event_count), 6) AS score
    FROM criterion
    GROUP BY process, activity, criterion
)
SELECT
    process,
    activity,
    max(score) FILTER (criterion = 'successor_standardisation_score') AS successor_standardisation_score,
    max(score) FILTER (criterion = 'predecessor_standardisation_score') AS predecessor_standardisation_score,
    max(score) FILTER (criterion = 'no_rework_score') AS no_rework_score,
    max(score) FILTER (criterion = 'periodicity_score') AS periodicity_score,
    max(score) FILTER (criterion = 'stability_score') AS stability_score,
    max(score) FILTER (criterion = 'handling_regularity_score') AS handling_regularity_score,
    max(score) FILTER (criterion = 'digital_share') AS digital_share,
    max(score) FILTER (criterion = 'structured_input_share') AS structured_input_share,
    max(score) FILTER (criterion = 'trigger_score') AS trigger_score,
    max(score) FILTER (criterion = 'next_step_score') AS next_step_score,
    count(*) AS criterion_count
FROM weighted
GROUP BY process, activity
