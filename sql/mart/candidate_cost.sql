-- mart.candidate_cost: what the ledger gave one candidate in executions under one kind of contract in one currency.
-- Money of a currency that ops.currency knows is told in what it is worth there.
WITH by_feed AS (SELECT candidate_id, feed, sum(saved_s) AS saved_s FROM mart.saving GROUP BY candidate_id, feed),
priced AS (
    SELECT
        by_feed.candidate_id,
        by_feed.saved_s,
        coalesce(feed.contract_kind, 'none') AS contract_kind,
        coalesce(rate.worth_in, feed.currency) AS currency,
        (by_feed.saved_s / 3600 * feed.cost_per_hour * coalesce(rate.rate, 1))::DECIMAL(38, 4) AS cost
    FROM by_feed
    JOIN core.feed ON feed.feed = by_feed.feed::VARCHAR
    LEFT JOIN ops.currency AS rate ON rate.currency = feed.currency
)
SELECT
    candidate_id,
    contract_kind,
    currency,
    sum(saved_s) AS saved_s,
    coalesce(sum(saved_s) FILTER (cost IS NOT NULL), 0) AS priced_s,
    sum(cost) AS cost
FROM priced
GROUP BY candidate_id, contract_kind, currency
