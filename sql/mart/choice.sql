-- mart.choice: one execution at which one of several things happened, with what was recorded by then, in sampled cases.
WITH chosen_case AS (
    SELECT DISTINCT instance.case_key
    FROM core.activity_instance AS instance
    JOIN mart.decision_point AS point ON point.process = instance.process AND point.activity = instance.activity
    WHERE instance.case_key % point.sample_divisor = 0
),
taken AS (  -- own names stand first and cannot be an attribute's
    SELECT
        event_no AS essa_event_no, process AS essa_process, activity AS essa_activity, case_key AS essa_case_key,
        position AS essa_position, previous_activity AS essa_previous, next_activity AS essa_next,
        outcome AS essa_outcome, resource AS essa_resource, provider AS essa_provider,
        team AS essa_team,
        coalesce(ended_at, started_at) AS essa_done_at, coalesce(started_at, ended_at) AS essa_begun_at,
        -- what a row records is known from its end on; of one moment, what stands before it in the case
        epoch_us(essa_done_at) + position AS essa_told_no,
        greatest(epoch_us(essa_done_at) - epoch_us(essa_begun_at) - 1000000 * tonight.rule_clock_s_max, 0) AS essa_took,
        to_seconds(tonight.rule_clock_s_max) AS essa_clock,
        unnest(attributes)
    FROM core.activity_instance
    CROSS JOIN ops.tonight
    SEMI JOIN chosen_case ON chosen_case.case_key = activity_instance.case_key
),
seen AS (
    SELECT
        COLUMNS('^essa_.*'),
        -- what a row records that ends by itself, when the next has begun, did not lead there
        coalesce(
            essa_done_at <= lead(essa_begun_at) OVER (PARTITION BY essa_case_key ORDER BY essa_position) + essa_clock, true
        ) AS essa_is_told,
        min(essa_begun_at) OVER (PARTITION BY essa_case_key) AS essa_case_at,
        row_number() OVER (PARTITION BY essa_case_key, essa_activity ORDER BY essa_position) AS essa_visit_no,
        lag({'next': coalesce(essa_next::VARCHAR, '(end of case)'), 'outcome': essa_outcome}) OVER (
            PARTITION BY essa_case_key, essa_activity ORDER BY essa_position
        ) AS essa_last,
        COLUMNS(lambda c: NOT starts_with(c, 'essa_')) AS 'own \0',
        last_value(COLUMNS(lambda c: NOT starts_with(c, 'essa_')) IGNORE NULLS) OVER (
            told_w RANGE BETWEEN UNBOUNDED PRECEDING AND essa_took + 1 PRECEDING
        ) AS 'earlier \0',
        first_value(COLUMNS(lambda c: NOT starts_with(c, 'essa_')) IGNORE NULLS) OVER (
            told_w RANGE BETWEEN essa_took PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW
        ) AS 'later \0'
    FROM taken
    WINDOW told_w AS (PARTITION BY essa_case_key ORDER BY essa_told_no)
)
SELECT
    seen.essa_event_no AS event_no,
    seen.essa_process AS process,
    seen.essa_activity AS activity,
    point.decides,
    seen.essa_case_key AS case_key,
    seen.essa_position AS position,
    seen.essa_visit_no AS visit_no,
    coalesce(seen.essa_previous::VARCHAR, '(start of case)') AS previous,
    coalesce(
        CASE point.decides WHEN 'outcome' THEN seen.essa_last.outcome ELSE seen.essa_last.next END, '(first visit)'
    ) AS last_way,
    CASE point.decides
        WHEN 'outcome' THEN seen.essa_outcome ELSE coalesce(seen.essa_next::VARCHAR, '(end of case)')
    END AS way,
    CASE
        WHEN seen.essa_case_at < point.confirm_from_at THEN 'learn'
        WHEN seen.essa_case_at < point.test_from_at THEN 'confirm'
        ELSE 'test'
    END AS slice,
    seen.essa_resource AS resource,
    seen.essa_provider AS provider,
    seen.essa_team AS team,
    seen AS recorded
FROM seen
JOIN mart.decision_point AS point ON point.process = seen.essa_process AND point.activity = seen.essa_activity
ANTI JOIN mart.concurrent_pair AS pair
    ON pair.process = seen.essa_process AND pair.activity = seen.essa_activity
    AND pair.next_activity = seen.essa_next AND point.decides = 'next activity'
WHERE
    seen.essa_case_key % point.sample_divisor = 0
    AND seen.essa_done_at <= point.censored_at
    AND (point.decides = 'next activity' OR seen.essa_outcome IS NOT NULL)
