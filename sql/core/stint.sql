-- core.stint: one execution of an activity, begun and ended by the clock.
-- Start and complete rows pair by their instance id; without one a complete ends the longest open start of the activity
-- in its case by its worker. A complete that finds none open, as where a log was cut, takes no other's start.
WITH transition AS (
    SELECT
        event_no, case_key, activity, instance_id, CASE WHEN instance_id IS NULL THEN resource END AS worker,
        lifecycle, ended_at,
        sum(CASE lifecycle WHEN 'start' THEN 1 ELSE -1 END) OVER turn_w AS open_count,
        row_number() OVER (PARTITION BY case_key, activity, instance_id, worker, lifecycle ORDER BY ended_at, event_no)
            AS transition_no
    FROM core.event
    WHERE lifecycle IN ('start', 'complete')
    WINDOW turn_w AS (
        PARTITION BY case_key, activity, instance_id, worker ORDER BY ended_at, lifecycle DESC, event_no
        ROWS UNBOUNDED PRECEDING
    )
),
turn AS (
    SELECT
        *,
        greatest(-min(open_count) OVER (turn_w ROWS UNBOUNDED PRECEDING), 0) AS lone_count,
        greatest(-coalesce(min(open_count) OVER (turn_w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0), 0)
            AS lone_count_before
    FROM transition
    WINDOW turn_w AS (PARTITION BY case_key, activity, instance_id, worker ORDER BY ended_at, lifecycle DESC, event_no)
),
paired AS (
    SELECT begun.event_no AS begun_no, done.event_no AS done_no, begun.ended_at AS started_at
    FROM turn AS begun
    JOIN turn AS done
        ON done.case_key = begun.case_key
        AND done.activity = begun.activity
        AND done.instance_id IS NOT DISTINCT FROM begun.instance_id
        AND done.worker IS NOT DISTINCT FROM begun.worker
        AND done.transition_no - done.lone_count = begun.transition_no
    WHERE begun.lifecycle = 'start' AND done.lifecycle = 'complete' AND done.lone_count = done.lone_count_before
)
SELECT * EXCLUDE (lifecycle, instance_id) FROM core.event WHERE lifecycle IS NULL
UNION ALL BY NAME
SELECT event.* EXCLUDE (lifecycle, instance_id, started_at), paired.started_at
FROM core.event
LEFT JOIN paired ON paired.done_no = event.event_no
WHERE event.lifecycle = 'complete'
UNION ALL BY NAME
SELECT event.* EXCLUDE (lifecycle, instance_id, started_at, ended_at), event.ended_at AS started_at, NULL AS ended_at
FROM core.event
ANTI JOIN paired ON paired.begun_no = event.event_no
WHERE event.lifecycle = 'start'
