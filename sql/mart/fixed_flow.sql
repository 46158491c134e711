-- mart.fixed_flow: what one activity led to in earlier cases, and how often it still did in later ones.
WITH counted AS (
    SELECT
        process, activity, next_activity,
        coalesce(sum(event_count) FILTER (NOT is_later), 0)::BIGINT AS earlier_count,
        coalesce(sum(event_count) FILTER (is_later), 0)::BIGINT AS later_count
    FROM mart.succession
    GROUP BY process, activity, next_activity
),
ranked AS (
    SELECT
        process, activity, next_activity,
        earlier_count AS learned_count, later_count AS held_count,
        sum(earlier_count) OVER activity_w AS earlier_count,
        sum(later_count) OVER activity_w AS later_count
    FROM counted
    WINDOW activity_w AS (PARTITION BY process, activity)
    QUALIFY
        row_number() OVER (PARTITION BY process, activity ORDER BY learned_count DESC, next_activity NULLS LAST) = 1
)
SELECT
    process,
    activity,
    next_activity,
    earlier_count,
    later_count,
    learned_count / earlier_count AS learned_share,
    CASE WHEN later_count > 0 THEN held_count / later_count END AS held_share
FROM ranked
WHERE earlier_count > 0
