-- mart.live_week: one week of the work a live candidate is about, or of work it is set against, counted from go-live.
-- Weeks that the log no longer holds stay as the last night that had them left them.
WITH daily AS (
    SELECT
        instance.process::VARCHAR AS process, instance.provider::VARCHAR AS provider, activity::VARCHAR AS activity,
        coalesce(team, '') AS team, begun.provider AS begun_by, coalesce(ended_at, started_at)::DATE AS worked_on,
        count(*) FILTER (NOT is_robot) AS execution_count,
        coalesce(sum(handling_s) FILTER (NOT is_robot), 0)::BIGINT AS handling_s,
        coalesce(sum(waiting_s), 0)::BIGINT AS waiting_s
    FROM core.activity_instance AS instance
    JOIN mart.live_case AS begun ON begun.case_key = instance.case_key
    GROUP BY ALL
),
person AS (
    SELECT
        instance.process::VARCHAR AS process, instance.provider::VARCHAR AS provider, activity::VARCHAR AS activity,
        coalesce(team, '') AS team, begun.provider AS begun_by, resource,
        min(coalesce(ended_at, started_at)::DATE) AS first_on, max(coalesce(ended_at, started_at)::DATE) AS last_on
    FROM core.activity_instance AS instance
    JOIN mart.live_case AS begun ON begun.case_key = instance.case_key
    WHERE NOT is_robot
    GROUP BY ALL
),
whole AS (  -- all work on its cases, whoever does it
    SELECT candidate_id, kind, place, process, provider FROM mart.live_party WHERE is_compared
),
hand AS (
    SELECT unit.candidate_id, unit.scope, unit.kind, unit.place, person.resource, person.first_on, person.last_on
    FROM mart.live_unit AS unit
    LEFT JOIN person
        ON person.process = unit.process AND person.provider = unit.provider AND person.activity = unit.activity
        AND person.team = unit.team
    WHERE unit.scope = 'step'
    UNION ALL
    SELECT whole.candidate_id, 'case', whole.kind, whole.place, person.resource, person.first_on, person.last_on
    FROM whole
    JOIN person ON person.process = whole.process AND (whole.provider IS NULL OR person.begun_by = whole.provider)
),
party AS (  -- of six before and one after, what is told of after would be the one; who is nobody is told of by nothing
    SELECT
        hand.candidate_id, hand.scope, hand.kind, hand.place,
        coalesce(least(
            nullif(count(DISTINCT hand.resource) FILTER (hand.first_on < live.live_on), 0),
            nullif(count(DISTINCT hand.resource) FILTER (hand.last_on >= live.live_on), 0)
        ), 0) AS people_count
    FROM hand
    JOIN mart.live_candidate AS live ON live.candidate_id = hand.candidate_id
    GROUP BY hand.candidate_id, hand.scope, hand.kind, hand.place
),
dated AS (
    SELECT
        unit.candidate_id, unit.scope, unit.kind, unit.place,
        daily.worked_on, daily.execution_count, daily.handling_s, daily.waiting_s
    FROM mart.live_unit AS unit
    JOIN daily
        ON daily.process = unit.process AND daily.provider = unit.provider AND daily.activity = unit.activity
        AND daily.team = unit.team
    WHERE unit.scope = 'step'
    UNION ALL
    SELECT
        whole.candidate_id, 'case', whole.kind, whole.place,
        daily.worked_on, daily.execution_count, daily.handling_s, daily.waiting_s
    FROM whole
    JOIN daily ON daily.process = whole.process AND (whole.provider IS NULL OR daily.begun_by = whole.provider)
),
worked AS (
    SELECT
        dated.candidate_id, dated.scope, dated.kind, dated.place,
        floor(date_diff('day', live.live_on, dated.worked_on) / 7)::INTEGER AS week_no,
        sum(dated.execution_count)::BIGINT AS execution_count,
        sum(dated.handling_s)::BIGINT AS handling_s,
        sum(dated.waiting_s)::BIGINT AS waiting_s
    FROM dated
    JOIN mart.live_candidate AS live ON live.candidate_id = dated.candidate_id
    GROUP BY ALL
),
begun AS (  -- in each week of its own: a provider that begins none may still take work over
    SELECT
        side.candidate_id, side.kind, side.place, own.week_no, coalesce(theirs.case_count, 0) AS case_count, theirs.duration_s
    FROM mart.live_party AS side
    JOIN mart.live_begun AS own ON own.candidate_id = side.candidate_id AND own.kind = 'own'
    LEFT JOIN mart.live_begun AS theirs
        ON theirs.candidate_id = side.candidate_id AND theirs.kind = side.kind AND theirs.place = side.place
        AND theirs.week_no = own.week_no
    WHERE side.kind <> 'process' OR theirs.case_count > 0
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
    JOIN begun
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
