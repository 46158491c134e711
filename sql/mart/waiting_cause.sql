-- mart.waiting_cause: hours by the clock that one activity of one provider was waited for, by cause.
-- They add up to all that was waited for it; of what few people do no row is published.
-- Causes are looked up for the sampled workers and stand for the others in the same proportion. Of two that hold at once
-- the first counts: what lay for a pile to fill lay for that at night and at weekends too, so a pile's nights stand under
-- batching and not under unavailability.
WITH whole AS (
    SELECT
        process, provider, activity,
        sum(epoch_ms(started_at) - epoch_ms(enabled_at)) FILTER (resource IS NOT NULL AND ended_at IS NOT NULL) AS known_ms,
        sum(epoch_ms(started_at) - epoch_ms(enabled_at)) AS waiting_ms
    FROM core.activity_instance
    WHERE started_at > enabled_at
    GROUP BY process, provider, activity
),
sampled AS (
    SELECT
        process, provider, activity,
        count(*) AS wait_count,
        sum(waiting_ms) AS waiting_ms,
        sum(batching_ms) AS batching,
        sum(prioritisation_ms) AS prioritisation,
        sum(contention_ms) AS contention,
        sum(unavailability_ms) AS unavailability,
        sum(extraneous_ms) AS extraneous
    FROM mart.turn_wait
    GROUP BY process, provider, activity
),
split AS (
    UNPIVOT sampled ON batching, prioritisation, contention, unavailability, extraneous INTO NAME cause VALUE cause_ms
)
SELECT process, provider, activity, cause, wait_count, cause_ms / split.waiting_ms * whole.known_ms / 3_600_000 AS waiting_h
FROM split
JOIN whole USING (process, provider, activity)
UNION ALL
SELECT  -- nobody is named who could have done something else, or the sample met no wait
    whole.process, whole.provider, whole.activity, 'unknown' AS cause, 0 AS wait_count,
    (whole.waiting_ms - CASE WHEN sampled.waiting_ms > 0 THEN coalesce(whole.known_ms, 0) ELSE 0 END) / 3_600_000
FROM whole
LEFT JOIN sampled USING (process, provider, activity)
WHERE whole.waiting_ms > CASE WHEN sampled.waiting_ms > 0 THEN coalesce(whole.known_ms, 0) ELSE 0 END
