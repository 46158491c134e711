-- core.label_meeting: one pair of label groups that meet in cases looked at, and in how many.
WITH visit AS (
    SELECT DISTINCT process, label_group, case_key FROM core.label_event
)
SELECT pair.process, pair.rare, pair.hub, count(*) AS case_count
FROM core.label_pair AS pair
JOIN visit AS one ON one.process = pair.process AND one.label_group = pair.rare
JOIN visit AS other
    ON other.process = pair.process AND other.label_group = pair.hub AND other.case_key = one.case_key
GROUP BY pair.process, pair.rare, pair.hub
