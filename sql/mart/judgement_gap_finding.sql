-- mart.judgement_gap_finding: one step that people, teams or providers decide differently on equal inputs; always a question.
-- Equal inputs: the same leaf of the rule learned there and the same eighth of the number that tells most. Who decides
-- otherwise is said of providers, of teams and of people together, never of one. What one rule for all of them would
-- save, the log cannot say, so nothing is claimed.
WITH differing AS (
    SELECT
        *,
        CASE differs_by WHEN 'provider' THEN provider_gain WHEN 'team' THEN team_gain ELSE worker_gain END AS told_share,
        CASE differs_by WHEN 'provider' THEN provider_held_out_gain WHEN 'team' THEN team_held_out_gain
            ELSE worker_held_out_gain END AS later_share
    FROM mart.decision
    WHERE verdict = 'standardize_first'
    QUALIFY row_number() OVER (PARTITION BY process, activity ORDER BY told_share DESC, decides) = 1
)
SELECT
    differing.process,
    differing.activity,
    true AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    NULL::DOUBLE AS witness_score,
    format(
        '{} decide {} "{}" differently on equal inputs',
        CASE differs_by WHEN 'provider' THEN 'Providers' WHEN 'team' THEN 'Teams' ELSE 'People' END,
        if(decides = 'outcome', 'the outcome of', 'what follows'), differing.activity
    ) AS title,
    format(
        'Where all that is recorded is alike, knowing {} tells {:.0f} % of what is open about {}; what was'
        || ' learned of it on earlier cases tells {:.0f} % in later ones.{} {:,} executions are by people and'
        || ' took {:,.1f} h. Asked, not claimed: could all of them follow one rule? What that would save, the log cannot say.',
        CASE differs_by WHEN 'provider' THEN 'which provider did it' WHEN 'team' THEN 'which team did it' ELSE 'who did it' END,
        100 * told_share,
        if(decides = 'outcome', 'its outcome', 'the next step'), 100 * later_share,
        CASE WHEN differs_by = 'worker'
            THEN format(' Of {:,} people, {:.0f} % of the executions could be compared.', worker_count, 100 * worker_coverage_share)
            ELSE ''
        END,
        work.event_count, work.handling_s / 3600
    ) AS reason,
    format(
        'SELECT work.*, decided.* FROM ({}) AS work CROSS JOIN (SELECT {} AS told_share, {} AS later_share, worker_count,'
        || ' worker_coverage_share FROM mart.decision WHERE process = {} AND activity = {} AND decides = {}) AS decided',
        work.work_sql,
        differs_by || '_gain',
        differs_by || '_held_out_gain',
        work.process_sql, work.activity_sql, '''' || decides || ''''
    ) AS evidence_sql
FROM differing
JOIN mart.activity_work AS work ON work.process = differing.process AND work.activity = differing.activity
CROSS JOIN ops.tonight
WHERE work.process_share >= tonight.question_share_min OR coalesce(work.handling_s, 0) = 0
