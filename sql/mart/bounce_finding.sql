-- mart.bounce_finding: one provider or team that does its part again after another had the case.
WITH redone AS (
    SELECT
        process, subject, activity, any_value(kind) AS kind, any_value(side) AS side, any_value(other) AS other,
        any_value(return_count) AS return_count, any_value(redo_share) AS redo_share, min(doubt) AS doubt,
        count(*) AS event_count, coalesce(sum(handling_s), 0) AS handling_s
    FROM mart.bounce
    GROUP BY process, subject, activity
),
bounced AS (
    SELECT
        redone.process, subject, any_value(kind) AS kind, any_value(side) AS side, any_value(other) AS other,
        any_value(return_count) AS return_count, any_value(redo_share) AS redo_share, min(doubt) AS doubt,
        arg_min(redone.activity, (-redone.event_count, redone.activity)) AS activity,
        list(redone.activity::VARCHAR ORDER BY redone.event_count DESC, redone.activity) AS activities,
        string_agg(work.activity_sql, ', ' ORDER BY work.activity_sql) AS activities_sql,
        any_value(work.process_sql) AS process_sql,
        sum(redone.event_count) AS event_count,
        sum(redone.handling_s) / 3600 AS handling_h
    FROM redone
    JOIN mart.activity_work AS work ON work.process = redone.process AND work.activity = redone.activity
    GROUP BY redone.process, subject
    HAVING sum(redone.event_count) >= any_value((SELECT support_min FROM ops.tonight))
)
SELECT
    process,
    subject,
    activity,
    activities,
    handling_h = 0 OR doubt IS NOT NULL AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    CASE WHEN doubt IS NULL THEN redo_share END AS witness_score,
    format(
        CASE WHEN doubt IS NULL THEN '{} does "{}"{} again after {} had the case'
            ELSE 'Must {} do "{}"{} again after {} had the case?' END,
        side, activity,
        CASE WHEN len(activities) > 1 THEN format(' and {} more', len(activities) - 1) ELSE '' END,
        other
    ) AS title,
    format(
        '{:,} times a case went from {} to {} and back; in {:.0f} % of them {} did again what it had done before. Of "{}"'
        || ' that was {:,} executions by people{}. {}',
        return_count, side, other, 100 * redo_share, side, array_to_string(activities, '", "'), event_count,
        CASE WHEN handling_h = 0 THEN '; how long they took, the log cannot say, so nothing is claimed'
            ELSE format(' and {:,.1f} h', handling_h)
        END,
        CASE doubt
            WHEN 'other work' THEN 'What the other does meanwhile is other work, which may ask for it. Nothing is claimed.'
            WHEN 'in turn' THEN 'The two are seldom at work in the same hours: one may take over where the other''s'
                || ' shift ends. Nothing is claimed.'
            WHEN 'by nature' THEN 'Most cases have that step more than once. Nothing is claimed.'
            WHEN 'numbered' THEN 'An attribute numbers its visits, as of several objects of one case. Nothing is claimed.'
            ELSE 'Coming back may be so designed and is not counted.'
        END
    ) AS reason,
    format(
        'WITH sided AS (SELECT *, {1}::VARCHAR AS side, {1}::VARCHAR IS DISTINCT FROM lag({1}::VARCHAR) OVER case_w'
        || ' AS is_turn FROM core.activity_instance WHERE process = {0} AND {1} IS NOT NULL'
        || ' WINDOW case_w AS (PARTITION BY case_id ORDER BY position)),'
        || ' turned AS (SELECT *, sum(is_turn::INTEGER) OVER (PARTITION BY case_id ORDER BY position) AS turn_no FROM sided),'
        || ' turn AS (SELECT case_id, turn_no, side, list(DISTINCT activity) AS activities FROM turned GROUP BY ALL),'
        || ' returned AS (SELECT latest.case_id, latest.turn_no, earlier.activities FROM turn AS latest JOIN turn AS other'
        || ' ON other.case_id = latest.case_id AND other.turn_no = latest.turn_no - 1 JOIN turn AS earlier'
        || ' ON earlier.case_id = latest.case_id AND earlier.turn_no = latest.turn_no - 2'
        || ' WHERE latest.side = {2} AND earlier.side = {2} AND other.side = {3}),'
        || ' redone AS (SELECT turned.*, list_contains(returned.activities, turned.activity) AS is_redone FROM returned'
        || ' JOIN turned USING (case_id, turn_no)),'
        || ' counted AS (SELECT count(DISTINCT (case_id, turn_no)) AS return_count,'
        || ' count(DISTINCT (case_id, turn_no)) FILTER (is_redone) / return_count AS redo_share FROM redone)'
        || ' SELECT work.*, counted.* FROM (SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count,'
        || ' sum(handling_s) / 3600 AS handling_h FROM redone WHERE is_redone AND activity IN ({4}) AND NOT is_robot'
        || ' AND resource IS NOT NULL) AS work CROSS JOIN counted',
        process_sql, kind,
        '''' || replace(side, '''', '''''') || '''', '''' || replace(other, '''', '''''') || '''', activities_sql
    ) AS evidence_sql
FROM bounced
