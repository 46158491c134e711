-- mart.candidate_change: one candidate against the last publication of an earlier night, and what moved it.
WITH earlier AS (
    SELECT
        candidate_id, last_seen_on, last_rank, last_seen_on = max(last_seen_on) OVER () AS is_last_publication,
        tonight.night - last_seen_on <= identity_days AS is_remembered
    FROM ops.candidate_memory
    CROSS JOIN ops.tonight
    WHERE last_seen_on < tonight.night
),
published AS (  -- what was gone before is not gone again, and what is back stands beside the night that left it
    SELECT earlier.candidate_id, earlier.last_rank
    FROM earlier
    LEFT JOIN mart.candidate ON candidate.candidate_id = earlier.candidate_id
    WHERE earlier.is_last_publication OR earlier.is_remembered AND candidate.candidate_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY earlier.candidate_id ORDER BY earlier.last_seen_on DESC) = 1
),
term AS (  -- what a candidate's worth is made of, then and now
    SELECT
        was.candidate_id,
        was.verdict AS old_verdict,
        CASE WHEN candidate.is_question THEN 'question' ELSE candidate.status END AS verdict,
        was.executions_per_year AS old_volume,
        candidate.event_count * year.log_to_year AS volume,
        was.saved_s_per_execution AS old_seconds,
        coalesce(saving.saved_s, 0) / candidate.event_count * year.realised_share AS seconds,
        was.weight AS old_weight,
        coalesce(candidate.score / 100, tonight.unscored_share) AS weight,
        was.cost_h_per_year AS old_cost,
        (year.run_h_per_year + year.build_h / tonight.build_years)::DOUBLE AS cost
    FROM mart.candidate
    JOIN mart.candidate_year AS year ON year.candidate_id = candidate.candidate_id
    LEFT JOIN mart.candidate_saving AS saving ON saving.candidate_id = candidate.candidate_id
    CROSS JOIN ops.tonight
    JOIN ops.candidate_work AS was ON was.candidate_id = candidate.candidate_id AND was.seen_on < tonight.night
    QUALIFY row_number() OVER (PARTITION BY was.candidate_id ORDER BY was.seen_on DESC) = 1
),
effect AS (  -- in hours a year: what it would be worth if that term alone had changed
    SELECT
        term.*,
        old_volume * old_seconds / 3600 - old_cost AS old_net,
        unnest([
            {'place': 1, 'term': 'volume', 'hours': (volume - old_volume) * old_seconds / 3600 * old_weight,
             'says': format('{:,.0f} to {:,.0f} executions a year', old_volume, volume)},
            {'place': 2, 'term': 'seconds', 'hours': old_volume * (seconds - old_seconds) / 3600 * old_weight,
             'says': format('{:,.0f} to {:,.0f} s saved of each execution', old_seconds, seconds)},
            {'place': 3, 'term': 'criteria', 'hours': greatest(old_net, 0) * (weight - old_weight),
             'says': format('score {:.0f} to {:.0f}', 100 * old_weight, 100 * weight)},
            {'place': 4, 'term': 'cost', 'hours': (old_cost - cost) * old_weight,
             'says': format('{:,.0f} to {:,.0f} h a year to build and run it', old_cost, cost)}
        ], recursive := true)
    FROM term
),
strongest AS (  -- of those that pull the way it went
    SELECT
        effect.candidate_id, effect.term, effect.says, effect.hours, effect.place, candidate.rank, published.last_rank,
        effect.verdict, effect.old_verdict
    FROM effect
    JOIN mart.candidate ON candidate.candidate_id = effect.candidate_id
    JOIN published ON published.candidate_id = effect.candidate_id
    WHERE candidate.rank IS DISTINCT FROM published.last_rank OR effect.verdict <> effect.old_verdict
    QUALIFY row_number() OVER (
        PARTITION BY effect.candidate_id ORDER BY round(hours * sign(coalesce(last_rank - candidate.rank, 0)), 6) DESC, place
    ) = 1
),
unmoved AS (  -- where it would stand tonight were it worth what it was
    SELECT worth.candidate_id, 1 + count(other.candidate_id) AS place
    FROM (
        SELECT candidate_id, round(CASE WHEN old_net > 0 THEN old_net * old_weight ELSE old_net END, 6) AS old_worth
        FROM effect
        WHERE place = 1
    ) AS worth
    LEFT JOIN mart.candidate_rank AS other
        ON other.candidate_id <> worth.candidate_id
        AND (other.worth_h_per_year > worth.old_worth
            OR other.worth_h_per_year = worth.old_worth AND other.candidate_id < worth.candidate_id)
    GROUP BY worth.candidate_id
),
cause AS (
    SELECT
        strongest.candidate_id,
        CASE
            -- also where it had no rank and has none: live is not retired
            WHEN (rank IS NULL) <> (last_rank IS NULL) OR rank IS NOT DISTINCT FROM last_rank THEN 'verdict'
            WHEN unmoved.place = rank THEN 'others'
            WHEN round(hours * sign(coalesce(last_rank - rank, 0)), 3) > 0 THEN term
            ELSE 'others'
        END AS moved_by,
        CASE moved_by
            WHEN 'verdict' THEN format('{} to {}', replace(old_verdict, '_', ' '), replace(strongest.verdict, '_', ' '))
            WHEN 'others' THEN if(rank < last_rank, 'those before it fell back or were decided on', 'others moved past it')
            ELSE says
        END AS why
    FROM strongest
    JOIN unmoved ON unmoved.candidate_id = strongest.candidate_id
)
SELECT
    coalesce(candidate.candidate_id, published.candidate_id) AS candidate_id,
    CASE
        WHEN candidate.candidate_id IS NULL THEN coalesce(nullif(identity.what, 'known'), 'gone')
        WHEN identity.what = 'split' THEN 'split'
        WHEN published.candidate_id IS NULL THEN 'new'
        WHEN candidate.rank IS NOT DISTINCT FROM published.last_rank THEN 'kept'
        ELSE 'moved'
    END AS change,
    candidate.rank,
    published.last_rank AS previous_rank,
    identity.related_id,
    cause.moved_by,
    cause.why
FROM mart.candidate
FULL JOIN published ON published.candidate_id = candidate.candidate_id
LEFT JOIN mart.identity ON identity.candidate_id = coalesce(candidate.candidate_id, published.candidate_id)
LEFT JOIN cause ON cause.candidate_id = candidate.candidate_id
