-- mart.candidate_rank: one candidate's place among those to be done, by what it is worth in a year after its costs.
WITH contender AS (
    SELECT
        finding.candidate_id,
        coalesce(score.score / 100, tonight.unscored_share) AS weight,
        year.net_h_per_year::DOUBLE AS net_h,
        -- what costs more than it saves is not made better by how sure it is
        round(CASE WHEN net_h > 0 THEN net_h * weight ELSE net_h END, 6) AS worth_h_per_year
    FROM mart.finding
    JOIN mart.candidate_year AS year ON year.candidate_id = finding.candidate_id
    JOIN mart.candidate_score AS score ON score.candidate_id = finding.candidate_id
    ANTI JOIN (SELECT candidate_id FROM mart.standing WHERE status IN ('rejected', 'retired', 'live')) AS settled
        ON settled.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
    WHERE NOT finding.is_question
)
SELECT
    candidate_id,
    worth_h_per_year,
    row_number() OVER (ORDER BY worth_h_per_year DESC, candidate_id) AS rank
FROM contender
