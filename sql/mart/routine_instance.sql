-- mart.routine_instance: one execution that is a step of a run of a routine; each execution is of one run at most.
SELECT activity_instance_id, routine_id, process, case_id, run_no, step_no FROM mart.routine_execution
