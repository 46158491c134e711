-- mart.choice: one execution at which one of several things happened, with what was recorded by then, in sampled cases.
WITH chosen AS (
    SELECT
        instance.event_no, instance.process, instance.activity, point.decides, instance.case_key, instance.position,
        instance.previous_activity, instance.resource, instance.provider, instance.team,
        point.confirm_from_at, point.test_from_at,
        CASE point.decides
            WHEN 'outcome' THEN instance.outcome ELSE coalesce(instance.next_activity::VARCHAR, '(end of case)')
        END AS way
    FROM core.activity_instance AS instance
    JOIN mart.decision_point AS point ON point.process = instance.process AND point.activity = instance.activity
    ANTI JOIN mart.concurrent_pair AS pair
        ON pair.process = instance.process AND pair.activity = instance.activity
        AND pair.next_activity = instance.next_activity AND point.decides = 'next activity'
    WHERE
        instance.case_key % point.sample_divisor = 0
        AND coalesce(instance.ended_at, instance.started_at) <= point.censored_at
        AND (point.decides = 'next activity' OR instance.outcome IS NOT NULL)
),
timed AS (
    SELECT
        event_no, activity, case_key, position, next_activity, outcome,
        coalesce(ended_at, started_at) AS done_at, coalesce(started_at, ended_at) AS begun_at,
        -- what a row records is known from its end on; of one moment, what stands before it in the case
        epoch_us(done_at) + position AS told_no,
        greatest(epoch_us(done_at) - epoch_us(begun_at) - 1000000 * tonight.rule_clock_s_max, 0) AS took
    FROM core.activity_instance
    CROSS JOIN ops.tonight
    SEMI JOIN chosen ON chosen.case_key = activity_instance.case_key
),
placed AS (
    SELECT
        event_no, case_key, position, told_no,
        min(begun_at) OVER (PARTITION BY case_key) AS case_at,
        -- what a row records that ends by itself, when the next has begun, did not lead there
        coalesce(done_at <= lead(begun_at) OVER case_w + to_seconds(tonight.rule_clock_s_max), true) AS is_told,
        -- rows of the case before it that were told while it lasted
        row_number() OVER told_w - 1 - count(*) OVER (
            PARTITION BY case_key ORDER BY told_no RANGE BETWEEN UNBOUNDED PRECEDING AND took + 1 PRECEDING
        ) AS beside_count
    FROM timed
    CROSS JOIN ops.tonight
    WINDOW case_w AS (PARTITION BY case_key ORDER BY position),
        told_w AS (PARTITION BY case_key ORDER BY told_no, position)
),
visit AS (
    SELECT
        event_no,
        row_number() OVER visit_w AS visit_no,
        lag(coalesce(next_activity::VARCHAR, '(end of case)')) OVER visit_w AS last_next,
        lag(outcome) OVER visit_w AS last_outcome
    FROM timed
    SEMI JOIN chosen ON chosen.case_key = timed.case_key AND chosen.activity = timed.activity
    WINDOW visit_w AS (PARTITION BY case_key, activity ORDER BY position)
),
taken AS (  -- own names stand first and cannot be an attribute's
    SELECT
        placed.event_no AS essa_event_no, placed.case_key AS essa_case_key, placed.position AS essa_position,
        placed.case_at AS essa_case_at, placed.told_no AS essa_told_no, placed.beside_count AS essa_beside_count,
        placed.is_told AS essa_is_told,
        unnest(instance.attributes)
    FROM core.activity_instance AS instance
    JOIN placed ON placed.event_no = instance.event_no
),
seen AS (
    SELECT
        essa_event_no, essa_case_at, essa_is_told,
        COLUMNS(lambda c: NOT starts_with(c, 'essa_')) AS 'own \0',
        last_value(COLUMNS(lambda c: NOT starts_with(c, 'essa_')) IGNORE NULLS) OVER (
            told_w ROWS BETWEEN UNBOUNDED PRECEDING AND essa_beside_count + 1 PRECEDING
        ) AS 'earlier \0',
        first_value(COLUMNS(lambda c: NOT starts_with(c, 'essa_')) IGNORE NULLS) OVER (
            told_w ROWS BETWEEN essa_beside_count PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW
        ) AS 'later \0'
    FROM taken
    WINDOW told_w AS (PARTITION BY essa_case_key ORDER BY essa_told_no, essa_position)
)
SELECT
    chosen.event_no,
    chosen.process,
    chosen.activity,
    chosen.decides,
    chosen.case_key,
    chosen.position,
    visit.visit_no,
    coalesce(chosen.previous_activity::VARCHAR, '(start of case)') AS previous,
    coalesce(CASE chosen.decides WHEN 'outcome' THEN visit.last_outcome ELSE visit.last_next END, '(first visit)') AS last_way,
    chosen.way,
    CASE
        WHEN seen.essa_case_at < chosen.confirm_from_at THEN 'learn'
        WHEN seen.essa_case_at < chosen.test_from_at THEN 'confirm'
        ELSE 'test'
    END AS slice,
    chosen.resource,
    chosen.provider,
    chosen.team,
    seen AS recorded
FROM seen
JOIN chosen ON chosen.event_no = seen.essa_event_no
JOIN visit ON visit.event_no = seen.essa_event_no
