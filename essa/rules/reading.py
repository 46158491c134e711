"""Rows of `mart.attribute_reading`: whether the texts of an attribute are numbers, days, times or nothing but texts.

And whether its name or its values say that it is of those who work, or of nobody.

How each is read is one piece of SQL, asked by the learner, by the count of every execution and by the evidence alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from essa import scratch
from essa.rules import whose

SURE_SHARE = "rule_number_share_min"
HALF = 0.5  # of its values: an attribute that reads as numbers so often was meant as one
TELLING = 0.01  # of its values: fewer may be slips
FREQUENT_MAX = 100  # values that are asked whose they are
TEXT = "text"
EITHER_WAY = "{} could be thousands or decimals; deliver it as plain numbers, such as 1234.5."
# Marks are told by name: of any letters a code such as INV 7 would be an amount.
CURRENCIES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KES|KRW|MXN|MYR|NGN|NOK|"
    "NZD|PEN|PHP|PKR|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|UAH|USD|VND|ZAR|Rs\\.?|kr\\.?|Kč|zł|Ft|lei|лв|\\p{Sc}|%"
)
GROUPED = r"[0-9]{1,3}(?:[GROUP \x27\x{2019}\x{a0}\x{202f}][0-9]{3})+"
AMOUNT = rf"^\s*(?:{CURRENCIES})?\s*([-+]?(?:{GROUPED}|[0-9]+)(?:DECIMAL[0-9]+)?)\s*(?:{CURRENCIES})?\s*$"
POINTED = AMOUNT.replace("GROUP", ",").replace("DECIMAL", "\\.")
COMMAED = AMOUNT.replace("GROUP", ".").replace("DECIMAL", ",")
MARK = rf"({CURRENCIES})"
ISO = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
DAY = rf"^\s*{ISO}\s*$"
TIME = rf"^\s*{ISO}(?:[ T][0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?)?(?:Z|\+00(?::?00)?)?\s*$"
# By how it is read, the SQL of what a text `x` says; NULL where it says nothing of the kind.
SQL = {
    "number": "CASE WHEN isfinite(TRY_CAST({x} AS DOUBLE)) THEN TRY_CAST({x} AS DOUBLE) END",
    "number 1,234.5": f"TRY_CAST(regexp_replace(regexp_extract({{x}}, '{POINTED}', 1), '[^0-9.+-]', '', 'g')"
    " AS DOUBLE)",
    "number 1.234,5": f"TRY_CAST(replace(regexp_replace(regexp_extract({{x}}, '{COMMAED}', 1), '[^0-9,+-]', '', 'g'),"
    " ',', '.') AS DOUBLE)",
    "day": f"CASE WHEN regexp_matches({{x}}, '{DAY}') THEN TRY_CAST({{x}} AS DATE) END",
    "day 31.12.2025": "try_strptime(trim({x}), '%d.%m.%Y')::DATE",
    "time": f"date_trunc('second', CASE WHEN regexp_matches({{x}}, '{TIME}') THEN TRY_CAST(replace({{x}}, 'Z', '')"
    " AS TIMESTAMP) END)",
}


def sql(read_as: str, text: str) -> str:
    """What the SQL `text` says, NULL where it says nothing of the kind; of texts the text."""
    held = SQL.get(read_as)
    return text if held is None else held.replace("{x}", text)


def unit(read_as: str) -> str:
    """number, day, time or text."""
    return read_as.split()[0]


def values(texts: Sequence[str], read_as: str) -> np.ndarray:
    """The same of each text; -inf where it says nothing."""
    with scratch.connection() as connection:
        connection.register("given", pa.table({"x": pa.array(texts, pa.string())}))
        found = connection.sql(f"SELECT {number(read_as, 'x')} AS y FROM given").to_arrow_table().column("y")
    held = found.to_numpy(zero_copy_only=False).astype(float)
    return np.where(np.isfinite(held), held, -np.inf)


def number(read_as: str, text: str) -> str:
    """The SQL of the same as a number: days and seconds are counted from 1970."""
    spans = {"day": "epoch({said}) / 86400", "time": "epoch({said})"}
    return spans.get(unit(read_as), "{said}").replace("{said}", sql(read_as, text))


def known_numbers(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Rows of `mart.known_number`."""
    read = " ".join(f"WHEN '{read_as}' THEN ({number(read_as, 'attribute_value')})::DOUBLE" for read_as in SQL)
    return connection.sql(
        f"""SELECT DISTINCT process::VARCHAR AS process, attribute, attribute_value, CASE read_as {read} END AS number
        FROM mart.case_attribute JOIN mart.attribute_reading USING (process, attribute)
        WHERE number IS NOT NULL ORDER BY ALL"""
    ).to_arrow_table()


def make(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Told by the sampled cases: an attribute is what nearly all of its values are."""
    sure = connection.execute(f"SELECT {SURE_SHARE} FROM ops.tonight").fetchall()[0][0]
    found = connection.execute(COUNTED)
    names = [column[0] for column in found.description]
    counted = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [
        {
            **{key: one[key] for key in ("process", "attribute", "filled_count", "value_count", "frequent_count")},
            "read_as": read_as,
            "doubt": doubt,
            "is_of": _is_of(one, read_as),
        }
        for one in counted
        for read_as, doubt in [_judge(one, sure)]
    ]


def _is_of(one: dict[str, Any], read_as: str) -> str | None:
    """Of days and times, nothing: nobody is called so."""
    if unit(read_as) in ("day", "time"):
        return whose.NOBODY
    return whose.of(one["attribute"], read_as == TEXT, one["frequent"] or (), one["roles"] or ())


def _judge(one: dict[str, Any], sure: float) -> tuple[str, str | None]:
    """How it is read, and in words why it is no number although most of it looks like one."""
    filled = one["filled_count"] - one["void_count"]
    most = sure * filled
    if not filled or one["zero_led_count"] > filled - most:
        return TEXT, None
    if one["number_count"] >= most:
        is_grouped = one["dotted_count"] == one["grouped_count"] >= TELLING * filled and not one["long_count"]
        return (TEXT, EITHER_WAY) if is_grouped else ("number", None)
    for read_as, counted in (("day", "day"), ("day 31.12.2025", "pointed_day"), ("time", "time")):
        if one[f"{counted}_count"] >= most:
            return read_as, None
    pointed, commaed = one["pointed_count"], one["commaed_count"]
    if max(pointed, commaed) >= most:
        if one["mark_count"] > 1:
            return TEXT, "{} holds amounts of several currencies; deliver the amount and its currency apart."
        for read_as, count, only in (
            ("number 1,234.5", pointed, one["pointed_only_count"]),
            ("number 1.234,5", commaed, one["commaed_only_count"]),
        ):
            if count >= most and (only >= TELLING * filled or not one["differing_count"]):
                return read_as, None
        return TEXT, EITHER_WAY
    share = max(one["number_count"], pointed, commaed) / filled
    if share >= HALF:
        return (
            TEXT,
            f"{100 * share:.0f} % of {{}} read as numbers, too few to compare it as one; deliver the rest alike.",
        )
    return TEXT, None


def _counted() -> str:
    said = {
        "number": sql("number", "value"),
        "pointed": sql("number 1,234.5", "value"),
        "commaed": sql("number 1.234,5", "value"),
        "day": sql("day", "value"),
        "pointed_day": sql("day 31.12.2025", "value"),
        "time": sql("time", "value"),
    }
    listed = ", ".join(f"{fragment} AS {name}" for name, fragment in said.items())
    tests = {
        "filled": "true",
        "void": "TRY_CAST(value AS DOUBLE) IS NOT NULL AND number IS NULL",
        **{name: f"{name} IS NOT NULL" for name in said},
        "zero_led": r"regexp_matches(value, '^\s*[-+]?0[0-9]') AND number IS NOT NULL",
        "dotted": "number IS NOT NULL AND contains(value, '.')",
        "grouped": r"regexp_matches(value, '^\s*[-+]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+\s*$')",
        "long": "regexp_matches(value, '^[^.]*[0-9]{4}')",
        "pointed_only": "pointed IS NOT NULL AND commaed IS NULL",
        "commaed_only": "commaed IS NOT NULL AND pointed IS NULL",
        "differing": "pointed <> commaed",
    }
    counted = ", ".join(f"coalesce(sum(n) FILTER ({test}), 0)::BIGINT AS {name}_count" for name, test in tests.items())
    return f"""WITH value AS (
        UNPIVOT (
            SELECT activity_instance.process AS essa_process, unnest(attributes) FROM core.activity_instance
            SEMI JOIN mart.sampled_case ON sampled_case.case_key = activity_instance.case_key
        ) ON COLUMNS(* EXCLUDE (essa_process)) INTO NAME attribute VALUE value
    ),
    kind AS (SELECT essa_process AS process, attribute, value, count(*) AS n FROM value GROUP BY ALL),
    said AS (SELECT *, {listed} FROM kind),
    role AS (
        SELECT worked.process, list(DISTINCT role ORDER BY role) AS roles
        FROM (SELECT DISTINCT process, feed FROM core.activity_instance) AS worked
        JOIN (SELECT feed, unnest(roles) AS role FROM core.feed) AS feed ON feed.feed = worked.feed::VARCHAR
        GROUP BY worked.process
    )
    SELECT process::VARCHAR AS process, attribute, {counted}, count(*) AS value_count,
        -- what comes less often no rule would name
        list(value ORDER BY n DESC, value) FILTER (n >= tonight.support_min)[:{FREQUENT_MAX}] AS frequent,
        count(*) FILTER (n >= tonight.support_min)::INTEGER AS frequent_count,
        any_value(roles) AS roles,
        count(DISTINCT regexp_extract(value, '{MARK}', 1)) FILTER (
            number IS NULL AND (pointed IS NOT NULL OR commaed IS NOT NULL) AND regexp_matches(value, '{MARK}')
        ) AS mark_count
    FROM said CROSS JOIN ops.tonight LEFT JOIN role USING (process)
    GROUP BY process, attribute ORDER BY process, attribute"""


COUNTED = _counted()
