-- mart.check_family: one checking step and the check it is part of; "X approved" and "X rejected" are one check of two ways.
WITH verdict AS (
    SELECT
        word.process, word.activity,
        regexp_replace(
            lower(word.activity::VARCHAR),
            '(final[_ ])?(disapprov|approv|reject|declin|accept|denied|deny|refus)(ed|als?|es?|s|ing|ance)?\b', '§'
        ) AS family,
        regexp_matches(lower(word.activity::VARCHAR), '(reject|declin|denied|\bdeny|refus|disapprov)') AS is_refusal,
        word.is_checking
        -- nor is a check only arranged or told of, and who is checked in or signed up is not checked
        AND NOT regexp_matches(
            lower(word.activity::VARCHAR),
            '(\bawait|\brequest|\bsend|\bsent|\bprepar|\bnotif|\binform|\bremind|\bask'
            || '|^\W*(book|schedul|arrang|cancel|print|receiv|upload|attach|archiv|pay)(e?s|e|e?d|ing)?\b'
            || '|\bcheck(s|ed|ing)?[ _-]?(in|out)\b|\bsign(s|ed|ing)?[ _-]?(in|out|up)\b)'
        ) AS is_check
    FROM mart.activity_word AS word
)
SELECT
    process,
    activity,
    family,
    count(*) OVER family_w > 1 AS is_told_by_name,
    is_refusal
FROM verdict
WINDOW family_w AS (PARTITION BY process, family)
-- a family of refusals alone is no check, and one without a checking name is none either
QUALIFY bool_or(is_check) OVER family_w AND NOT bool_and(is_refusal) OVER family_w
