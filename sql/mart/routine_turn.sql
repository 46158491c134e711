-- mart.routine_turn: one step of one run of a routine in a variant, and how many cases took that variant.
SELECT
    match.process,
    match.variant_key,
    match.run_no,
    identity.routine_id,
    match.step_no,
    min(match.position) AS position,
    max(match.position) AS last_position,
    count(*) AS event_count,
    variant.case_count
FROM mart.routine_match AS match
JOIN mart.routine_identity AS identity ON identity.named_id = match.named_id
JOIN core.variant ON variant.process = match.process AND variant.variant_key = match.variant_key
GROUP BY match.process, match.variant_key, match.run_no, identity.routine_id, match.step_no, variant.case_count
