-- core.measured_step: what one step takes on average where it is measured, of those known elsewhere by completions alone.
SELECT
    execution.process,
    execution.activity,
    count(*) AS execution_count,
    -- DuckDB's least passes over what is empty
    sum(least(shared.handling_s::BIGINT * 1000, execution.own_work_ms)) / count(*) AS mean_ms
FROM core.execution
SEMI JOIN core.completion_gap AS gap ON gap.process = execution.process AND gap.activity = execution.activity
LEFT JOIN core.shared_work AS shared ON shared.event_no = execution.event_no
WHERE
    -- a start that is always the end tells no time of work
    execution.started_at < execution.ended_at AND NOT execution.is_robot AND execution.resource IS NOT NULL
GROUP BY execution.process, execution.activity
