-- mart.bounce: one execution with which a provider or a team does again what it did in its turn before the last.
-- That work comes back is often so designed; that what was done before the hand-over is done again is not. Where the other
-- did that very step as well meanwhile, the case was sent to and fro; where it did other work, that may ask for the step
-- once more, as an expert's word or a second dose does, and it is only asked about.
WITH mixed AS (
    SELECT case_key, 'provider' AS kind FROM core.trace WHERE provider_count > 1
    UNION ALL
    SELECT case_key, 'team' AS kind
    FROM core.activity_instance
    WHERE team IS NOT NULL
    GROUP BY case_key
    HAVING min(team) <> max(team)
),
sided AS (
    SELECT
        instance.process, instance.case_key, mixed.kind, instance.position, instance.activity,
        instance.activity_instance_id, instance.handling_s,
        NOT instance.is_robot AND instance.resource IS NOT NULL AS is_by_person,
        CASE mixed.kind WHEN 'team' THEN instance.team ELSE instance.provider::VARCHAR END AS side,
        side IS DISTINCT FROM lag(side) OVER (PARTITION BY instance.case_key, mixed.kind ORDER BY instance.position) AS is_turn
    FROM core.activity_instance AS instance
    JOIN mixed ON mixed.case_key = instance.case_key
    WHERE mixed.kind = 'provider' OR instance.team IS NOT NULL
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
        count(DISTINCT (case_key, turn_no)) AS return_count,
        count(DISTINCT (case_key, turn_no)) FILTER (is_redone) / return_count AS redo_share,
        count(DISTINCT (case_key, turn_no)) FILTER (is_shared) / return_count AS shared_share
    FROM redone
    GROUP BY process, kind, side, other
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
    redone.activity_instance_id,
    redone.process,
    format('{}: {} - {}', redone.kind, redone.side, redone.other) AS subject,
    redone.kind,
    redone.side,
    redone.other,
    redone.activity,
    redone.handling_s,
    pair.return_count,
    round(pair.redo_share, 6) AS redo_share,
    pair.shared_share >= tonight.bounce_redo_share_min
    AND (redone.process, redone.activity) NOT IN (SELECT (process, activity) FROM mart.numbered_visit) AS is_borne_out
FROM redone
JOIN pair
    ON pair.process = redone.process AND pair.kind = redone.kind AND pair.side = redone.side AND pair.other = redone.other
SEMI JOIN known AS mine ON mine.process = redone.process AND mine.kind = redone.kind AND mine.side = redone.side
SEMI JOIN known AS theirs ON theirs.process = redone.process AND theirs.kind = redone.kind AND theirs.side = redone.other
ANTI JOIN told ON told.process = redone.process AND told.activity = redone.activity
CROSS JOIN ops.tonight
WHERE
    redone.is_redone AND redone.is_by_person
    AND pair.return_count >= tonight.ping_pong_loops_min
    AND pair.redo_share >= tonight.bounce_redo_share_min
