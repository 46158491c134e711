-- mart.finding: one opportunity as its pattern found it, under the id it keeps from night to night, before the ledger.
-- What too few people do is asked and not claimed, for hours and shares would be figures about them; its evidence counts.
SELECT
    found.candidate_no,
    identity.candidate_id,
    sketch.people_count < tonight.people_min AS is_small,
    found.* EXCLUDE (candidate_no, named_id) REPLACE (
        found.is_question OR is_small AS is_question,
        CASE WHEN NOT is_small THEN found.witness_score END AS witness_score,
        CASE WHEN is_small AND found.pattern = 'rubber_stamp' THEN format('Does "{}" ever say no?', found.activity)
            ELSE found.title END AS title,
        CASE WHEN is_small
            THEN 'Asked, not claimed: so few people do it that how long it takes them and how they do it is not told.'
            ELSE found.reason
        END AS reason,
        CASE WHEN is_small THEN format('SELECT event_count, case_count FROM ({})', found.evidence_sql)
            ELSE found.evidence_sql END AS evidence_sql
    )
FROM mart.found
JOIN mart.identity ON identity.candidate_no = found.candidate_no
JOIN mart.found_sketch AS sketch ON sketch.candidate_no = found.candidate_no
CROSS JOIN ops.tonight
