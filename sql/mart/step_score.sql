-- mart.step_score: how well it is foretold, in later cases, that one activity comes, and what comes after it.
WITH counted AS (
    SELECT counted.*, counted.way = branch.predicts AS is_right
    FROM mart.rule_count AS counted
    JOIN mart.rule_branch AS branch
        ON branch.process = counted.process AND branch.activity = counted.activity
        AND branch.decides = counted.decides AND branch.model = counted.model AND branch.branch_no = counted.branch_no
    WHERE counted.decides = 'next activity' AND counted.model IN ('rule', 'history')
),
better AS (  -- from the data or from history, whichever was right oftener in the cases learned on
    SELECT
        process, activity, model,
        sum(event_count) FILTER (slice <> 'learn' AND is_right) / sum(event_count) FILTER (slice <> 'learn') AS accuracy
    FROM counted
    GROUP BY process, activity, model
    QUALIFY row_number() OVER (
        PARTITION BY process, activity
        ORDER BY coalesce(sum(event_count) FILTER (slice = 'learn' AND is_right), 0) DESC, model
    ) = 1
),
foretold AS (
    SELECT
        counted.process, counted.activity, counted.way,
        sum(counted.event_count) FILTER (counted.is_right) / sum(counted.event_count) AS share
    FROM counted
    JOIN better
        ON better.process = counted.process AND better.activity = counted.activity AND better.model = counted.model
    WHERE counted.slice <> 'learn'
    GROUP BY counted.process, counted.activity, counted.way
),
followed AS (
    SELECT process, activity, next_activity, sum(event_count)::BIGINT AS event_count
    FROM mart.succession
    WHERE is_later
    GROUP BY process, activity, next_activity
),
begun AS (
    SELECT
        trace.process, trace.first_activity AS activity,
        count(*) FILTER (trace.started_at >= span.split_at) AS event_count,
        count(*) FILTER (trace.started_at < span.split_at) AS earlier_count
    FROM core.trace
    JOIN mart.process_span AS span ON span.process = trace.process
    GROUP BY trace.process, trace.first_activity
),
arrival AS (
    SELECT
        followed.process, followed.next_activity AS activity, followed.event_count,
        CASE
            WHEN better.activity IS NOT NULL THEN coalesce(foretold.share, 0)
            ELSE (flow.next_activity IS NOT DISTINCT FROM followed.next_activity)::INTEGER
        END AS share
    FROM followed
    LEFT JOIN better ON better.process = followed.process AND better.activity = followed.activity
    LEFT JOIN foretold
        ON foretold.process = followed.process AND foretold.activity = followed.activity
        AND foretold.way = followed.next_activity::VARCHAR
    LEFT JOIN mart.fixed_flow AS flow ON flow.process = followed.process AND flow.activity = followed.activity
    WHERE followed.next_activity IS NOT NULL
    UNION ALL
    SELECT
        process, activity, event_count,
        (row_number() OVER (PARTITION BY process ORDER BY earlier_count DESC, activity) = 1)::INTEGER AS share
    FROM begun
),
triggered AS (
    SELECT
        arrival.process, arrival.activity,
        fsum(arrival.event_count * share ORDER BY share, event_count) / sum(event_count) AS score
    FROM arrival
    CROSS JOIN ops.tonight
    WHERE arrival.event_count > 0
    GROUP BY arrival.process, arrival.activity, tonight.support_min
    HAVING sum(event_count) >= tonight.support_min
),
led AS (
    SELECT flow.process, flow.activity, coalesce(better.accuracy, flow.held_share) AS score
    FROM mart.fixed_flow AS flow
    LEFT JOIN better ON better.process = flow.process AND better.activity = flow.activity
    CROSS JOIN ops.tonight
    WHERE flow.later_count >= tonight.support_min
)
SELECT
    process,
    activity,
    round(triggered.score, 6) AS trigger_score,
    round(led.score, 6) AS next_step_score
FROM triggered
FULL JOIN led USING (process, activity)
