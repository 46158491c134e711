-- mart.candidate_rank: one candidate's place among those to be done, and the places its low and high case reach.
WITH contender AS (
    SELECT
        finding.candidate_id,
        coalesce(score.score / 100, tonight.unscored_share) AS weight,
        round(saving_h_per_year_low::DOUBLE * weight, 6) AS low_worth,
        round(saving_h_per_year::DOUBLE * weight, 6) AS worth,
        round(saving_h_per_year_high::DOUBLE * weight, 6) AS high_worth
    FROM mart.finding
    JOIN mart.candidate_year AS year ON year.candidate_id = finding.candidate_id
    JOIN mart.candidate_score AS score ON score.candidate_id = finding.candidate_id
    ANTI JOIN (SELECT candidate_id FROM ops.decision WHERE status IN ('rejected', 'retired', 'live')) AS settled
        ON settled.candidate_id = finding.candidate_id
    CROSS JOIN ops.tonight
    WHERE NOT finding.is_question
)
SELECT
    mine.candidate_id,
    1 + count(*) FILTER ((-other.worth, other.candidate_id) < (-mine.worth, mine.candidate_id)) AS rank,
    1 + count(*) FILTER ((-other.low_worth, other.candidate_id) < (-mine.high_worth, mine.candidate_id)) AS rank_low,
    1 + count(*) FILTER ((-other.high_worth, other.candidate_id) < (-mine.low_worth, mine.candidate_id)) AS rank_high
FROM contender AS mine
LEFT JOIN contender AS other ON other.candidate_id <> mine.candidate_id
GROUP BY mine.candidate_id
