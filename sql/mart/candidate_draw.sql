-- mart.candidate_draw: one ranked candidate in one draw, its cases drawn again and its assumptions shaken.
-- Every case counts Poisson(1) times, told by its hash, so that all nights, threads and candidates draw it alike.
-- hash() of two values only sets their hashes against each other, so the result is hashed once more.
WITH drawn AS (
    SELECT draw_no, hash(draw_no) AS mark FROM (SELECT unnest(range(draw_count))::USMALLINT AS draw_no FROM ops.tonight)
),
unit AS (
    SELECT
        finding.candidate_no::USMALLINT AS candidate_no, part.case_unit,
        sum(part.saved_ms)::BIGINT AS saved_ms, sum(part.estimated_ms)::BIGINT AS estimated_ms
    FROM mart.candidate_case AS part
    JOIN mart.finding ON finding.candidate_id = part.candidate_id
    GROUP BY finding.candidate_no, part.case_unit
),
counted AS (  -- the upper 16 bits of the hash against the distribution of Poisson(1), in parts of 65,536
    SELECT
        unit.*, drawn.draw_no, hash(xor(unit.case_unit, drawn.mark)) >> 48 AS bits,
        CASE
            WHEN bits < 24109 THEN 0 WHEN bits < 48219 THEN 1 WHEN bits < 60273 THEN 2 WHEN bits < 64292 THEN 3
            WHEN bits < 65296 THEN 4 WHEN bits < 65497 THEN 5 WHEN bits < 65531 THEN 6 ELSE 7
        END AS times
    FROM unit
    CROSS JOIN drawn
),
resampled AS (
    SELECT candidate_no, draw_no, sum(saved_ms * times) AS saved_ms, sum(estimated_ms * times) AS estimated_ms
    FROM counted
    GROUP BY candidate_no, draw_no
),
chance AS (  -- of each assumption a number from 0 to 1; how well completions tell time is one question a process
    SELECT
        ranked.candidate_id, finding.candidate_no, finding.process, finding.lever, drawn.draw_no,
        (hash(hash('realised', ranked.candidate_id, drawn.mark)) >> 40) / 16777216 AS realised,
        (hash(hash('exception', ranked.candidate_id, drawn.mark)) >> 40) / 16777216 AS exception,
        (hash(hash('cost', ranked.candidate_id, drawn.mark)) >> 40) / 16777216 AS cost,
        (hash(hash('estimate', finding.process::VARCHAR, drawn.mark)) >> 40) / 16777216 AS estimate
    FROM mart.candidate_rank AS ranked
    JOIN mart.finding ON finding.candidate_id = ranked.candidate_id
    CROSS JOIN drawn
),
assumed AS (  -- the base is the middle: half of the draws lie below it
    SELECT
        chance.candidate_id, chance.candidate_no, chance.draw_no,
        realised_low + 2 * least(realised, .5) * (1 - realised_low)
            + 2 * greatest(realised - .5, 0) * (realised_high - 1) AS realised_ratio,
        CASE WHEN lever = 'automate' THEN greatest(1 - 2 * exception * exception_share, 0) / greatest(1 - exception_share, .000001)
            ELSE 1 END AS exception_ratio,
        cost_low + 2 * least(cost, .5) * (1 - cost_low) + 2 * greatest(cost - .5, 0) * (cost_high - 1) AS cost_ratio,
        pow(estimate_factor, 2 * estimate - 1) AS estimate_ratio
    FROM chance
    CROSS JOIN ops.tonight
),
stated AS (  -- in millionths of the greatest, so that weights may be given in any unit
    SELECT criterion, weight, greatest(round(1e6 * weight / max(weight) OVER ()), 1)::HUGEINT AS parts
    FROM (UNPIVOT (SELECT unnest(criterion_weights) FROM ops.tonight) ON COLUMNS(*) INTO NAME criterion VALUE weight)
),
weighed AS (  -- each criterion counts between nothing and double of its weight
    SELECT
        part.candidate_id, drawn.draw_no,
        (hash(hash(part.criterion::VARCHAR, drawn.mark)) >> 40)::HUGEINT * stated.parts AS weight,
        round(1e6 * part.value)::HUGEINT AS value
    FROM (UNPIVOT mart.candidate_score
        ON COLUMNS(* EXCLUDE (candidate_id, criterion_count, score)) INTO NAME criterion VALUE value) AS part
    JOIN stated ON stated.criterion = part.criterion AND stated.weight > 0
    SEMI JOIN (SELECT candidate_id FROM mart.candidate_score WHERE score IS NOT NULL) AS scored
        ON scored.candidate_id = part.candidate_id
    CROSS JOIN drawn
),
scored AS (
    SELECT candidate_id, draw_no, sum(weight * value) / sum(weight) / 1e6 AS score_share
    FROM weighed
    GROUP BY candidate_id, draw_no
),
worth AS (
    SELECT
        assumed.candidate_id,
        assumed.draw_no,
        (coalesce(saved_ms - estimated_ms, 0) + coalesce(estimated_ms, 0) * estimate_ratio) / 3600000 * log_to_year AS found_h,
        least(found_h * realised_share * realised_ratio * exception_ratio, found_h)
            - (run_h_per_year + build_h / tonight.build_years) * cost_ratio AS net_h,
        round(CASE WHEN net_h > 0 THEN net_h * coalesce(score_share, unscored_share) ELSE net_h END, 6) AS worth_h_per_year
    FROM assumed
    JOIN mart.candidate_year AS year ON year.candidate_id = assumed.candidate_id
    LEFT JOIN resampled ON resampled.candidate_no = assumed.candidate_no AND resampled.draw_no = assumed.draw_no
    LEFT JOIN scored ON scored.candidate_id = assumed.candidate_id AND scored.draw_no = assumed.draw_no
    CROSS JOIN ops.tonight
)
SELECT
    candidate_id,
    draw_no,
    worth_h_per_year,
    row_number() OVER (PARTITION BY draw_no ORDER BY worth_h_per_year DESC, candidate_id) AS rank
FROM worth
