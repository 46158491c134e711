-- mart.finding: one opportunity as its pattern found it, under the id it keeps from night to night, before the ledger.
SELECT
    found.candidate_no,
    identity.candidate_id,
    found.* EXCLUDE (candidate_no, named_id)
FROM mart.found
JOIN mart.identity ON identity.candidate_no = found.candidate_no
