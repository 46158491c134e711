-- mart.provider_way: one activity after which one provider goes on otherwise than another, which nearly always goes the same way.
WITH followed AS (
    SELECT process, provider, activity, next_activity, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    GROUP BY process, provider, activity, next_activity
),
shared AS (
    SELECT
        followed.*,
        event_count / sum(event_count) OVER (PARTITION BY process, provider, activity) AS share
    FROM followed
    -- few people would be known by their way of working
    ANTI JOIN (SELECT process, provider, activity FROM mart.group_size WHERE is_small) AS few
        ON few.process = followed.process AND few.provider = followed.provider AND few.activity = followed.activity
    CROSS JOIN ops.tonight
    QUALIFY sum(event_count) OVER (PARTITION BY process, provider, activity) >= tonight.support_min
),
usual AS (
    SELECT shared.*
    FROM shared
    CROSS JOIN ops.tonight
    WHERE next_activity IS NOT NULL AND share >= tonight.routine_step_share_min
    QUALIFY row_number() OVER (PARTITION BY process, activity ORDER BY share DESC, event_count DESC, provider) = 1
),
compared AS (
    SELECT
        own.process, own.activity, own.provider,
        usual.provider AS best_provider, usual.next_activity, usual.share AS best_share,
        coalesce(kept.share, 0) AS own_share
    FROM usual
    JOIN (SELECT DISTINCT process, provider, activity FROM shared) AS own
        ON own.process = usual.process AND own.activity = usual.activity AND own.provider <> usual.provider
    LEFT JOIN shared AS kept
        ON kept.process = own.process AND kept.provider = own.provider AND kept.activity = own.activity
        AND kept.next_activity = usual.next_activity
)
SELECT compared.*
FROM compared
CROSS JOIN ops.tonight
WHERE best_share - own_share >= tonight.path_spread_min
QUALIFY best_provider = mode(best_provider ORDER BY best_provider) OVER (PARTITION BY process, provider)
