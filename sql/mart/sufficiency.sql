-- mart.sufficiency: whether a process's log can answer one kind of question, and what to deliver where it cannot.
WITH recorded AS (
    SELECT
        instance.process,
        count(*) AS event_count,
        -- a start that is always the end tells no time of work, and work of no seconds is none
        count(*) FILTER (started_at < ended_at OR started_at IS NOT NULL AND ended_at IS NULL) / count(*) AS start_times,
        count(*) FILTER (NOT is_robot AND handling_s > 0) / nullif(count(*) FILTER (NOT is_robot), 0) AS handling_time,
        count(waiting_s) FILTER (position > 1) / nullif(count(*) FILTER (position > 1), 0) AS waiting,
        count(resource) / count(*) AS resource,
        count(system) / count(*) AS system,
        count(team) / count(*) AS team,
        count(coalesce(instance.due_at, promise.due_at)) / count(*) AS due_at
    FROM core.activity_instance AS instance
    LEFT JOIN mart.promise ON promise.case_key = instance.case_key AND promise.is_of_case
    GROUP BY instance.process
),
checked AS (  -- a check of two ways, "X approved" and "X rejected", says by its name how it ended
    SELECT
        instance.process,
        count(*) FILTER (family.is_told_by_name OR instance.outcome IS NOT NULL) / count(*) AS outcome
    FROM core.activity_instance AS instance
    JOIN mart.check_family AS family
        ON family.process = instance.process AND family.activity = instance.activity
    WHERE NOT instance.is_robot
    GROUP BY instance.process
),
attribute AS (SELECT process, max(filled_count) AS filled_count FROM mart.attribute GROUP BY process),
asked AS (  -- what may have been written at the end of the case is not asked for rules, the first five by name
    SELECT
        process,
        count(*) FILTER (is_read) / nullif(count(*) FILTER (NOT is_of_people), 0) AS asked_share,
        count(*) FILTER (NOT is_read AND NOT is_of_people) AS unasked_count,
        array_to_string(
            list(coalesce(column_name, attribute) ORDER BY attribute) FILTER (NOT is_read AND NOT is_of_people)[:5], ', '
        )
            || CASE WHEN unasked_count > 5 THEN format(' and {} more', unasked_count - 5) ELSE '' END AS unasked
    FROM mart.rule_input
    GROUP BY process
),
hours AS (  -- hours nobody could work alone are several shifts, and hide when one person is at work
    SELECT
        calendar.feed,
        bool_or(calendar.source = 'declared') OR count(*) / 4 <= any_value(tonight.calendar_week_h_max) AS is_ones_own
    FROM core.calendar
    CROSS JOIN ops.tonight
    GROUP BY calendar.feed
),
worked AS (SELECT process, feed, count(*) AS n FROM core.activity_instance GROUP BY process, feed),
doubted AS (  -- the first five by name
    SELECT
        worked.process,
        array_to_string(list(worked.feed::VARCHAR ORDER BY worked.feed::VARCHAR)[:5], ', ')
            || CASE WHEN count(*) > 5 THEN format(' and {} more', count(*) - 5) ELSE '' END AS feeds
    FROM worked
    JOIN core.handling_trust AS trust ON trust.feed = worked.feed
    WHERE trust.doubt = 'measured otherwise'
    GROUP BY worked.process
),
declared AS (
    SELECT
        worked.process,
        sum(worked.n) FILTER (len(feed.known_at_start) > 0) AS event_count,
        sum(worked.n) FILTER (hours.is_ones_own) AS calendar_count
    FROM worked
    JOIN core.feed ON feed.feed = worked.feed::VARCHAR
    LEFT JOIN hours ON hours.feed = worked.feed
    GROUP BY worked.process
),
share AS (
    UNPIVOT (
        SELECT
            recorded.* EXCLUDE (event_count) REPLACE (
                coalesce(handling_time, 0) AS handling_time, coalesce(waiting, 0) AS waiting
            ),
            coalesce(checked.outcome, 1) AS outcome,
            coalesce(attribute.filled_count, 0) / recorded.event_count AS attributes,
            coalesce(asked.asked_share, 1) AS asked_attributes,
            coalesce(declared.event_count, 0) / recorded.event_count AS known_at_start,
            coalesce(declared.calendar_count, 0) / recorded.event_count AS calendar
        FROM recorded
        LEFT JOIN checked ON checked.process = recorded.process
        LEFT JOIN attribute ON attribute.process = recorded.process
        LEFT JOIN declared ON declared.process = recorded.process
        LEFT JOIN asked ON asked.process = recorded.process
    ) ON COLUMNS(* EXCLUDE (process)) INTO NAME criterion VALUE coverage_share
),
wanted(criterion, words) AS (
    VALUES
        ('start_times', 'started_at: when work on each step began. Completions alone leave handling to be estimated.'),
        ('handling_time', 'started_at with ended_at, or who completed each step: else no hours can be counted.{}'),
        (
            'calendar',
            'calendar: the hours people work. The log shows longer ones than anybody works, as with shifts: hours of work'
            || ' that went on overnight may be too many.'
        ),
        ('waiting', 'ended_at of every step: waiting is counted from the step before.'),
        ('resource', 'resource: who did each step. Without it people and software look alike, and nothing is claimed.'),
        ('system', 'system: the application each step was done in. Without it no step is claimed for automation.'),
        ('attributes', 'attributes: what decisions may depend on, step by step. Without them no rule is found.'),
        (
            'asked_attributes',
            'known_at_start: {} may have been written when the case was over, as it stands on every row or foretells the'
            || ' end, and no rule was asked about it. Name those that were known when the case began.'
        ),
        (
            'known_at_start',
            'known_at_start: attributes of a case known when it began. Without them providers are not compared fairly.'
        ),
        (
            'outcome',
            'outcome: how each checking step ended. Without it only a check that cases go round can be shown'
            || ' to change nothing.'
        ),
        ('team', 'team: which team did each step. Without it nobody sees that cases go to and fro between teams.'),
        ('due_at', 'due_at: when each step was promised. Without it delay cannot be weighed.')
)
SELECT
    share.process,
    share.criterion,
    -- of attributes each is wanted: the one left out may be the one that decides
    share.coverage_share
        >= CASE share.criterion WHEN 'asked_attributes' THEN 1 ELSE tonight.sufficient_share_min END AS is_assessable,
    share.coverage_share,
    CASE WHEN NOT is_assessable THEN format(
        wanted.words,
        CASE share.criterion
            WHEN 'asked_attributes' THEN coalesce(asked.unasked, '')
            ELSE coalesce(' What completions tell of ' || doubted.feeds || ' is not what the same steps take elsewhere.', '')
        END
    ) END AS missing,
    CASE WHEN NOT is_assessable THEN stake.stake_h_per_year END AS stake_h_per_year,
    CASE WHEN NOT is_assessable THEN row_number() OVER (
        PARTITION BY is_assessable
        ORDER BY stake.stake_h_per_year DESC NULLS FIRST, share.coverage_share, share.process::VARCHAR, share.criterion
    ) END AS wanted_rank
FROM share
JOIN wanted ON wanted.criterion = share.criterion
LEFT JOIN mart.missing_stake AS stake ON stake.process = share.process AND stake.criterion = share.criterion
LEFT JOIN asked ON asked.process = share.process
LEFT JOIN doubted ON doubted.process = share.process
CROSS JOIN ops.tonight
