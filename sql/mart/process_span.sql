-- mart.process_span: the stretch of time one process's log covers, and where earlier cases end and later ones begin.
-- A few cases at each end are left out of the stretch, and their days made up for, up to what there is from first to
-- last: one mistyped year must not thin out every yearly figure.
WITH ordered AS (
    SELECT
        process,
        count(*) AS case_count,
        list(started_at ORDER BY started_at) AS started,
        list(ended_at ORDER BY ended_at) AS ended,
        quantile_disc(started_at, .7) AS split_at,
        quantile_disc(started_at, .6) AS confirm_from_at,
        quantile_disc(started_at, .8) AS test_from_at
    FROM core.trace
    GROUP BY process
),
trimmed AS (
    SELECT *, floor(tonight.span_edge_share * case_count)::BIGINT AS edge_count
    FROM ordered
    CROSS JOIN ops.tonight
)
SELECT
    process,
    started[1 + edge_count] AS started_at,
    ended[case_count - edge_count] AS ended_at,
    greatest(
        least(
            ceil(
                (date_diff('day', started[1 + edge_count], ended[case_count - edge_count]) + 1)
                    * case_count / (case_count - 2 * edge_count)
            ),
            date_diff('day', started[1], ended[case_count]) + 1
        ),
        span_days_min
    ) AS span_days,
    split_at,
    confirm_from_at,
    test_from_at,
    case_count,
    ceil(case_count / sample_cases) AS sample_divisor
FROM trimmed
