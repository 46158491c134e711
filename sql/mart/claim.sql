-- mart.claim: one execution that one candidate claims, before the ledger. A question claims none.
SELECT involved.*
FROM mart.finding_execution AS involved
SEMI JOIN (SELECT candidate_no FROM mart.finding WHERE NOT is_question) AS claimant
    ON claimant.candidate_no = involved.candidate_no
