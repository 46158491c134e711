-- ops.live_week: one week of mart.live_week as tonight left it, for nights whose log no longer holds it.
SELECT * FROM mart.live_week
