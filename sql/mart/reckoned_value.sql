-- mart.reckoned_value: an attribute first recorded later that is the sum, difference or product of two recorded before.
-- Every pair is tried on a few cases, and those that come out on all.
WITH number AS (
    SELECT process, attribute
    FROM mart.recorded_value
    CROSS JOIN ops.tonight
    GROUP BY process, attribute, tonight.copy_score_min, tonight.copy_cases_min, tonight.copy_numbers_max
    HAVING count(*) >= tonight.copy_cases_min AND count(number) >= tonight.copy_score_min * count(*)
        AND min(number) < max(number)
    QUALIFY row_number() OVER (PARTITION BY process ORDER BY count(*) DESC, attribute) <= tonight.copy_numbers_max
),
value AS (
    SELECT recorded.process, case_key, recorded.attribute, position, activity, system, number
    FROM mart.recorded_value AS recorded
    SEMI JOIN number ON number.process = recorded.process AND number.attribute = recorded.attribute
),
probe AS (
    SELECT value.process, value.attribute, value.case_key
    FROM value
    CROSS JOIN ops.tonight
    QUALIFY row_number() OVER (
        PARTITION BY value.process, value.attribute ORDER BY hash(value.case_key), value.case_key
    ) <= tonight.copy_probe_cases
),
near AS MATERIALIZED (  -- the cases that are tried, for whichever attribute
    SELECT value.process, value.case_key, value.attribute, value.position, value.number
    FROM value
    SEMI JOIN probe ON probe.case_key = value.case_key
),
tried AS (  -- with nothing added and multiplied by one it is a copy, and says nothing
    SELECT
        one.process, one.attribute AS from_attribute, other.attribute AS with_attribute, typed.attribute AS to_attribute,
        [
            {
                'kind': 'sum',
                'count': count(*) FILTER (one.attribute < other.attribute AND one.number <> 0 AND other.number <> 0),
                'right_count': count(*) FILTER (
                    one.attribute < other.attribute AND one.number <> 0 AND other.number <> 0
                    AND abs(typed.number - round(one.number + other.number, 2)) <= .02
                )
            },
            {
                'kind': 'difference',
                'count': count(*) FILTER (one.number <> 0 AND other.number <> 0),
                'right_count': count(*) FILTER (
                    one.number <> 0 AND other.number <> 0
                    AND abs(typed.number - round(one.number - other.number, 2)) <= .02
                )
            },
            {
                'kind': 'product',
                'count': count(*) FILTER (one.attribute < other.attribute AND one.number <> 1 AND other.number <> 1),
                'right_count': count(*) FILTER (
                    one.attribute < other.attribute AND one.number <> 1 AND other.number <> 1
                    AND abs(typed.number - round(one.number * other.number, 2)) <= .02
                )
            }
        ] AS ways
    FROM probe
    JOIN near AS typed ON typed.case_key = probe.case_key AND typed.attribute = probe.attribute
    JOIN near AS one ON one.case_key = probe.case_key AND one.position < typed.position
    JOIN near AS other
        ON other.case_key = probe.case_key AND other.position < typed.position AND other.attribute <> one.attribute
    GROUP BY one.process, one.attribute, other.attribute, typed.attribute
),
likely AS (
    SELECT process, from_attribute, with_attribute, to_attribute, way.kind
    FROM (SELECT * EXCLUDE (ways), unnest(ways) AS way FROM tried)
    WHERE way.right_count >= 5 AND 2 * way.right_count >= way.count
),
part AS (
    SELECT
        likely.*, value.case_key,
        max(value) FILTER (value.attribute = from_attribute) AS one,
        max(value) FILTER (value.attribute = with_attribute) AS other,
        max(value) FILTER (value.attribute = to_attribute) AS typed
    FROM likely
    JOIN value
        ON value.process = likely.process AND value.attribute IN (from_attribute, with_attribute, to_attribute)
    GROUP BY ALL
),
reckoned AS (
    SELECT
        process, from_attribute, with_attribute, to_attribute, kind, case_key, hash(case_key) AS dealt_no,
        typed.number AS y, one.activity AS from_activity, typed.activity AS to_activity,
        one.system AS from_system, typed.system AS to_system,
        coalesce(one.system <> typed.system, false) OR coalesce(other.system <> typed.system, false) AS is_crossing,
        round(CASE kind WHEN 'sum' THEN one.number + other.number WHEN 'difference' THEN one.number - other.number
            ELSE one.number * other.number END, 2) AS expected,
        if(kind = 'product', one.number <> 1 AND other.number <> 1, one.number <> 0 AND other.number <> 0) AS is_telling
    FROM part
    WHERE one.position < typed.position AND other.position < typed.position
),
dealt AS (  -- beside each value that of another case, to tell what chance alone would match
    SELECT
        *,
        coalesce(lead(y) OVER deal_w, first_value(y) OVER deal_w) AS other_y
    FROM reckoned
    WINDOW deal_w AS (
        PARTITION BY process, from_attribute, with_attribute, to_attribute, kind ORDER BY dealt_no, case_key
    )
),
judged AS (
    SELECT
        process, from_attribute, with_attribute, to_attribute, kind,
        count(*) AS case_count,
        mode(from_activity ORDER BY from_activity) AS from_activity,
        mode(to_activity ORDER BY to_activity) AS to_activity,
        mode(from_system ORDER BY from_system) AS from_system,
        mode(to_system ORDER BY to_system) AS to_system,
        count(*) FILTER (is_crossing) / count(*) AS crossing_share,
        count(*) FILTER (abs(y - expected) <= .02) / count(*) AS right_share,
        count(*) FILTER (abs(other_y - expected) <= .02) / count(*) AS chance_share,
        count(*) FILTER (is_telling) / count(*) AS telling_share
    FROM dealt
    GROUP BY process, from_attribute, with_attribute, to_attribute, kind
)
SELECT
    judged.process,
    from_attribute,
    with_attribute,
    to_attribute,
    kind,
    case_count,
    from_activity,
    to_activity,
    from_system,
    to_system,
    round(crossing_share, 6) AS crossing_share,
    round((right_share - chance_share) / (1 - chance_share), 6) AS score,
    round(1 - right_share, 6) AS slip_share
FROM judged
CROSS JOIN ops.tonight
WHERE case_count >= tonight.copy_cases_min AND chance_share < 1 AND telling_share >= tonight.copy_support_min
    AND (right_share - chance_share) / (1 - chance_share) >= tonight.copy_score_min
QUALIFY row_number() OVER (
    PARTITION BY judged.process, to_attribute ORDER BY score DESC, case_count DESC, kind, from_attribute, with_attribute
) = 1
