-- mart.candidate_saving: what the ledger gave one candidate, and what those hours cost under the feeds' contracts.
WITH by_feed AS (
    SELECT
        candidate_id, feed, sum(saved_s) AS saved_s,
        coalesce(sum(saved_s) FILTER (is_estimated), 0) AS estimated_s
    FROM mart.saving
    GROUP BY candidate_id, feed
)
SELECT
    by_feed.candidate_id,
    sum(by_feed.saved_s) AS saved_s,
    sum(by_feed.estimated_s) AS estimated_s,
    -- one feed without an hourly cost, or a second currency, and no sum of money is true
    CASE WHEN count(feed.cost_per_hour) = count(*) AND count(DISTINCT feed.currency) = 1
        THEN sum((by_feed.saved_s / 3600 * feed.cost_per_hour)::DECIMAL(18, 4))
    END AS cost,
    CASE WHEN count(feed.cost_per_hour) = count(*) AND count(DISTINCT feed.currency) = 1
        THEN min(feed.currency)
    END AS currency
FROM by_feed
JOIN core.feed ON feed.feed = by_feed.feed::VARCHAR
GROUP BY by_feed.candidate_id
