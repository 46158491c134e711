"""Thirty nights of late, corrected, missing, withdrawn and doubled deliveries: each line is accounted for every night.

What should count is told by a model in plain Python that knows the deliveries and nothing of how they are read.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from essa import night as nights
from essa import publication

pytestmark = pytest.mark.slow
FIRST, NIGHTS, PUBLISHED = date(2026, 2, 1), 30, (10, 20, 30)
BLOCK_BYTES = 1 << 18  # by which a DuckDB file grows
HEADER = "Ref,Step,Start,End,Agent,Id,Note"
COLUMNS = {"case_id": "Ref", "activity": "Step", "started_at": "Start", "ended_at": "End", "resource": "Agent"}
FEED = {"provider": "P", "process": "Claims", "timezone": "UTC", "columns": COLUMNS, "attributes": ["Note"]}
FEEDS = {
    "rows": {**FEED, "files": "rows/*.csv"},
    "ids": {**FEED, "provider": "Q", "files": "ids/*.csv", "event_id": "Id"},
}


@dataclass
class Provider:
    """What one feed's folder holds, and what of it should count."""

    feed: str
    folder: Path
    chance: random.Random
    waiting: dict[str, list[str]] = field(default_factory=dict)
    there: dict[str, list[str]] = field(default_factory=dict)
    counting: dict[str, tuple[date, list[str]]] = field(default_factory=dict)
    written: Counter = field(default_factory=Counter)

    def deliver(self, night: date) -> None:
        """Tonight's file, and what becomes of others."""
        self.waiting[f"{night}.csv"] = self.day(night)
        if self.chance.random() < 0.1:
            self.waiting.pop(f"{night}.csv")  # it never comes
            self.written["missing"] += 1
        for name in list(self.waiting):
            if self.chance.random() < 0.75:
                self.there[name] = self.waiting.pop(name)
                self.written["late" if name != f"{night}.csv" else "in time"] += 1
        if self.there and self.chance.random() < 0.3:
            name = self.chance.choice(sorted(self.there))
            mended = [line.replace(",note", ",mended") for line in self.there[name]]
            self.there[name] = mended[: len(mended) - self.chance.randrange(3)] + self.lines(night, 1)
            self.written["corrected"] += 1
        if self.there and self.chance.random() < 0.15:
            name = self.chance.choice(sorted(self.there))
            self.there[f"again {night} {name}"] = self.there[name]
            self.written["doubled"] += 1
        if len(self.there) > 3 and self.chance.random() < 0.15:
            del self.there[self.chance.choice(sorted(self.there))]
            self.written["withdrawn"] += 1
        self.write()

    def day(self, night: date) -> list[str]:
        lines = self.lines(night, self.chance.randrange(14, 22))
        return lines + self.chance.sample(lines, 2)  # rows that stand twice in one file

    def lines(self, night: date, count: int) -> list[str]:
        found = []
        for _ in range(count):
            number, at = self.chance.randrange(10**6), f"{night - timedelta(days=1)} {self.chance.randrange(8, 18):02}"
            case = f"{self.feed[0]}{number}" if self.chance.random() > 0.04 else ""  # such a line is refused
            step = self.chance.choice(("Open", "Check", "Close"))
            event_id = "" if self.chance.random() < 0.1 else str(number % 400)
            found.append(f"{case},{step},{at}:00:00,{at}:20:00,W{number % 4},{event_id},note {number % 3}")
        return found

    def write(self) -> None:
        self.folder.mkdir(exist_ok=True)
        for path in self.folder.iterdir():
            path.unlink()
        for name, lines in self.there.items():
            (self.folder / name).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")

    def believe(self, night: date) -> None:
        """What is there counts from tonight on where it is new; what is there no more counts as it was."""
        for name, lines in self.there.items():
            before = self.counting.get(name)
            self.counting[name] = before if before and before[1] == lines else (night, lines)

    def balance(self) -> tuple[int, int, int, int]:
        """Lines received, accepted, refused, and those that say again what others say."""
        files = [lines for _, (_, lines) in sorted(self.counting.items(), key=lambda item: (item[1][0], item[0]))]
        sound = [[line for line in lines if not line.startswith(",")] for lines in files]
        stands: Counter = Counter()
        for lines in sound:  # a row stands as often as the file says that has it most often
            stands |= Counter(lines)
        if self.feed == "ids":
            named = {line.split(",")[5]: line for lines in sound for line in lines if line.split(",")[5]}
            nameless = {line for lines in sound for line in lines if not line.split(",")[5]}
            stands = Counter(named.values()) + Counter(nameless)
        received, held = sum(map(len, files)), sum(map(len, sound))
        return received, stands.total(), received - held, held - stands.total()


def kept_bytes(home: Path) -> int:
    """What outlives a night."""
    kept = [home / "warehouse" / "memory.duckdb", *(home / "warehouse" / "deliveries").rglob("*.parquet")]
    return sum(path.stat().st_size for path in kept)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_thirty_nights_account_for_every_line(night_of: Callable, folder: Path, published: Callable) -> None:
    chance = random.Random(30)
    providers = [Provider(name, folder / name, random.Random(chance.random())) for name in FEEDS]
    kept, resident, data, blocked = {}, {}, {}, Counter()
    for number in range(1, NIGHTS + 1):
        on = FIRST + timedelta(days=number - 1)
        for provider in providers:
            provider.deliver(on)
        is_whole = number in PUBLISHED
        with night_of(folder, FEEDS, until="mart" if is_whole else "events", on=on, rejected_share_max=0.3) as tonight:
            told = {row["feed"]: row for row in tonight.rows("FROM ops.feed WHERE night = ?", [on])}
            for provider in providers:
                row = told[provider.feed]
                if row["status"] == "blocked":
                    blocked[re.search("no file matches|$", row["reason"])[0] or row["reason"]] += 1
                    continue
                provider.believe(on)
                found = [row[f"{name}_count"] for name in ("received", "accepted", "rejected", "duplicate")]
                assert tuple(found) == provider.balance(), (on, provider.feed)
            standing = sum(provider.balance()[1] for provider in providers)
            assert tonight.value("SELECT count(*) FROM core.event") == standing, on
            if is_whole:
                nights.describe_run(tonight, None)
                publication.publish(tonight)
            else:
                published(tonight)
            home = tonight.home
        kept[number], resident[number] = kept_bytes(home), resident_bytes()
        data[number] = sum(len(lines) for provider in providers for _, lines in provider.counting.values())
    assert blocked == {"no file matches": 1}  # of a provider whose first delivery was late
    done = sum((provider.written for provider in providers), Counter())
    assert all(done[kind] > 3 for kind in ("late", "corrected", "missing", "withdrawn", "doubled")), done
    line_bytes = (kept[20] - kept[10]) / (data[20] - data[10])
    assert kept[30] - kept[20] <= line_bytes * (data[30] - data[20]) + BLOCK_BYTES
    assert max(resident[number] for number in range(21, 31)) - max(resident[n] for n in range(11, 21)) < 64 << 20
