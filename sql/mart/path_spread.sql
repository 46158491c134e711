-- mart.path_spread: one execution of a step that one provider does in other ways than another, in a case that went another way.
WITH off_path AS (
    SELECT DISTINCT instance.case_key, instance.process, instance.provider
    FROM core.activity_instance AS instance
    JOIN mart.provider_way AS way
        ON way.process = instance.process AND way.provider = instance.provider AND way.activity = instance.activity
    WHERE instance.next_activity <> way.next_activity
),
arrival AS (
    SELECT
        process, provider, activity, previous_activity,
        count(*) / sum(count(*)) OVER (PARTITION BY process, provider, activity) AS share
    FROM core.activity_instance
    GROUP BY process, provider, activity, previous_activity
),
inner_step AS (  -- left otherwise, and come to otherwise as well
    SELECT way.process, way.provider, way.activity
    FROM mart.provider_way AS way
    JOIN (
        SELECT *
        FROM arrival
        QUALIFY row_number() OVER (PARTITION BY process, provider, activity ORDER BY share DESC, previous_activity) = 1
    ) AS theirs
        ON theirs.process = way.process AND theirs.provider = way.best_provider AND theirs.activity = way.activity
    LEFT JOIN arrival AS own
        ON own.process = way.process AND own.provider = way.provider AND own.activity = way.activity
        AND own.previous_activity IS NOT DISTINCT FROM theirs.previous_activity
    CROSS JOIN ops.tonight
    WHERE theirs.share - coalesce(own.share, 0) >= tonight.path_spread_min
),
rate AS (
    SELECT instance.process, instance.provider, instance.activity, count(*) / any_value(held.case_count) AS per_case
    FROM core.activity_instance AS instance
    JOIN (
        SELECT process, provider, count(DISTINCT case_key) AS case_count
        FROM core.activity_instance
        GROUP BY process, provider
    ) AS held ON held.process = instance.process AND held.provider = instance.provider
    SEMI JOIN mart.provider_way AS way ON way.process = instance.process
    GROUP BY instance.process, instance.provider, instance.activity
),
added_step AS (  -- that come in between and that the other hardly does
    SELECT DISTINCT way.process, way.provider, followed.next_activity AS activity
    FROM mart.provider_way AS way
    JOIN mart.succession AS followed
        ON followed.process = way.process AND followed.provider = way.provider AND followed.activity = way.activity
    JOIN rate AS own
        ON own.process = way.process AND own.provider = way.provider AND own.activity = followed.next_activity
    LEFT JOIN rate AS theirs
        ON theirs.process = way.process AND theirs.provider = way.best_provider AND theirs.activity = followed.next_activity
    CROSS JOIN ops.tonight
    WHERE own.per_case - coalesce(theirs.per_case, 0) >= tonight.path_spread_min
),
step AS (
    SELECT * FROM inner_step
    UNION
    SELECT * FROM added_step
    UNION
    SELECT DISTINCT way.process, way.provider, way.activity
    FROM mart.provider_way AS way
    ANTI JOIN inner_step ON inner_step.process = way.process AND inner_step.provider = way.provider
)
SELECT
    instance.activity_instance_id,
    instance.process,
    instance.provider,
    instance.provider::VARCHAR AS subject,
    instance.activity,
    instance.handling_s,
    NOT instance.is_robot AND instance.resource IS NOT NULL AS is_by_person
FROM core.activity_instance AS instance
JOIN off_path
    ON off_path.case_key = instance.case_key AND off_path.process = instance.process
    AND off_path.provider = instance.provider
JOIN step
    ON step.process = instance.process AND step.provider = instance.provider AND step.activity = instance.activity
