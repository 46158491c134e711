-- mart.standing: an analyst's word on one candidate and what it comes to tonight: a refusal holds while its facts do.
WITH fact AS (
    SELECT
        finding.candidate_id, finding.is_question,
        round(volume.event_count * 365.25 / span.span_days, 6) AS executions_per_year,
        CASE WHEN NOT finding.is_small
            THEN round(coalesce(volume.handling_s * finding.claim_share, 0) / 3600 * 365.25 / span.span_days, 6)
        END AS claimed_h_per_year,
        finding.is_small
    FROM mart.finding
    JOIN mart.finding_volume AS volume ON volume.candidate_id = finding.candidate_id
    JOIN mart.process_span AS span ON span.process = finding.process
),
begun AS (SELECT DISTINCT candidate_id FROM ops.live_week),
was AS (  -- as the last night left it
    SELECT candidate_id, arg_max(verdict, seen_on) AS verdict
    FROM ops.candidate_work
    CROSS JOIN ops.tonight
    WHERE seen_on < tonight.night
    GROUP BY candidate_id
),
spoken AS (  -- what is to go live is being built until then; a question claims nothing that could go, unless it once did
    SELECT
        decision.*,
        decision.status = 'live' AND coalesce(fact.is_question, false) AND begun.candidate_id IS NULL
            AND coalesce(was.verdict, 'question') = 'question' AS is_unheard,
        CASE
            WHEN is_unheard THEN 'proposed'
            WHEN decision.status = 'live' AND live_on > tonight.night THEN 'in_build'
            ELSE decision.status
        END AS meant
    FROM ops.decision
    LEFT JOIN fact ON fact.candidate_id = decision.candidate_id
    LEFT JOIN begun ON begun.candidate_id = decision.candidate_id
    LEFT JOIN was ON was.candidate_id = decision.candidate_id
    CROSS JOIN ops.tonight
),
compared AS (
    SELECT
        decision.*, fact.* EXCLUDE (candidate_id, is_small),
        coalesce(fact.is_small, false) AS is_small,
        fact.candidate_id IS NOT NULL OR work.candidate_id IS NOT NULL AS is_known,
        refusal.claimed_h_per_year AS refused_h_per_year,
        refusal.executions_per_year AS refused_executions,
        CASE
            WHEN decision.status <> 'rejected' THEN NULL
            WHEN refusal.is_question AND NOT fact.is_question THEN 'a second witness was found since'
            WHEN refusal.claimed_h_per_year > 0
                AND fact.claimed_h_per_year >= refusal.claimed_h_per_year * (1 + tonight.return_growth_min)
                THEN format('it claims {:,.0f} h a year now and claimed {:,.0f} h then',
                    fact.claimed_h_per_year::DOUBLE, refusal.claimed_h_per_year::DOUBLE)
            WHEN refusal.claimed_h_per_year = 0
                AND fact.executions_per_year >= refusal.executions_per_year * (1 + tonight.return_growth_min)
                THEN format('it is about {:,.0f} executions a year now and was about {:,.0f} then',
                    fact.executions_per_year::DOUBLE, refusal.executions_per_year::DOUBLE)
        END AS back_because
    FROM spoken AS decision
    LEFT JOIN (SELECT DISTINCT candidate_id FROM ops.candidate_work) AS work ON work.candidate_id = decision.candidate_id
    LEFT JOIN fact ON fact.candidate_id = decision.candidate_id
    LEFT JOIN ops.refusal AS refusal
        ON refusal.candidate_id = decision.candidate_id AND refusal.decided_on = decision.decided_on
    CROSS JOIN ops.tonight
)
SELECT
    candidate_id,
    status AS decided,
    CASE WHEN back_because IS NULL THEN meant ELSE 'proposed' END AS status,
    decided_on,
    is_unheard,
    is_known,
    is_question,
    executions_per_year,
    claimed_h_per_year,
    CASE WHEN status = 'rejected' AND NOT is_small THEN coalesce(refused_h_per_year, claimed_h_per_year) END AS refused_h_per_year,
    back_because
FROM compared
