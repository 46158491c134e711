-- mart.recorded_value: what one attribute was first recorded as in one sampled case, and at which step.
WITH recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT
        activity_instance.process AS essa_process, activity_instance.case_key AS essa_case_key,
        position AS essa_position, unnest(attributes)
    FROM core.activity_instance
    SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
),
first AS (
    UNPIVOT (
        SELECT
            any_value(essa_process) AS essa_process, essa_case_key,
            CASE WHEN count(COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position))) > 0 THEN {
                'position': min(
                    if(COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position)) IS NULL, NULL, essa_position)
                ),
                'value': arg_min(COLUMNS(* EXCLUDE (essa_process, essa_case_key, essa_position))::VARCHAR, essa_position)
            } END
        FROM recorded
        GROUP BY essa_case_key
    ) ON COLUMNS(* EXCLUDE (essa_process, essa_case_key)) INTO NAME attribute VALUE found
),
month AS (  -- in the languages of the words, without accents
    SELECT month_no, unnest(string_split(words, ' ')) AS word
    FROM (VALUES
        (1, 'january jan januar janner januari enero ene'), (2, 'february feb februar februari febrero'),
        (3, 'march mar marz maerz mrz maart mrt marzo'), (4, 'april apr abril abr'), (5, 'may mai mei mayo'),
        (6, 'june jun juni junio'), (7, 'july jul juli julio'), (8, 'august aug augustus agosto ago'),
        (9, 'september sept sep septiembre setiembre'), (10, 'october oct oktober okt octubre'),
        (11, 'november nov noviembre'), (12, 'december dec dezember dez diciembre dic')
    ) AS listed (month_no, words)
),
spelt AS (  -- 5 March 2026 is 5-3-2026, März 2026 is 3-2026
    SELECT
        said, number,
        CASE WHEN month_no IS NULL THEN trim(said) ELSE concat_ws('-', nullif(part.day_no, ''), month_no, part.year_no) END AS as_day
    FROM (
        SELECT
            said, TRY_CAST(said AS DOUBLE) AS number,
            regexp_extract(
                said, '^\s*([0-9]{0,2})[-./ ]*(\pL{3,10})[-./ ]+((?:19|20)[0-9]{2})\s*$', ['day_no', 'word', 'year_no']
            ) AS part
        FROM (SELECT DISTINCT found.value AS said FROM first)
    ) AS parted
    LEFT JOIN month ON month.word = strip_accents(lower(part.word))
),
form AS (  -- each value once, as it is compared
    SELECT
        said,
        lower(trim(said)) AS value,
        regexp_replace(lower(said), '[^[:alnum:].]', '', 'g') AS plain_value,
        regexp_replace(said, '[^0-9]', '', 'g') AS digits,
        CASE WHEN isfinite(number) THEN number END AS number,
        -- where day and month could be swapped, both
        CASE WHEN regexp_matches(as_day, '^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}')
            THEN list_sort(list_distinct(list_filter([
                try_strptime(regexp_extract(as_day, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}'), '%Y-%m-%d')::DATE,
                try_strptime(translate(as_day, './', '--'), '%d-%m-%Y')::DATE,
                try_strptime(as_day, '%m/%d/%Y')::DATE
            ], lambda day: day IS NOT NULL)))
            -- a month is its first day: 2026-03, 03/2026, March 2026
            WHEN regexp_matches(as_day, '^[0-9]{1,2}[-./ ](19|20)[0-9]{2}$|^(19|20)[0-9]{2}[-./ ][0-9]{1,2}$')
            THEN list_filter([coalesce(
                try_strptime(translate(as_day, './ ', '---'), '%Y-%m'),
                try_strptime(translate(as_day, './ ', '---'), '%m-%Y')
            )::DATE], lambda day: day IS NOT NULL) END AS days
    FROM spelt
)
SELECT
    first.essa_process AS process,
    first.essa_case_key AS case_key,
    first.attribute,
    first.found.position AS position,
    instance.activity,
    instance.system,
    form.value,
    form.plain_value,
    form.digits,
    form.number,
    form.days
FROM first
JOIN form ON form.said = first.found.value
JOIN core.activity_instance AS instance
    ON instance.case_key = first.essa_case_key AND instance.position = first.found.position
