-- Questions analysts ask of published/essa.duckdb, each with the answer of the sample (`make run`) below it.
-- Open the file read-only; docs/opening.md says how from Python, the DuckDB command line, DBeaver and Excel.
-- A test runs every one of them on the sample and compares; `make cookbook` writes the answers anew.

-- 1. What comes first, and what would it save in a year?
SELECT rank, lever, process, title, saving_h_per_year, rank_low, rank_high
FROM mart.candidate
WHERE rank IS NOT NULL
ORDER BY rank;
-- rank | lever     | process             | title                                          | saving_h_per_year | rank_low | rank_high
-- 1    | automate  | Purchase requests   | A run of steps that recurs: "Create purchase … | 1648.077          | 1        | 2
-- 2    | simplify  | Customer complaints | Cases go to and fro between "Investigate comp… | 1185.010          | 1        | 3
-- 3    | automate  | Payroll changes     | "Re-enter change in SAP" types in "Amount" ag… | 725.293           | 2        | 4
-- 4    | eliminate | Purchase requests   | "Verify account coding" hardly ever says no    | 562.691           | 3        | 5
-- 5    | automate  | Purchase requests   | Amount decides what follows "Choose approval … | 367.248           | 4        | 6
-- and 9 more

-- 2. How many hours a year does each lever save, by process?
SELECT process, lever, count(*) AS candidate_count, sum(saving_h_per_year) AS saving_h_per_year
FROM mart.candidate
WHERE rank IS NOT NULL
GROUP BY ALL
ORDER BY process, saving_h_per_year DESC;
-- process             | lever     | candidate_count | saving_h_per_year
-- Customer complaints | simplify  | 2               | 1203.052
-- Customer complaints | eliminate | 1               | 51.518
-- Payroll changes     | automate  | 1               | 725.293
-- Payroll changes     | eliminate | 1               | 50.108
-- Payroll changes     | simplify  | 1               | 0.000
-- and 6 more

-- 3. Whose executions would those hours come from?
SELECT instance.provider, saving.lever, round(sum(saving.saved_s) / 3600, 1) AS saved_h
FROM mart.saving AS saving
JOIN core.activity_instance AS instance USING (activity_instance_id)
GROUP BY ALL
ORDER BY instance.provider, saved_h DESC;
-- provider      | lever     | saved_h
-- Alpha BPO     | automate  | 948
-- Alpha BPO     | simplify  | 458.6
-- Alpha BPO     | eliminate | 360.2
-- Beta Services | automate  | 875.8
-- Beta Services | eliminate | 210.4
-- and 5 more

-- 4. Who keeps what it is worth in money, and how much of it is priced at all?
SELECT deciding_clause, currency, sum(client_saving_per_year) AS client_saving_per_year,
    sum(provider_saving_per_year) AS provider_saving_per_year,
    round(sum(saving_h_per_year * priced_share), 1) AS priced_h_per_year,
    round(sum(saving_h_per_year), 1) AS saving_h_per_year
FROM mart.candidate
WHERE rank IS NOT NULL
GROUP BY deciding_clause, currency
ORDER BY deciding_clause NULLS LAST, currency NULLS LAST;
-- deciding_clause | currency | client_saving_per_year | provider_saving_per_year | priced_h_per_year | saving_h_per_year
-- fte             | USD      | 25296.02               | 0.00                     | 1806.9            | 3062.9
-- outcome         | USD      | 7816.42                | 0.00                     | 558.3             | 1311.6
-- per_transaction | EUR      | 0.00                   |                          | 0                 | 835.0
--                 |          |                        |                          |                   | 0.0

-- 5. What changed since the last publication?
SELECT change, count(*) AS candidate_count, count(rank) AS ranked_count
FROM mart.candidate_change
GROUP BY change
ORDER BY change;
-- change | candidate_count | ranked_count
-- new    | 54              | 14

-- 6. What should I ask the people who do the work?
SELECT process, title, handling_h_per_year
FROM mart.candidate
WHERE is_question AND folded_into IS NULL
ORDER BY handling_h_per_year DESC, candidate_id;
-- process              | title                                          | handling_h_per_year
-- Supplier master data | A run of steps that recurs: "Receive supplier… | 4525.507
-- Payroll changes      | A run of steps that recurs: "Enter change in … | 4226.123
-- Customer complaints  | Are "Investigate complaint" and 1 more typed … | 3550.254
-- Customer complaints  | A run of steps that recurs: "Register complai… | 3310.584
-- Purchase requests    | Are "Create purchase order" and 2 more typed … | 3144.429
-- and 12 more

-- 7. What is left of all hours after each lever, by process?
PIVOT (SELECT process::VARCHAR AS process, step, round(hours, 1) AS hours FROM mart.waterfall)
ON step IN ('all', 'eliminate', 'simplify', 'standardize', 'automate', 'left')
USING sum(hours)
ORDER BY process;
-- process              | all    | eliminate | simplify | standardize | automate | left
-- Customer complaints  | 3270.2 | 100.7     | 988.1    | 0.0         | 0.0      | 2181.3
-- Payroll changes      | 3882.8 | 35.3      | 0.0      | 0.0         | 510.6    | 3336.9
-- Purchase requests    | 3546.3 | 482.5     | 0.0      | 0.0         | 1418.8   | 1645.0
-- Supplier master data | 3227.6 | 13.1      | 48.9     | 107.0       | 205.6    | 2853.0

-- 8. Is any second counted twice? No row may come back with more than was worked.
SELECT count(*) AS execution_count, max(saved_s / handling_s) AS most_share
FROM (SELECT activity_instance_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY ALL)
JOIN core.activity_instance USING (activity_instance_id);
-- execution_count | most_share
-- 10966           | 1

-- 9. Show me ten executions behind the first candidate.
SELECT instance.case_id, instance.activity, instance.started_at, instance.handling_s, saving.saved_s
FROM mart.saving AS saving
JOIN mart.candidate AS candidate USING (candidate_id)
JOIN core.activity_instance AS instance USING (activity_instance_id)
WHERE candidate.rank = 1
ORDER BY saving.saved_s DESC, instance.activity_instance_id
LIMIT 10;
-- case_id   | activity              | started_at          | handling_s | saved_s
-- PR-100445 | Create purchase order | 2026-09-18 04:25:07 | 12469      | 12446.369
-- PR-100791 | Create purchase order | 2026-11-13 06:19:48 | 8259       | 8244.010
-- PR-100842 | Create purchase order | 2026-09-02 11:37:02 | 8129       | 8114.246
-- PR-100291 | Create purchase order | 2026-06-18 05:45:18 | 7514       | 7500.362
-- PR-100604 | Create purchase order | 2026-08-07 05:47:28 | 7449       | 7435.480
-- and 5 more

-- 10. Which steps cost most?
SELECT process, activity, sum(event_count) AS event_count, sum(handling_h) AS handling_h
FROM mart.activity_profile
GROUP BY ALL
ORDER BY handling_h DESC, activity;
-- process              | activity                 | event_count | handling_h
-- Customer complaints  | Investigate complaint    | 1823        | 1455.535
-- Supplier master data | Check supplier documents | 915         | 1000.432
-- Purchase requests    | Create purchase order    | 1100        | 725.308
-- Purchase requests    | Check completeness       | 1386        | 677.171
-- Payroll changes      | Check contract terms     | 1080        | 578.700
-- and 50 more

-- 11. Which steps are repeated most within a case?
SELECT process, activity, round(sum(event_count * rework_share)) AS repeat_count, sum(event_count) AS event_count
FROM mart.activity_profile
GROUP BY ALL
HAVING repeat_count > 0
ORDER BY repeat_count DESC, activity;
-- process              | activity               | repeat_count | event_count
-- Customer complaints  | Investigate complaint  | 1058         | 1823
-- Customer complaints  | Remind customer        | 227          | 465
-- Purchase requests    | Check completeness     | 189          | 1386
-- Purchase requests    | Return to requester    | 25           | 193
-- Supplier master data | Create supplier record | 22           | 927

-- 12. Which steps send work back, and to where?
SELECT process, activity, corrected_activity, execution_count, inside_share
FROM mart.corrector
WHERE is_borne_out
ORDER BY execution_count DESC, process, activity, corrected_activity;
-- process           | activity               | corrected_activity     | execution_count | inside_share
-- Purchase requests | Return to requester    | Check completeness     | 193             | 0.979275
-- Payroll changes   | Correct payroll change | Approve payroll change | 117             | 1

-- 13. Which rules decide a step, and how sure are they on cases they had not seen?
SELECT process, activity, condition, predicts, support_count, held_out_accuracy, baseline_accuracy
FROM mart.rule
ORDER BY process, activity, predicts;
-- process              | activity              | condition                                | predicts               | support_count | held_out_accuracy | baseline_accuracy
-- Purchase requests    | Choose approval route | Amount > 10000                           | Approve as director    | 341           | 0.989059          | 0.715536
-- Purchase requests    | Choose approval route | Amount <= 10000                          | Approve as manager     | 835           | 0.989059          | 0.715536
-- Supplier master data | Set payment terms     | Terms IN ('30 days', '60 days')          | Create supplier record | 604           | 0.982857          | 0.651429
-- Supplier master data | Set payment terms     | Terms IN ('Cash on delivery', 'Prepaid') | Request bank guarantee | 290           | 0.982857          | 0.651429

-- 14. Where does one provider take surely longer than the best, at an equal mix of cases?
-- What is surely longer, but not surely by a tenth, is nobody's project and not claimed.
SELECT process, activity, provider, best_provider, round(ratio, 2) AS ratio, round(ratio_lower, 2) AS ratio_lower,
    is_claimed, round(excess_h, 1) AS excess_h
FROM mart.provider_comparison
WHERE ratio_lower > 1
ORDER BY excess_h DESC, ratio_lower DESC, process, activity, provider;
-- process              | activity                 | provider              | best_provider         | ratio | ratio_lower | is_claimed | excess_h
-- Supplier master data | Check supplier documents | Gamma Shared Services | Alpha BPO             | 1.53  | 1.44        | True       | 107.0
-- Payroll changes      | Archive documents        | Beta Services         | Gamma Shared Services | 1.11  | 1.04        | False      | 0.0
-- Purchase requests    | Record delivery date     | Beta Services         | Alpha BPO             | 1.08  | 1.01        | False      | 0.0
-- Purchase requests    | Check completeness       | Beta Services         | Alpha BPO             | 1.04  | 1           | False      | 0.0

-- 15. How much of a process goes the usual way, and how many ways are there?
SELECT process, count(*) AS variant_count, round(max(case_share), 3) AS commonest_share,
    count(*) FILTER (case_count = 1) AS once_count
FROM core.variant
GROUP BY process
ORDER BY process;
-- process              | variant_count | commonest_share | once_count
-- Customer complaints  | 94            | 0.112           | 29
-- Payroll changes      | 205           | 0.286           | 115
-- Purchase requests    | 33            | 0.281           | 11
-- Supplier master data | 17            | 0.322           | 2

-- 16. What is the usual way through a process?
SELECT process, case_count, array_to_string(activities, ' > ') AS way
FROM core.variant
QUALIFY row_number() OVER (PARTITION BY process ORDER BY case_count DESC, variant_id) = 1
ORDER BY process;
-- process              | case_count | way
-- Customer complaints  | 89         | Register complaint > Forward to department > …
-- Payroll changes      | 309        | Receive change form > Check tax code > Check …
-- Purchase requests    | 337        | Receive purchase request > Check completeness…
-- Supplier master data | 296        | Receive supplier request > Check supplier doc…

-- 17. How long do cases take from first to last step, in days?
SELECT process, count(*) AS case_count,
    quantile_disc(date_diff('hour', started_at, ended_at), .5) / 24 AS median_days,
    quantile_disc(date_diff('hour', started_at, ended_at), .9) / 24 AS slow_days
FROM core.trace
WHERE NOT is_open
GROUP BY process
ORDER BY process;
-- process              | case_count | median_days | slow_days
-- Customer complaints  | 754        | 5.95833     | 20.9167
-- Payroll changes      | 1051       | 3.875       | 8.08333
-- Purchase requests    | 1180       | 2.25        | 5.70833
-- Supplier master data | 911        | 1.875       | 4

-- 18. Of the working time a case is under way, how much is it worked on?
SELECT process, round(sum(handling_s) / 3600) AS handling_h, round(sum(waiting_s) / 3600) AS waiting_h,
    round(sum(handling_s) / (sum(handling_s) + sum(waiting_s)), 3) AS worked_share
FROM core.activity_instance
GROUP BY process
ORDER BY process;
-- process              | handling_h | waiting_h | worked_share
-- Customer complaints  | 3270       | 42229     | 0.072
-- Payroll changes      | 3883       | 27149     | 0.125
-- Purchase requests    | 3546       | 18226     | 0.163
-- Supplier master data | 3230       | 9730      | 0.249

-- 19. Before which steps does work wait longest, in all?
SELECT process, activity, round(sum(waiting_s) / 3600) AS waiting_h, quantile_disc(waiting_s, .5) AS median_waiting_s
FROM core.activity_instance
WHERE waiting_s IS NOT NULL
GROUP BY ALL
ORDER BY waiting_h DESC, activity;
-- process             | activity              | waiting_h | median_waiting_s
-- Customer complaints | Remind customer       | 21046     | 162000
-- Payroll changes     | Post to payroll run   | 13830     | 13473
-- Customer complaints | Forward to department | 12940     | 49022
-- Purchase requests   | Record delivery date  | 5325      | 31502
-- Purchase requests   | Check completeness    | 4211      | 5135
-- and 45 more

-- 20. Which hand-overs are commonest, and how long does work wait there?
SELECT process, activity, next_activity, event_count, median_waiting_s
FROM core.directly_follows
ORDER BY event_count DESC, activity, next_activity;
-- process           | activity                 | next_activity         | event_count | median_waiting_s
-- Purchase requests | Receive purchase request | Check completeness    | 1197        | 4535
-- Purchase requests | Check completeness       | Choose approval route | 1190        | 4390
-- Purchase requests | Attach documents         | Send purchase order   | 1102        | 22
-- Purchase requests | Create purchase order    | Attach documents      | 1100        | 22
-- Purchase requests | Verify account coding    | Create purchase order | 1100        | 4757
-- and 94 more

-- 21. How much work comes each month?
SELECT date_trunc('month', ended_at)::DATE AS month_on, process, count(*) AS event_count,
    round(sum(handling_s) / 3600) AS handling_h
FROM core.activity_instance
WHERE ended_at IS NOT NULL
GROUP BY ALL
ORDER BY month_on, process;
-- month_on   | process              | event_count | handling_h
-- 2026-05-01 | Customer complaints  | 136         | 53
-- 2026-05-01 | Payroll changes      | 364         | 135
-- 2026-05-01 | Purchase requests    | 437         | 142
-- 2026-05-01 | Supplier master data | 228         | 97
-- 2026-06-01 | Customer complaints  | 1182        | 536
-- and 23 more

-- 22. At which hours of the day (UTC) is work finished?
SELECT hour(ended_at) AS hour_of_day, count(*) AS event_count
FROM core.activity_instance
WHERE ended_at IS NOT NULL
GROUP BY ALL
ORDER BY event_count DESC, hour_of_day;
-- hour_of_day | event_count
-- 9           | 4547
-- 8           | 4525
-- 7           | 4362
-- 6           | 3738
-- 11          | 3117
-- and 9 more

-- 23. Which systems does a step need?
SELECT process, activity, list(DISTINCT system::VARCHAR ORDER BY system::VARCHAR) AS systems
FROM core.activity_instance
WHERE system IS NOT NULL
GROUP BY ALL
ORDER BY len(systems) DESC, process, activity;
-- process             | activity                | systems
-- Customer complaints | Ask customer for papers | ['Outlook']
-- Customer complaints | Close complaint         | ['Salesforce']
-- Customer complaints | Consult specialist      | ['Outlook']
-- Customer complaints | Decide compensation     | ['Salesforce']
-- Customer complaints | Explain decision        | ['Outlook']
-- and 50 more

-- 24. How much is done by software already?
SELECT process, round(sum(event_count * robot_share)) AS robot_count, sum(event_count) AS event_count
FROM mart.activity_profile
GROUP BY process
ORDER BY process;
-- process              | robot_count | event_count
-- Customer complaints  | 0           | 7407
-- Payroll changes      | 0           | 10970
-- Purchase requests    | 0           | 11279
-- Supplier master data | 385         | 7292

-- 25. How are handling times known?
SELECT feed, handling_method, count(*) AS event_count, round(sum(handling_s) / 3600) AS handling_h
FROM core.activity_instance
GROUP BY ALL
ORDER BY feed, event_count DESC;
-- feed        | handling_method | event_count | handling_h
-- alpha_tasks | measured        | 13188       | 4861
-- beta_tasks  | measured        | 11991       | 4282
-- gamma_tasks | measured        | 11769       | 4787

-- 26. Which spellings were taken for one step, and why?
SELECT process, label, activity, rule, round(score, 2) AS score, event_count
FROM core.activity_label
WHERE rule NOT IN ('own', 'same letters')
ORDER BY event_count DESC, process, label;
-- process             | label                                | activity                | rule         | score | event_count
-- Purchase requests   | CPO - Create purchase order          | Create purchase order   | own initials | 0.88  | 8
-- Customer complaints | Regiter complaint                    | Register complaint      | edit         | 0.9   | 6
-- Payroll changes     | ECIW - Enter change in Workday       | Enter change in Workday | own initials | 0.88  | 6
-- Payroll changes     | Ener change in Workday               | Enter change in Workday | edit         | 0.9   | 5
-- Payroll changes     | Enter change in Workday - REQ-118424 | Enter change in Workday | pollution    | 1     | 5
-- and 390 more

-- 27. Does every line that came in have its place?
SELECT feed, status, received_count, accepted_count, rejected_count, duplicate_count,
    received_count - accepted_count - rejected_count - duplicate_count AS lost_count
FROM ops.feed
WHERE night = (SELECT max(night) FROM ops.run)
ORDER BY feed;
-- feed        | status | received_count | accepted_count | rejected_count | duplicate_count | lost_count
-- alpha_tasks | loaded | 13299          | 13188          | 12             | 99              | 0
-- beta_tasks  | loaded | 11991          | 11991          | 0              | 0               | 0
-- gamma_tasks | loaded | 11769          | 11769          | 0              | 0               | 0

-- 28. Why were lines refused?
SELECT feed, rule, count(*) AS line_count, min(source_file) AS source_file
FROM raw.rejected_event
GROUP BY ALL
ORDER BY line_count DESC, feed, rule;
-- feed        | rule                 | line_count | source_file
-- alpha_tasks | ends after it starts | 3          | landing/alpha/tasks_2026-07-24.csv
-- alpha_tasks | has a case           | 3          | landing/alpha/tasks_2026-07-24.csv
-- alpha_tasks | is not in the future | 3          | landing/alpha/tasks_2026-07-24.csv
-- alpha_tasks | times are readable   | 3          | landing/alpha/tasks_2026-07-24.csv

-- 29. What can this log not answer, and what should be delivered?
SELECT criterion, count(*) AS process_count, min(missing) AS missing
FROM mart.sufficiency
WHERE NOT is_assessable
GROUP BY criterion
ORDER BY process_count DESC, criterion;
-- criterion | process_count | missing
-- due_at    | 4             | due_at: when each step was promised. Without …
-- outcome   | 2             | outcome: how each checking step ended. Withou…

-- 30. Which promises were checked, and did they hold?
SELECT "table", count(*) AS rule_count, count(*) FILTER (NOT is_met) AS broken_count
FROM ops.expectation
WHERE night = (SELECT max(night) FROM ops.run)
GROUP BY ALL
HAVING rule_count > 20 OR broken_count > 0
ORDER BY broken_count DESC, "table";
-- table                 | rule_count | broken_count
-- raw.event             | 17         | 4
-- mart.activity_measure | 25         | 0
-- mart.activity_profile | 24         | 0
-- mart.candidate        | 51         | 0
-- mart.decision         | 21         | 0
-- and 7 more

-- 31. Which stated guesses do the savings rest on?
SELECT key AS setting, value
FROM ops.run, json_each(settings)
WHERE night = (SELECT max(night) FROM ops.run) AND (key LIKE 'realised%' OR key LIKE 'build%')
ORDER BY setting;
-- setting            | value
-- build_cost_h       | 120.0
-- build_rule_share   | 0.02
-- build_step_share   | 0.25
-- build_system_share | 0.25
-- build_years        | 3.0
-- and 7 more
