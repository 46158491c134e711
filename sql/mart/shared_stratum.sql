-- mart.shared_stratum: one stratum of like cases in which every provider of one activity has enough executions.
WITH rival AS (
    SELECT process, activity, count(*) AS provider_count
    FROM (
        SELECT process, activity
        FROM mart.provider_cell
        CROSS JOIN ops.tonight
        GROUP BY process, activity, provider, tonight.gap_stratum_min
        HAVING sum(event_count) >= tonight.gap_stratum_min
    )
    GROUP BY process, activity
    HAVING count(*) >= 2
)
SELECT cell.process, cell.activity, cell.stratum_key, sum(cell.event_count) AS event_count
FROM mart.provider_cell AS cell
JOIN rival ON rival.process = cell.process AND rival.activity = cell.activity
CROSS JOIN ops.tonight
WHERE cell.stratum_key IS NOT NULL AND cell.event_count >= tonight.gap_stratum_min
GROUP BY cell.process, cell.activity, cell.stratum_key, rival.provider_count
HAVING count(*) = rival.provider_count
