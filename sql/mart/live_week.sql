-- mart.live_week: one week of the work a live candidate is about, or of work it is set against, counted from go-live.
-- Weeks that the log no longer holds stay as the last night that had them left them.
WITH daily AS (
    SELECT
        process::VARCHAR AS process, provider::VARCHAR AS provider, activity::VARCHAR AS activity,
        coalesce(team, '') AS team, coalesce(ended_at, started_at)::DATE AS worked_on,
        count(*) FILTER (NOT is_robot) AS execution_count,
        coalesce(sum(handling_s) FILTER (NOT is_robot), 0)::BIGINT AS handling_s,
        coalesce(sum(waiting_s), 0)::BIGINT AS waiting_s
    FROM core.activity_instance
    SEMI JOIN (SELECT 1 AS one FROM mart.live_candidate LIMIT 1) AS live ON live.one = 1
    GROUP BY ALL
),
person AS (
    SELECT DISTINCT
        process::VARCHAR AS process, provider::VARCHAR AS provider, activity::VARCHAR AS activity,
        coalesce(team, '') AS team, resource
    FROM core.activity_instance
    SEMI JOIN (SELECT 1 AS one FROM mart.live_candidate LIMIT 1) AS live ON live.one = 1
    WHERE NOT is_robot
),
party AS (
    SELECT unit.candidate_id, unit.scope, unit.kind, unit.place, count(DISTINCT person.resource) AS people_count
    FROM mart.live_unit AS unit
    LEFT JOIN person
        ON person.process = unit.process AND person.provider = unit.provider AND person.activity = unit.activity
        AND person.team = unit.team
    GROUP BY unit.candidate_id, unit.scope, unit.kind, unit.place
),
worked AS (
    SELECT
        unit.candidate_id, unit.scope, unit.kind, unit.place,
        floor(date_diff('day', live.live_on, daily.worked_on) / 7)::INTEGER AS week_no,
        sum(daily.execution_count)::BIGINT AS execution_count,
        sum(daily.handling_s)::BIGINT AS handling_s,
        sum(daily.waiting_s)::BIGINT AS waiting_s
    FROM mart.live_unit AS unit
    JOIN mart.live_candidate AS live ON live.candidate_id = unit.candidate_id
    JOIN daily
        ON daily.process = unit.process AND daily.provider = unit.provider AND daily.activity = unit.activity
        AND daily.team = unit.team
    GROUP BY ALL
),
held AS (
    SELECT
        party.candidate_id, live.live_on, party.scope, party.kind, party.place, begun.week_no, party.people_count,
        begun.case_count,
        coalesce(worked.execution_count, 0) AS execution_count,
        coalesce(worked.handling_s, 0) AS handling_s,
        coalesce(worked.waiting_s, 0) AS waiting_s,
        CASE WHEN party.scope = 'case' THEN begun.duration_s END AS duration_s
    FROM party
    JOIN mart.live_candidate AS live ON live.candidate_id = party.candidate_id
    JOIN mart.live_begun AS begun
        ON begun.candidate_id = party.candidate_id
        AND begun.kind = CASE WHEN party.kind IN ('provider', 'process') THEN party.kind ELSE 'own' END
        AND begun.place = CASE WHEN party.kind IN ('provider', 'process') THEN party.place ELSE '' END
    LEFT JOIN worked
        ON worked.candidate_id = party.candidate_id AND worked.scope = party.scope AND worked.kind = party.kind
        AND worked.place = party.place AND worked.week_no = begun.week_no
    CROSS JOIN ops.tonight
    WHERE begun.week_no >= -tonight.benefit_weeks_before_max
)
SELECT * FROM held
UNION ALL BY NAME
SELECT kept.*
FROM ops.live_week AS kept
JOIN mart.live_candidate AS live ON live.candidate_id = kept.candidate_id AND live.live_on = kept.live_on
JOIN (SELECT candidate_id, scope, kind, place, min(week_no) AS week_no FROM held GROUP BY ALL) AS first
    ON first.candidate_id = kept.candidate_id AND first.scope = kept.scope AND first.kind = kept.kind
    AND first.place = kept.place AND kept.week_no < first.week_no
