-- mart.candidate_example: one of ten cases at most that one candidate is about, chosen by chance that every night repeats.
SELECT
    chosen.candidate_id,
    chosen.example_no,
    trace.process,
    trace.case_id,
    trace.provider,
    trace.started_at,
    trace.ended_at,
    trace.event_count
FROM (
    SELECT
        volume.candidate_id,
        unnest(volume.example_keys) AS case_key,
        unnest(range(1, len(volume.example_keys) + 1))::INTEGER AS example_no
    FROM mart.finding_volume AS volume
) AS chosen
JOIN core.trace ON trace.case_key = chosen.case_key
