-- mart.candidate_firmness: how far one ranked candidate's place holds when cases and assumptions are drawn again.
-- It is the uncertainty of sampling and of the stated assumptions; what the log records wrongly it cannot show.
WITH placed AS (
    SELECT
        candidate_id,
        quantile_disc(rank, .05) AS rank_05,
        quantile_disc(rank, .95) AS rank_95,
        round(count(*) FILTER (rank <= 10) / count(*), 6) AS top_ten_share
    FROM mart.candidate_draw
    GROUP BY candidate_id
),
quarterly AS (
    SELECT candidate_id, quarter, sum(saved_ms)::BIGINT AS saved_ms FROM mart.candidate_case GROUP BY candidate_id, quarter
),
part AS (  -- each quarter of the log as if it were all of it
    SELECT
        ranked.candidate_id, quarter.no AS quarter, quarterly.saved_ms IS NOT NULL AS is_seen,
        4 * coalesce(quarterly.saved_ms, 0) / 3600000 * year.log_to_year * year.realised_share
            - year.run_h_per_year - year.build_h / tonight.build_years AS net_h,
        round(CASE WHEN net_h > 0 THEN net_h * coalesce(score.score / 100, tonight.unscored_share) ELSE net_h END, 6) AS worth_h
    FROM mart.candidate_rank AS ranked
    CROSS JOIN (VALUES (1), (2), (3), (4)) AS quarter(no)
    JOIN mart.candidate_year AS year ON year.candidate_id = ranked.candidate_id
    JOIN mart.candidate_score AS score ON score.candidate_id = ranked.candidate_id
    LEFT JOIN quarterly ON quarterly.candidate_id = ranked.candidate_id AND quarterly.quarter = quarter.no
    CROSS JOIN ops.tonight
),
drift AS (
    SELECT candidate_id, list(CASE WHEN is_seen THEN place END ORDER BY quarter) AS quarter_ranks
    FROM (
        SELECT *, row_number() OVER (PARTITION BY quarter ORDER BY worth_h DESC, candidate_id) AS place FROM part
    )
    GROUP BY candidate_id
)
SELECT
    ranked.candidate_id,
    least(ranked.rank, placed.rank_05) AS rank_low,
    greatest(ranked.rank, placed.rank_95) AS rank_high,
    placed.top_ten_share,
    CASE WHEN span.ended_at - span.started_at >= to_weeks(tonight.criterion_weeks_min) THEN drift.quarter_ranks END
        AS quarter_ranks
FROM mart.candidate_rank AS ranked
JOIN placed ON placed.candidate_id = ranked.candidate_id
JOIN drift ON drift.candidate_id = ranked.candidate_id
JOIN mart.finding ON finding.candidate_id = ranked.candidate_id
JOIN mart.process_span AS span ON span.process = finding.process
CROSS JOIN ops.tonight
