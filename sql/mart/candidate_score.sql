-- mart.candidate_score: how well one candidate is borne out, 0 to 100, and every part of that.
-- To automate, the work must behave like a system's step; the other levers ask how sure the pattern itself is.
WITH part AS (
    SELECT
        finding.candidate_id,
        CASE WHEN finding.lever <> 'automate'
            THEN round(volume.event_count / (volume.event_count + tonight.support_min), 6)
        END AS evidence_score,
        CASE WHEN finding.lever <> 'automate' THEN finding.witness_score END AS witness_score,
        CASE WHEN finding.lever <> 'automate' THEN volume.periodicity_score
            WHEN NOT finding.is_small THEN score.periodicity_score END
            AS periodicity_score,
        CASE WHEN finding.lever <> 'automate' THEN volume.measured_share END AS measured_share,
        CASE WHEN finding.lever <> 'automate' THEN volume.steadiness_score END AS steadiness_score,
        CASE WHEN finding.lever = 'automate' THEN score.successor_standardisation_score END
            AS successor_standardisation_score,
        CASE WHEN finding.lever = 'automate' THEN score.predecessor_standardisation_score END
            AS predecessor_standardisation_score,
        CASE WHEN finding.lever = 'automate' AND NOT finding.is_small THEN score.no_rework_score END AS no_rework_score,
        CASE WHEN finding.lever = 'automate' THEN score.stability_score END AS stability_score,
        CASE WHEN finding.lever = 'automate' AND NOT finding.is_small THEN score.handling_regularity_score END AS handling_regularity_score,
        CASE WHEN finding.lever = 'automate' THEN score.digital_share END AS digital_share,
        CASE WHEN finding.lever = 'automate' THEN score.structured_input_share END AS structured_input_share,
        CASE WHEN finding.lever = 'automate' THEN score.trigger_score END AS trigger_score,
        CASE WHEN finding.lever = 'automate' THEN score.next_step_score END AS next_step_score
    FROM mart.finding
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
    JOIN mart.activity_score AS score ON score.process = finding.process AND score.activity = finding.activity
    CROSS JOIN ops.tonight
),
weight AS (UNPIVOT (SELECT unnest(criterion_weights) FROM ops.tonight) ON COLUMNS(*) INTO NAME criterion VALUE weight),
mean AS (
    SELECT
        measured.candidate_id, count(*) AS criterion_count,
        fsum(measured.score * weight.weight ORDER BY measured.criterion) / fsum(weight.weight ORDER BY measured.criterion) AS score
    FROM (UNPIVOT part ON COLUMNS(* EXCLUDE (candidate_id)) INTO NAME criterion VALUE score) AS measured
    JOIN weight ON weight.criterion = measured.criterion AND weight.weight > 0
    GROUP BY measured.candidate_id
)
SELECT
    part.*,
    coalesce(mean.criterion_count, 0) AS criterion_count,
    CASE WHEN mean.criterion_count >= tonight.criteria_min THEN round(100 * mean.score, 1) END AS score
FROM part
LEFT JOIN mean ON mean.candidate_id = part.candidate_id
CROSS JOIN ops.tonight
