-- mart.question_fold: one question that a larger question or claim on a run of the same steps holds, and that one.
WITH RECURSIVE asked AS (
    SELECT
        finding.candidate_id, finding.process, finding.activities, coalesce(volume.handling_s, 0) AS handling_s, volume.event_count,
        finding.is_question,
        finding.pattern IN ('routine', 'path_spread', 'long_way_round') AS is_run,
        fixed.activity IS NOT NULL AS is_step
    FROM mart.finding
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
    LEFT JOIN mart.fixed_flow_finding AS fixed
        ON finding.pattern = 'rule_based_step' AND fixed.process = finding.process AND fixed.activity = finding.activity
    WHERE finding.is_question OR is_run
),
held AS (  -- by the largest one, also where that was answered: its answer is theirs
    SELECT inner_one.candidate_id, outer_one.candidate_id AS holder_id
    FROM asked AS inner_one
    JOIN asked AS outer_one
        ON outer_one.process = inner_one.process
        AND (outer_one.handling_s, outer_one.event_count, outer_one.candidate_id)
            > (inner_one.handling_s, inner_one.event_count, inner_one.candidate_id)
    ANTI JOIN (SELECT candidate_id FROM mart.standing WHERE status IN ('rejected', 'retired', 'live')) AS settled
        ON settled.candidate_id = inner_one.candidate_id
    CROSS JOIN ops.tonight
    WHERE
        inner_one.is_question AND outer_one.is_run AND (inner_one.is_run OR inner_one.is_step)
        AND len(list_intersect(inner_one.activities, outer_one.activities))
            >= tonight.fold_share_min * len(inner_one.activities)
    QUALIFY row_number() OVER (
        PARTITION BY inner_one.candidate_id
        ORDER BY outer_one.handling_s DESC, outer_one.event_count DESC, outer_one.candidate_id DESC
    ) = 1
),
climb AS (  -- each step goes to a larger one, so it ends
    SELECT candidate_id, holder_id FROM held
    UNION ALL
    SELECT climb.candidate_id, held.holder_id FROM climb JOIN held ON held.candidate_id = climb.holder_id
)
SELECT climb.candidate_id, climb.holder_id AS folded_into
FROM climb
ANTI JOIN held ON held.candidate_id = climb.holder_id
