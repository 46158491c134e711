"""Logs of screens: what is typed stays outside, runs become cases, and every table after takes them as any other."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from essa.errors import UsageError
from essa.routines import labels

ORDER = [
    ("Mail", "Inbox", "Order", "open"),
    ("Shop", "Basket", "Article", "paste"),
    ("Shop", "Basket", "Amount", "paste"),
    ("Shop", "Basket", "OK", "click"),
]
CLAIM = [
    ("Scan", "Tray", "Letter", "open"),
    ("Claims", "New", "Policy", "type"),
    ("Claims", "New", "Cause", "choose"),
    ("Claims", "New", "Photo", "attach"),
    ("Claims", "New", "Save", "click"),
]
DESKTOP = {
    "provider": "Alpha", "process": "Desk", "kind": "desktop", "files": "screens.csv", "timezone": "UTC",
    "columns": {"user": "Who", "occurred_at": "When", "application": "App", "window": "Window", "element": "Field",
                "action": "Did", "value": "Typed"},
}  # fmt: skip


def write_screens(folder):
    draw = np.random.default_rng(7)
    with (folder / "screens.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Who", "When", "App", "Window", "Field", "Did", "Typed"])
        for number in range(120):
            second = 0
            for app, window, field, did in (ORDER, CLAIM)[int(draw.integers(2))]:
                second += int(draw.integers(2, 20))
                minute = number % 4 * 10 + second // 60
                at = f"2026-03-{number // 20 + 2:02} {9 + number % 20 // 4:02}:{minute:02}:{second % 60:02}"
                rows.writerow([f"Anna Example{number % 3}", at, app, window, field, did, f"secret {number}"])


def test_runs_of_a_log_of_screens_are_cases_and_what_was_typed_is_nowhere(folder, night_of):
    write_screens(folder)
    with night_of(folder, {"screens": DESKTOP}) as tonight:
        runs = tonight.rows("""SELECT process::VARCHAR AS process, list(activity::VARCHAR ORDER BY position) AS steps
            FROM core.activity_instance GROUP BY process, case_id""")
        spelt = {tuple(" | ".join(one).lower() for one in steps) for steps in (ORDER, CLAIM)}
        assert len(runs) == 120
        assert {tuple(step.lower() for step in run["steps"]) for run in runs} <= {
            tuple(sorted({it for it in one}, key=one.index)) for one in spelt
        } | {tuple(f"{app} | {field} | {did}".lower() for app, _, field, did in steps) for steps in (ORDER, CLAIM)}
        assert len({run["process"] for run in runs}) == 2
        files = [path.read_bytes() for path in tonight.home.rglob("*") if path.is_file()]
        assert not any(b"secret" in held or b"Anna" in held for held in files)


def test_another_order_of_the_same_lines_gives_the_same_cases(folder, night_of, tmp_path_factory):
    write_screens(folder)
    other = tmp_path_factory.mktemp("other") / "landing"
    other.mkdir()
    head, *lines = (folder / "screens.csv").read_text(encoding="utf-8").splitlines()
    (other / "screens.csv").write_text("\n".join([head, *sorted(lines, reverse=True)]) + "\n", encoding="utf-8")
    found = []
    for place in (folder, other):
        with night_of(place, {"screens": DESKTOP}) as tonight:
            found.append(
                tonight.rows("""SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, count(*) AS n,
                count(DISTINCT case_id) AS case_count FROM core.activity_instance GROUP BY ALL ORDER BY ALL""")
            )
    assert found[0] == found[1]


def test_a_desktop_feed_without_a_user_is_refused(folder, write_feeds):
    from essa import feeds

    columns = {name: theirs for name, theirs in DESKTOP["columns"].items() if name != "user"}
    with pytest.raises(UsageError, match="user"):
        feeds.read(write_feeds(folder, {"screens": {**DESKTOP, "columns": columns}}))


def test_a_column_of_values_is_in_no_label():
    kinds = [
        ("App", f"item {chr(97 + n // 26)}{chr(97 + n % 26)}", "ok" if n % 2 else "go", "click") for n in range(60)
    ]
    events = np.tile(np.arange(60, dtype=np.int32), 2)
    found = labels.found(kinds, events, np.array([0, 120]))
    assert set(found.labels) == {"app | go | click", "app | ok | click"}


def test_what_changes_from_time_to_time_is_tidied_away():
    assert labels.tidy("https://Shop.example/order/17?id=4") == "shop.example/order/#"
    assert labels.tidy("Cell $B$12 of Sheet3") == "cell b of sheet#"
