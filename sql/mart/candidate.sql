-- mart.candidate: one opportunity, what it would save in a year, how well it is borne out, and its rank.
WITH lost AS (
    SELECT
        loss.candidate_id, sum(loss.lost_s) AS lost_s,
        string_agg(
            format('{:,.1f} h to {} ({})', (loss.lost_s / 3600)::DOUBLE, loss.winner_id, loss.lever), ', '
            ORDER BY list_position(['eliminate', 'simplify', 'standardize', 'automate'], loss.lever), loss.winner_id
        ) AS lost_to
    FROM mart.loss
    GROUP BY loss.candidate_id
),
memory AS (
    SELECT candidate_id, min(first_seen_on) AS first_seen_on
    FROM ops.candidate_memory
    CROSS JOIN ops.tonight
    WHERE last_seen_on < tonight.night
    GROUP BY candidate_id
)
SELECT
    finding.candidate_id,
    ranked.rank,
    finding.process,
    volume.provider,
    finding.activities,
    finding.lever,
    finding.pattern,
    finding.is_question,
    fold.folded_into,
    coalesce(holder.folded_count, 0) AS folded_count,
    finding.title,
    concat_ws(
        ' ',
        finding.reason,
        CASE WHEN lost.lost_s > 0 THEN 'Higher on the ladder goes first: ' || lost_to || '.' END,
        money.says
    ) AS reason,
    score.* EXCLUDE (candidate_id),
    round(
        100 * (plain.successor_standardisation_score + plain.predecessor_standardisation_score) / 2
        * volume.event_count * year.log_to_year / max(volume.event_count * year.log_to_year) OVER (),
        1
    ) AS plain_score,
    volume.event_count,
    volume.case_count,
    year.handling_h_per_year,
    stands.saving_h_per_year_low,
    stands.saving_h_per_year,
    stands.saving_h_per_year_high,
    CASE WHEN NOT finding.is_question THEN stands.realised_share END AS realised_share,
    CASE WHEN NOT finding.is_question THEN stands.build_h END AS build_h,
    CASE WHEN NOT finding.is_question THEN stands.run_h_per_year END AS run_h_per_year,
    CASE WHEN NOT finding.is_question THEN stands.net_h_per_year_low END AS net_h_per_year_low,
    CASE WHEN NOT finding.is_question THEN stands.net_h_per_year END AS net_h_per_year,
    CASE WHEN NOT finding.is_question THEN stands.net_h_per_year_high END AS net_h_per_year_high,
    stands.payback_months_low,
    stands.payback_months,
    stands.payback_months_high,
    sensitive.sensitivity,
    money.deciding_clause,
    money.currency,
    money.saving_per_year,
    money.client_saving_per_year_low,
    money.client_saving_per_year,
    money.client_saving_per_year_high,
    money.provider_saving_per_year_low,
    money.provider_saving_per_year,
    money.provider_saving_per_year_high,
    money.priced_share,
    year.delay_h_per_year,
    year.late_h_per_year,
    firm.rank_low,
    firm.rank_high,
    firm.top_ten_share,
    firm.quarter_ranks,
    coalesce(memory.first_seen_on, tonight.night) AS first_seen_on,
    coalesce(standing.status, 'proposed') AS status,
    standing.back_because AS returned_because,
    CASE WHEN standing.status = 'rejected' AND NOT finding.is_question THEN standing.refused_h_per_year END
        AS refused_h_per_year,
    lost.lost_to,
    finding.evidence_sql,
    NULL AS evidence_hash
FROM mart.finding
JOIN mart.candidate_year AS year ON year.candidate_id = finding.candidate_id
JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
JOIN mart.candidate_score AS score ON score.candidate_id = finding.candidate_id
LEFT JOIN mart.activity_score AS plain ON plain.process = finding.process AND plain.activity = finding.activity
LEFT JOIN mart.candidate_money AS money ON money.candidate_id = finding.candidate_id
LEFT JOIN mart.candidate_sensitivity AS sensitive ON sensitive.candidate_id = finding.candidate_id
LEFT JOIN mart.question_fold AS fold ON fold.candidate_id = finding.candidate_id
LEFT JOIN (SELECT folded_into, count(*) AS folded_count FROM mart.question_fold GROUP BY folded_into) AS holder
    ON holder.folded_into = finding.candidate_id
LEFT JOIN mart.candidate_rank AS ranked ON ranked.candidate_id = finding.candidate_id
LEFT JOIN mart.candidate_firmness AS firm ON firm.candidate_id = finding.candidate_id
LEFT JOIN lost ON lost.candidate_id = finding.candidate_id
LEFT JOIN memory ON memory.candidate_id = finding.candidate_id
LEFT JOIN mart.standing ON standing.candidate_id = finding.candidate_id
-- what is rejected or retired saves nothing and costs nothing
LEFT JOIN mart.candidate_year AS stands
    ON stands.candidate_id = finding.candidate_id AND coalesce(standing.status NOT IN ('rejected', 'retired'), true)
CROSS JOIN ops.tonight
