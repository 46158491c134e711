-- mart.copied_value: an attribute typed in at a later step that copies or follows from one or two recorded earlier.
WITH pair AS (
    SELECT
        source.process, source.case_key,
        source.attribute AS from_attribute, typed.attribute AS to_attribute,
        source.activity AS from_activity, typed.activity AS to_activity,
        source.system AS from_system, typed.system AS to_system,
        source.value AS x, typed.value AS y, source.plain_value AS plain_x, typed.plain_value AS plain_y,
        source.digits AS digits_x, typed.digits AS digits_y, source.number AS number_x, typed.number AS number_y,
        source.days AS days_x, typed.days AS days_y,
        CASE WHEN len(source.days) = 1 THEN source.days[1] END AS day_x,
        CASE WHEN len(typed.days) = 1 THEN typed.days[1] END AS day_y,
        hash(source.case_key) AS dealt_no
    FROM mart.recorded_value AS source
    JOIN mart.recorded_value AS typed ON typed.case_key = source.case_key AND typed.position > source.position
),
usual AS (  -- in most cases that have both, the one comes before the other
    SELECT
        pair.process, pair.from_attribute, pair.to_attribute, count(*) AS case_count,
        mode(from_activity ORDER BY from_activity) AS from_activity, mode(to_activity ORDER BY to_activity) AS to_activity,
        mode(from_system ORDER BY from_system) AS from_system, mode(to_system ORDER BY to_system) AS to_system,
        count(*) FILTER (from_system <> to_system) / count(*) AS crossing_share
    FROM pair
    CROSS JOIN ops.tonight
    GROUP BY pair.process, pair.from_attribute, pair.to_attribute, tonight.copy_cases_min
    HAVING count(*) >= tonight.copy_cases_min
),
following AS (  -- another case of each pair, to tell what chance alone would match
    SELECT
        process, from_attribute, to_attribute, case_key,
        coalesce(lead(case_key) OVER deal_w, first_value(case_key) OVER deal_w) AS other_key
    FROM pair
    SEMI JOIN usual USING (process, from_attribute, to_attribute)
    WINDOW deal_w AS (PARTITION BY process, from_attribute, to_attribute ORDER BY dealt_no, case_key)
),
dealt AS (  -- beside each value that of the other case
    SELECT
        pair.*,
        {'y': other.value, 'plain': other.plain_value, 'digits': other.digits, 'number': other.number, 'days': other.days,
            'day': CASE WHEN len(other.days) = 1 THEN other.days[1] END} AS other
    FROM pair
    JOIN following
        ON following.case_key = pair.case_key AND following.from_attribute = pair.from_attribute
        AND following.to_attribute = pair.to_attribute
    JOIN mart.recorded_value AS other ON other.case_key = following.other_key AND other.attribute = pair.to_attribute
),
sized AS (  -- what does not read as a number is a slip, as long as few do not
    SELECT process, from_attribute, to_attribute, quantile_disc(abs(number_x), .9) AS large
    FROM dealt
    CROSS JOIN ops.tonight
    GROUP BY process, from_attribute, to_attribute, tonight.copy_score_min
    HAVING count(number_x + number_y) >= tonight.copy_score_min * count(*)
),
measured AS (  -- by the largest, of which cents tell most
    SELECT process, from_attribute, to_attribute, any_value(large) AS large, quantile_disc(number_y / number_x, .5) AS middle
    FROM dealt
    JOIN sized USING (process, from_attribute, to_attribute)
    WHERE number_x <> 0 AND abs(number_x) >= large
    GROUP BY process, from_attribute, to_attribute
),
plain AS (  -- as a tariff would write it: the shortest number that is as good to half a cent
    SELECT
        *,
        list_filter(
            list_transform(range(10), lambda digits: round(middle, digits::INTEGER)),
            lambda one: abs(one - middle) * large <= .006
        )[1] AS factor,
        list_filter(
            list_transform(range(10), lambda digits: round(1 / nullif(middle, 0), digits::INTEGER)),
            lambda one: one <> 0 AND abs(1 / one - middle) * large <= .006
        )[1] AS divisor,
        regexp_replace(factor::VARCHAR, '[.]0$', '') AS times,
        regexp_replace(divisor::VARCHAR, '[.]0$', '') AS parts
    FROM measured
),
ratio AS (
    SELECT
        process, from_attribute, to_attribute,
        coalesce(length(parts) < length(times), times IS NULL AND parts IS NOT NULL) AS is_divided,
        CASE WHEN is_divided THEN 1 / divisor ELSE coalesce(factor, middle) END AS ratio,
        CASE WHEN is_divided THEN 'divided by ' || parts ELSE 'times ' || coalesce(times, middle::VARCHAR) END AS ratio_says
    FROM plain
),
later AS (
    SELECT process, from_attribute, to_attribute, mode(day_y - day_x ORDER BY day_y - day_x) AS day_count
    FROM dealt
    CROSS JOIN ops.tonight
    GROUP BY process, from_attribute, to_attribute, tonight.copy_score_min
    HAVING count(day_y - day_x) >= tonight.copy_score_min * count(*)
),
matched AS (
    SELECT
        dealt.process, dealt.from_attribute, dealt.to_attribute, dealt.y, ratio.ratio, ratio.ratio_says, later.day_count,
        x = y OR coalesce(number_x = number_y, false) AS is_copy,
        x = other.y OR coalesce(number_x = other.number, false) AS is_chance_copy,
        coalesce(list_has_any(days_x, days_y), false) OR length(plain_x) >= 3 AND (
            plain_x = plain_y OR ends_with(plain_x, plain_y) AND length(plain_y) >= 3 OR ends_with(plain_y, plain_x)
            OR starts_with(plain_x, plain_y) AND length(plain_y) >= 3 OR starts_with(plain_y, plain_x)
            OR length(digits_x) >= 3 AND digits_x = digits_y
        ) AS is_reformatted,
        coalesce(list_has_any(days_x, other.days), false) OR length(plain_x) >= 3 AND (
            plain_x = other.plain OR ends_with(plain_x, other.plain) AND length(other.plain) >= 3
            OR ends_with(other.plain, plain_x) OR starts_with(plain_x, other.plain) AND length(other.plain) >= 3
            OR starts_with(other.plain, plain_x) OR length(digits_x) >= 3 AND digits_x = other.digits
        ) AS is_chance_reformatted,
        coalesce(ratio.ratio <> 1 AND abs(number_y - round(ratio.ratio * number_x, 2)) <= .02, false) AS is_ratio,
        coalesce(ratio.ratio <> 1 AND abs(other.number - round(ratio.ratio * number_x, 2)) <= .02, false)
            AS is_chance_ratio,
        coalesce(day_count <> 0 AND day_y - day_x = day_count, false) AS is_later,
        coalesce(day_count <> 0 AND other.day - day_x = day_count, false) AS is_chance_later
    FROM dealt
    LEFT JOIN ratio
        ON ratio.process = dealt.process AND ratio.from_attribute = dealt.from_attribute
        AND ratio.to_attribute = dealt.to_attribute
    LEFT JOIN later
        ON later.process = dealt.process AND later.from_attribute = dealt.from_attribute
        AND later.to_attribute = dealt.to_attribute
),
alike AS (
    SELECT
        process, from_attribute, to_attribute,
        count(*) FILTER (is_copy) / count(*) AS copy_share,
        count(*) FILTER (is_chance_copy) / count(*) AS chance_copy_share,
        count(*) FILTER (is_copy OR is_reformatted) / count(*) AS reformatted_share,
        count(*) FILTER (is_chance_copy OR is_chance_reformatted) / count(*) AS chance_reformatted_share,
        count(*) FILTER (is_ratio) / count(*) AS ratio_share,
        count(*) FILTER (is_chance_ratio) / count(*) AS chance_ratio_share,
        count(*) FILTER (is_later) / count(*) AS later_share,
        count(*) FILTER (is_chance_later) / count(*) AS chance_later_share,
        any_value(ratio) AS ratio,
        any_value(ratio_says) AS ratio_says,
        any_value(day_count) AS day_count,
        count(DISTINCT y) AS value_count
    FROM matched
    GROUP BY process, from_attribute, to_attribute
),
together AS (
    SELECT
        process, from_attribute, to_attribute, x, y, count(*) AS n,
        sum(count(*)) OVER (PARTITION BY process, from_attribute, to_attribute, x) AS x_count,
        sum(count(*)) OVER (PARTITION BY process, from_attribute, to_attribute, y) AS y_count
    FROM pair
    SEMI JOIN usual USING (process, from_attribute, to_attribute)
    GROUP BY process, from_attribute, to_attribute, x, y
),
best AS (
    SELECT
        *,
        max(n) OVER x_w AS most,
        nth_value(n, 2) OVER (x_w ORDER BY n DESC, y ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second
    FROM together
    WINDOW x_w AS (PARTITION BY process, from_attribute, to_attribute, x)
),
dependent AS (  -- each case judged by the others of its value: what is seen once tells nothing
    SELECT
        process, from_attribute, to_attribute,
        sum(n) FILTER (x_count >= 2) / sum(n) AS support_share,
        coalesce(sum(n) FILTER (n = most AND n - 1 > coalesce(second, 0)), 0) / sum(n) AS right_share,
        max(y_count) / sum(n) AS usual_share,
        sum(n * y_count) / (sum(n) * sum(n)) AS alike_share,
        count(DISTINCT x) AS source_count
    FROM best
    GROUP BY process, from_attribute, to_attribute
),
judged AS (
    SELECT
        usual.*, alike.* EXCLUDE (process, from_attribute, to_attribute),
        dependent.* EXCLUDE (process, from_attribute, to_attribute),
        CASE WHEN chance_copy_share < 1 THEN (copy_share - chance_copy_share) / (1 - chance_copy_share) END AS copy_score,
        CASE WHEN chance_reformatted_share < 1
            THEN (reformatted_share - chance_reformatted_share) / (1 - chance_reformatted_share) END AS reformatted_score,
        CASE WHEN chance_ratio_share < 1
            THEN (ratio_share - chance_ratio_share) / (1 - chance_ratio_share) END AS ratio_score,
        CASE WHEN chance_later_share < 1
            THEN (later_share - chance_later_share) / (1 - chance_later_share) END AS later_score,
        CASE WHEN usual_share < 1 THEN (right_share - usual_share) / (1 - usual_share) END AS dependency_score,
        tonight.copy_score_min, tonight.copy_support_min
    FROM usual
    JOIN alike USING (process, from_attribute, to_attribute)
    JOIN dependent USING (process, from_attribute, to_attribute)
    CROSS JOIN ops.tonight
),
timely AS (  -- what follows the calendar is told by the case begun before as well
    SELECT process, from_attribute, to_attribute, count(*) FILTER (y = y_before) / count(*) AS before_share
    FROM (
        SELECT
            pair.process, pair.from_attribute, pair.to_attribute, pair.y,
            lag(pair.y) OVER (
                PARTITION BY pair.process, pair.from_attribute, pair.to_attribute ORDER BY trace.started_at, pair.case_key
            ) AS y_before
        FROM pair
        SEMI JOIN (SELECT * FROM judged WHERE dependency_score >= copy_score_min) AS told
            ON told.process = pair.process AND told.from_attribute = pair.from_attribute
            AND told.to_attribute = pair.to_attribute
        JOIN core.trace ON trace.case_key = pair.case_key
    ) AS following
    GROUP BY process, from_attribute, to_attribute
),
named AS (
    SELECT
        judged.*,
        CASE
            WHEN value_count < 2 THEN NULL
            WHEN copy_score >= copy_score_min THEN 'copy'
            WHEN reformatted_score >= copy_score_min THEN 'reformatted copy'
            WHEN ratio_score >= copy_score_min THEN 'fixed ratio'
            WHEN later_score >= copy_score_min THEN 'days later'
            WHEN dependency_score >= copy_score_min AND support_share >= copy_support_min AND source_count >= 2
                AND coalesce(timely.before_share - alike_share < copy_score_min * (1 - alike_share), true)
                THEN 'dependency'
        END AS kind
    FROM judged
    LEFT JOIN timely
        ON timely.process = judged.process AND timely.from_attribute = judged.from_attribute
        AND timely.to_attribute = judged.to_attribute
),
followed AS (
    SELECT
        process, from_attribute, NULL AS with_attribute, to_attribute, kind, from_activity, to_activity, from_system, to_system,
        crossing_share, case_count,
        CASE kind WHEN 'copy' THEN copy_score WHEN 'reformatted copy' THEN reformatted_score
            WHEN 'fixed ratio' THEN ratio_score WHEN 'days later' THEN later_score ELSE dependency_score END AS score,
        1 - CASE kind WHEN 'copy' THEN copy_share WHEN 'reformatted copy' THEN reformatted_share
            WHEN 'fixed ratio' THEN ratio_share WHEN 'days later' THEN later_share ELSE right_share END AS slip_share,
        CASE kind WHEN 'fixed ratio' THEN ratio_says
            WHEN 'days later' THEN format('{} day{} {}', abs(day_count), if(abs(day_count) = 1, '', 's'),
                if(day_count > 0, 'later', 'earlier'))
            ELSE kind END AS says,
        CASE kind WHEN 'fixed ratio' THEN ratio END AS ratio,
        CASE kind WHEN 'days later' THEN day_count END AS day_count
    FROM named
    WHERE kind IS NOT NULL
    UNION ALL
    SELECT
        process, from_attribute, with_attribute, to_attribute, kind, from_activity, to_activity, from_system, to_system,
        crossing_share, case_count, score, slip_share,
        format('{} {}', CASE kind WHEN 'sum' THEN 'plus' WHEN 'difference' THEN 'minus' ELSE 'times' END, with_attribute),
        NULL, NULL
    FROM mart.reckoned_value
    ANTI JOIN (SELECT * FROM named WHERE kind IS NOT NULL) AS simpler
        ON simpler.process = reckoned_value.process AND simpler.to_attribute = reckoned_value.to_attribute
),
written AS (
    SELECT process, activity, attribute, count(*) AS case_count
    FROM mart.recorded_value
    GROUP BY process, activity, attribute
),
visited AS (
    SELECT process, activity, count(DISTINCT case_key) AS case_count
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
    GROUP BY process, activity
)
SELECT
    followed.process,
    from_attribute,
    with_attribute,
    to_attribute,
    kind,
    from_activity,
    to_activity,
    from_system,
    to_system,
    round(crossing_share, 6) AS crossing_share,
    followed.case_count,
    round(written.case_count / visited.case_count, 6) AS typed_share,
    round(score, 6) AS score,
    round(slip_share, 6) AS slip_share,
    says,
    ratio,
    day_count
FROM followed
LEFT JOIN written
    ON written.process = followed.process AND written.activity = followed.to_activity
    AND written.attribute = followed.to_attribute
LEFT JOIN visited ON visited.process = followed.process AND visited.activity = followed.to_activity
