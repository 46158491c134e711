"""A text is one number, day or time, whoever reads it: the learner, the count of every execution, the log's tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa.rules import reading
from essa.rules.sample import Input
from essa.rules.seen import Asked, seen_sql

ODD = (
    "NaN", "nan", "-nan", " inf", "Infinity", "-inf", "1e400", "1_000", "1__0", "0x10", "5.", ".5", "+5", " 7 ", "--5",
    "1e5", "1d", "0b1", "\uff11\uff12", "007", "1,234.50", "1.234,50", "1,234", "EUR 12", "12 EUR", "€1,5", "12 %",
    "12'345.67", "INV 7", "2025-05-31", "2025-5-1", "2025-02-30", "31.12.2025", "2025-05-31 10:11",
    "2025-05-31T10:11:12Z", "12-3-4", "epoch", "infinity", "9999-12-31 23:59:59.9",
)  # fmt: skip
SPELLED = st.one_of(
    st.sampled_from(ODD),
    st.floats().map(str),
    st.integers().map(str),
    st.text("0123456789+-_eE.,' €nafi", min_size=1, max_size=9),
)
SQL = Path(__file__).parents[1] / "sql" / "mart"
READINGS = (*reading.SQL,)


def judged(*texts: str) -> tuple[str, str | None]:
    """How an attribute of these values is read, and the doubt."""
    with log(texts) as connection:
        connection.execute("CREATE TABLE ops.tonight AS SELECT 0.99 AS rule_number_share_min, 30 AS support_min")
        connection.execute("CREATE TABLE core.feed (feed VARCHAR, roles VARCHAR[])")
        connection.execute("CREATE TABLE mart.sampled_case AS SELECT case_key FROM core.activity_instance")
        found = reading.make(connection)
    return (found[0]["read_as"], found[0]["doubt"]) if found else ("text", None)


def log(texts: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """Every text on a case of its own."""
    connection = duckdb.connect(config={"threads": 1})
    count = len(texts)
    nothing = pa.array([None] * count, pa.string())
    made = pa.table({
        "process": ["p"] * count, "feed": ["f"] * count,
        "case_key": pa.array(range(count), pa.uint64()), "case_id": map(str, range(count)),
        "activity": ["A"] * count, "system": ["s"] * count, "position": [1] * count, "outcome": ["ok"] * count,
        "started_at": [datetime(2026, 1, 1)] * count, "ended_at": [datetime(2026, 1, 1)] * count,
        "next_activity": nothing, "previous_activity": nothing, "attributes": [{"Value": text} for text in texts],
    })  # fmt: skip
    connection.register("made", made)
    for schema in ("core", "mart", "ops"):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute("CREATE TABLE core.activity_instance AS FROM made")
    return connection


@settings(max_examples=25)
@given(st.lists(SPELLED, min_size=1, max_size=30).map(tuple), st.sampled_from(READINGS))
def test_the_learner_and_the_log_read_the_same(texts, read_as):
    spans = {"day": "epoch(Value) / 86400", "time": "epoch(Value)"}
    asked = [Asked("A", datetime(2027, 1, 1), ())]
    seen = seen_sql("p", "outcome", (datetime(2026, 6, 1),) * 2, [Input("Value", read_as, True)], asked, "case_key")
    with log(texts) as connection:
        said = spans.get(reading.unit(read_as), "Value")
        rows = connection.execute(f"SELECT coalesce({said}, '-inf'::DOUBLE) FROM ({seen})").fetchall()
    assert sorted(row[0] for row in rows) == sorted(reading.values(texts, read_as).tolist())


@settings(max_examples=25)
@given(st.lists(SPELLED, min_size=1, max_size=30).map(tuple))
def test_the_tables_of_a_log_count_the_same_numbers(texts):
    finite = np.isfinite(reading.values(texts, "number")).sum()
    with log(texts) as connection:
        connection.execute("CREATE TABLE mart.sampled_case AS SELECT case_key FROM core.activity_instance")
        recorded = (SQL / "recorded_value.sql").read_text()
        assert connection.execute(f"SELECT count(number) FROM ({recorded})").fetchall() == [(finite,)]


@pytest.mark.parametrize(
    ("texts", "read_as"),
    [
        (("1.5", "2", "NaN", "inf"), "number"),
        (("0010", "0020", "1030"), "text"),
        (("0.5", "0", "-0.25"), "number"),
        (("1,234.50", "99.00", "12,345,678.90"), "number 1,234.5"),
        (("1.234,50", "99,00", "EUR 7,10"), "number 1.234,5"),
        (("EUR 1234", "12 EUR", "7"), "number 1,234.5"),
        (("Rs. 500.25", "₹ 1", "7"), "text"),
        (("1 234,50", "7,5"), "number 1.234,5"),
        (("INV 7", "INV 8"), "text"),
        (("C00", "C01"), "text"),
        (("2025-05-31", "2025-06-01"), "day"),
        (("31.12.2025", "01.02.2025"), "day 31.12.2025"),
        (("2025-05-31 10:11", "2025-05-31T10:11:12Z"), "time"),
        (("12-3-4", "12-3-5"), "text"),
    ],
)
def test_an_attribute_is_what_all_its_values_are(texts, read_as):
    assert judged(*texts)[0] == read_as


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("1,234", "2,345", "999"), "thousands or decimals"),
        (("1.234", "2.345", "999"), "thousands or decimals"),
        (("EUR 1.50", "USD 2.50"), "several currencies"),
        (("1", "2", "3", "ten"), "75 % of"),
    ],
)
def test_what_nearly_reads_as_numbers_is_text_and_says_why(texts, words):
    read_as, doubt = judged(*texts)
    assert read_as == "text" and words in doubt
