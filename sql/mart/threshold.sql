-- mart.threshold: the number that parts the ways of earlier decisions best, by the gain in Gini impurity.
WITH valued AS (
    SELECT
        decision.process, decision.activity, input.attribute, input.attribute_value::DOUBLE AS number,
        decision.outcome, count(*) AS n
    FROM mart.decision_input AS input
    JOIN mart.decision ON decision.event_no = input.event_no
    SEMI JOIN (SELECT process, attribute FROM mart.attribute WHERE numeric_count = filled_count) AS numeric
        ON numeric.process = decision.process AND numeric.attribute = input.attribute
    WHERE NOT decision.is_later
    GROUP BY ALL
),
common AS (  -- a way taken seldom cannot move the threshold, so it is left out
    SELECT process, activity, attribute, outcome, sum(n) AS total
    FROM valued
    CROSS JOIN ops.tonight
    GROUP BY process, activity, attribute, outcome, tonight.rule_way_min
    HAVING sum(n) >= tonight.rule_way_min
),
grid AS (
    SELECT
        number.process, number.activity, number.attribute, number.number, common.outcome, common.total,
        sum(coalesce(valued.n, 0)) OVER (
            PARTITION BY number.process, number.activity, number.attribute, common.outcome
            ORDER BY number.number ROWS UNBOUNDED PRECEDING
        )::BIGINT AS low_n
    FROM (SELECT DISTINCT process, activity, attribute, number FROM valued) AS number
    JOIN common USING (process, activity, attribute)
    LEFT JOIN valued USING (process, activity, attribute, number, outcome)
),
split AS (
    SELECT
        process, activity, attribute, number,
        lead(number) OVER (PARTITION BY process, activity, attribute ORDER BY number) AS next_number,
        sum(low_n) AS low_count, sum(total - low_n) AS high_count,
        sum(low_n * low_n) AS low_squares, sum((total - low_n) * (total - low_n)) AS high_squares
    FROM grid
    GROUP BY process, activity, attribute, number
),
best AS (
    SELECT *
    FROM split
    WHERE next_number IS NOT NULL AND low_count > 0 AND high_count > 0
    QUALIFY row_number() OVER (
        PARTITION BY process, activity, attribute
        ORDER BY round(low_squares / low_count + high_squares / high_count, 6) DESC, number
    ) = 1
)
SELECT
    process,
    activity,
    attribute,
    -- the shortest decimal between the two neighbours is most likely what the rule book says
    coalesce(list_filter(
        list_transform(range(-9, 7), lambda digits: ceil(number * 10.0 ** digits) / 10.0 ** digits),
        lambda rounded: rounded >= number AND rounded < next_number
    )[1], number) AS threshold
FROM best
