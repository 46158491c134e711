-- mart.candidate_case: what the ledger gave one ranked candidate in one case and quarter of the log, in milliseconds.
-- Of a process with more than sample_cases cases, those whose keys end alike go together as one.
SELECT
    saving.candidate_id,
    CASE WHEN span.sample_divisor > 1 THEN hash(instance.process, instance.case_key % tonight.sample_cases)
        ELSE instance.case_key
    END AS case_unit,
    greatest(1, least(4, 1 + 4 * epoch_ms(coalesce(instance.ended_at, instance.started_at) - span.started_at)
        // greatest(epoch_ms(span.ended_at - span.started_at), 1)))::TINYINT AS quarter,
    sum((1000 * saving.saved_s)::BIGINT)::BIGINT AS saved_ms,
    coalesce(sum((1000 * saving.saved_s)::BIGINT) FILTER (saving.is_estimated), 0)::BIGINT AS estimated_ms
FROM mart.saving
SEMI JOIN mart.candidate_rank AS ranked ON ranked.candidate_id = saving.candidate_id
JOIN core.activity_instance AS instance ON instance.activity_instance_id = saving.activity_instance_id
JOIN mart.process_span AS span ON span.process = instance.process
CROSS JOIN ops.tonight
GROUP BY ALL
