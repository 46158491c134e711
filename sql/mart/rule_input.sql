-- mart.rule_input: one attribute of a process's log, and whether rules may read it.
WITH begun AS (
    SELECT
        case_key, feed, min(position) AS position, min(position, 2)[-1] AS second_position, max(position) AS last_position,
        sum(count(*)) OVER (PARTITION BY case_key) AS row_count
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
    GROUP BY case_key, feed
),
recorded AS (  -- our own name is no attribute's
    SELECT
        {
            'process': instance.process, 'feed': instance.feed, 'case_key': instance.case_key,
            'activity': instance.activity, 'row_count': begun.row_count, 'is_first': instance.position = begun.position,
            'is_second': instance.position = begun.second_position, 'is_last': instance.position = begun.last_position
        } AS essa_row,
        unnest(attributes)
    FROM core.activity_instance AS instance
    JOIN begun ON begun.case_key = instance.case_key AND begun.feed = instance.feed
),
shape AS (  -- how one case's rows of one feed carry it; what other feeds of the process do not carry says nothing
    UNPIVOT (
        SELECT
            any_value(essa_row.process) AS essa_process,
            essa_row.feed AS essa_feed,
            CASE
                WHEN count(*) > 1 AND count(COLUMNS(* EXCLUDE (essa_row))) = 0 THEN 'none of several'
                -- whether it would have stood on a third as well nobody knows
                WHEN count(*) = 2 AND count(COLUMNS(* EXCLUDE (essa_row))) = 1
                    AND count(if(essa_row.is_first, COLUMNS(* EXCLUDE (essa_row)), NULL)) = 0 THEN NULL
                WHEN count(*) > 1 AND count(COLUMNS(* EXCLUDE (essa_row))) = count(*)
                    AND min(COLUMNS(* EXCLUDE (essa_row))) = max(COLUMNS(* EXCLUDE (essa_row))) THEN 'alike on all'
                WHEN count(*) > 2 AND count(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row)))) = count(*) - 1
                    AND min(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row))))
                    = max(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row))))
                    THEN 'final from the second'
                WHEN count(*) > 1 AND count(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row)))) = 0
                    THEN 'on the first alone'
                WHEN count(*) > 1 AND count(if(essa_row.is_last, NULL, COLUMNS(* EXCLUDE (essa_row)))) = 0
                    THEN 'on the last alone'
                WHEN count(*) > 1 AND count(COLUMNS(* EXCLUDE (essa_row))) = 1 THEN 'on another alone'
                WHEN count(*) > 3 AND count(COLUMNS(* EXCLUDE (essa_row))) = count(*) - 1
                    AND min(COLUMNS(* EXCLUDE (essa_row))) = max(COLUMNS(* EXCLUDE (essa_row))) THEN 'alike on all but one'
                WHEN count(*) > 2 AND count(if(essa_row.is_first, COLUMNS(* EXCLUDE (essa_row)), NULL)) > 0
                    AND min(COLUMNS(* EXCLUDE (essa_row))) = max(COLUMNS(* EXCLUDE (essa_row))) THEN 'alike from the first'
                WHEN count(*) > 2 AND min(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row))))
                    = max(if(essa_row.is_first, NULL, COLUMNS(* EXCLUDE (essa_row))))
                    THEN if(
                        count(if(essa_row.is_second, COLUMNS(* EXCLUDE (essa_row)), NULL)) > 0,
                        'alike from the second', 'alike later'
                    )
                WHEN count(*) > 1 THEN 'some of several'
                WHEN count(COLUMNS(* EXCLUDE (essa_row))) = 0 THEN 'not on the one'
                WHEN any_value(essa_row.row_count) = 1 THEN 'on the only row'
                ELSE 'on the one'
            END
        FROM recorded
        GROUP BY essa_row.feed, essa_row.case_key
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_feed)) INTO NAME attribute VALUE shape
),
counted AS (
    SELECT
        essa_process, essa_feed, attribute,
        count(*) FILTER (
            shape IN ('alike on all', 'alike on all but one', 'final from the second', 'on the first alone',
                'on another alone', 'alike from the first', 'alike from the second', 'alike later', 'some of several')
        ) AS several_count,
        count(*) FILTER (shape = 'on the last alone') AS last_count,
        count(*) FILTER (shape IN ('on the first alone', 'on another alone', 'on the last alone')) AS alone_count,
        count(*) FILTER (shape IN ('alike on all', 'alike on all but one', 'final from the second')) AS whole_count,
        count(*) FILTER (shape IN ('alike from the first', 'alike from the second', 'alike later')) AS blank_count,
        count(*) FILTER (shape = 'alike later') AS late_count,
        count(*) FILTER (
            shape IN ('on the first alone', 'alike on all', 'alike on all but one', 'alike from the first')
        ) AS first_count,
        count(*) FILTER (shape IN ('on the one', 'on the only row')) AS one_count,
        count(*) FILTER (shape = 'on the only row') AS only_count,
        count(*) FILTER (shape = 'not on the one') AS bare_count
    FROM shape
    GROUP BY essa_process, essa_feed, attribute
),
step AS (  -- how much of the work is at steps that mostly carry it: what is of the case has blanks at any of them
    SELECT
        essa_process, essa_feed, attribute,
        coalesce(sum(row_count) FILTER (filled_count >= row_count / 2), 0) / sum(row_count) AS carried_share
    FROM (
        UNPIVOT (
            SELECT
                essa_row.process AS essa_process, essa_row.feed AS essa_feed, essa_row.activity AS essa_activity,
                count(*) AS essa_row_count, count(COLUMNS(* EXCLUDE (essa_row)))
            FROM recorded
            WHERE NOT essa_row.is_first
            GROUP BY essa_row.process, essa_row.feed, essa_row.activity
        ) ON COLUMNS(* EXCLUDE (essa_process, essa_feed, essa_activity, essa_row_count))
        INTO NAME attribute VALUE filled_count
    ) AS carried (essa_process, essa_feed, essa_activity, row_count, attribute, filled_count)
    GROUP BY essa_process, essa_feed, attribute
),
whole AS (  -- the stricter answer of the feeds: a warning costs less than a rule that reads the end of the case
    SELECT
        counted.essa_process AS process, counted.attribute,
        bool_or(
            several_count > 0
            -- what begins later and is carried on says when it was known
            AND whole_count + if(
                coalesce(carried_share, 0) >= tonight.rule_whole_case_min AND 2 * late_count <= blank_count, blank_count, 0
            ) >= tonight.rule_whole_case_min * several_count
            -- what no step records anew, and one system writes on all rows, another wrote where it pleased
            OR whole_count >= (1 - tonight.rule_whole_case_min) * (several_count + last_count)
                AND whole_count + alone_count + blank_count - late_count
                >= tonight.rule_whole_case_min * (several_count + last_count)
                AND whole_count > 0
            -- one row a case, or one of its feed, says the value but not since when
            OR one_count > several_count + last_count
                AND (only_count >= one_count / 2 OR one_count >= tonight.rule_whole_case_min * (one_count + bare_count))
        ) AS is_of_case,
        bool_or(several_count > 0 AND first_count >= tonight.rule_whole_case_min * (several_count + last_count)) AS is_of_first
    FROM counted
    LEFT JOIN step
        ON step.essa_process = counted.essa_process AND step.essa_feed = counted.essa_feed
        AND step.attribute = counted.attribute
    CROSS JOIN ops.tonight
    GROUP BY counted.essa_process, counted.attribute
),
ending AS (
    SELECT process, case_key, activity
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
    WHERE next_activity IS NULL
),
begun_with AS (  -- what stands on first rows; numbers and days seldom come back: of those the tenth they lie in
    SELECT
        recorded.process, recorded.case_key, recorded.attribute,
        CASE WHEN reading.read_as <> 'text' THEN ceil(10 * cume_dist() OVER (
            PARTITION BY recorded.process, recorded.attribute
            ORDER BY CASE WHEN reading.read_as <> 'text' THEN coalesce(
                recorded.number,
                datediff('day', DATE '1970-01-01', recorded.days[1]),
                TRY_CAST(replace(regexp_replace(recorded.value, '[^-0-9,]', '', 'g'), ',', '.') AS DOUBLE)
            ) END
        ))::VARCHAR ELSE recorded.value END AS value
    FROM mart.recorded_value AS recorded
    JOIN whole ON whole.process = recorded.process AND whole.attribute = recorded.attribute AND whole.is_of_first
    LEFT JOIN mart.attribute_reading AS reading
        ON reading.process = recorded.process AND reading.attribute = recorded.attribute
    WHERE recorded.position = 1
),
ended AS (
    SELECT
        recorded.process, recorded.attribute, recorded.value, ending.activity, count(*) AS n,
        sum(count(*)) OVER (PARTITION BY recorded.process, recorded.attribute, recorded.value) AS value_n,
        sum(count(*)) OVER (PARTITION BY recorded.process, recorded.attribute, ending.activity) AS end_n,
        sum(count(*)) OVER (PARTITION BY recorded.process, recorded.attribute) AS all_n
    FROM begun_with AS recorded
    JOIN ending ON ending.process = recorded.process AND ending.case_key = recorded.case_key
    GROUP BY recorded.process, recorded.attribute, recorded.value, ending.activity
),
foretold AS (  -- of the ends that less than half have: what the value at the start sets right of what habit gets wrong
    SELECT process, attribute, activity, sum(2 * n - value_n) / any_value(end_n) AS gain
    FROM ended
    CROSS JOIN ops.tonight
    WHERE value_n >= tonight.support_min AND 2 * end_n <= all_n AND 2 * n > value_n
    GROUP BY process, attribute, activity, tonight.rule_net_min
    HAVING gain >= tonight.rule_net_min
),
foreteller AS (
    SELECT process, attribute, arg_max(activity, (gain, activity)) AS ends_with
    FROM foretold
    GROUP BY process, attribute
),
usual AS (
    SELECT process, attribute, mode(activity ORDER BY activity) AS recorded_at
    FROM mart.recorded_value
    GROUP BY process, attribute
),
overtaken AS (  -- of the rows that first record it, those that end after a later one has begun
    SELECT
        recorded.process, recorded.attribute,
        count(*) FILTER (row.ended_at > row.overtaken_at + to_seconds(tonight.rule_clock_s_max)) / count(*) AS share
    FROM mart.recorded_value AS recorded
    CROSS JOIN ops.tonight
    JOIN (
        SELECT
            case_key, position, coalesce(ended_at, started_at) AS ended_at,
            lead(coalesce(started_at, ended_at)) OVER (PARTITION BY case_key ORDER BY position) AS overtaken_at
        FROM core.activity_instance
        SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
    ) AS row ON row.case_key = recorded.case_key AND row.position = recorded.position
    GROUP BY recorded.process, recorded.attribute
),
listed AS (  -- as many different values as people may have; a value met less often no rule would name
    SELECT reading.process, reading.attribute
    FROM mart.attribute_reading AS reading
    JOIN (
        SELECT process, count(DISTINCT resource) AS people_count FROM core.activity_instance GROUP BY process
    ) AS staff ON staff.process = reading.process
    WHERE reading.frequent_count BETWEEN 2 AND 2 * staff.people_count
),
asked AS (  -- at each step that of an execution which was typed in there, at decisions what it said or one before it
    SELECT row_number() OVER () AS asked_no, *
    FROM (
        SELECT process, activity, decides, attribute, unnest(['own ', 'earlier ']) || attribute AS told
        FROM mart.decision_point
        JOIN listed USING (process)
        UNION ALL
        SELECT DISTINCT process, activity, NULL, attribute, NULL
        FROM mart.recorded_value
        SEMI JOIN listed USING (process, attribute)
    ) AS point
),
chosen AS (  -- our own name is no attribute's
    SELECT
        {'process': choice.process, 'activity': choice.activity, 'decides': choice.decides, 'resource': choice.resource,
            'way': choice.way} AS essa_choice,
        unnest(choice.recorded)
    FROM mart.choice
    JOIN core.activity_instance AS instance ON instance.event_no = choice.event_no
    WHERE choice.resource IS NOT NULL AND NOT instance.is_robot
),
met AS (  -- who decided how, or typed it in first
    SELECT asked.asked_no, value, essa_choice.resource AS resource, essa_choice.way AS way, count(*) AS n
    FROM (UNPIVOT chosen ON COLUMNS('^(own|earlier) ') INTO NAME told VALUE value) AS said
    JOIN asked
        ON asked.process = essa_choice.process AND asked.activity = essa_choice.activity
        AND asked.decides = essa_choice.decides AND asked.told = said.told
    GROUP BY ALL
    UNION ALL
    SELECT asked.asked_no, recorded.value, instance.resource, NULL, count(*)
    FROM mart.recorded_value AS recorded
    JOIN core.activity_instance AS instance
        ON instance.case_key = recorded.case_key AND instance.position = recorded.position
    JOIN asked
        ON asked.process = recorded.process AND asked.activity = recorded.activity
        AND asked.attribute = recorded.attribute AND asked.decides IS NULL
    WHERE instance.resource IS NOT NULL AND NOT instance.is_robot
    GROUP BY ALL
),
often AS (
    SELECT met.*, value_n
    FROM met
    JOIN (
        SELECT asked_no, value, sum(n) AS value_n
        FROM met
        CROSS JOIN ops.tonight
        GROUP BY asked_no, value, tonight.support_min
        HAVING value_n >= tonight.support_min
    ) AS frequent USING (asked_no, value)
),
worked AS (SELECT asked_no, value, resource, sum(n) AS n, any_value(value_n) AS value_n FROM often GROUP BY ALL),
named AS (  -- by value: with whom it came most often, and whether it tells who that is
    SELECT
        asked_no, value, any_value(value_n) AS value_n, max(n) AS most,
        arg_max(resource, (n, resource)) AS who, most >= any_value(tonight.rule_sure_min) * any_value(value_n) AS is_telling
    FROM worked
    CROSS JOIN ops.tonight
    GROUP BY asked_no, value
),
usual_worker AS (
    SELECT asked_no, max(n) AS usual_n
    FROM (
        SELECT asked_no, resource, sum(n) AS n
        FROM worked
        SEMI JOIN (FROM named WHERE is_telling) AS telling USING (asked_no, value)
        GROUP BY ALL
    ) AS told
    GROUP BY asked_no
),
paired AS (  -- most values tell who works at a step, beyond habit; the others may be of software or of many
    SELECT asked_no
    FROM named
    JOIN usual_worker USING (asked_no)
    CROSS JOIN ops.tonight
    GROUP BY asked_no, usual_n, tonight.rule_sure_min
    HAVING
        2 * count(*) FILTER (is_telling) >= count(*)
        AND sum(most) FILTER (is_telling) - usual_n
        >= tonight.rule_sure_min * (sum(value_n) FILTER (is_telling) - usual_n)
        AND count(DISTINCT who) FILTER (is_telling) > 1
),
foretelling AS (  -- how often the usual way of a value is right, and how often that of a person
    SELECT
        asked_no,
        sum(most) FILTER (value IS NOT NULL) AS value_right, sum(most) FILTER (resource IS NOT NULL) AS person_right
    FROM (
        SELECT asked_no, value, resource, max(n) AS most
        FROM (
            SELECT asked_no, value, resource, way, sum(n) AS n
            FROM often
            WHERE way IS NOT NULL
            GROUP BY GROUPING SETS ((asked_no, value, way), (asked_no, resource, way))
        ) AS gone
        GROUP BY asked_no, value, resource
    ) AS guessed
    GROUP BY asked_no
),
busiest AS (
    SELECT asked_no, max(n) AS usual_n
    FROM (SELECT asked_no, resource, sum(n) AS n FROM worked GROUP BY ALL) AS held
    GROUP BY asked_no
),
standing_for AS (  -- a code of who was to decide, where others stand in: it tells most of who does, and that tells more
    SELECT process, attribute, min(activity) AS tells_at
    FROM (
        SELECT asked_no
        FROM named
        JOIN busiest USING (asked_no)
        JOIN foretelling USING (asked_no)
        CROSS JOIN ops.tonight
        GROUP BY
            asked_no, usual_n, value_right, person_right, tonight.rule_listed_min, tonight.rule_coverage_min
        HAVING
            sum(most) - usual_n >= tonight.rule_coverage_min * (sum(value_n) - usual_n) AND sum(most) > usual_n
            AND person_right - value_right >= tonight.rule_listed_min * (sum(value_n) - value_right)
            AND person_right > value_right
    ) AS mostly
    JOIN asked USING (asked_no)
    GROUP BY process, attribute
),
telling AS (
    SELECT
        process, attribute, min(activity) AS tells_at,
        coalesce(list(DISTINCT activity ORDER BY activity) FILTER (decides IS NOT NULL), []) AS decided_at
    FROM paired
    JOIN asked USING (asked_no)
    GROUP BY process, attribute
),
person AS (  -- the door gives names and log-ins such a form
    SELECT process, attribute
    FROM mart.recorded_value
    CROSS JOIN ops.tonight
    GROUP BY process, attribute, tonight.support_min
    HAVING count(*) FILTER (regexp_full_match(value, 'r-[0-9a-f]{12}')) >= tonight.support_min  -- fewer no rule would name
),
told_apart AS (  -- SQL knows no upper and lower case: the second of such a pair bears a number
    SELECT numbered.process, numbered.attribute, any_value(numbered.column_name) AS column_name
    FROM (
        SELECT process, attribute, regexp_extract(attribute, '^(.+) \([0-9]+\)$', 1) AS column_name FROM mart.attribute
    ) AS numbered
    JOIN mart.attribute AS other
        ON other.process = numbered.process AND lower(other.attribute) = lower(numbered.column_name)
        AND other.attribute <> numbered.column_name
    GROUP BY numbered.process, numbered.attribute
),
declared AS (  -- one feed may write it otherwise than another; the log has one
    SELECT DISTINCT worked.process, lower(unnest(feed.known_at_start)) AS attribute
    FROM (SELECT DISTINCT process, feed FROM core.activity_instance) AS worked
    JOIN core.feed ON feed.feed = worked.feed::VARCHAR
)
SELECT
    attribute.process,
    attribute.attribute,
    coalesce(reading.read_as, 'text') AS read_as,
    starts_with(read_as, 'number') AS is_number,
    read_as <> 'text' OR coalesce(reading.value_count <= tonight.rule_distinct_max * reading.filled_count, false) AS is_structured,
    coalesce(whole.is_of_case, false) AS is_of_case,
    declared.attribute IS NOT NULL AS is_known_at_start,
    NOT is_known_at_start AND coalesce(whole.is_of_first, false) AND foreteller.attribute IS NOT NULL AS is_of_end,
    person.attribute IS NOT NULL OR coalesce(reading.is_of = 'worker', false)
        OR (telling.attribute IS NOT NULL OR standing_for.attribute IS NOT NULL) AND reading.is_of IS NULL AS is_of_people,
    if(is_of_people, [], coalesce(telling.decided_at, [])) AS unread_at,
    NOT is_known_at_start AND coalesce(overtaken.share >= tonight.rule_coverage_min, false) AS is_overtaken,
    NOT is_of_people AND (is_known_at_start OR NOT coalesce(whole.is_of_case, false) AND NOT is_of_end) AS is_read,
    usual.recorded_at,
    told_apart.column_name,
    CASE WHEN is_of_people THEN format(
        '{} {}, and rules were not asked about it, since they would list people by how they decide. Who decides is compared'
        || ' without naming anybody.',
        coalesce(told_apart.column_name, attribute.attribute),
        CASE WHEN person.attribute IS NOT NULL THEN 'holds people'
            WHEN telling.attribute IS NOT NULL THEN format('tells who works at "{}"', telling.tells_at)
            WHEN reading.is_of IS NULL THEN format('mostly tells who works at "{}"', standing_for.tells_at)
            ELSE 'is named for who works' END
    ) || CASE WHEN person.attribute IS NULL THEN ' If its values are nobody''s names, list them under roles: in the feeds file.'
        ELSE '' END
    WHEN is_read THEN coalesce(
        format(reading.doubt, attribute.attribute),
        CASE WHEN is_overtaken THEN format(
            '{} is recorded by rows that mostly end after later steps have begun, and counts as known from that end on. If it'
            || ' was known when the case began, name it under known_at_start: in the feeds file.',
            coalesce(told_apart.column_name, attribute.attribute)
        ) END
    ) ELSE format(
        '{} {}, and rules were not asked about it. If it was known when the case began, name it under known_at_start: in'
        || ' the feeds file.',
        coalesce(told_apart.column_name, attribute.attribute),  -- as the feeds file may name it
        CASE WHEN is_of_case THEN 'stands on every row of its case, or on all from the second on, so the log cannot say'
                || ' when it was known'
            ELSE format(
                'stands on the first row of its case, never changes and foretells which cases end with "{}", so it may have'
                || ' been written when they were over', foreteller.ends_with
            ) END
    ) END AS warning
FROM mart.attribute
LEFT JOIN mart.attribute_reading AS reading
    ON reading.process = attribute.process AND reading.attribute = attribute.attribute
LEFT JOIN whole ON whole.process = attribute.process AND whole.attribute = attribute.attribute
LEFT JOIN foreteller ON foreteller.process = attribute.process AND foreteller.attribute = attribute.attribute
LEFT JOIN usual ON usual.process = attribute.process AND usual.attribute = attribute.attribute
LEFT JOIN told_apart ON told_apart.process = attribute.process AND told_apart.attribute = attribute.attribute
LEFT JOIN overtaken ON overtaken.process = attribute.process AND overtaken.attribute = attribute.attribute
LEFT JOIN person ON person.process = attribute.process AND person.attribute = attribute.attribute
LEFT JOIN telling ON telling.process = attribute.process AND telling.attribute = attribute.attribute
LEFT JOIN standing_for ON standing_for.process = attribute.process AND standing_for.attribute = attribute.attribute
LEFT JOIN declared ON declared.process = attribute.process AND declared.attribute = lower(attribute.attribute)
CROSS JOIN ops.tonight
