-- mart.candidate_cost: what the ledger gave one candidate in executions paid by the hour in one currency.
WITH by_feed AS (SELECT candidate_id, feed, sum(saved_s) AS saved_s FROM mart.saving GROUP BY candidate_id, feed)
SELECT
    by_feed.candidate_id,
    feed.currency,
    sum(by_feed.saved_s) AS saved_s,
    sum((by_feed.saved_s / 3600 * feed.cost_per_hour)::DECIMAL(18, 4)) AS cost
FROM by_feed
JOIN core.feed ON feed.feed = by_feed.feed::VARCHAR
WHERE feed.cost_per_hour IS NOT NULL
GROUP BY by_feed.candidate_id, feed.currency
