-- mart.choice: one execution at which one of several things happened, with what was recorded by then, in sampled cases.
WITH chosen_case AS (
    SELECT DISTINCT instance.case_key
    FROM core.activity_instance AS instance
    JOIN mart.decision_point AS point ON point.process = instance.process AND point.activity = instance.activity
    WHERE instance.case_key % point.sample_divisor = 0
),
sampled AS MATERIALIZED (
    SELECT
        event_no, process, activity, case_key, position, previous_activity, next_activity, outcome, resource, provider,
        coalesce(ended_at, started_at) AS done_at, attributes,
        min(coalesce(started_at, ended_at)) OVER (PARTITION BY case_key) AS case_started_at,
        row_number() OVER (PARTITION BY case_key, activity ORDER BY position) AS visit_no
    FROM core.activity_instance
    SEMI JOIN chosen_case ON chosen_case.case_key = activity_instance.case_key
),
recorded AS (  -- own names stand first and cannot be an attribute's
    SELECT event_no AS essa_event_no, case_key AS essa_case_key, position AS essa_position, unnest(attributes)
    FROM sampled
),
known AS (
    SELECT essa_event_no, last_value(COLUMNS(* EXCLUDE (essa_event_no, essa_case_key, essa_position)) IGNORE NULLS) OVER (
        PARTITION BY essa_case_key ORDER BY essa_position ROWS UNBOUNDED PRECEDING
    )
    FROM recorded
),
earlier AS (
    SELECT essa_event_no, last_value(COLUMNS(* EXCLUDE (essa_event_no, essa_case_key, essa_position)) IGNORE NULLS) OVER (
        PARTITION BY essa_case_key ORDER BY essa_position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
    FROM recorded
),
later AS (
    SELECT essa_event_no, first_value(COLUMNS(* EXCLUDE (essa_event_no, essa_case_key, essa_position)) IGNORE NULLS) OVER (
        PARTITION BY essa_case_key ORDER BY essa_position ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    )
    FROM recorded
)
SELECT
    sampled.event_no,
    sampled.process,
    sampled.activity,
    point.decides,
    sampled.case_key,
    sampled.position,
    sampled.visit_no,
    coalesce(sampled.previous_activity::VARCHAR, 'start of case') AS previous,
    CASE point.decides
        WHEN 'outcome' THEN sampled.outcome ELSE coalesce(sampled.next_activity::VARCHAR, 'end of case')
    END AS way,
    CASE
        WHEN sampled.case_started_at < point.confirm_from_at THEN 'learn'
        WHEN sampled.case_started_at < point.test_from_at THEN 'confirm'
        ELSE 'test'
    END AS slice,
    sampled.resource,
    sampled.provider,
    known,
    earlier,
    later
FROM sampled
JOIN mart.decision_point AS point ON point.process = sampled.process AND point.activity = sampled.activity
JOIN known ON known.essa_event_no = sampled.event_no
JOIN earlier ON earlier.essa_event_no = sampled.event_no
JOIN later ON later.essa_event_no = sampled.event_no
ANTI JOIN mart.concurrent_pair AS pair
    ON pair.process = sampled.process AND pair.activity = sampled.activity
    AND pair.next_activity = sampled.next_activity AND point.decides = 'next activity'
WHERE
    sampled.case_key % point.sample_divisor = 0
    AND sampled.done_at <= point.censored_at
    AND (point.decides = 'next activity' OR sampled.outcome IS NOT NULL)
