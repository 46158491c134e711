"""What tonight's files mean for each feed: new, changed, unchanged or vanished deliveries, and feeds not believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from essa import belief, calendars, contract, delivery, known_names, looks, meeting, people, privacy, retention
from essa.errors import ColumnsMissing, FeedError, together
from essa.feeds import Feed
from essa.fetching import arrivals
from essa.pulled import Pulled
from essa.reading.opened import told_apart
from essa.warehouse import Warehouse

T = TypeVar("T")


def pull(feed: Feed, base: Path, warehouse: Warehouse) -> Pulled:
    """Reads the deliveries of a feed that were not read before; FeedError where one cannot be."""
    try:
        return _pull(feed, base, warehouse)
    finally:
        arrivals.forget(feed, warehouse)


def _pull(feed: Feed, base: Path, warehouse: Warehouse) -> Pulled:
    met = warehouse.met.pop(feed.name, None) or meeting.meet(feed, base, warehouse)  # tried again, it looks again
    with warehouse.meeting:
        tonight = people.called(people.those_of(warehouse.names, feed.robots, feed.roles), warehouse.secret)
        remembered = known_names.recognised(warehouse.folder, warehouse.secret, met.words)
        known_names.remember(warehouse.folder, warehouse.secret, tonight)
    those = people.people_called([*tonight, *(one for one in remembered if not one.is_one_of(feed.robots, feed.roles))])
    ids = warehouse.settings.ids_looked_for()

    def blanked(text: str) -> str:
        return ids.removed(those.blanked(text))

    workers = people.workers(met.names, feed.robots, warehouse.secret)

    def keep(one: delivery.Delivery, connection: duckdb.DuckDBPyConnection) -> tuple[delivery.Delivery, int]:
        with warehouse.reader() as door:
            look = looks.Look(those, ids, warehouse.settings.longest_text_length, door)
            return one.shown_as(blanked), delivery.keep(one, feed, look, workers, connection)

    kept = meeting.of_each(met.deliveries, keep, warehouse)
    if troubles := [one for one in kept if isinstance(one, FeedError)]:
        what = f"{feed.name}: {len(troubles)} of its {len(met.deliveries)} files cannot be read"
        if len(troubles) < len(met.deliveries):
            troubles = [one.that_others_have() if isinstance(one, ColumnsMissing) else one for one in troubles]
        raise together(what, troubles).told(blanked)
    return Pulled(feed.name, tuple(one for one in kept if not isinstance(one, FeedError)))


def describe_feeds(feeds: Sequence[Feed], warehouse: Warehouse) -> None:
    """Fills `core.feed`."""
    warehouse.fill("core.feed", [_feed_row(feed, warehouse.night.year) for feed in feeds])


def _feed_row(feed: Feed, last_year: int) -> dict[str, Any]:
    wanted = feed.wanted_columns()
    called = told_apart(wanted, wanted)  # as the log has them
    row = {
        "feed": feed.name,
        "provider": feed.provider,
        "country": feed.country,
        "timezone": feed.timezone or "UTC",
        "identity_rule": "event_id" if feed.event_id else feed.identical_rows,
        "known_at_start": [called[name] for name in feed.known_at_start],
        "roles": list(feed.roles),
        "is_desktop": feed.kind == "desktop",
        "recorded_names": list(feed.attributes),
        "keep_days": feed.keep,
    }
    if feed.contract:
        row |= {
            "contract_kind": feed.contract.kind,
            "cost_per_hour": feed.contract.cost_per_hour,
            "price_each": feed.contract.price_each,
            "currency": feed.contract.currency,
        }
    if feed.calendar:
        first, end = feed.calendar.quarters()
        row |= {
            "calendar_weekdays": sorted(day + 1 for day in feed.calendar.weekdays()),
            "calendar_first_quarter": first,
            "calendar_end_quarter": end,
            "calendar_holidays": calendars.holidays(feed.calendar.holidays, last_year),
        }
    return row


def settle(
    pulled: Sequence[Pulled], warehouse: Warehouse, judge: Callable[[str], None] = lambda table: None
) -> list[str]:
    """Decides which deliveries count, refuses bad lines, measures each feed; the names of the feeds not believed.

    A feed not believed stands as the last published night left it; `judge` sees `raw.event` before that, with the
    lines of every feed.
    """
    now_called = {found.called: found.source_file for one in pulled for found, _ in one.files if found.called}
    remembered = [
        {**row, "source_file": now_called.get(row["source_file"], row["source_file"])}
        for row in warehouse.rows("SELECT * FROM raw.delivery ORDER BY delivery_no")
    ]
    pulled, remembered = retention.expire(warehouse, pulled, remembered)
    pulled = [_reconciled(one, remembered) for one in pulled]
    troubles = {one.feed: one.trouble for one in pulled if one.trouble is not None}
    warehouse.fill("raw.pull_trouble", [{"feed": feed, "trouble": _told(str(it))} for feed, it in troubles.items()])
    _refusing_rules(warehouse)
    counting = {one.feed: _deliveries(one, remembered, warehouse) for one in pulled}
    removed = [{**row, "status": "removed"} for row in remembered if row["feed"] not in counting]
    _count(counting, removed, warehouse)
    judge("raw.event")
    warehouse.build("raw.rejected_event")
    warehouse.build("raw.delivered_quarter")
    warehouse.build("raw.expected_day")
    warehouse.add_tonight("ops.feed")
    in_one_line = {feed: _told(trouble.in_one_line()) for feed, trouble in troubles.items()}
    standing = {feed: len(_past(feed, remembered)) for feed in counting}
    belief.remark(warehouse)
    blocked = belief.block(warehouse, in_one_line, standing)
    if any(counting[feed] and not _is_past(feed, counting, remembered) for feed in blocked):
        for feed in blocked:
            counting[feed] = _past(feed, remembered)
        if not any(counting.values()):
            raise belief.nothing_left(warehouse)
        _count(counting, removed, warehouse)
    return blocked


def _told(report: str) -> str:
    """A report as it may be kept; a file's name need not be text, and may be somebody's address."""
    return privacy.redact(report.encode("utf-8", "backslashreplace").decode())


def _reconciled(one: Pulled, remembered: Sequence[dict[str, Any]]) -> Pulled:
    """A feed as pulled, in trouble where files that are gone hold rows that nothing can tell from tonight's.

    Such a file can be neither counted, since what it held may stand in another file and would count twice, nor left
    out, since then what only it held would be lost.
    """
    if one.trouble is not None or not one.files:
        return one
    reading = one.files[0][0].reading
    strange = [
        row["source_file"]
        for row in _gone(one, remembered)
        if not delivery.is_comparable(row["reading"], reading)
    ]  # fmt: skip
    if not strange:
        return one
    count = "a file that is" if len(strange) == 1 else f"{len(strange)} files that are"
    trouble = FeedError(
        f"{one.feed}: {count} gone from its folder cannot be compared with tonight's: {', '.join(strange[:3])}",
        because="another key, `event_id:`, `encoding:` or format told the lines apart when it was read,"
        " so that work in both files would count twice",
        do="put what is gone back to be read anew, or undo that change;"
        " to go on without it, give the feed another name",
    )
    return Pulled(one.feed, trouble=trouble)


def _gone(one: Pulled, remembered: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Deliveries that are in their folder no more; one whose very bytes were read anew tonight is not missed."""
    names = {found.source_file for found, _ in one.files}
    contents = {found.content_hash: found.reading for found, _ in one.files}
    return [
        row
        for row in remembered
        if row["feed"] == one.feed
        and row["source_file"] not in names
        and contents.get(row["content_hash"], row["reading"]) == row["reading"]
    ]


def _deliveries(one: Pulled, remembered: Sequence[dict[str, Any]], warehouse: Warehouse) -> list[dict[str, Any]]:
    past = {row["source_file"]: row for row in remembered if row["feed"] == one.feed}
    if one.trouble is not None:
        return _past(one.feed, remembered)
    rows = []
    for found, line_count in one.files:
        before = past.get(found.source_file)
        is_same = before is not None and before["content_hash"] == found.content_hash
        is_removed = before is not None and before["status"] == "removed"
        is_unchanged = is_same and before["reading"] == found.reading and not is_removed
        rows.append({
            "feed": one.feed,
            "source_file": found.source_file,
            "content_hash": found.content_hash,
            "reading": found.reading,
            "status": "unchanged" if is_unchanged else "changed" if before and not is_removed else "new",
            "line_count": line_count,
            "first_seen_on": before["first_seen_on"] if is_same else warehouse.night,
        })  # fmt: skip
    reading = rows[0]["reading"]
    return rows + [
        {**row, "status": "vanished" if row["reading"] == reading else "outdated"} for row in _gone(one, remembered)
    ]


def _past(feed: str, remembered: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "status": "unchanged"} for row in remembered if row["feed"] == feed]


def _is_past(feed: str, counting: dict[str, list[dict[str, Any]]], remembered: Sequence[dict[str, Any]]) -> bool:
    return counting[feed] == _past(feed, remembered)


def _refusing_rules(warehouse: Warehouse) -> None:
    rules = [rule for rule in contract.load("raw.event").rules() if rule.severity == "reject"]
    warehouse.fill("raw.reject_rule", [
        {"bit": bit, "name": rule.name, "broken": rule.broken} for bit, rule in enumerate(rules)
    ])  # fmt: skip


def _count(counting: dict[str, list[dict[str, Any]]], removed: Sequence[dict[str, Any]], warehouse: Warehouse) -> None:
    """Numbers the deliveries that count, and makes `raw.event` and `raw.repeated_line` of them."""
    latest_wins = {row["feed"] for row in warehouse.rows("FROM core.feed WHERE identity_rule = 'event_id'")}
    rows = [row for feed in counting for row in _in_order(counting[feed], feed in latest_wins)]
    numbered = [{**row, "delivery_no": number} for number, row in enumerate(rows, 1)]
    aside = [{**row, "delivery_no": number} for number, row in enumerate(removed, len(rows) + 1)]
    warehouse.fill("raw.delivery", [*numbered, *aside])
    kept = warehouse.folder / "deliveries"
    places = [
        (row["delivery_no"], row["feed"], delivery.kept_place(kept, row["feed"], row["content_hash"], row["reading"]))
        for row in numbered
    ]
    _view_lines(delivery.lines_sql(places), warehouse)
    warehouse.build("raw.repeated_line")


def _view_lines(lines: str, warehouse: Warehouse) -> None:
    """Makes `raw.event` of these, with the rules they break, which are worked out once for all who look at it."""
    rules = [rule for rule in contract.load("raw.event").rules() if rule.severity == "reject"]
    bits = [f"CASE WHEN {contract.bad_row_sql(rule)} THEN {1 << bit} ELSE 0 END" for bit, rule in enumerate(rules)]
    refused = f"""SELECT delivery_no, source_line, ({" | ".join(bits)})::UBIGINT AS failed_rules FROM ({lines})
        WHERE failed_rules <> 0"""
    warehouse.build("raw.refused_line", select=refused)
    warehouse.build(
        "raw.event",
        select=f"""SELECT line.*, coalesce(refused.failed_rules, 0) AS failed_rules FROM ({lines}) AS line
        LEFT JOIN raw.refused_line AS refused USING (delivery_no, source_line)""",
    )


def _in_order(rows: Sequence[dict[str, Any]], is_latest_wins: bool) -> list[dict[str, Any]]:
    """By first night, then name; what was read before the feed was described otherwise where its lines win no tie."""
    return sorted(
        rows,
        key=lambda row: (
            (row["status"] == "outdated") != is_latest_wins,
            row["first_seen_on"],
            row["source_file"],
        ),
    )
