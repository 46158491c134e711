"""`HOME/currencies.csv`: money of several currencies is added up by it alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from essa import currencies
from essa.errors import UsageError

DAY = date(2026, 11, 21)


def written(home, *lines):
    (home / "currencies.csv").write_text(
        "\n".join(["currency,worth_in,rate,known_on", *lines]) + "\n", encoding="utf-8"
    )
    return home


def test_without_the_file_nothing_is_converted(tmp_path):
    assert currencies.read(tmp_path, DAY) == []


def test_the_currency_that_all_are_told_in_is_worth_one_of_itself(tmp_path):
    found = currencies.read(written(tmp_path, "USD,EUR,0.92,2026-11-01", "INR,EUR,0.0105,"), DAY)
    assert [(row["currency"], row["worth_in"], row["rate"]) for row in found] == [
        ("EUR", "EUR", Decimal(1)),
        ("INR", "EUR", Decimal("0.0105")),
        ("USD", "EUR", Decimal("0.92")),
    ]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["usd,EUR,0.92,"], "three capital letters"),
        (["USD,EUR,0,"], "a number above 0"),
        (["USD,EUR,nan,"], "rate is a number"),
        (["USD,EUR,dear,"], "rate is a number"),
        (["USD,EUR,1.2,", "USD,EUR,1.3,"], "USD has a line already"),
        (["USD,EUR,1.2,", "INR,USD,0.01,"], "the same currency on every line"),
        (["EUR,EUR,2,"], "a number above 0"),
        (["USD,EUR"], "rate is a number"),
        (["USD,EUR,999999999,"], "a number above 0 and below"),
        (["USD,EUR,0.00000000001,"], "a number above 0 and below"),
        (["USD,EUR,1.2,2099-01-01"], "known_on is 2099-01-01"),
        (["USD,EUR,1.2,yesterday"], "line 2"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path, lines, said):
    with pytest.raises(UsageError, match=said):
        currencies.read(written(tmp_path, *lines), DAY)


def test_a_night_tells_money_in_one_currency_by_the_table(tmp_path, night_of):
    place = tmp_path / "landing"
    place.mkdir()
    (tmp_path / "home").mkdir()
    written(tmp_path / "home", "USD,EUR,0.5,")
    feeds = {}
    for number, (name, currency) in enumerate((("a", "EUR"), ("b", "USD"))):
        lines = ["case,step,start,end,who"]
        for case in range(60):
            at = f"2026-0{1 + case // 28}-{1 + case % 28:02}"
            for hour, step in ((8, "Submit"), (10, "Reject"), (12, "Submit"))[: 3 if case < 30 else 1]:
                lines.append(f"{name}{case},{step},{at} {hour:02}:00,{at} {hour:02}:30,w{number}{case % 5}")
        (place / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        feeds[name] = {
            "provider": name,
            "process": "p",
            "files": f"{name}.csv",
            "timezone": "UTC",
            "columns": {
                "case_id": "case",
                "activity": "step",
                "started_at": "start",
                "ended_at": "end",
                "resource": "who",
            },
            "contract": {"kind": "fte", "cost_per_hour": 10, "currency": currency},
        }
    with night_of(place, feeds, until="mart") as tonight:
        found = tonight.rows(
            "SELECT currency, client_saving_per_year / saving_h_per_year AS an_hour FROM mart.candidate"
            " WHERE pattern = 'rework'"
        )
    assert [(row["currency"], float(row["an_hour"])) for row in found] == [("EUR", pytest.approx(7.5, rel=1e-4))]
