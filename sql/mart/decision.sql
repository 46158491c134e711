-- mart.decision: what decides at one activity, and where nothing in the log does, what stands in the way.
WITH step AS (
    SELECT process, activity, 'next activity' AS decides, execution_count AS event_count
    FROM mart.activity_repeat
    UNION ALL
    SELECT process, activity, decides, event_count
    FROM mart.decision_point
    WHERE decides = 'outcome'
),
contrast AS (  -- few people would be known by their difference
    SELECT
        process, activity, decides,
        max(group_count) FILTER (kind = 'worker' AND group_count >= tonight.people_min) AS worker_count,
        max(coverage_share) FILTER (kind = 'worker' AND group_count >= tonight.people_min) AS worker_coverage_share,
        max(gain) FILTER (kind = 'worker' AND group_count >= tonight.people_min) AS worker_gain,
        max(held_out_gain) FILTER (kind = 'worker' AND group_count >= tonight.people_min) AS worker_held_out_gain,
        max(group_count) FILTER (kind = 'worker') AS people_count,
        max(coverage_share) FILTER (kind = 'team') AS team_coverage_share,
        max(gain) FILTER (kind = 'team') AS team_gain,
        max(held_out_gain) FILTER (kind = 'team') AS team_held_out_gain,
        max(coverage_share) FILTER (kind = 'provider') AS provider_coverage_share,
        max(gain) FILTER (kind = 'provider') AS provider_gain,
        max(held_out_gain) FILTER (kind = 'provider') AS provider_held_out_gain,
        arg_max(attribute, (gain, attribute)) FILTER (kind = 'entity' AND gain IS NOT NULL) AS entity,
        max(gain) FILTER (kind = 'entity') AS entity_gain,
        arg_max(held_out_gain, (gain, attribute)) FILTER (kind = 'entity' AND gain IS NOT NULL) AS entity_held_out_gain,
        arg_max(coverage_share, (gain, attribute)) FILTER (kind = 'entity' AND gain IS NOT NULL) AS entity_coverage_share,
        min(coverage_share) FILTER (kind = 'entity') AS least_entity_coverage_share,
        arg_min(attribute, (coverage_share, attribute)) FILTER (kind = 'entity') AS thin_entity,
        max(attribute) FILTER (
            kind = 'follower' AND group_count >= tonight.people_min AND gain >= tonight.rule_sure_min
            AND gain - held_out_gain >= tonight.rule_differ_min
        ) AS follower,
        max(gain) FILTER (kind = 'follower') AS follower_share,
        max(held_out_gain) FILTER (kind = 'follower') AS others_share,
        max(attribute) FILTER (kind = 'later') AS later_attribute,
        max(gain) FILTER (kind = 'later') AS later_gain,
        max(attribute) FILTER (kind = 'same' AND gain >= tonight.rule_late_min) AS same_attribute
    FROM mart.decision_contrast
    CROSS JOIN ops.tonight
    GROUP BY process, activity, decides
),
unasked AS (  -- attributes that were left out of all this, the first three by name
    SELECT
        process,
        count(*) AS attribute_count,
        array_to_string(list(coalesce(column_name, attribute) ORDER BY attribute)[:3], ', ')
            || CASE WHEN attribute_count > 3 THEN format(' and {} more', attribute_count - 3) ELSE '' END AS attributes
    FROM mart.rule_input
    WHERE NOT is_read AND NOT is_of_people
    GROUP BY process
),
personal AS (  -- and those that would list people by how they decide
    SELECT
        step.process, step.activity, step.decides,
        count(*) AS personal_count,
        array_to_string(list(coalesce(input.column_name, input.attribute) ORDER BY input.attribute)[:3], ', ')
            || CASE WHEN personal_count > 3 THEN format(' and {} more', personal_count - 3) ELSE '' END AS personal_attributes
    FROM step
    JOIN mart.rule_input AS input
        ON input.process = step.process AND (input.is_of_people OR list_contains(input.unread_at, step.activity))
    GROUP BY step.process, step.activity, step.decides
),
asked AS (SELECT DISTINCT process FROM mart.rule_input),
beside AS (SELECT DISTINCT process, activity, 'next activity' AS decides FROM mart.concurrent_pair),
doubtful AS (  -- what could not be read as it was meant, where most executions know it
    SELECT instance.process, instance.activity, input.attribute, any_value(input.warning) AS warning, count(*) AS n
    FROM mart.rule_input AS input
    JOIN mart.recorded_value AS recorded
        ON recorded.process = input.process AND recorded.attribute = input.attribute
    JOIN core.activity_instance AS instance
        ON instance.case_key = recorded.case_key AND instance.position >= recorded.position
    JOIN core.activity_instance AS source
        ON source.case_key = recorded.case_key AND source.position = recorded.position
    WHERE input.is_read AND input.warning IS NOT NULL
        -- what outlasted later steps is in doubt where it had not ended, its own step among them
        AND (NOT input.is_overtaken
            OR coalesce(instance.started_at, instance.ended_at) < coalesce(source.ended_at, source.started_at))
    GROUP BY instance.process, instance.activity, input.attribute
),
doubt AS (
    SELECT
        doubtful.process, doubtful.activity,
        array_to_string(list(warning ORDER BY attribute)[:3], ' ') AS doubts
    FROM doubtful
    JOIN (
        SELECT process, activity, count(*) AS event_count
        FROM core.activity_instance
        SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
        GROUP BY process, activity
    ) AS seen ON seen.process = doubtful.process AND seen.activity = doubtful.activity
    CROSS JOIN ops.tonight
    WHERE doubtful.n >= tonight.rule_coverage_min * seen.event_count
    GROUP BY doubtful.process, doubtful.activity
),
weighed AS (
    SELECT
        step.process, step.activity, step.decides, step.event_count,
        score.* EXCLUDE (process, activity, decides),
        contrast.* EXCLUDE (process, activity, decides),
        unasked.* EXCLUDE (process),
        personal.* EXCLUDE (process, activity, decides),
        doubt.doubts,
        point.censored_at, point.confirm_from_at AS tested_from_at, point.test_from_at AS latest_from_at,
        sure.promised_share, sure.realised_share, sure.realised_accuracy, sure.realised_accuracy_lower,
        point.activity IS NOT NULL AS is_point,
        asked.process IS NOT NULL AS has_inputs,
        beside.activity IS NOT NULL AS is_beside,
        step.event_count < tonight.rule_points_min AS is_rare,
        flow.learned_share >= tonight.rule_majority_max AND flow.held_share >= tonight.rule_majority_max
            AND step.decides = 'next activity' AS is_fixed,
        coalesce(score.net_gain >= tonight.rule_net_min AND score.gain_lower > tonight.rule_lower_min
            AND score.is_accepted, false) AS is_rule,
        coalesce(score.history_gain >= tonight.rule_net_min AND score.history_accuracy >= tonight.rule_sure_min
            AND score.gain < score.history_gain + .1, false) AS is_flow,
        coalesce(contrast.later_gain >= tonight.rule_late_min, false) AS is_late,
        coalesce(contrast.worker_gain >= tonight.rule_differ_min
            AND contrast.worker_held_out_gain >= tonight.rule_differ_min
            AND contrast.worker_coverage_share >= tonight.rule_coverage_min, false) AS is_by_worker,
        coalesce(contrast.team_gain >= tonight.rule_differ_min
            AND contrast.team_held_out_gain >= tonight.rule_differ_min
            AND contrast.team_coverage_share >= tonight.rule_coverage_min, false) AS is_by_team,
        coalesce(contrast.provider_gain >= tonight.rule_differ_min
            AND contrast.provider_held_out_gain >= tonight.rule_differ_min
            AND contrast.provider_coverage_share >= tonight.rule_coverage_min, false) AS is_by_provider,
        coalesce(contrast.entity_gain >= tonight.rule_differ_min
            AND contrast.entity_held_out_gain >= tonight.rule_differ_min
            AND contrast.entity_coverage_share >= tonight.rule_coverage_min, false) AS is_by_entity,
        coalesce(contrast.people_count = 1 OR contrast.worker_coverage_share >= tonight.rule_coverage_min, false)
            AS are_people_compared,
        are_people_compared AND coalesce(contrast.least_entity_coverage_share, 1) >= tonight.rule_coverage_min
            AS is_compared,
        tonight.rule_held_out_min, tonight.rule_points_min, tonight.rule_sure_min, tonight.rule_net_min,
        -- history may be sure of the very executions it shares with the conditions
        greatest(score.baseline_accuracy, score.history_accuracy, sure.foretold_share) AS known_accuracy
    FROM step
    CROSS JOIN ops.tonight
    LEFT JOIN mart.decision_point AS point USING (process, activity, decides)
    LEFT JOIN mart.rule_score AS score USING (process, activity, decides)
    LEFT JOIN mart.sure_share AS sure USING (process, activity, decides)
    LEFT JOIN contrast USING (process, activity, decides)
    LEFT JOIN asked ON asked.process = step.process
    LEFT JOIN beside ON beside.process = step.process AND beside.activity = step.activity AND beside.decides = step.decides
    LEFT JOIN unasked ON unasked.process = step.process
    LEFT JOIN personal USING (process, activity, decides)
    LEFT JOIN doubt ON doubt.process = step.process AND doubt.activity = step.activity
    LEFT JOIN mart.fixed_flow AS flow ON flow.process = step.process AND flow.activity = step.activity
),
judged AS (
    SELECT
        *,
        CASE
            WHEN is_rare THEN 'abstains'
            WHEN is_fixed THEN 'fixed_flow'
            WHEN NOT is_point OR coalesce(held_count, 0) < rule_held_out_min OR is_drifted THEN 'abstains'
            -- one that leaves much open is no rule yet where people differ, or where nobody could tell
            WHEN is_rule AND (held_out_accuracy >= rule_sure_min OR is_compared AND NOT is_by_worker
                AND NOT is_by_team AND NOT is_by_provider)
                THEN 'rule'
            WHEN is_flow THEN 'fixed_flow'
            WHEN NOT has_inputs THEN 'abstains'
            WHEN is_late THEN 'capture_input_earlier'
            WHEN is_by_worker OR is_by_team OR is_by_provider THEN 'standardize_first'
            WHEN is_by_entity THEN 'missing_master_data'
            WHEN is_compared AND doubts IS NULL THEN 'unexplained'
            ELSE 'abstains'
        END AS verdict,
        CASE WHEN verdict = 'standardize_first'
            THEN CASE
                WHEN is_by_provider AND (NOT is_by_worker OR provider_gain >= .8 * worker_gain)
                    AND (NOT is_by_team OR provider_gain >= .8 * team_gain) THEN 'provider'
                WHEN is_by_team AND (NOT is_by_worker OR team_gain >= .8 * worker_gain) THEN 'team'
                ELSE 'worker' END
        END AS differs_by,
        -- what habit and history know as well is no rule's merit
        CASE WHEN coalesce(
                realised_accuracy_lower - known_accuracy >= rule_net_min * (1 - known_accuracy), false
            ) AND NOT is_drifted AND held_count >= rule_held_out_min THEN round(realised_share * realised_accuracy, 6) ELSE 0
        END AS handled_share,
        CASE WHEN verdict = 'rule' AND handled_share = 0 THEN nullif(array_to_string(own, ', '), '') END AS own_attribute,
        CASE
            WHEN same_attribute IS NOT NULL THEN format(
                ' {}, recorded with the outcome itself, would decide: name it under known_at_start: in the feeds file if it'
                || ' was known before.',
                same_attribute
            )
            WHEN attribute_count = 1 THEN format(
                ' {} may have been written when the case was over and was not asked: name it under known_at_start: in the feeds file if'
                || ' it was known when the case began.',
                attributes
            )
            WHEN attribute_count > 1 THEN format(
                ' {} may have been written when the case was over and were not asked: name under known_at_start: in the feeds file what'
                || ' was known when the case began.',
                attributes
            )
            ELSE ''
        END || coalesce(' ' || nullif(doubts, ''), '') || coalesce(format(
            ' {} {}, so no rule was asked about {}.', personal_attributes,
            if(personal_count > 1, 'tell people', 'tells people'), if(personal_count > 1, 'them', 'it')
        ), '') AS left_out
    FROM weighed
)
SELECT
    process,
    activity,
    decides,
    event_count,
    verdict,
    concat(CASE verdict
        WHEN 'rule' THEN concat(
            CASE WHEN len(reads) > 2 THEN format('{} and {} together decide.', array_to_string(reads[:-2], ', '), reads[-1])
                ELSE format('{} decides.', array_to_string(reads, ' with ')) END,
            format(' {}.', sources),
            format(
                ' {} {} recorded by the step itself: what follows can be routed by rule, the step is not claimed.',
                own_attribute, if(len(own) > 1, 'are', 'is')
            )
        )
        WHEN 'fixed_flow' THEN CASE WHEN is_fixed THEN 'It always leads to the same.'
            ELSE 'What came before it in the case tells; the data adds little.' END
        WHEN 'capture_input_earlier' THEN format('{} would decide, and is recorded only later.', later_attribute)
        WHEN 'standardize_first' THEN CASE differs_by
            WHEN 'provider' THEN concat('Providers differ on equal inputs.', format(
                ' At {} what is recorded foretells {:.0f} % of later cases, elsewhere {:.0f} %.',
                follower, 100 * follower_share, 100 * others_share
            ))
            WHEN 'team' THEN 'Teams differ on equal inputs.'
            ELSE 'People differ on equal inputs.' END
        WHEN 'missing_master_data' THEN format('The same {} goes the same way, and nothing recorded of it says why.', entity)
        WHEN 'unexplained' THEN CASE
            WHEN is_accepted AND is_cut
                THEN 'The data tells a part of it; what more it tells is too complex for a rule that can be read.'
            WHEN is_accepted THEN 'The data tells a part of it; the rest is judgement, or rests on what is not recorded.'
            ELSE 'No recorded attribute decides: judgement, or what is not recorded, such as weekday and hour; a log cannot'
                || ' tell which.' END
        ELSE CASE
            WHEN is_rare THEN format('Fewer than {} executions.', rule_points_min)
            WHEN NOT is_point AND is_beside THEN 'What comes after it runs side by side, in either order.'
            WHEN NOT is_point THEN 'Too few go another way than most.'
            WHEN coalesce(held_count, 0) < rule_held_out_min
                THEN format('Fewer than {} executions in later cases to test on.', rule_held_out_min)
            WHEN is_drifted THEN 'What decided earlier no longer does in the latest cases.'
            WHEN NOT has_inputs THEN concat(
                'The process has no attributes in the log, so what decides cannot be told.',
                CASE WHEN is_by_provider THEN ' Providers differ, and may have had different inputs.'
                    WHEN is_by_team THEN ' Teams differ, and may have had different inputs.'
                    WHEN is_by_worker THEN ' People differ, and may have had different inputs.' END
            )
            ELSE concat(
                CASE WHEN is_accepted AND is_cut
                        THEN 'The data tells a part of it; what more it tells is too complex for a rule that can be read. '
                    WHEN is_accepted THEN 'The data tells a part of it. ' END,
                CASE
                    WHEN coalesce(people_count, 0) = 0 THEN 'Who did it is not recorded, so people cannot be compared.'
                    WHEN worker_count IS NULL THEN 'Too few people to tell of them whether they differ.'
                    WHEN NOT are_people_compared THEN 'Too few executions for each person to tell whether they differ.'
                    WHEN is_compared THEN 'What may decide could not be asked.'
                    ELSE format('Too few executions for each {} to tell whether it decides.', thin_entity)
                END,
                CASE WHEN handled_share > 0
                    THEN format(' {:.0f} % is handled by its sure conditions all the same.', 100 * handled_share) END
            ) END
        END,
        CASE WHEN verdict = 'unexplained' OR verdict = 'abstains' AND is_point THEN left_out END
    ) AS reason,
    differs_by,
    held_count AS held_out_count,
    held_out_accuracy,
    held_out_accuracy_lower,
    baseline_accuracy,
    history_accuracy,
    gain,
    gain_lower,
    history_gain,
    net_gain,
    net_gain_lower,
    coalesce(is_drifted, false) AS is_drifted,
    learned_from_on,
    learned_to_on,
    tested_from_on,
    tested_to_on,
    tested_from_at,
    latest_from_at,
    censored_at,
    promised_share,
    realised_share,
    realised_accuracy,
    handled_share,
    own_attribute,
    worker_count,
    worker_coverage_share,
    worker_gain,
    worker_held_out_gain,
    team_gain,
    team_held_out_gain,
    provider_gain,
    provider_held_out_gain,
    entity,
    entity_coverage_share,
    entity_gain,
    entity_held_out_gain,
    later_attribute,
    later_gain
FROM judged
