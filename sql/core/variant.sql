-- core.variant: one sequence of activities in a process; read off one case that took it.
WITH counted AS (
    SELECT process, variant_key, count(*) AS case_count, min(case_key) AS case_key
    FROM core.trace
    GROUP BY process, variant_key
),
spelt AS (
    SELECT
        counted.process, counted.variant_key, counted.case_count,
        list(instance.activity::VARCHAR ORDER BY instance.position) AS activities
    FROM counted
    JOIN core.activity_instance AS instance ON instance.case_key = counted.case_key
    GROUP BY counted.process, counted.variant_key, counted.case_count
)
SELECT
    process,
    left(md5(process::VARCHAR || chr(30) || array_to_string(activities, chr(31))), 12) AS variant_id,
    variant_key,
    activities,
    case_count,
    case_count / sum(case_count) OVER (PARTITION BY process) AS case_share
FROM spelt
