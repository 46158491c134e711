-- core.label_case_id: one case id that stands at the end of a label of its process and is no part of a name.
WITH ending AS (
    SELECT process, lower(regexp_extract(label, '([^\s_:/()\[\]#]+)[)\]]?\s*$', 1)) AS word FROM core.label_spelling
    UNION
    SELECT process, lower(regexp_extract(label, '[\s\-_:/(\[#]([^\s\-_:/()\[\]#]+)[)\]]?\s*$', 1)) FROM core.label_spelling
),
numbered AS (
    SELECT process, word FROM ending WHERE length(regexp_replace(word, '[^0-9]', '', 'g')) >= 3
)
SELECT DISTINCT event.process, event.case_id
FROM raw.event
SEMI JOIN numbered ON numbered.process = event.process AND numbered.word = lower(event.case_id)
WHERE event.failed_rules = 0
ORDER BY event.process, event.case_id
