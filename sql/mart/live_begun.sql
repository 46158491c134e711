-- mart.live_begun: cases begun in one week, counted from go-live, on the side of a live candidate or of a peer.
-- Weeks that the log holds in part are left out. How long cases took is told where each could be watched for as long.
WITH party AS (
    SELECT party.* EXCLUDE (is_compared), live.live_on
    FROM mart.live_party AS party
    JOIN mart.live_candidate AS live ON live.candidate_id = party.candidate_id
),
taken AS (SELECT case_key, process::VARCHAR AS process, ended_at, epoch(ended_at - started_at)::BIGINT AS duration_s FROM core.trace),
watched AS (  -- each case as long as most before took, or the later it began the shorter it would seem
    SELECT
        party.candidate_id, party.kind, party.place,
        list(taken.duration_s ORDER BY taken.duration_s)[ceil(tonight.benefit_case_share * count(*))::BIGINT] AS watched_s
    FROM party
    JOIN mart.live_case AS side
        ON side.process = party.process AND (party.provider IS NULL OR side.provider = party.provider)
    JOIN taken ON taken.case_key = side.case_key AND taken.ended_at < party.live_on
    CROSS JOIN ops.tonight
    GROUP BY party.candidate_id, party.kind, party.place, tonight.benefit_case_share
)
SELECT
    party.candidate_id, party.kind, party.place,
    floor(date_diff('day', party.live_on, side.begun_on) / 7)::INTEGER AS week_no,
    count(*) AS case_count,
    -- of cases that were under way when it went live, a part is of before and a part of after
    CASE
        WHEN week_no < 0 AND 7::BIGINT * 86400 * (week_no + 1) + any_value(watched.watched_s) > 0 THEN NULL
        WHEN epoch(any_value(span.ended_at)) < epoch(party.live_on) + 7::BIGINT * 86400 * (week_no + 1) + any_value(watched.watched_s) THEN NULL
        ELSE sum(least(taken.duration_s, watched.watched_s))::BIGINT
    END AS duration_s
FROM party
JOIN mart.live_case AS side
    ON side.process = party.process AND (party.provider IS NULL OR side.provider = party.provider)
JOIN taken ON taken.case_key = side.case_key
JOIN mart.process_span AS span ON span.process::VARCHAR = party.process
LEFT JOIN watched ON watched.candidate_id = party.candidate_id AND watched.kind = party.kind AND watched.place = party.place
GROUP BY party.candidate_id, party.kind, party.place, party.live_on, week_no
HAVING
    party.live_on + 7 * week_no >= any_value(span.started_at)::DATE
    AND party.live_on + 7 * week_no + 6 <= any_value(span.ended_at)::DATE
