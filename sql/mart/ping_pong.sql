-- mart.ping_pong: one execution with which a case comes back, once more, to a step it has just been to.
-- From the second visit of each of the two steps on, so the first return counts: what was asked could have been known.
WITH placed AS (
    SELECT
        process, variant_key, position, activity,
        lag(activity, 1) OVER variant_w AS partner,
        lag(activity, 2) OVER variant_w AS before
    FROM core.variant_step
    WINDOW variant_w AS (PARTITION BY process, variant_key ORDER BY position)
),
pair AS (
    SELECT process, activity, partner, subject FROM mart.ping_pong_pair
    UNION ALL
    SELECT process, partner AS activity, activity AS partner, subject FROM mart.ping_pong_pair
)
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    pair.subject,
    instance.activity,
    instance.handling_s
FROM placed
JOIN pair ON pair.process = placed.process AND pair.activity = placed.activity AND pair.partner = placed.partner
JOIN core.trace ON trace.process = placed.process AND trace.variant_key = placed.variant_key
JOIN core.activity_instance AS instance
    ON instance.case_key = trace.case_key AND instance.position = placed.position
WHERE placed.before = placed.activity AND NOT instance.is_robot AND instance.resource IS NOT NULL
