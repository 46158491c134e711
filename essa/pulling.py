"""What tonight's files mean for each feed: new, changed, unchanged or vanished deliveries, and feeds not believed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from essa import calendars, contract, delivery, privacy
from essa.errors import FeedError
from essa.feeds import Feed
from essa.warehouse import Warehouse


@dataclass(frozen=True)
class Pulled:
    """One feed's files tonight with their line counts, or the trouble that kept them from being read."""

    feed: str
    files: tuple[tuple[delivery.Delivery, int], ...] = ()
    trouble: FeedError | None = None

    def in_words(self) -> str:
        if self.trouble:
            return f"{self.feed}: blocked"
        return f"{self.feed}: {len(self.files)} files, {sum(lines for _, lines in self.files):,} lines"


def pull(feed: Feed, base: Path, warehouse: Warehouse) -> Pulled:
    """Reads the deliveries of a feed that were not read before; FeedError where one cannot be."""
    found = delivery.find(feed, base, warehouse.folder / "deliveries", warehouse.secret,
                          warehouse.settings.longest_text_length)  # fmt: skip

    def keep(one: delivery.Delivery) -> tuple[delivery.Delivery, int]:
        connection = warehouse.reader()
        try:
            return one, delivery.keep(one, feed, warehouse.settings, warehouse.secret, connection)
        finally:
            connection.close()

    with ThreadPoolExecutor(warehouse.settings.threads) as pool:
        return Pulled(feed.name, tuple(pool.map(keep, found)))


def describe_feeds(feeds: Sequence[Feed], warehouse: Warehouse) -> None:
    """Fills `core.feed`."""
    warehouse.fill("core.feed", [_feed_row(feed, warehouse.night.year) for feed in feeds])


def _feed_row(feed: Feed, last_year: int) -> dict[str, Any]:
    row = {
        "feed": feed.name,
        "provider": feed.provider,
        "country": feed.country,
        "timezone": feed.timezone or "UTC",
        "identity_rule": "event_id" if feed.event_id else feed.identical_rows,
        "known_at_start": list(feed.known_at_start),
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


def settle(pulled: Sequence[Pulled], warehouse: Warehouse) -> list[str]:
    """Decides which deliveries count, refuses bad lines, measures each feed; the names of the feeds not believed.

    A feed not believed stands as the last published night left it.
    """
    remembered = warehouse.rows("SELECT * FROM raw.delivery ORDER BY delivery_no")
    warehouse.fill(
        "raw.pull_trouble",
        [{"feed": one.feed, "trouble": _told(one.trouble)} for one in pulled if one.trouble is not None],
    )
    _refusing_rules(warehouse)
    counting = {one.feed: _deliveries(one, remembered, warehouse) for one in pulled}
    _count(counting, warehouse)
    warehouse.build("raw.rejected_event")
    warehouse.add_tonight("ops.feed")
    blocked = _blocked(warehouse)
    if any(counting[feed] and not _is_past(feed, counting, remembered) for feed in blocked):
        for feed in blocked:
            counting[feed] = _past(feed, remembered)
        _count(counting, warehouse)
    return sorted(blocked)


def _told(trouble: FeedError) -> str:
    """A report as it may be kept; a file's name need not be text, and may be somebody's address."""
    return privacy.redact(str(trouble).encode("utf-8", "backslashreplace").decode())


def _deliveries(one: Pulled, remembered: Sequence[dict[str, Any]], warehouse: Warehouse) -> list[dict[str, Any]]:
    past = {row["source_file"]: row for row in remembered if row["feed"] == one.feed}
    if one.trouble is not None:
        return _past(one.feed, remembered)
    rows = []
    for found, line_count in one.files:
        before = past.pop(found.source_file, None)
        is_same = before is not None and before["content_hash"] == found.content_hash
        is_unchanged = is_same and before["reading"] == found.reading
        rows.append({
            "feed": one.feed,
            "source_file": found.source_file,
            "content_hash": found.content_hash,
            "reading": found.reading,
            "status": "unchanged" if is_unchanged else "changed" if before else "new",
            "line_count": line_count,
            "first_seen_on": before["first_seen_on"] if is_same else warehouse.night,
        })  # fmt: skip
    return rows + [{**row, "status": "vanished"} for row in past.values()]


def _past(feed: str, remembered: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "status": "unchanged"} for row in remembered if row["feed"] == feed]


def _is_past(feed: str, counting: dict[str, list[dict[str, Any]]], remembered: Sequence[dict[str, Any]]) -> bool:
    return counting[feed] == _past(feed, remembered)


def _refusing_rules(warehouse: Warehouse) -> None:
    rules = [rule for rule in contract.load("raw.event").rules() if rule.severity == "reject"]
    warehouse.fill("raw.reject_rule", [{"bit": bit, "name": rule.name} for bit, rule in enumerate(rules)])


def _count(counting: dict[str, list[dict[str, Any]]], warehouse: Warehouse) -> None:
    """Numbers the deliveries that count, and makes `raw.event` and `raw.repeated_line` of them."""
    rows = [
        row
        for feed in counting
        for row in sorted(counting[feed], key=lambda row: (row["first_seen_on"], row["source_file"]))
    ]
    numbered = [{**row, "delivery_no": number} for number, row in enumerate(rows, 1)]
    warehouse.fill("raw.delivery", numbered)
    kept = warehouse.folder / "deliveries"
    places = [
        (row["delivery_no"], row["feed"], kept / row["feed"] / f"{row['content_hash'][:32]}-{row['reading']}.parquet")
        for row in numbered
    ]
    rules = [rule for rule in contract.load("raw.event").rules() if rule.severity == "reject"]
    bits = [f"CASE WHEN {contract.bad_row_sql(rule)} THEN {1 << bit} ELSE 0 END" for bit, rule in enumerate(rules)]
    warehouse.define_view("raw.event", delivery.event_view(places, f"({' | '.join(bits)})::UBIGINT"))
    warehouse.build("raw.repeated_line")


def _blocked(warehouse: Warehouse) -> list[str]:
    """Marks tonight's feeds that break a rule of severity block; their names."""
    rules = [rule for rule in contract.load("ops.feed").rules() if rule.severity == "block"]
    for rule in rules:
        warehouse.connection.execute(
            f"""UPDATE ops.feed SET status = 'blocked', reason = concat_ws('; ', ?::VARCHAR, trouble, reason)
            WHERE night = ? AND {contract.bad_row_sql(rule)}""",
            [f"not: {rule.name} ({rule.why})", warehouse.night],
        )
    return [
        row["feed"]
        for row in warehouse.rows(
            "SELECT feed FROM ops.feed WHERE night = ? AND status = 'blocked'", [warehouse.night]
        )
    ]
