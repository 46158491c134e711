-- mart.automatable: one activity that rules or a fixed flow could take over, and what is known of the work inside it.
-- A corrector is not: what it decides is judgement.
SELECT
    work.process,
    work.activity,
    work.event_count,
    work.handling_s,
    work.process_share,
    work.process_sql,
    work.activity_sql,
    work.work_sql,
    score.criterion_count,
    word.is_checking,
    word.is_recording,
    coalesce(score.digital_share >= tonight.fixed_flow_digital_min, false) AS is_digital,
    coalesce(score.handling_regularity_score >= tonight.fixed_flow_regularity_min, false) AS is_even,
    format(
        '{}, {}',
        coalesce(format('{:.0f} % name a system', 100 * score.digital_share), 'the log names no systems'),
        CASE
            WHEN is_even THEN 'handling is even'
            WHEN score.handling_regularity_score IS NOT NULL THEN 'handling is uneven'
            ELSE 'handling times are not measured'
        END
    ) AS nature,
    strftime(span.split_at, '%-d %B %Y') AS split_day,
    span.sample_divisor > 1 AS is_sampled
FROM mart.activity_work AS work
JOIN mart.activity_score AS score ON score.process = work.process AND score.activity = work.activity
JOIN mart.activity_word AS word ON word.process = work.process AND word.activity = work.activity
JOIN mart.process_span AS span ON span.process = work.process
ANTI JOIN mart.corrector ON corrector.process = work.process AND corrector.activity = work.activity
CROSS JOIN ops.tonight
