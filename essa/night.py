"""The steps of a night between pulling and publishing that are not one SELECT, and how each table is judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version

from essa import belief, contract, identity, known_names, people, spelling
from essa.benefits import measured
from essa.contract import Contract
from essa.contract_rule import is_about_rows
from essa.errors import ContractBroken
from essa.naming import tonight
from essa.naming.names_file import NamesFile
from essa.order import BELIEVED, NAMED
from essa.pulling import Pulled, settle
from essa.routines import desktop, found
from essa.rules import learned
from essa.warehouse import Rows, Warehouse

MADE = learned.TABLES | found.TABLES | identity.TABLES | measured.TABLES  # by Python, from the tables before them


def name_activities(warehouse: Warehouse, said: NamesFile) -> tuple[int, list[str]]:
    """Fills `core.activity_label`, what each spelling means, and checks what led there.

    How many got another name, and what an analyst said that is not used: of what no process knows, or naming people.
    """
    desktop.give_cases(warehouse)
    texts = said.texts()
    words = {word for text in texts for word in spelling.words_and_log_ins_of(text)}
    those = people.people_called(known_names.recognised(warehouse.folder, warehouse.secret, words))
    said, unused = said.uncalled({text for text in texts if those.removed(text, is_label=True) != text})
    renamed, unheard = tonight.name_activities(warehouse, said)
    for table in NAMED:
        check(warehouse, table)
    return renamed, [those.blanked(line, is_label=True) for line in unused + unheard]


def make_vocabularies(warehouse: Warehouse) -> None:
    """Closed vocabularies as ENUM types, so that everything after compares numbers instead of text."""
    accepted = "FROM raw.event WHERE failed_rules = 0"
    warehouse.make_enum("feed_t", "SELECT feed FROM core.feed")
    warehouse.make_enum("provider_t", "SELECT provider FROM core.feed")
    warehouse.make_enum("process_t", "SELECT process FROM core.activity_label")
    warehouse.make_enum("activity_t", "SELECT activity FROM core.activity_label")
    warehouse.make_enum("resource_t", f"SELECT DISTINCT resource {accepted}")
    warehouse.make_enum("system_t", f"SELECT DISTINCT system {accepted}")


def build(warehouse: Warehouse, table: str, rows: Rows | None = None) -> int:
    """Builds a table and keeps it only if its contract holds; its row count. What is built on a view judges it.

    `rows` are those it shall hold, where others have worked them out.
    """
    if rows is not None:
        return warehouse.fill(table, rows, lambda name: check(warehouse, name))
    return make(warehouse, table, lambda name: check(warehouse, name))


def make(warehouse: Warehouse, table: str, require: Callable[[str], None]) -> int:
    """Fills a table from its SQL, or from what was learned of the tables before it; its row count."""
    if table in MADE:
        return warehouse.fill(table, MADE[table](warehouse.connection), require)
    return warehouse.build(table, require)


def check(warehouse: Warehouse, table: str) -> None:
    """Notes what Great Expectations says of a table; ContractBroken where a rule of severity stop does not hold."""
    from essa.expectations_on_duckdb import judge

    promise = contract.load(table)
    verdicts = judge(warehouse.connection, promise)
    warehouse.verdicts = [said for said in warehouse.verdicts if said["table"] != table] + [
        {
            "night": warehouse.night,
            "table": table,
            "rule": verdict.rule,
            "severity": verdict.severity,
            "is_met": verdict.is_met,
            "unexpected_count": verdict.unexpected_count,
            "observed": verdict.observed + _feeds_behind(warehouse, promise, verdict.rule, verdict.is_met),
            "why": verdict.why,
        }
        for verdict in verdicts
    ]
    broken = [verdict for verdict in verdicts if not verdict.is_met and verdict.severity == "stop"]
    if broken:
        raise ContractBroken(
            f"{table}: {len(broken)} of {len(verdicts)} rules do not hold",
            rules="\n".join(f"{verdict.rule}: {verdict.observed}" for verdict in broken),
            because=broken[0].why,
            kept="the last publication stands",
        )


def _feeds_behind(warehouse: Warehouse, promise: Contract, name: str, is_met: bool) -> str:
    """The feeds that break a rule of `ops.feed`, to stand after their number."""
    if is_met or promise.table != "ops.feed":
        return ""
    rule = next(rule for rule in promise.rules() if rule.name == name)
    if not is_about_rows(rule):
        return ""
    broken = warehouse.rows(f"SELECT DISTINCT feed FROM ops.feed WHERE {contract.bad_row_sql(rule)} ORDER BY feed")
    return ": " + ", ".join(row["feed"] for row in broken)


def believe(warehouse: Warehouse, pulled: Sequence[Pulled]) -> list[str]:
    """Settles what was pulled and checks it; the feeds that are not believed tonight."""
    blocked = settle(pulled, warehouse, lambda table: check(warehouse, table))
    for table in BELIEVED:
        check(warehouse, table)
    return blocked


def require_work(warehouse: Warehouse) -> None:
    """EssaError where nothing was believed: an empty publication must not take a good one's place."""
    if not warehouse.value("SELECT count(*) FROM core.activity_instance"):
        raise belief.nothing_done(warehouse)


def describe_run(warehouse: Warehouse, flow_run_id: str | None) -> None:
    """Tonight's rows of `ops.run` and `ops.expectation`, judged as every other table, and of both memories."""
    require_work(warehouse)
    belief.tell_shared_cases(warehouse)
    belief.tell_contradicted_completions(warehouse)
    check(warehouse, "ops.feed")
    build(warehouse, "ops.candidate_memory")
    build(warehouse, "ops.candidate_work")
    build(warehouse, "ops.routine_work")
    build(warehouse, "ops.live_week")
    build(warehouse, "ops.refusal")
    build(warehouse, "ops.label_memory")
    warehouse.add_tonight(
        "ops.run",
        [
            {
                "night": warehouse.night,
                "run_id": run_id(warehouse),
                "started_at": warehouse.night,
                "finished_at": warehouse.night,
                "settings": warehouse.settings.model_dump_json(),
                "event_count": warehouse.value("SELECT count(*) FROM core.activity_instance"),
                "candidate_count": warehouse.value("SELECT count(*) FROM mart.candidate"),
                "prefect_flow_run_id": flow_run_id,
            }
        ],
    )
    check(warehouse, "ops.run")
    warehouse.add_tonight("ops.expectation", warehouse.verdicts)
    check(warehouse, "ops.expectation")  # it cannot list what is said of itself


def run_id(warehouse: Warehouse) -> str:
    """The night, then a hash of what went in: the same inputs make the same run."""
    files = warehouse.rows(
        "SELECT feed, source_file, content_hash, reading FROM raw.delivery WHERE status <> 'removed' ORDER BY ALL"
    )
    described = [
        warehouse.rows(f"FROM {table} ORDER BY ALL") for table in ("core.feed", "ops.decision", "ops.currency")
    ]
    names = warehouse.home / "names.yaml"
    said = names.read_text(encoding="utf-8") if names.exists() else ""
    held = json.dumps(
        [files, *described, said, warehouse.settings.model_dump(), version("duckdb")], sort_keys=True, default=str
    )
    return f"{warehouse.night}-{hashlib.sha256(held.encode()).hexdigest()[:8]}"
