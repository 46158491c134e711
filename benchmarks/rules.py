"""Which decisions are found to be rule-based: planted ones, simulated branches, and three public logs.

Run as `make bench-rules`; benchmarks/README.md says what the columns mean. `--only` names the parts, `--events` the
sizes that are timed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import planted
import yaml
from meter import peak_mb

from essa import feeds as feeds_file
from essa import night as nights
from essa import pulling, warehouse
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
RULES = nights.MART[nights.MART.index("mart.rule_input") : nights.MART.index("mart.copied_value") + 1]
BRANCHES = {"xor_1": 15, "xor_2": 3, "xor_5": 15, "or_1": 15, "or_8": 15}
PUBLIC = {
    "traffic_fines": ["amount", "article", "dismissal", "expense", "lastsent", "notificationtype", "paymentamount",
                      "points", "totalpaymentamount", "vehicleclass"],
    "hospital_billing": ["actorange", "actred", "blocked", "casetype", "closecode", "diagnosis", "flaga", "flagb", "flagc",
                         "flagd", "iscancelled", "isclosed", "msgcode", "msgcount", "msgtype", "speciality", "state",
                         "version"],
    "sepsis": ["age", "crp", "diagnose", "disfuncorg", "hypotensie", "hypoxie", "infectionsuspected", "infusion",
               "lacticacid", "leucocytes", "oligurie", "sirscriteria2ormore", "sirscritheartrate", "sirscritleucos",
               "sirscrittachypnea", "sirscrittemperature"],
}  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    parts = {"planted": of_planted, "coins": of_coins, "branches": of_branches, "public": of_public, "speed": of_speed}
    asked.add_argument("--only", nargs="*", choices=list(parts), default=list(parts))
    asked.add_argument("--events", nargs="*", type=float, default=[5e5])
    given = asked.parse_args()
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
        for table in (*nights.CORE, *NEEDED, *RULES):
            begun = time.perf_counter()
            nights.make(tonight, table, lambda name: None)
            took[table] = time.perf_counter() - begun
        yield tonight, {table: took[table] for table in RULES}
    finally:
        warehouse.end(folder / "home")


def decisions(tonight: Warehouse) -> list[dict[str, Any]]:
    """Every decision with the rule found for it, the longest first."""
    return tonight.rows(
        """SELECT decision.*, rule.said FROM mart.decision LEFT JOIN (
            SELECT process, activity, decides, string_agg(condition || ' -> ' || predicts, '; ' ORDER BY support_count DESC)
                AS said
            FROM mart.rule GROUP BY ALL
        ) AS rule USING (process, activity, decides) ORDER BY process, event_count DESC, activity, decides"""
    )


# The parts


def of_planted(given: argparse.Namespace) -> None:
    """Eight kinds, three seeds, two sizes: at 500 an answer may be left open, but not be wrong."""
    print(
        f"{'cases':>6} {'kind':20} {'verdict':24} {'right':>6} {'accuracy':>9} {'to reach':>9} {'sure':>6} {'came':>6}  rule"
    )
    for case_count in (20_000, 500):
        right = wrong = 0
        for seed in (11, 12, 13):
            for truth, found in _planted(case_count, seed, tuple(planted.KINDS)):
                is_right = found["verdict"] == planted.KINDS[truth.kind]
                right += is_right
                wrong += not is_right and found["verdict"] != "abstains"
                exact = f" (limit {truth.limit})" if truth.kind == "rule" else ""
                print(
                    f"{case_count:6} {truth.kind:20} {found['verdict']:24} {'yes' if is_right else '-':>6}"
                    f" {_share(found['held_out_accuracy'])} {truth.reachable:9.3f} {_share(found['realised_share'], 6)}"
                    f" {_share(found['realised_accuracy'], 6)}  {found['said'] or ''}{exact}"
                )
        print(f"{case_count:6} verdicts right {right} of 24, wrong {wrong}, left open {24 - right - wrong}")


def _planted(case_count: int, seed: int, kinds: tuple[str, ...]) -> list[tuple[planted.Planted, dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        truths = planted.write(folder / "made.parquet", case_count, seed, kinds)
        with night_of(folder, {"made": planted.feed(folder / "made.parquet")}) as (tonight, _):
            found = {
                row["process"]: row
                for row in decisions(tonight)
                if row["activity"] == "Decide" and row["decides"] == "next activity"
            }
    return [(truth, found[truth.process]) for truth in truths]


def of_coins(given: argparse.Namespace) -> None:
    """Coins and mild biases of many sizes: none may be called a rule, and none may be claimed."""
    point_count = ruled = claimed = other = 0
    for number, case_count in enumerate((300, 500, 1_000, 2_000, 5_000)):
        for _, found in _planted(case_count, 100 + number, ("coin", "mild bias") * 25):
            point_count += 1
            ruled += found["said"] is not None
            claimed += found["handled_share"] > 0
            other += found["verdict"] not in ("unexplained", "abstains")
    print(
        f"{point_count} coin points: {ruled} with a rule, {claimed} with a claim, {other} with any other verdict than none"
    )


def of_branches(given: argparse.Namespace) -> None:
    """Simulated logs: a branch counts as found where a rule of the data leads to it."""
    print(f"{'log':8} {'branches':>9} {'found':>6}  rules")
    for name, branch_count in BRANCHES.items():
        if not (DATASETS / "branch_rules" / f"{name}.csv.gz").exists():
            continue
        with tempfile.TemporaryDirectory() as place:
            with night_of(Path(place), {name: _branch_feed(name)}) as (tonight, _):
                rules = tonight.rows("SELECT * FROM mart.rule ORDER BY activity, predicts")
                verdicts = [row for row in decisions(tonight) if row["event_count"] > 200]
        print(
            f"{name:8} {branch_count:9} {len(rules):6}  "
            + "; ".join(f"{one['condition']} -> {one['predicts']}" for one in rules)
        )
        for row in verdicts:
            print(
                f"{'':8} {row['activity']:6} {row['verdict']:22} D {row['gain']} net {row['net_gain']}  {row['reason']}"
            )


def _branch_feed(name: str) -> dict[str, Any]:
    columns = {
        "case_id": "case_id",
        "activity": "activity",
        "started_at": "start_time",
        "ended_at": "end_time",
        "resource": "resource",
    }
    return {
        "provider": name, "process": name, "files": str(DATASETS / "branch_rules" / f"{name}.csv.gz"), "columns": columns,
        "attributes": ["g1", "g2", "g3"], "known_at_start": ["g1"],
    }  # fmt: skip


def of_public(given: argparse.Namespace) -> None:
    print(
        f"{'activity':34} {'verdict':22} {'acc':>6} {'habit':>6} {'flow':>6} {'D':>6} {'D_net':>6} {'low':>6} {'prom':>6} {'came':>6} {'at':>6}  rule"
    )
    for name, attributes in PUBLIC.items():
        path = DATASETS / "event_logs" / f"{name}.parquet"
        if not path.exists():
            continue
        columns = {"case_id": "case_id", "activity": "activity", "ended_at": "timestamp", "resource": "resource"}
        one = {
            "provider": name,
            "process": name,
            "files": str(path),
            "columns": columns,
            "timezone": "Europe/Amsterdam",
            "attributes": attributes,
        }
        with tempfile.TemporaryDirectory() as place, night_of(Path(place), {name: one}) as (tonight, took):
            print(f"{name}: {sum(took.values()):.1f} s")
            for row in decisions(tonight):
                figures = ("held_out_accuracy", "baseline_accuracy", "history_accuracy", "gain", "net_gain", "net_gain_lower",
                           "promised_share", "realised_share", "realised_accuracy")  # fmt: skip
                print(
                    f"{row['activity'][:34]:34} {row['verdict']:22} "
                    + " ".join(_share(row[one], 6) for one in figures)
                    + f"  {row['said'] or row['reason']}"
                )


def of_speed(given: argparse.Namespace) -> None:
    """The rules' own tables, on planted decisions of all kinds."""
    for size in given.events:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            planted.write(folder / "made.parquet", int(size) // (4 * len(planted.KINDS)), 1)
            with night_of(folder, {"made": planted.feed(folder / "made.parquet")}, "4GB") as (tonight, took):
                count = tonight.value("SELECT count(*) FROM core.activity_instance")
        print(
            f"{count:,} events: {sum(took.values()):.1f} s, peak {peak_mb():,.0f} MB; "
            + ", ".join(f"{table} {took[table]:.1f}" for table in took)
        )


def _share(value: float | None, width: int = 9) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"


if __name__ == "__main__":
    main()
