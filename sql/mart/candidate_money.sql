-- mart.candidate_money: who would keep what one candidate saves in a year, by the contracts its hours are under.
WITH clause AS (  -- the kind of contract most of its hours are under
    SELECT candidate_id, contract_kind AS deciding_clause
    FROM (SELECT candidate_id, contract_kind, sum(saved_s) AS saved_s FROM mart.candidate_cost GROUP BY ALL)
    QUALIFY row_number() OVER (PARTITION BY candidate_id ORDER BY saved_s DESC, contract_kind) = 1
),
paid AS (
    SELECT *, contract_kind IN ('fte', 'per_transaction') AND cost IS NOT NULL AS is_paid FROM mart.candidate_cost
),
several AS (  -- paid in several, and one of them is what currencies.csv tells all in: what it does not know is left out
    SELECT paid.candidate_id, any_value(target.currency) AS told_in
    FROM paid
    CROSS JOIN (SELECT any_value(worth_in) AS currency FROM ops.currency) AS target
    WHERE paid.is_paid
    GROUP BY paid.candidate_id
    HAVING count(DISTINCT paid.currency) > 1 AND bool_or(paid.currency = target.currency)
),
counted AS (
    SELECT
        paid.*,
        paid.is_paid AND (several.told_in IS NULL OR paid.currency = several.told_in) AS is_counted
    FROM paid
    LEFT JOIN several ON several.candidate_id = paid.candidate_id
),
kept AS (  -- paid by the hour the client pays less; paid by the piece the provider works less; else nobody pays less yet
    SELECT
        candidate_id,
        sum(saved_s) AS saved_s,
        coalesce(sum(priced_s) FILTER (is_counted), 0) AS priced_s,
        coalesce(sum(saved_s) FILTER (contract_kind = 'outcome'), 0) AS outcome_s,
        sum(CASE WHEN contract_kind = 'fte' THEN CASE WHEN is_counted THEN cost WHEN is_paid THEN 0 END
            WHEN contract_kind <> 'none' THEN 0 END) AS client_cost,
        CASE WHEN NOT bool_or(contract_kind = 'per_transaction' AND cost IS NULL)
            THEN sum(CASE WHEN contract_kind = 'per_transaction' THEN if(is_counted, cost, 0) WHEN contract_kind <> 'none' THEN 0 END)
        END AS provider_cost,
        count(DISTINCT currency) FILTER (is_counted) AS currency_count,
        coalesce(min(currency) FILTER (is_counted), min(currency)) AS currency,
        string_agg(DISTINCT currency, ', ' ORDER BY currency) FILTER (is_paid) AS currencies,
        string_agg(DISTINCT currency, ', ' ORDER BY currency) FILTER (is_paid AND NOT is_counted) AS unknown_currencies
    FROM counted
    GROUP BY candidate_id
),
yearly AS (
    SELECT
        kept.*,
        year.log_to_year * year.realised_share AS realised_to_year,
        year.saving_h_per_year_low / nullif(year.saving_h_per_year, 0) AS low_ratio,
        year.saving_h_per_year_high / nullif(year.saving_h_per_year, 0) AS high_ratio,
        currency_count <= 1 AND currency IS NOT NULL AS is_summed,
        CASE WHEN is_summed THEN client_cost * realised_to_year END AS client,
        CASE WHEN is_summed THEN provider_cost * realised_to_year END AS provider
    FROM kept
    JOIN mart.candidate_year AS year ON year.candidate_id = kept.candidate_id
)
SELECT
    yearly.candidate_id,
    clause.deciding_clause,
    CASE WHEN coalesce(client, provider) IS NOT NULL THEN currency END AS currency,
    CASE WHEN is_summed AND (priced_s > 0 OR client IS NOT NULL AND provider IS NOT NULL) THEN coalesce(client, 0) + coalesce(provider, 0) END AS saving_per_year,
    client * low_ratio AS client_saving_per_year_low,
    client AS client_saving_per_year,
    client * high_ratio AS client_saving_per_year_high,
    provider * low_ratio AS provider_saving_per_year_low,
    provider AS provider_saving_per_year,
    provider * high_ratio AS provider_saving_per_year_high,
    CASE WHEN currency_count > 1 THEN 0 ELSE round(priced_s / saved_s, 6) END AS priced_share,
    CASE
        WHEN currency_count > 1 THEN format(
            'Its hours are paid in {}, which no table of currencies sets against each other, so no money is counted.', currencies
        )
        WHEN unknown_currencies IS NOT NULL
            THEN format('Money leaves out its hours paid in {}, which currencies.csv does not know.', unknown_currencies)
        WHEN outcome_s = saved_s
            THEN 'Under an outcome contract nobody pays less until the measure moves, so no money is counted.'
        WHEN priced_s + outcome_s = saved_s AND outcome_s > 0
            THEN 'Its hours under an outcome contract count as nothing: nobody pays less of them until the measure moves.'
        WHEN outcome_s > 0 THEN concat(
            CASE WHEN priced_s = 0 THEN 'None of its other hours has a cost per hour, so no money is counted'
                ELSE format('Money counts only its hours with a cost per hour, in {}', currency) END,
            '; hours under an outcome contract count as nothing.'
        )
        WHEN priced_s = 0 THEN 'No feed it comes from names a cost per hour, so no money is counted.'
        WHEN priced_s < saved_s THEN format('Money counts only its hours with a cost per hour, in {}.', currency)
    END AS says
FROM yearly
JOIN clause ON clause.candidate_id = yearly.candidate_id
