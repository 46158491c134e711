-- mart.candidate_effort: what one candidate would take to build and to keep running, in hours, by what it touches.
WITH touched AS (
    SELECT finding.candidate_id, count(DISTINCT used.system) AS system_count
    FROM (SELECT candidate_id, process, unnest(activities) AS activity FROM mart.finding) AS finding
    JOIN (SELECT DISTINCT process, activity, system FROM core.activity_instance WHERE system IS NOT NULL) AS used
        ON used.process = finding.process AND used.activity::VARCHAR = finding.activity
    GROUP BY finding.candidate_id
),
ruled AS (  -- of two things decided there, the rules of the one with more
    SELECT process, activity, max(len(branches)) AS rule_count FROM mart.sure_share GROUP BY process, activity
),
sized AS (
    SELECT
        finding.candidate_id,
        finding.lever = 'automate' AS is_software,
        CASE WHEN finding.pattern = 'abandoned' THEN 1 ELSE len(finding.activities) END AS step_count,
        coalesce(touched.system_count, 0) AS system_count,
        CASE WHEN finding.pattern = 'rule_based_step' THEN coalesce(ruled.rule_count, 0) ELSE 0 END AS rule_count
    FROM mart.finding
    LEFT JOIN touched ON touched.candidate_id = finding.candidate_id
    LEFT JOIN ruled ON ruled.process = finding.process AND ruled.activity = finding.activity
)
SELECT
    candidate_id,
    step_count,
    system_count,
    rule_count,
    tonight.build_cost_h
        * (1 + tonight.build_step_share * (step_count - 1))
        * CASE WHEN is_software
            THEN (1 + tonight.build_system_share * greatest(system_count - 1, 0)) * (1 + tonight.build_rule_share * rule_count)
            ELSE 1
        END AS build_h,
    CASE WHEN is_software THEN build_h * tonight.run_share ELSE 0 END AS run_h_per_year
FROM sized
CROSS JOIN ops.tonight
