"""Which decisions are found to be rule-based: planted ones, simulated branches, and three public logs.

Run as `make bench-rules`; benchmarks/README.md says what the columns mean. `--only` names the parts, `--events` the
sizes that are timed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import planted
import yaml
from meter import peak_mb

from essa import feeds as feeds_file
from essa import night as nights
from essa import order, pulling, warehouse
from essa.naming.names_file import NamesFile
from essa.settings import Settings
from essa.warehouse import Warehouse

DATASETS = Path(os.environ.get("ESSA_DATASETS", Path(__file__).parents[2] / "shared" / "datasets"))
NIGHT = date(2026, 11, 21)
NEEDED = (
    "mart.process_span",
    "mart.sampled_case",
    "mart.activity_repeat",
    "mart.succession",
    "mart.attribute",
    "mart.fixed_flow",
)
RULES = order.MART[order.MART.index("mart.attribute_reading") : order.MART.index("mart.copied_value") + 1]
BRANCHES = {"xor_1": 15, "xor_2": 3, "xor_5": 15, "or_1": 15, "or_8": 15}
PUBLIC = {
    "traffic_fines": ["amount", "article", "dismissal", "expense", "lastsent", "notificationtype", "paymentamount",
                      "points", "totalpaymentamount", "vehicleclass"],
    "hospital_billing": ["actorange", "actred", "blocked", "casetype", "closecode", "diagnosis", "flaga", "flagb",
                         "flagc", "flagd", "iscancelled", "isclosed", "msgcode", "msgcount", "msgtype",
                         "speciality", "state", "version"],
    "sepsis": ["age", "crp", "diagnose", "disfuncorg", "hypotensie", "hypoxie", "infectionsuspected", "infusion",
               "lacticacid", "leucocytes", "oligurie", "sirscriteria2ormore", "sirscritheartrate", "sirscritleucos",
               "sirscrittachypnea", "sirscrittemperature"],
}  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    parts = {"planted": of_planted, "coins": of_coins, "branches": of_branches, "public": of_public, "speed": of_speed}
    asked.add_argument("--only", nargs="*", choices=list(parts), default=list(parts))
    asked.add_argument("--events", nargs="*", type=float, default=[5e5])
    asked.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="of what is made up; another each time"
    )
    given = asked.parse_args()
    print(f"seed {given.seed}")
    for name in given.only:
        parts[name](given)


@contextlib.contextmanager
def night_of(
    folder: Path, feeds: Mapping[str, Any], limit: str = "3GB"
) -> Iterator[tuple[Warehouse, dict[str, float]]]:
    """A night as far as the rules, and what each of their tables took."""
    (folder / "feeds.yaml").write_text(yaml.safe_dump({"feeds": dict(feeds)}), encoding="utf-8")
    tonight = warehouse.begin(folder / "home", Settings(memory_limit=limit), NIGHT)
    try:
        known = feeds_file.read(folder / "feeds.yaml")
        tonight.open_night(str(NIGHT))
        pulling.describe_feeds(known, tonight)
        with ThreadPoolExecutor(2) as pool:
            pulling.settle(list(pool.map(lambda feed: pulling.pull(feed, folder, tonight), known)), tonight)
        nights.name_activities(tonight, NamesFile())
        nights.make_vocabularies(tonight)
        took = {}
        for table in (*order.CORE, *NEEDED, *RULES):
            begun = time.perf_counter()
            nights.make(tonight, table, lambda name: None)
            took[table] = time.perf_counter() - begun
        yield tonight, {table: took[table] for table in RULES}
    finally:
        warehouse.end(folder / "home")


def decisions(tonight: Warehouse) -> list[dict[str, Any]]:
    """Every decision with the rule found for it."""
    return tonight.rows(
        """SELECT decision.*, rule.said FROM mart.decision LEFT JOIN (
            SELECT process, activity, decides,
                string_agg(condition || ' -> ' || predicts, '; ' ORDER BY support_count DESC, predicts) AS said
            FROM mart.rule GROUP BY ALL
        ) AS rule USING (process, activity, decides) ORDER BY process, event_count DESC, activity, decides"""
    )


def figures(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return " ".join(f"{'-':>6}" if row[name] is None else f"{row[name]:6.3f}" for name in names)


# The parts


def of_planted(given: argparse.Namespace) -> None:
    """Eight kinds, three times each, at two sizes: at 500 an answer may be left open, but not be wrong."""
    print(f"{'cases':>6} {'kind':20} {'verdict':24} right    acc  limit   sure   came  rule")
    for case_count in (20_000, 500):
        right = open_count = exact_count = 0
        for turn in range(3):
            for truth, found in _planted(case_count, given.seed + turn, tuple(planted.KINDS)):
                is_right = found["verdict"] == planted.KINDS[truth.kind]
                right += is_right
                open_count += not is_right and found["verdict"] == "abstains"
                exact_count += truth.kind == "rule" and bool(
                    re.search(rf"Amount > {truth.limit}(?![\d.])", found["said"] or "")
                )
                row = {**found, "reachable": truth.reachable}
                print(
                    f"{case_count:6} {truth.kind:20} {found['verdict']:24} {'yes' if is_right else '-':>5}",
                    figures(row, ("held_out_accuracy", "reachable", "realised_share", "realised_accuracy")),
                    f" {found['said'] or ''}" + (f" (planted at {truth.limit})" if truth.kind == "rule" else ""),
                )
        print(f"{case_count:6} verdicts right {right} of 24, wrong {24 - right - open_count}, left open {open_count}")
        print(f"{case_count:6} thresholds exact {exact_count} of 3")


def _planted(case_count: int, seed: int, kinds: tuple[str, ...]) -> list[tuple[planted.Planted, dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "made.parquet"
        truths = planted.write(made, case_count, seed, kinds)
        with night_of(Path(place), {"made": planted.feed()}) as (tonight, _):
            found = {row["process"]: row for row in decisions(tonight) if row["activity"] == "Decide"}
    return [(truth, found[truth.process]) for truth in truths]


def of_coins(given: argparse.Namespace) -> None:
    """Coins and mild biases of many sizes: none may be called a rule, and none may be claimed."""
    found = [
        row
        for turn, case_count in enumerate((300, 500, 1_000, 2_000, 5_000))
        for _, row in _planted(case_count, given.seed + 100 + turn, ("coin", "mild bias") * 25)
    ]
    ruled = sum(row["said"] is not None for row in found)
    claimed = sum(row["handled_share"] > 0 for row in found)
    named = sum(row["verdict"] not in ("unexplained", "abstains") for row in found)
    print(f"{len(found)} coins: {ruled} with a rule, {claimed} with a claim, {named} with a verdict that names a cause")


def of_branches(given: argparse.Namespace) -> None:
    """Simulated logs: a branch counts as found where a rule of the data leads to it."""
    columns = {"case_id": "case_id", "activity": "activity", "started_at": "start_time", "ended_at": "end_time"}
    for name, branch_count in BRANCHES.items():
        path = DATASETS / "branch_rules" / f"{name}.csv.gz"
        if not path.exists():
            continue
        feed = {"provider": name, "process": name, "files": str(path), "columns": {**columns, "resource": "resource"},
                "attributes": ["g1", "g2", "g3"], "known_at_start": ["g1"]}  # fmt: skip
        with tempfile.TemporaryDirectory() as place, night_of(Path(place), {name: feed}) as (tonight, _):
            found = decisions(tonight)
        rules = [row["said"] for row in found if row["said"]]
        print(
            f"{name:6} branches {branch_count}, found {sum(said.count(' -> ') for said in rules)}: {'; '.join(rules)}"
        )
        for row in found:
            if row["event_count"] >= 500:
                print(f"{'':6} {row['activity']:4} {row['verdict']:22} {row['reason']}")


def of_public(given: argparse.Namespace) -> None:
    print(f"{'activity':34} {'verdict':22}    acc  habit   flow      D  D_net    low   prom   came     at  rule")
    shown = ("held_out_accuracy", "baseline_accuracy", "history_accuracy", "gain", "net_gain", "net_gain_lower",
             "promised_share", "realised_share", "realised_accuracy")  # fmt: skip
    columns = {"case_id": "case_id", "activity": "activity", "ended_at": "timestamp", "resource": "resource"}
    for name, attributes in PUBLIC.items():
        path = DATASETS / "event_logs" / f"{name}.parquet"
        if not path.exists():
            continue
        feed = {"provider": name, "process": name, "files": str(path), "columns": columns,
                "timezone": "Europe/Amsterdam", "attributes": attributes}  # fmt: skip
        with tempfile.TemporaryDirectory() as place, night_of(Path(place), {name: feed}) as (tonight, took):
            print(f"{name}: {sum(took.values()):.1f} s")
            for row in decisions(tonight):
                print(
                    f"{row['activity'][:34]:34} {row['verdict']:22}",
                    figures(row, shown),
                    f" {row['said'] or row['reason']}",
                )


def of_speed(given: argparse.Namespace) -> None:
    """The rules' own tables, on planted decisions of all kinds with ten attributes."""
    for size in given.events:
        with tempfile.TemporaryDirectory() as place:
            command = [
                sys.executable,
                planted.__file__,
                str(Path(place) / "made.parquet"),
                str(int(size) // 32),
                str(given.seed),
            ]
            subprocess.run(command, check=True)  # in a process of its own, so that its memory is not counted
            with night_of(Path(place), {"made": planted.feed(planted.MORE)}, "4GB") as (tonight, took):
                count = tonight.value("SELECT count(*) FROM core.activity_instance")
        each = ", ".join(f"{table} {seconds:.1f}" for table, seconds in took.items() if seconds >= 0.1)
        print(f"{count:,} events: {sum(took.values()):.1f} s, peak {peak_mb():,.0f} MB; {each}")


if __name__ == "__main__":
    main()
