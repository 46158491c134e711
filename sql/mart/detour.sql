-- mart.detour: one execution on a way round, of steps that by their names only pass work on.
-- It lies between two steps of which the one otherwise follows the other at once.
WITH passing AS (
    SELECT
        instance.*,
        instance.position - row_number() OVER (PARTITION BY instance.case_key ORDER BY instance.position) AS stretch
    FROM core.activity_instance AS instance
    SEMI JOIN mart.activity_word AS word
        ON word.process = instance.process AND word.activity = instance.activity
        AND word.is_passing_on AND NOT word.is_checking
),
stretch AS (
    SELECT
        process, case_key, stretch,
        arg_min(previous_activity, position) AS previous_activity,
        arg_max(next_activity, position) AS next_activity,
        array_to_string(list(activity::VARCHAR ORDER BY position), ' | ') AS subject,
        bool_and(NOT has_new_values) AS is_unchanged
    FROM passing
    GROUP BY process, case_key, stretch
    HAVING count(DISTINCT activity) >= 2
),
straight AS (
    SELECT process, previous_activity, activity AS next_activity, count(*) AS straight_count
    FROM core.activity_instance
    WHERE previous_activity IS NOT NULL
    GROUP BY process, previous_activity, activity
),
way AS (
    SELECT
        stretch.process, stretch.subject, stretch.previous_activity, stretch.next_activity,
        count(*) AS detour_count, any_value(straight.straight_count) AS straight_count
    FROM stretch
    JOIN straight
        ON straight.process = stretch.process AND straight.previous_activity = stretch.previous_activity
        AND straight.next_activity = stretch.next_activity
    CROSS JOIN ops.tonight
    GROUP BY
        stretch.process, stretch.subject, stretch.previous_activity, stretch.next_activity,
        tonight.forwarding_unchanged_share_min, tonight.stamp_bypass_min
    HAVING
        count(*) FILTER (stretch.is_unchanged) >= tonight.forwarding_unchanged_share_min * count(*)
        AND any_value(straight.straight_count) >= greatest(tonight.stamp_bypass_min, count(*))
)
SELECT
    passing.activity_instance_id,
    passing.process,
    way.subject,
    passing.case_key,
    passing.stretch,
    way.previous_activity,
    way.next_activity,
    way.detour_count,
    way.straight_count,
    stretch.is_unchanged,
    passing.activity,
    passing.handling_s,
    NOT passing.is_robot AND passing.resource IS NOT NULL AS is_by_person
FROM way
JOIN stretch
    ON stretch.process = way.process AND stretch.subject = way.subject
    AND stretch.previous_activity = way.previous_activity AND stretch.next_activity = way.next_activity
JOIN passing ON passing.case_key = stretch.case_key AND passing.stretch = stretch.stretch
