-- mart.candidate: one opportunity, what it would save in a year, how well it is borne out, and its rank.
WITH lost AS (
    SELECT
        loss.candidate_id, sum(loss.lost_s) AS lost_s,
        string_agg(
            format('{:,.1f} h to {}', (loss.lost_s / 3600)::DOUBLE, loss.lever), ', '
            ORDER BY list_position(['eliminate', 'simplify', 'standardize', 'automate'], loss.lever)
        ) AS lost_to
    FROM mart.loss
    GROUP BY loss.candidate_id
),
yearly AS (
    SELECT
        finding.candidate_id,
        365.25 / span.span_days AS log_to_year,
        365.25 / span.span_days * finding.realisation_share
            * [
                tonight.realised_share_eliminate, tonight.realised_share_simplify,
                tonight.realised_share_standardize, tonight.realised_share_automate
            ][finding.lever_rank] AS realised_to_year,
        coalesce(saving.saved_s, 0) / 3600 AS saved_h,
        coalesce(saving.estimated_s, 0) / 3600 AS estimated_h
    FROM mart.finding
    JOIN mart.process_span AS span ON span.process = finding.process
    LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
),
money AS (
    SELECT
        yearly.candidate_id,
        volume.handling_s / 3600 * log_to_year AS handling_h_per_year,
        (saved_h - estimated_h + estimated_h / tonight.estimate_factor) * realised_to_year * tonight.realised_low
            AS saving_h_per_year_low,
        saved_h * realised_to_year AS saving_h_per_year,
        least(saved_h * realised_to_year * tonight.realised_high, saved_h * log_to_year) AS saving_h_per_year_high,
        saving.cost * realised_to_year AS saving_per_year,
        saving.currency,
        tonight.build_cost_h / nullif(saved_h * realised_to_year / 12, 0) AS payback_months
    FROM yearly
    JOIN mart.finding_volume AS volume ON volume.candidate_id = yearly.candidate_id
    LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = yearly.candidate_id
    CROSS JOIN ops.tonight
)
SELECT
    finding.candidate_id,
    CASE WHEN NOT finding.is_question AND coalesce(decision.status, 'proposed') NOT IN ('rejected', 'retired', 'live')
    THEN row_number() OVER (
        ORDER BY
            finding.is_question, coalesce(decision.status, 'proposed') IN ('rejected', 'retired', 'live'), round(money.saving_h_per_year * coalesce(score.score, 50) / 100, 6) DESC,
            finding.candidate_id
    ) END AS rank,
    finding.process,
    finding.provider,
    finding.activities,
    finding.lever,
    finding.pattern,
    finding.is_question,
    finding.title,
    concat_ws(
        ' ', finding.reason, CASE WHEN lost.lost_s > 0 THEN 'Higher on the ladder goes first: ' || lost_to || '.' END
    ) AS reason,
    score.* EXCLUDE (candidate_id),
    volume.event_count,
    volume.case_count,
    money.* EXCLUDE (candidate_id),
    NULL AS rank_low,
    NULL AS rank_high,
    coalesce(memory.first_seen_on, tonight.night) AS first_seen_on,
    coalesce(decision.status, 'proposed') AS status,
    lost.lost_to,
    finding.evidence_sql,
    NULL AS evidence_hash
FROM mart.finding
JOIN money ON money.candidate_id = finding.candidate_id
JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
JOIN mart.candidate_score AS score ON score.candidate_id = finding.candidate_id
LEFT JOIN lost ON lost.candidate_id = finding.candidate_id
LEFT JOIN ops.candidate_memory AS memory ON memory.candidate_id = finding.candidate_id
LEFT JOIN ops.decision ON decision.candidate_id = finding.candidate_id
CROSS JOIN ops.tonight
