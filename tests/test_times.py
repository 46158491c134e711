"""Times are read as they stand or refused with what to write; a guess is never made."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import privacy
from essa.errors import FeedError
from essa.feeds import Feed
from essa.reading import times

FEED = {
    "provider": "P",
    "process": "X",
    "files": "a.csv",
    "columns": {"case_id": "Ref", "activity": "Step", "ended_at": "End"},
}


def feed(**more: object) -> Feed:
    return Feed(**{**FEED, **more})


def read(text: str | None, zone: str | None = None, samples: tuple[str, ...] | None = None, form: str | None = None):
    """One text as a UTC time, read as a column of such texts would be."""
    given_samples = samples if samples is not None else (text,)
    reading = times.understand("End", "VARCHAR", given_samples, feed(timezone=zone, datetime_format=form))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(
            f"SELECT {reading.sql.format(x='t.x')} FROM (SELECT ?::VARCHAR AS x) AS t", [text]
        ).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-01-05 09:00:00", "UTC", "2026-01-05 09:00:00"),
        ("2026-01-05T09:00", "Asia/Kolkata", "2026-01-05 03:30:00"),
        ("2026-01-05", "Asia/Kolkata", "2026-01-04 18:30:00"),
        ("2026-01-05T09:00:00Z", "Asia/Kolkata", "2026-01-05 09:00:00"),
        ("2026-01-05T09:00:00z", None, "2026-01-05 09:00:00"),
        ("2026-01-05T09:00Z", None, "2026-01-05 09:00:00"),
        ("2026-01-05T09:00:00+05:30", None, "2026-01-05 03:30:00"),
        ("2026-01-05T09:00:00 +0530", None, "2026-01-05 03:30:00"),
        ("2026-01-05 09:00-05", "Asia/Kolkata", "2026-01-05 14:00:00"),
        ("2026-01-05 09:00:00.250", "UTC", "2026-01-05 09:00:00.250"),
        ("2026-01-05 09:00:00,250", "UTC", "2026-01-05 09:00:00.250"),
        ("2026-01-05T09:00:00.123456789+02:00", None, "2026-01-05 07:00:00.123456"),
        ("0001-01-02 00:00:00", "UTC", "0001-01-02 00:00:00"),
        ("9999-12-31 23:59:59", "UTC", "9999-12-31 23:59:59"),
        ("2026-07-05 09:00:00", "Europe/Berlin", "2026-07-05 07:00:00"),
        ("2026-01-05 09:00:00", "Europe/Berlin", "2026-01-05 08:00:00"),
    ],
)  # fmt: skip
def test_iso_times_are_read_with_their_offset_or_the_feeds_zone(text, zone, utc):
    assert read(text, zone) == datetime.fromisoformat(utc)


@settings(max_examples=30)
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
    st.sampled_from(
        [timedelta(), timedelta(hours=5, minutes=30), timedelta(hours=-8), timedelta(hours=13, minutes=45)]
    ),
)
def test_an_iso_time_with_an_offset_is_that_instant(instant, offset):
    text = instant.replace(tzinfo=timezone(offset)).isoformat()
    assert read(text, "Asia/Kolkata") == instant - offset


def test_a_time_that_a_clock_change_skips_is_read_with_the_offset_before_it():
    assert read("2026-03-29 02:30:00", "Europe/Berlin") == datetime(2026, 3, 29, 1, 30)
    assert read("29.03.2026 02:30", "Europe/Berlin", form="%d.%m.%Y %H:%M") == datetime(2026, 3, 29, 1, 30)


def test_a_time_that_comes_twice_is_the_second():
    assert read("2026-10-25 02:30:00", "Europe/Berlin") == datetime(2026, 10, 25, 1, 30)
    assert read("25.10.2026 02:30", "Europe/Berlin", form="%d.%m.%Y %H:%M") == datetime(2026, 10, 25, 1, 30)
    assert read("2026-10-25T02:30:00+02:00", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30)


SOUND = ("2026-01-05 09:00:00",) * 3


@pytest.mark.parametrize(
    "text",
    ["", "soon", "now", "today", "12", "2026-13-01", "2026-02-30 09:00:00", "2026-01-05 25:00:00", "05/01/2026 09:00",
     "2026-01-05 09:00:00 Mars/Phobos", "2026-01-05 09:00 PM later", "20260105", "1767603600", "2026-01-05 09:00:00 -"],
)  # fmt: skip
def test_what_is_no_time_is_not_read(text):
    assert read(text, "Asia/Kolkata", samples=SOUND) is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-05 09:00:00 UTC", datetime(2026, 1, 5, 9)),
        ("2026-01-05 09:00:00 Europe/Berlin", datetime(2026, 1, 5, 8)),
        ("2026-1-5 9:00-05", datetime(2026, 1, 5, 14)),
    ],
)
def test_a_zone_that_stands_beside_a_time_is_never_passed_over(text, utc):
    assert read(text, "Asia/Kolkata", samples=SOUND) in (utc, None)


@pytest.mark.parametrize("text", ["\t2026-01-05 09:00:00", "2026-01-05 09:00:00\t", "2026-01-05\r\n"])
def test_blanks_of_any_kind_around_a_local_time_leave_it_local(text):
    expected = datetime(2026, 1, 5, 3, 30) if ":" in text else datetime(2026, 1, 4, 18, 30)
    assert read(text, "Asia/Kolkata") == expected
    assert read("\t2026-01-05T09:00:00+02:00 ", "Asia/Kolkata") == datetime(2026, 1, 5, 7)


@pytest.mark.parametrize(
    "text", ["2026/01/05 09:00:00", "2026/01/05", "2026\\01\\05 09:00", "2026-01-05t09:00:00", "\t2026/01/05"]
)
def test_a_time_written_otherwise_than_its_column_is_not_taken_for_utc(text):
    assert read(text, "Asia/Kolkata", samples=SOUND) is None


# Short names of zones, of which several zones bear the same

WITH_NAME = "%d/%m/%Y %H:%M %Z"


@pytest.mark.parametrize(
    ("name", "zone", "utc_hour"),
    [
        ("BST", "Europe/London", 8),
        ("GMT", "Europe/London", 9),
        ("IST", "Europe/Dublin", 8),
        ("IST", "Asia/Kolkata", 3.5),
        ("IST", "Asia/Jerusalem", 7),
        ("CST", "America/Chicago", 15),
        ("CDT", "America/Chicago", 14),
        ("CST", "Asia/Shanghai", 1),
        ("CEST", "Europe/Berlin", 7),
        ("UTC", "Asia/Kolkata", 9),
        ("UTC", None, 9),
        ("Z", None, 9),
        ("Asia/Kolkata", None, 3.5),
        ("Etc/GMT+2", None, 11),
    ],
)
def test_a_short_name_of_a_zone_is_the_one_of_the_feeds_own(name, zone, utc_hour):
    assert read(f"01/06/2026 09:00 {name}", zone, form=WITH_NAME) == datetime(2026, 6, 1) + timedelta(hours=utc_hour)


@pytest.mark.parametrize(("name", "zone"), [("BST", None), ("BST", "America/Chicago"), ("EST", None), ("MSK", None)])
def test_a_short_name_of_another_zone_is_refused_with_what_to_write(name, zone):
    with pytest.raises(FeedError, match="does not fit") as refused:
        read(f"01/06/2026 09:00 {name}", zone, form=WITH_NAME)
    assert "`timezone:`" in refused.value.details["do"]
    assert read(f"01/06/2026 09:00 {name}", zone, samples=("01/06/2026 09:00 UTC",), form=WITH_NAME) is None
    assert read(f"2026-06-01 09:00:00 {name}", "Asia/Kolkata", samples=SOUND) is None


def test_an_offset_missing_on_later_lines_is_not_guessed():
    assert read("2026-01-05 09:00:00", None, samples=("2026-01-05 09:00:00Z",)) is None


@pytest.mark.parametrize("kind", ["TIMESTAMP", "DATE", "TIMESTAMP_NS", "VARCHAR"])
def test_a_missing_zone_is_refused_with_what_to_write(kind):
    with pytest.raises(FeedError, match="no time zone for column `End`") as refused:
        times.understand("End", kind, SOUND, feed())
    assert "timezone: Asia/Kolkata" in refused.value.details["do"]


def test_a_format_with_its_own_zone_needs_no_other():
    assert read("05/01/2026 09:00 +0530", form="%d/%m/%Y %H:%M %z") == datetime(2026, 1, 5, 3, 30)


def test_a_plain_z_in_a_format_is_refused_with_what_to_write():
    with pytest.raises(FeedError, match="plain Z") as refused:
        read("05/01/2026 09:00Z", "Asia/Kolkata", form="%d/%m/%Y %H:%MZ")
    form = re.search(r'"([^"]+)"', refused.value.details["do"])[1]
    assert read("05/01/2026 09:00Z", "Asia/Kolkata", form=form) == datetime(2026, 1, 5, 9)


# Where day and month can be swapped

FORMS = ["{d}/{m}/{Y} {H}:{M}", "{d}.{m}.{Y}", "{d}-{m}-{y} {H}:{M}:{S}", "{d}/{m}/{Y} {h}:{M}:{S} {p}",
         "{d}/{m}/{Y} {h}:{M}{p}", "{d}/{m}/{Y}T{H}:{M}:{S}.250", "{d1}/{m1}/{Y} {H1}:{M}", "{d}/{m}/{Y} - {H}:{M}",
         "{d}/{m}/{Y}, {h1}:{M}:{S} {p}", "{d}/{m}/{Y} {H}:{M}:{S} +0530", "{d}/{m}/{Y} {H}:{M}:{S}Z"]  # fmt: skip


def shown(form: str, at: datetime) -> str:
    hour = at.hour % 12 or 12
    return form.format(d=f"{at.day:02}", m=f"{at.month:02}", Y=at.year, y=f"{at.year % 100:02}", H=f"{at.hour:02}",
                       M=f"{at.minute:02}", S=f"{at.second:02}", h=f"{hour:02}", p="PM" if at.hour > 11 else "AM",
                       d1=at.day, m1=at.month, H1=at.hour, h1=hour)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_swappable_days_are_refused_and_the_advice_works_as_it_stands(form):
    instants = [datetime(2026, 4, 3, 14, 5, 9), datetime(2026, 12, 11, 0, 30)]
    samples = tuple(shown(form, at) for at in instants)
    with pytest.raises(FeedError, match="can be swapped") as refused:
        times.understand("End", "VARCHAR", samples, feed(timezone="UTC"))
    day_first, month_first = re.findall(r'`datetime_format: "([^"]+)"`', refused.value.details["do"])
    assert month_first == day_first.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m")
    for text, at in zip(samples, instants, strict=True):
        found = read(text, "UTC", samples, day_first)
        expected = at if "{S}" in form else at.replace(second=0)
        expected = expected if "{M}" in form else expected.replace(hour=0, minute=0)
        expected += timedelta(microseconds=250_000) if ".250" in form else timedelta()
        expected -= timedelta(hours=5, minutes=30) if "+0530" in form else timedelta()
        assert found == expected
        assert read(text, "UTC", samples, month_first).month == at.day


def test_a_day_past_the_twelfth_does_not_make_the_rest_certain():
    with pytest.raises(FeedError, match="can be swapped"):
        times.understand("End", "VARCHAR", ("05/01/2026 09:00", "25/01/2026 09:00"), feed(timezone="UTC"))


@pytest.mark.parametrize("samples", [("1767603600",), ("5 Jan 2026",), ("20260105 090000",), ("2026/01/05 09:00",)])
def test_other_times_are_refused_with_an_example(samples):
    with pytest.raises(FeedError, match="not ISO 8601") as refused:
        times.understand("End", "VARCHAR", samples, feed(timezone="UTC"))
    assert "datetime_format" in refused.value.details["do"]


AT_NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
COUNTS = [("unix seconds", 1), ("unix milliseconds", 1_000), ("unix microseconds", 1_000_000)]


@pytest.mark.parametrize(("unit", "per_second"), COUNTS)
def test_a_count_since_1970_is_read_where_the_feed_says_of_what(unit, per_second):
    seconds = int(AT_NINE.timestamp())
    count, nine = str(seconds * per_second), AT_NINE.replace(tzinfo=None)
    assert read(count, None, form=unit) == read(f" {count} ", "Asia/Kolkata", form=unit) == nine
    assert read(f"{count}.25", None, form=unit) == nine + timedelta(microseconds=250_000 // per_second)
    assert read("soon", None, (count,), unit) is None
    others = [count, *(str(seconds * other) for _, other in COUNTS if other != per_second)]
    for text, fitting in zip(others, (unit, *(name for name, _ in COUNTS if name != unit)), strict=True):
        with pytest.raises(FeedError) as refused:
            read(text, "UTC", form="%d/%m/%Y" if text == count else unit)
        assert refused.value.details["do"] == f"write `datetime_format: {fitting}`"
    with pytest.raises(FeedError, match="not ISO 8601") as refused:
        read(count, "UTC")
    assert f"write `datetime_format: {unit}` if" in refused.value.details["do"]


@pytest.mark.parametrize(("unit", "per_second"), COUNTS)
def test_a_count_since_1970_is_shown_as_it_stands_and_no_other_number_is(unit, per_second):
    count = f"{int(AT_NINE.timestamp()) * per_second}"
    assert times.shown(f" {count} ", feed(datetime_format=unit)) == count
    assert times.shown(f"{count}.0", feed(datetime_format=unit)) == f"{count}.0"
    assert times.shown("4539148803436467", feed(datetime_format="unix seconds")) == "[card]"
    assert times.shown("1767603600", feed(timezone="UTC")) == "[phone]"


@pytest.mark.parametrize("text", ["20260105", "202601050900", "20260105090000", "12345678", "1000"])
def test_other_digits_are_not_taken_for_a_count(text):
    with pytest.raises(FeedError) as refused:
        read(text, "UTC")
    assert "unix" not in refused.value.details["do"]


def test_a_format_that_does_not_fit_is_refused_without_showing_a_name():
    with pytest.raises(FeedError, match="does not fit column `End`") as refused:
        times.understand("End", "VARCHAR", ("Ann Quill",), feed(timezone="UTC", datetime_format="%d/%m/%Y"))
    assert "Quill" not in str(refused.value) and "aaa" in str(refused.value)
    with pytest.raises(FeedError) as refused:
        times.understand("End", "VARCHAR", ("Ann Quill",), feed(timezone="UTC"))
    assert "Quill" not in str(refused.value)


@pytest.mark.parametrize("form", ["%d/%m/%Y %Q", "%d/%m/%Y '%H", "{x} %d/%m/%Y", "%d/%m/%Y {"])
def test_a_strange_format_is_a_trouble_of_the_feed_alone(form):
    with pytest.raises(FeedError):
        read("05/01/2026", "UTC", form=form)


def test_a_shape_shows_digits_and_hides_letters():
    shapes = {
        "12 Jän 2026 x@y.de": "12 aaa 2026 [e-mail]", "Ann Quill": "aaa aaaaa", "2026-01-05": "2026-01-05",
        "2026-01-05T9:61:00Z": "2026-01-05T9:61:00Z", "Tim T3T4 Z": "aaa a3T4 a", "TZ": "aa",
        "0171 2345678é": "[phone]a",
    }  # fmt: skip
    for text, shape in shapes.items():
        assert privacy.time_shape(text) == shape
    assert privacy.time_shape("12 Jän 2026") == "12 aaa 2026"
    assert privacy.time_shape("Bo 4111 1111 1111 1111 b@c.de") == "aa [card] [e-mail]"
    assert privacy.time_shape("2026-02-30T11:23:52Z") == "2026-02-30T11:23:52Z"


def test_a_format_for_times_that_are_iso_is_better_left_out():
    with pytest.raises(FeedError) as refused:
        read("2026-02-01T11:23:52", "UTC", form="%d/%m/%Y")
    assert "2026-02-01T11:23:52" in str(refused.value) and "leave `datetime_format` out" in str(refused.value)


# Typed columns, through the whole reading

AT = datetime(2026, 1, 5, 9)


def ended(warehouse, name: str):
    return [
        row["ended_at"]
        for row in warehouse.rows(f"SELECT ended_at FROM raw.event WHERE feed = '{name}' ORDER BY source_line")
    ]


def write_parquet(folder: Path, name: str, values: pa.Array) -> dict:
    count = len(values)
    pq.write_table(pa.table({"Ref": ["c"] * count, "Step": ["A"] * count, "End": values}), folder / f"{name}.parquet")
    return {**FEED, "files": f"{name}.parquet", "timezone": "Asia/Kolkata"}


def test_typed_times_are_read_as_stored(folder, night_of):
    local, utc = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 3, 30)
    columns = {
        "seconds": (pa.array([local], pa.timestamp("s")), utc),
        "millis": (pa.array([local], pa.timestamp("ms")), utc),
        "nanos": (pa.array([local], pa.timestamp("ns")), utc),
        "instant": (pa.array([local], pa.timestamp("us", tz="UTC")), local),
        "instant_elsewhere": (pa.array([local], pa.timestamp("us", tz="America/New_York")), local),
        "day": (pa.array([date(2026, 1, 5)]), datetime(2026, 1, 4, 18, 30)),
        "number": (pa.array([20260105]), datetime(2026, 1, 4, 18, 30)),
        "counted": (pa.array([1_767_603_600_000]), local),
        "counted_with_fraction": (pa.array([1_767_603_600.0]), local),
    }
    feeds = {name: write_parquet(folder, name, values) for name, (values, _) in columns.items()}
    feeds["number"]["datetime_format"] = "%Y%m%d"
    feeds["counted"]["datetime_format"] = "unix milliseconds"
    feeds["counted_with_fraction"]["datetime_format"] = "unix seconds"
    with night_of(folder, feeds, until="pulled") as warehouse:
        found = {name: ended(warehouse, name) for name in feeds}
    assert found == {name: [expected] for name, (_, expected) in columns.items()}


def test_one_endless_or_far_away_time_stops_nothing(folder, night_of):
    far = [2**63 - 1, -(2**63) + 2, 2**63 - 2, 253_402_300_800_000_000, -62_135_596_800_000_001]
    sound = int(datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp() * 1_000_000)
    micros = pa.array([*far, sound], pa.int64())
    feeds = {
        "local": write_parquet(folder, "local", micros.cast(pa.timestamp("us"))),
        "instant": write_parquet(folder, "instant", micros.cast(pa.timestamp("us", tz="UTC"))),
    }
    texts = ["infinity", "-infinity", "epoch", "294247-01-10 04:00:54", "290309-12-22 (BC) 00:00:00",
             "0001-01-01 00:00:00",
             "9999-12-31 23:59:59", "2026-01-05 09:00:00", "2026-01-05 10:00:00", "2026-01-05 11:00:00"]  # fmt: skip
    (folder / "a.csv").write_text(
        "Ref,Step,Start,End,Due\n" + "".join(f"c,A,{a},{b},{c}\n" for a in texts for b in texts for c in texts[::3])
    )
    columns = {**FEED["columns"], "started_at": "Start", "due_at": "Due"}
    feeds["text"] = {**FEED, "files": "a.csv", "columns": columns, "timezone": "Asia/Kolkata", "process": "Y"}
    with night_of(folder, feeds, rejected_share_max=1) as warehouse:
        troubles = warehouse.rows("SELECT feed, trouble FROM ops.feed WHERE trouble IS NOT NULL")
        assert troubles == []
        assert warehouse.value("SELECT count(*) FROM core.event WHERE feed = 'text' AND year(ended_at) <> 2026") == 0
        assert warehouse.value("SELECT count(*) FROM core.event WHERE NOT isfinite(due_at)") == 0
        assert warehouse.value("SELECT count(*) FROM core.event WHERE feed IN ('local', 'instant')") == 2
