-- mart.claim: one execution that one candidate claims, before the ledger. A question claims none.
SELECT * EXCLUDE (is_question) FROM mart.finding_execution WHERE NOT is_question
