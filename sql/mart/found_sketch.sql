-- mart.found_sketch: which executions one opportunity is about, told by the smallest of their ids and of their places.
-- Both are hashes, so that the smallest are a sample, and of two opportunities the same sample. An id changes with whatever
-- the row says, a place with the rows before it in the case.
WITH held AS (
    SELECT candidate_no, count(*) AS execution_count, min(activity_instance_id, sketch_size) AS sketch,
        min(place_key, sketch_size) AS place_sketch, count(DISTINCT resource) AS people_count
    FROM mart.finding_execution
    CROSS JOIN ops.tonight
    GROUP BY candidate_no, sketch_size
)
SELECT
    found.candidate_no,
    found.named_id,
    found.process::VARCHAR AS process,
    found.lever,
    found.pattern,
    found.provider::VARCHAR AS provider,
    list_sort(found.activities) AS activities,
    held.execution_count,
    held.sketch,
    held.place_sketch,
    held.people_count
FROM mart.found
JOIN held ON held.candidate_no = found.candidate_no
