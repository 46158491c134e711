"""Eight public logs in one night: every line accounted for, and the counts those who published them give."""

from __future__ import annotations

from pathlib import Path

import pytest

from essa import night as nights
from essa import publication

pytestmark = pytest.mark.real_data

STARTED = {
    "case_id": "case_id",
    "activity": "activity",
    "started_at": "start_time",
    "ended_at": "end_time",
    "resource": "resource",
}
ENDED = {"case_id": "case_id", "activity": "activity", "ended_at": "timestamp", "resource": "resource"}
BATCHED = {**STARTED, "activity": "Activity", "resource": "Resource"}
STATES = {"case_id": "patient", "activity": "handling", "occurred_at": "time", "lifecycle": "registration_type",
          "resource": "employee", "instance_id": "handling_id"}  # fmt: skip

# The feed, then its rows, cases and activities as the README of the data sets has them; None where it is silent.
# Two logs hold lines whose case is empty in the file: the only lines refused.
CASELESS = {"sepsis": 24, "billing": 1}
LOGS = {
    "credentials": ("academic_credentials.csv.gz", STARTED, "America/Bogota", [], (4_928, 954, 16)),
    "loan_desk": ("bpic2012_w.csv.gz", STARTED, "Europe/Amsterdam", [], (59_302, 8_616, 6)),
    "loans_batched": ("loan_application_batched.csv.gz", BATCHED, None, [], (70_162, 7_000, 17)),
    "purchasing": ("procure_to_pay.csv.gz", STARTED, None, [], (13_290, 1_000, 24)),
    "patients": ("patients.parquet", STATES, "Europe/Brussels", [], (5_442, None, None)),
    "sepsis": ("sepsis.parquet", ENDED, "Europe/Amsterdam", ["age", "diagnose"], (15_214, None, None)),
    "billing": ("hospital_billing.parquet", ENDED, "Europe/Amsterdam", ["speciality", "state"], (49_951, None, None)),
    "fines": ("traffic_fines.parquet", ENDED, "Europe/Rome", ["amount", "vehicleclass", "article"],
              (34_724, None, None)),
}  # fmt: skip


def feeds(datasets: Path) -> dict[str, dict]:
    written = {}
    for name, (file, columns, zone, attributes, _) in LOGS.items():
        path = datasets / "event_logs" / file
        written[name] = {
            "provider": name,
            "process": name,
            "files": str(path),
            "columns": columns,
            "attributes": attributes,
        }
        written[name] |= {"timezone": zone} if zone else {}
    return written


def test_eight_public_logs_come_through_one_night(datasets, folder, night_of, unshown_figures):
    with night_of(folder, feeds(datasets), until="mart") as warehouse:
        balance = {row["feed"]: row for row in warehouse.rows("SELECT * FROM ops.feed")}
        counts = {
            row["feed"]: row
            for row in warehouse.rows(
                """SELECT feed, count(*) AS event_count, count(DISTINCT case_id) AS case_count,
                    (SELECT count(*) FROM core.activity_label AS label WHERE label.process = event.feed) AS label_count
                FROM core.event GROUP BY feed"""
            )
        }
        refusals = warehouse.rows("SELECT feed, rule, count(*) AS count FROM raw.rejected_event GROUP BY ALL")
        candidate_count = warehouse.value("SELECT count(*) FROM mart.candidate")
        broken_saving = warehouse.value(
            """SELECT count(*) FROM (
                SELECT activity_instance_id, sum(saved_s) AS saved_s FROM mart.saving GROUP BY activity_instance_id
            ) JOIN core.activity_instance AS instance USING (activity_instance_id)
            WHERE saved_s > instance.handling_s OR instance.is_robot"""
        )
        titles = {row["title"] for row in warehouse.rows("SELECT title FROM mart.candidate WHERE rank IS NOT NULL")}
        nights.describe_run(warehouse, None)
        publication.publish(warehouse)
        home = warehouse.home
    count, broken = publication.verify(home)
    assert (count, broken) == (candidate_count, [])
    with publication.open_published(home) as connection:
        for reason, sql in connection.execute("SELECT reason, evidence_sql FROM mart.candidate").fetchall():
            found = connection.execute(sql)
            answer = dict(zip([column[0] for column in found.description], found.fetchall()[0], strict=True))
            assert unshown_figures(reason, answer) == [], (reason, answer)
    # the step that sends it back is nobody's in that log, and must not hide what it causes
    assert '"Check application form completeness" is done again after "loan application returned"' in titles
    for name, (*_, (row_count, case_count, label_count)) in LOGS.items():
        told = balance[name]
        assert told["status"] == "loaded", told["reason"]
        assert told["received_count"] == row_count
        assert told["received_count"] == told["accepted_count"] + told["rejected_count"] + told["duplicate_count"]
        assert told["accepted_count"] == counts[name]["event_count"]
        assert (told["rejected_count"], told["duplicate_count"]) == (CASELESS.get(name, 0), 0)
        assert case_count in (None, counts[name]["case_count"])
        assert label_count in (None, counts[name]["label_count"])
    assert {(row["feed"], row["rule"]): row["count"] for row in refusals} == {
        (name, "has a case"): count for name, count in CASELESS.items()
    }
    assert candidate_count > 0
    assert broken_saving == 0
