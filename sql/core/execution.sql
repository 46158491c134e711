-- core.execution: one execution of an activity, with both ends in its feed's working time and what it took by itself.
WITH placed AS (
    SELECT
        stint.*,
        begun.worked_before_ms
            + CASE WHEN begun.is_working THEN epoch_ms(stint.started_at) - epoch_ms(begun.quarter_at) ELSE 0 END
            AS started_work_ms,
        done.worked_before_ms
            + CASE WHEN done.is_working THEN epoch_ms(stint.ended_at) - epoch_ms(done.quarter_at) ELSE 0 END
            AS ended_work_ms
    FROM core.stint
    LEFT JOIN core.working_hour AS begun
        ON begun.feed = stint.feed AND begun.quarter_at = time_bucket(INTERVAL 15 MINUTE, stint.started_at)
    LEFT JOIN core.working_hour AS done
        ON done.feed = stint.feed AND done.quarter_at = time_bucket(INTERVAL 15 MINUTE, stint.ended_at)
),
spanned AS (
    SELECT
        placed.*,
        ended_work_ms - started_work_ms AS inside_ms,
        epoch_ms(ended_at) - epoch_ms(started_at) AS span_ms,
        (tonight.working_day_h * 3_600_000)::BIGINT AS day_ms
    FROM placed
    CROSS JOIN ops.tonight
)
SELECT
    * EXCLUDE (inside_ms, span_ms, day_ms),
    CASE
        -- a calendar says when the office is open, and with shifts that is longer than anybody works
        WHEN inside_ms > 0 THEN least(inside_ms, day_ms * ceil(span_ms / 86_400_000)::BIGINT)
        -- work wholly outside the calendar is overtime: it counts as it stands, up to one working day
        WHEN span_ms >= 0 THEN least(span_ms, day_ms)
    END AS own_work_ms
FROM spanned
