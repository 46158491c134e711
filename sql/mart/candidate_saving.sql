-- mart.candidate_saving: what the ledger gave one candidate over the whole log.
SELECT
    candidate_id,
    sum(saved_s) AS saved_s,
    coalesce(sum(saved_s) FILTER (is_estimated), 0) AS estimated_s
FROM mart.saving
GROUP BY candidate_id
