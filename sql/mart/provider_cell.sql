-- mart.provider_cell: one provider's executions of one activity in cases of one stratum; small groups are left out.
-- ln(handling_s) is summed in whole millionths, so that the order of summing cannot change it.
SELECT
    instance.process,
    instance.activity,
    instance.provider,
    instance.case_key % process_span.sample_divisor = 0 AS is_sampled,
    case_stratum.stratum_key,
    count(*) AS event_count,
    sum(instance.handling_s) AS handling_s,
    sum(round(1e6 * ln(instance.handling_s))::BIGINT) AS log_sum,
    sum(round(1e6 * ln(instance.handling_s))::HUGEINT * round(1e6 * ln(instance.handling_s))::HUGEINT) AS square_sum
FROM core.activity_instance AS instance
JOIN mart.group_size AS size
    ON size.process = instance.process AND size.activity = instance.activity AND size.provider = instance.provider
    AND NOT size.is_small
JOIN mart.process_span ON process_span.process = instance.process
LEFT JOIN mart.activity_mix ON activity_mix.process = instance.process AND activity_mix.activity = instance.activity
LEFT JOIN mart.case_stratum
    ON case_stratum.case_key = instance.case_key AND case_stratum.mix = activity_mix.mix
WHERE
    instance.handling_method IN ('measured', 'shared')
    AND instance.handling_s > 0
    AND NOT instance.is_robot
    AND instance.resource IS NOT NULL
GROUP BY ALL
