-- mart.bounce: one execution with which a provider or a team does again what it did in its turn before the last.
-- That work comes back is often so designed; that what was done before the hand-over is done again is not. Where the other
-- did that very step as well meanwhile, the case was sent to and fro; where it did other work, that may ask for the step
-- once more, as an expert's word or a second dose does, and it is only asked about. So it is where the two are seldom at
-- work together, for a shift takes over what another began, and where the step comes again in most cases anyway.
WITH followed AS (  -- cases that pass between sides, by the way they take
    SELECT process, case_key, 'provider' AS kind, sum(hash(position, activity, provider)::HUGEINT) AS way_key
    FROM core.activity_instance
    SEMI JOIN (SELECT case_key FROM core.trace WHERE provider_count > 1) AS mixed
        ON mixed.case_key = activity_instance.case_key
    GROUP BY process, case_key
    UNION ALL
    SELECT process, case_key, 'team' AS kind, sum(hash(position, activity, team)::HUGEINT) AS way_key
    FROM core.activity_instance
    WHERE team IS NOT NULL
    GROUP BY process, case_key
    HAVING min(team) <> max(team)
),
way AS (  -- read off one case that took it
    SELECT process, kind, way_key, min(case_key) AS case_key, count(*) AS case_count
    FROM followed
    GROUP BY process, kind, way_key
),
sided AS (
    SELECT
        way.*, instance.position, instance.activity,
        CASE way.kind WHEN 'team' THEN instance.team ELSE instance.provider::VARCHAR END AS side,
        side IS DISTINCT FROM lag(side) OVER (PARTITION BY way.case_key, way.kind ORDER BY instance.position) AS is_turn
    FROM way
    JOIN core.activity_instance AS instance ON instance.case_key = way.case_key
    WHERE way.kind = 'provider' OR instance.team IS NOT NULL
),
turned AS (
    SELECT *, sum(is_turn::INTEGER) OVER (PARTITION BY case_key, kind ORDER BY position) AS turn_no FROM sided
),
turn AS (
    SELECT case_key, kind, turn_no, side, lag(side) OVER case_w AS other, lag(side, 2) OVER case_w AS earlier_side
    FROM turned
    WHERE is_turn
    WINDOW case_w AS (PARTITION BY case_key, kind ORDER BY turn_no)
),
redone AS (
    SELECT
        turned.*, turn.other, earlier.activity IS NOT NULL AS is_redone,
        is_redone AND between_turn.activity IS NOT NULL AS is_shared
    FROM turn
    JOIN turned ON turned.case_key = turn.case_key AND turned.kind = turn.kind AND turned.turn_no = turn.turn_no
    LEFT JOIN (SELECT DISTINCT case_key, kind, turn_no, activity FROM turned) AS earlier
        ON earlier.case_key = turned.case_key AND earlier.kind = turned.kind
        AND earlier.turn_no = turned.turn_no - 2 AND earlier.activity = turned.activity
    LEFT JOIN (SELECT DISTINCT case_key, kind, turn_no, activity FROM turned) AS between_turn
        ON between_turn.case_key = turned.case_key AND between_turn.kind = turned.kind
        AND between_turn.turn_no = turned.turn_no - 1 AND between_turn.activity = turned.activity
    WHERE turn.earlier_side = turn.side
),
pair AS (
    SELECT
        process, kind, side, other,
        sum(case_count)::BIGINT AS return_count,
        coalesce(sum(case_count) FILTER (is_redone), 0) / return_count AS redo_share,
        coalesce(sum(case_count) FILTER (is_shared), 0) / return_count AS shared_share
    FROM (
        SELECT
            process, kind, side, other, case_count, bool_or(is_redone) AS is_redone, bool_or(is_shared) AS is_shared
        FROM redone
        GROUP BY process, kind, side, other, case_count, case_key, turn_no
    )
    GROUP BY process, kind, side, other
    HAVING
        return_count >= any_value((SELECT ping_pong_loops_min FROM ops.tonight))
        AND redo_share >= any_value((SELECT bounce_redo_share_min FROM ops.tonight))
),
paired AS (SELECT DISTINCT process, kind, unnest([side, other]) AS side FROM pair),
hour AS (  -- when each of them is at work, in whatever case
    SELECT
        process, kind, side, date_trunc('hour', coalesce(started_at, ended_at)) AS hour_at,
        count(*) AS event_count, min(case_key) <> max(case_key) AS is_in_company
    FROM (
        SELECT paired.*, started_at, ended_at, case_key
        FROM core.activity_instance AS instance
        JOIN paired
            ON paired.process = instance.process AND paired.kind = 'provider' AND paired.side = instance.provider::VARCHAR
        WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
        UNION ALL
        SELECT paired.*, started_at, ended_at, case_key
        FROM core.activity_instance AS instance
        JOIN paired ON paired.process = instance.process AND paired.kind = 'team' AND paired.side = instance.team
        WHERE NOT instance.is_robot AND instance.resource IS NOT NULL
    )
    GROUP BY process, kind, side, hour_at
),
company AS (  -- how often a colleague of the same side is at work then; told by the share of what is done
    SELECT process, kind, side, coalesce(sum(event_count) FILTER (is_in_company), 0) / sum(event_count) AS own_share
    FROM hour
    GROUP BY process, kind, side
),
met AS (  -- how often the side is at work while the other is, against that
    SELECT
        pair.process, pair.kind, pair.side, pair.other,
        coalesce(sum(theirs.event_count) FILTER (mine.side IS NOT NULL), 0) / sum(theirs.event_count)
            < any_value(tonight.bounce_met_share_min * company.own_share) AS is_in_turn
    FROM pair
    JOIN hour AS theirs ON theirs.process = pair.process AND theirs.kind = pair.kind AND theirs.side = pair.other
    LEFT JOIN hour AS mine
        ON mine.process = pair.process AND mine.kind = pair.kind AND mine.side = pair.side AND mine.hour_at = theirs.hour_at
    JOIN company ON company.process = pair.process AND company.kind = pair.kind AND company.side = pair.side
    CROSS JOIN ops.tonight
    GROUP BY pair.process, pair.kind, pair.side, pair.other
),
worker AS (
    SELECT process, unnest(['provider', 'team']) AS kind, unnest([provider::VARCHAR, team]) AS side, resource
    FROM (SELECT DISTINCT process, provider, team, resource FROM core.activity_instance WHERE resource IS NOT NULL)
),
known AS (  -- a few people would be known by their side
    SELECT worker.process, worker.kind, worker.side
    FROM worker
    CROSS JOIN ops.tonight
    WHERE worker.side IS NOT NULL
    GROUP BY worker.process, worker.kind, worker.side, tonight.people_min
    HAVING count(DISTINCT worker.resource) >= tonight.people_min
),
told AS (  -- steps whose repeats have a nearer cause
    SELECT process, activity FROM mart.ping_pong_pair
    UNION
    SELECT process, partner FROM mart.ping_pong_pair
    UNION
    SELECT process, activity FROM mart.rework WHERE is_borne_out
)
SELECT
    instance.activity_instance_id,
    redone.process,
    format('{}: {} - {}', redone.kind, redone.side, redone.other) AS subject,
    redone.kind,
    redone.side,
    redone.other,
    redone.activity,
    instance.handling_s,
    pair.return_count,
    round(pair.redo_share, 6) AS redo_share,
    CASE
        WHEN pair.shared_share < tonight.bounce_redo_share_min THEN 'other work'
        WHEN met.is_in_turn THEN 'in turn'
        WHEN repeated.repeat_share > tonight.rework_repeat_share_max THEN 'by nature'
        WHEN numbered.activity IS NOT NULL THEN 'numbered'
    END AS doubt
FROM redone
JOIN followed
    ON followed.process = redone.process AND followed.kind = redone.kind AND followed.way_key = redone.way_key
JOIN core.activity_instance AS instance
    ON instance.case_key = followed.case_key AND instance.position = redone.position
JOIN pair
    ON pair.process = redone.process AND pair.kind = redone.kind AND pair.side = redone.side AND pair.other = redone.other
SEMI JOIN known AS mine ON mine.process = redone.process AND mine.kind = redone.kind AND mine.side = redone.side
SEMI JOIN known AS theirs ON theirs.process = redone.process AND theirs.kind = redone.kind AND theirs.side = redone.other
ANTI JOIN told ON told.process = redone.process AND told.activity = redone.activity
LEFT JOIN met
    ON met.process = redone.process AND met.kind = redone.kind AND met.side = redone.side AND met.other = redone.other
LEFT JOIN mart.activity_repeat AS repeated
    ON repeated.process = redone.process AND repeated.activity = redone.activity
LEFT JOIN (SELECT DISTINCT process, activity FROM mart.numbered_visit) AS numbered
    ON numbered.process = redone.process AND numbered.activity = redone.activity
CROSS JOIN ops.tonight
WHERE redone.is_redone AND NOT instance.is_robot AND instance.resource IS NOT NULL
