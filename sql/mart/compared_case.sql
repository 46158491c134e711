-- mart.compared_case: one case in which a slower provider was compared at an equal mix, and its stratum.
WITH compared AS (
    SELECT DISTINCT process, mix FROM mart.provider_comparison WHERE mix IS NOT NULL AND (is_claimed OR is_question)
)
SELECT
    sampled_case.process,
    sampled_case.case_id,
    compared.mix,
    case_stratum.stratum
FROM mart.sampled_case
JOIN compared ON compared.process = sampled_case.process
LEFT JOIN mart.case_stratum
    ON case_stratum.case_key = sampled_case.case_key AND case_stratum.mix = compared.mix
