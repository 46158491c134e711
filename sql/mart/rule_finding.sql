-- mart.rule_finding: one activity of whose executions conditions over recorded attributes handle a part.
WITH decided AS (  -- an activity that decides two things can be left to rules only where both are
    SELECT *
    FROM mart.decision
    SEMI JOIN mart.rule_score AS score
        ON score.process = decision.process AND score.activity = decision.activity AND score.decides = decision.decides
    QUALIFY row_number() OVER (PARTITION BY process, activity ORDER BY handled_share, decides) = 1
),
said AS (  -- the conditions that are claimed; where the step itself records what they read, those asked about
    SELECT
        branch.process, branch.activity, branch.decides,
        string_agg(format('{}: "{}"', branch.says, branch.predicts), '; ' ORDER BY branch.branch_no) AS rules,
        any_value(branch.reads) AS reads, array_to_string(any_value(branch.reads), ' with ') AS attributes
    FROM mart.rule_branch AS branch
    JOIN mart.sure_share AS sure
        ON sure.process = branch.process AND sure.activity = branch.activity AND sure.decides = branch.decides
    JOIN decided
        ON decided.process = branch.process AND decided.activity = branch.activity AND decided.decides = branch.decides
    WHERE CASE WHEN decided.own_attribute IS NULL
        THEN branch.model = 'sure' AND list_contains(sure.branches, branch.branch_no)
        ELSE branch.model = 'rule' AND branch.branch_no > 0
    END
    GROUP BY branch.process, branch.activity, branch.decides
),
source AS (  -- what was known when the case began needs no step to record it
    SELECT
        read.process, read.activity,
        nullif(concat_ws(
            ', ',
            string_agg(format('{} is recorded at "{}"', input.attribute, input.recorded_at), ', ' ORDER BY input.attribute)
                FILTER (NOT input.is_known_at_start AND input.recorded_at <> read.activity),
            string_agg(format('{} is the column {}', input.attribute, input.column_name), ', ' ORDER BY input.attribute)
        ), '') AS sources
    FROM (SELECT process, activity, unnest(reads) AS attribute FROM said) AS read
    JOIN mart.rule_input AS input ON input.process = read.process AND input.attribute = read.attribute
    GROUP BY read.process, read.activity
),
again AS (  -- what is open at it is for the most part whether it comes again, which tells nothing of the work inside it
    SELECT process, activity
    FROM (SELECT process, activity, way, count(*) AS n FROM mart.choice WHERE decides = 'next activity' GROUP BY ALL)
    GROUP BY process, activity
    HAVING 2 * sum(n) FILTER (way = activity::VARCHAR) > sum(n) - max(n)
),
found AS (
    SELECT
        decided.*, said.rules, said.attributes, source.sources, share.test_count, evidence.evidence_sql AS test_sql,
        decided.own_attribute IS NOT NULL AS is_own,
        greatest(decided.baseline_accuracy, decided.history_accuracy) AS known_accuracy,
        strftime(point.confirm_from_at, '%-d %B %Y') AS confirm_day,
        ground.* EXCLUDE (process, activity, event_count, split_day),
        ground.event_count AS worked_count, ground.handling_s / 3600 AS handling_h,
        tonight.question_share_min,
        ground.handling_s > 0 AND ground.is_digital AND (ground.is_checking OR ground.is_even) AND NOT is_own
            AND again.activity IS NULL AS is_sure,
        CASE WHEN again.activity IS NULL THEN ground.nature ELSE 'mostly it says whether the step comes again' END AS doubt
    FROM decided
    JOIN said ON said.process = decided.process AND said.activity = decided.activity AND said.decides = decided.decides
    LEFT JOIN source ON source.process = decided.process AND source.activity = decided.activity
    JOIN mart.sure_share AS share
        ON share.process = decided.process AND share.activity = decided.activity AND share.decides = decided.decides
    JOIN mart.rule_evidence AS evidence
        ON evidence.process = decided.process AND evidence.activity = decided.activity
        AND evidence.decides = decided.decides AND evidence.branch_no = 0
    JOIN mart.decision_point AS point
        ON point.process = decided.process AND point.activity = decided.activity AND point.decides = decided.decides
    JOIN mart.automatable AS ground ON ground.process = decided.process AND ground.activity = decided.activity
    LEFT JOIN again
        ON again.process = decided.process AND again.activity = decided.activity AND decided.decides = 'next activity'
    CROSS JOIN ops.tonight
    WHERE decided.handled_share > 0 OR decided.own_attribute IS NOT NULL
)
SELECT
    process,
    activity,
    NOT is_sure AS is_question,
    if(is_own, held_out_accuracy, handled_share) AS claim_share,
    1 AS realisation_share,
    held_out_accuracy AS witness_score,
    CASE decides
        WHEN 'outcome' THEN format('{} decides the outcome of "{}"', attributes, activity)
        ELSE format('{} decides what follows "{}"', attributes, activity)
    END AS title,
    format(
        '{}.{} Learned on cases begun before {}{}.{} {:,} executions are by people and took {:,.1f} h.{}{}',
        rules, coalesce(format(' {}.', sources), ''), confirm_day,
        -- where the best guess for all of them is no better than habit, the conditions speak for those they tell
        CASE WHEN held_out_accuracy <= known_accuracy THEN '' ELSE format(
            '; of {:,} decisions in cases begun since, {:.1f} % went as the rule says ({:.1f} % by habit or history alone)',
            held_out_count, 100 * held_out_accuracy, 100 * known_accuracy
        ) END,
        CASE WHEN is_own THEN '' ELSE format(
            ' Of the latest {:,}, {:.1f} % met these conditions, and {:.1f} % of those went that way: {:.1f} % of the work {}.',
            test_count, 100 * realised_share, 100 * realised_accuracy, 100 * handled_share,
            if(is_sure, 'is claimed', 'could be left to them')
        ) END,
        worked_count, handling_h,
        CASE WHEN is_own THEN ''
            WHEN verdict <> 'rule' THEN ' The rest stays with people: '
                || regexp_replace(reason, ' [0-9]+ % is handled by its sure conditions all the same[.]', '')
            WHEN is_sure THEN ' The rest stays with people.' ELSE '' END,
        CASE WHEN is_own THEN format(
                ' Asked, not claimed: {} is recorded by the step itself, where it may be judgement. What follows can be'
                || ' routed by rule; could a rule say that too?',
                own_attribute
            )
            WHEN is_sure THEN '' ELSE format(' Asked, not claimed: {}.', doubt) END
    ) AS reason,
    format('SELECT work.*, test.* FROM ({}) AS work CROSS JOIN ({}) AS test', work_sql, test_sql) AS evidence_sql
FROM found
WHERE is_sure OR process_share >= question_share_min
