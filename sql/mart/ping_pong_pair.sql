-- mart.ping_pong_pair: two steps between which cases go to and fro, from hand to hand.
-- Behaviours that must come together: there and back happens often; of the one step nearly all goes back to the other,
-- and of the other a good part goes there; nearly always another hand takes it. Neither is a corrector,
-- whose repeats are rework or a question: hands change at a visit or a test as well. One that by its name asks is none.
-- What is done twice and no more, or in every case, is a plan and no going to and fro. All that is one behaviour, and a
-- test between two treatments or an offer and its approval behave so too: a name that asks, waits or passes on bears it
-- out, unless an attribute numbers the rounds, as with doses; else the pair is only asked about.
WITH corrector AS (
    SELECT corrector.process, corrector.activity
    FROM mart.corrector
    JOIN mart.activity_word AS word ON word.process = corrector.process AND word.activity = corrector.activity
    WHERE corrector.is_borne_out OR NOT word.is_asking
),
placed AS (
    SELECT
        process, activity, case_count,
        lead(activity, 1) OVER variant_w AS partner,
        lead(activity, 2) OVER variant_w AS again
    FROM core.variant_step
    WINDOW variant_w AS (PARTITION BY process, variant_key ORDER BY position)
),
loop AS (
    SELECT process, activity, partner, sum(case_count) AS loop_count
    FROM placed
    WHERE again = activity AND partner <> activity
    GROUP BY process, activity, partner
),
handed AS (
    SELECT
        process, activity, next_activity AS partner,
        count(*) FILTER (next_resource <> resource) / nullif(count(*) FILTER (next_resource IS NOT NULL), 0) AS hands_share
    FROM core.activity_instance
    WHERE NOT is_robot AND resource IS NOT NULL
    GROUP BY process, activity, next_activity
),
measured AS (
    SELECT
        loop.process, loop.activity, loop.partner, loop.loop_count,
        forth.event_count / asking.execution_count AS forth_share,
        back.event_count / answering.execution_count AS back_share,
        handed.hands_share,
        asking.repeat_share,
        asking.third_count / nullif(asking.second_count, 0) AS third_share
    FROM loop
    JOIN core.directly_follows AS forth
        ON forth.process = loop.process AND forth.activity = loop.activity AND forth.next_activity = loop.partner
    JOIN core.directly_follows AS back
        ON back.process = loop.process AND back.activity = loop.partner AND back.next_activity = loop.activity
    JOIN mart.activity_repeat AS asking ON asking.process = loop.process AND asking.activity = loop.activity
    JOIN mart.activity_repeat AS answering ON answering.process = loop.process AND answering.activity = loop.partner
    JOIN handed
        ON handed.process = loop.process AND handed.activity = loop.activity AND handed.partner = loop.partner
    ANTI JOIN corrector ON corrector.process = loop.process AND corrector.activity = loop.activity
    ANTI JOIN corrector AS other ON other.process = loop.process AND other.activity = loop.partner
),
named AS (
    SELECT process, activity
    FROM mart.activity_word
    WHERE is_asking OR is_passing_on OR regexp_matches(
        lower(activity::VARCHAR),
        '(clarif|\bawait|\bwait|\bpending|\brequest(s|ed|ing)? (for )?(info|doc|paper|detail|data|feedback)|\bon hold|espera'
        || '|wacht|warte|oczek)'
    )
),
numbered AS (SELECT process, activity, min(attribute) AS attribute FROM mart.numbered_visit GROUP BY process, activity)
SELECT
    measured.process, measured.activity, partner, measured.activity || ' - ' || partner AS subject, loop_count, forth_share, back_share, hands_share,
    coalesce(asked.attribute, answered.attribute) AS numbered_by,
    numbered_by IS NULL AND (
        (measured.process, measured.activity) IN (SELECT (process, activity) FROM named)
        OR (measured.process, measured.partner) IN (SELECT (process, activity) FROM named)
    ) AS is_borne_out
FROM measured
LEFT JOIN numbered AS asked ON asked.process = measured.process AND asked.activity = measured.activity
LEFT JOIN numbered AS answered ON answered.process = measured.process AND answered.activity = measured.partner
CROSS JOIN ops.tonight
WHERE
    loop_count >= tonight.ping_pong_loops_min
    AND back_share >= tonight.ping_pong_back_share_min
    AND forth_share >= tonight.ping_pong_forth_share_min
    AND hands_share >= tonight.ping_pong_hands_share_min
    AND third_share >= tonight.ping_pong_third_share_min
    AND repeat_share <= tonight.rule_majority_max
-- where either answers the other, the pair is told once, from the step that comes back more often
QUALIFY row_number() OVER (
    PARTITION BY measured.process, least(measured.activity, partner), greatest(measured.activity, partner)
    ORDER BY loop_count DESC, measured.activity
) = 1
