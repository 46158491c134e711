-- mart.batching_finding: one activity that one provider lays aside and does in sittings; it claims delay, and no work.
SELECT
    batching.process,
    batching.provider,
    batching.activity,
    false AS is_question,
    1 AS claim_share,
    1 AS realisation_share,
    round(piled_share, 6) AS witness_score,
    format('{} lays "{}" aside and does it in sittings', batching.provider, batching.activity) AS title,
    format(
        '{:.0f} % of {:,} executions of "{}" that were looked at lie in sittings of one person, {:.1f} in one on average,'
        || ' and all of a sitting could have begun before its first did. Waiting for the last of the pile to come took'
        || ' {:,.0f} hours by the clock, {:.0f} % of all waiting for the step. That is delay: no work is saved by doing'
        || ' it at once.',
        100 * piled_share, batching.event_count, batching.activity, mean_size, delay_h, 100 * delay_share
    ) AS reason,
    format(
        'WITH worked AS (SELECT process, activity, resource, count(*) AS n FROM core.activity_instance WHERE provider = {2}'
        || ' AND started_at IS NOT NULL AND ended_at IS NOT NULL AND resource IS NOT NULL GROUP BY ALL),'
        || ' sampled AS (SELECT DISTINCT resource FROM (SELECT resource, coalesce(sum(n) OVER (activity_w'
        || ' ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS count_before, row_number() OVER activity_w AS worker_no'
        || ' FROM worked WINDOW activity_w AS (PARTITION BY process, activity ORDER BY md5(resource::VARCHAR), resource))'
        || ' WHERE count_before < {4} AND worker_no <= {5}),'
        || ' done AS (SELECT activity_instance_id, process, activity, resource, is_robot, case_id, enabled_at, started_at, ended_at,'
        || ' row_number() OVER worker_w AS turn_no, coalesce(process <> lag(process) OVER worker_w'
        || ' OR activity <> lag(activity) OVER worker_w'
        || ' OR started_at > lag(ended_at) OVER worker_w + INTERVAL {3} SECOND, true) AS is_first'
        || ' FROM core.activity_instance SEMI JOIN sampled USING (resource)'
        || ' WHERE provider = {2} AND started_at IS NOT NULL AND ended_at IS NOT NULL'
        || ' WINDOW worker_w AS (PARTITION BY resource ORDER BY started_at, ended_at, activity_instance_id)),'
        || ' sat AS (SELECT *, max(CASE WHEN is_first THEN turn_no END) OVER (PARTITION BY resource ORDER BY turn_no'
        || ' ROWS UNBOUNDED PRECEDING) AS sitting_no FROM done),'
        || ' placed AS (SELECT *, coalesce(enabled_at <= min(started_at) OVER (PARTITION BY resource, sitting_no), false)'
        || ' AS is_piled FROM sat WHERE process = {0} AND activity = {1}),'
        || ' turn AS (SELECT *, CASE WHEN is_piled THEN count(*) FILTER (is_piled) OVER sitting_w ELSE 1 END AS batch_size,'
        || ' CASE WHEN is_piled THEN max(enabled_at) FILTER (is_piled) OVER sitting_w ELSE enabled_at END AS ready_at,'
        || ' coalesce(started_at > enabled_at, false) AS is_wait, row_number() OVER (PARTITION BY is_wait'
        || ' ORDER BY md5(activity_instance_id::VARCHAR), activity_instance_id) AS wait_no FROM placed WINDOW sitting_w AS (PARTITION BY resource, sitting_no)),'
        || ' looked_at AS (SELECT count(*) FILTER (NOT is_robot) AS turn_count,'
        || ' count(*) FILTER (NOT is_robot AND batch_size > 1) AS piled_count, piled_count / turn_count AS piled_share,'
        || ' piled_count / count(DISTINCT CASE WHEN NOT is_robot AND batch_size > 1 THEN (resource, sitting_no) END)'
        || ' AS mean_size, sum(epoch_ms(ready_at) - epoch_ms(enabled_at)) FILTER (is_wait AND wait_no <= {4})'
        || ' / sum(epoch_ms(started_at) - epoch_ms(enabled_at)) FILTER (is_wait AND wait_no <= {4}) AS share FROM turn),'
        || ' whole AS (SELECT * FROM core.activity_instance WHERE process = {0} AND activity = {1} AND provider = {2}),'
        || ' waited AS (SELECT sum(epoch_ms(started_at) - epoch_ms(enabled_at)) / 3600000 AS all_h,'
        || ' sum(epoch_ms(started_at) - epoch_ms(enabled_at)) FILTER (resource IS NOT NULL AND ended_at IS NOT NULL)'
        || ' / 3600000 AS known_h FROM whole WHERE started_at > enabled_at)'
        || ' SELECT about.*, looked_at.* EXCLUDE (share), share * known_h AS delay_h, share * known_h / all_h AS delay_share'
        || ' FROM (SELECT count(*) AS event_count, count(DISTINCT case_id) AS case_count,'
        || ' sum(handling_s) / 3600 AS handling_h FROM whole WHERE NOT is_robot AND resource IS NOT NULL) AS about'
        || ' CROSS JOIN looked_at CROSS JOIN waited',
        work.process_sql, work.activity_sql, '''' || replace(batching.provider::VARCHAR, '''', '''''') || '''',
        tonight.sitting_gap_s, tonight.waiting_sample_count, tonight.waiting_workers_max
    ) AS evidence_sql
FROM mart.batching
JOIN mart.activity_work AS work ON work.process = batching.process AND work.activity = batching.activity
CROSS JOIN ops.tonight
