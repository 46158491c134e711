-- mart.sampled_case: one case of the fixed sample that rules are learned and tested on and providers compared on.
SELECT
    trace.process,
    trace.case_id,
    trace.case_key,
    trace.started_at >= process_span.split_at AS is_later
FROM core.trace
JOIN mart.process_span
    ON process_span.process = trace.process AND trace.case_key % process_span.sample_divisor = 0
