-- mart.found: one opportunity as its pattern found it tonight, under the id that its words give it.
WITH found AS (
    SELECT 'eliminate' AS lever, 'duplicate' AS pattern, 1 AS pattern_rank, * FROM mart.duplicate_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'rework' AS pattern, 2 AS pattern_rank, * FROM mart.rework_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'rework' AS pattern, 2 AS pattern_rank, * FROM mart.reopened_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'rework' AS pattern, 2 AS pattern_rank, * FROM mart.silent_rework_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'rubber_stamp' AS pattern, 3 AS pattern_rank, * FROM mart.rubber_stamp_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'abandoned' AS pattern, 4 AS pattern_rank, * FROM mart.abandoned_finding
    UNION ALL BY NAME
    SELECT 'eliminate' AS lever, 'repetition' AS pattern, 9 AS pattern_rank, * FROM mart.repetition_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'forwarding' AS pattern, 5 AS pattern_rank, * FROM mart.forwarding_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'ping_pong' AS pattern, 6 AS pattern_rank, * FROM mart.ping_pong_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'ping_pong' AS pattern, 6 AS pattern_rank, * FROM mart.bounce_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'batching' AS pattern, 7 AS pattern_rank, * FROM mart.batching_finding
    UNION ALL BY NAME
    SELECT 'standardize' AS lever, 'provider_gap' AS pattern, 7 AS pattern_rank, * FROM mart.provider_gap_finding
    UNION ALL BY NAME
    SELECT 'standardize' AS lever, 'judgement_gap' AS pattern, 10 AS pattern_rank, * FROM mart.judgement_gap_finding
    UNION ALL BY NAME
    SELECT 'standardize' AS lever, 'label_spread' AS pattern, 9 AS pattern_rank, * FROM mart.label_spread_finding
    UNION ALL BY NAME
    SELECT 'automate' AS lever, 'rule_based_step' AS pattern, 8 AS pattern_rank, * FROM mart.fixed_flow_finding
    UNION ALL BY NAME
    SELECT 'automate' AS lever, 'rule_based_step' AS pattern, 8 AS pattern_rank, * FROM mart.rule_finding
    UNION ALL BY NAME
    SELECT 'automate' AS lever, 'rekeying' AS pattern, 9 AS pattern_rank, * FROM mart.rekeying_finding
    UNION ALL BY NAME
    SELECT 'automate' AS lever, 'routine' AS pattern, 10 AS pattern_rank, * FROM mart.routine_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'long_way_round' AS pattern, 8 AS pattern_rank, * FROM mart.long_way_round_finding
    UNION ALL BY NAME
    SELECT 'simplify' AS lever, 'long_way_round' AS pattern, 8 AS pattern_rank, * FROM mart.detour_finding
    UNION ALL BY NAME
    SELECT 'standardize' AS lever, 'path_spread' AS pattern, 8 AS pattern_rank, * FROM mart.path_spread_finding
),
named AS (  -- the provider belongs to it only where the pattern is one provider's own
    SELECT
        coalesce(subject, activity::VARCHAR) AS known_by,
        'c' || left(
            md5(concat_ws(chr(31), process, lever, pattern, coalesce(provider::VARCHAR, ''), known_by)), 10
        ) AS named_id,
        list_position(['eliminate', 'simplify', 'standardize', 'automate'], lever) AS lever_rank,
        *
    FROM found
)
SELECT
    row_number() OVER (ORDER BY lever_rank, pattern_rank, named_id) AS candidate_no,
    named_id,
    process,
    provider,
    coalesce(activities, [activity::VARCHAR]) AS activities,
    activity,
    known_by AS subject,
    lever,
    pattern,
    lever_rank,
    pattern_rank,
    is_question,
    claim_share,
    realisation_share,
    witness_score,
    title,
    reason,
    evidence_sql
FROM named
