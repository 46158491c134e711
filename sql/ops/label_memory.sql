-- ops.label_memory: one spelling ever published and the activity it last meant; read before it is written anew.
SELECT
    label.process,
    label.label,
    label.activity,
    coalesce(label.previous_activity, known.previous_activity) AS previous_activity,
    CASE WHEN label.previous_activity IS NOT NULL THEN tonight.night ELSE known.changed_on END AS changed_on,
    label.rule,
    label.score,
    label.edits,
    label.log_odds,
    label.hub,
    label.runner_up,
    coalesce(known.first_seen_on, tonight.night) AS first_seen_on,
    tonight.night AS last_seen_on
FROM core.activity_label AS label
CROSS JOIN ops.tonight
LEFT JOIN past.ops.label_memory AS known USING (process, label)
UNION ALL BY NAME
SELECT *
FROM past.ops.label_memory
ANTI JOIN core.activity_label USING (process, label)
