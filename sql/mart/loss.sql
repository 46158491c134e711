-- mart.loss: seconds one candidate claimed and did not get, and the candidate that got them.
WITH rival AS (  -- only candidates that share an activity can want the same seconds
    SELECT
        loser.candidate_no AS loser_no, loser.candidate_id AS loser_id, loser.claim_share,
        loser.lever_rank = winner.lever_rank AS is_same_rung,
        winner.candidate_id AS winner_id, winner.lever
    FROM mart.finding AS loser
    JOIN mart.finding AS winner
        ON winner.process = loser.process AND list_has_any(winner.activities, loser.activities)
        AND winner.candidate_id <> loser.candidate_id AND winner.lever_rank <= loser.lever_rank
    WHERE NOT loser.is_question AND NOT winner.is_question
),
won AS (
    SELECT saving.activity_instance_id, saving.saved_s, rival.*
    FROM mart.saving
    JOIN rival ON rival.winner_id = saving.candidate_id
)
SELECT
    won.loser_id AS candidate_id,
    won.winner_id,
    won.lever,
    sum(
        (CASE WHEN won.is_same_rung THEN claim.handling_s ELSE won.saved_s END * won.claim_share)::DECIMAL(14, 3)
    ) AS lost_s
FROM won
-- where one of its own rung took an execution, all it wanted of that went there
ANTI JOIN (SELECT DISTINCT activity_instance_id, loser_no FROM won WHERE is_same_rung) AS same
    ON same.activity_instance_id = won.activity_instance_id AND same.loser_no = won.loser_no AND NOT won.is_same_rung
JOIN mart.claim ON claim.activity_instance_id = won.activity_instance_id AND claim.candidate_no = won.loser_no
GROUP BY won.loser_id, won.winner_id, won.lever
