"""A made-up but believable back office on disk: three providers' deliveries, their feeds file and the truth in them.

26 weeks of work that end on Friday, 2026-11-20. The same seed and number of cases give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from essa.errors import UsageError
from essa.sample.clock import wall_clock
from essa.sample.events import Cases, Events, draw_cases, draw_events
from essa.sample.feeds import ATTRIBUTES, OURS, PROVIDERS, ROBOT, feeds_text
from essa.sample.files import deliver
from essa.sample.labels import Labels, draw_labels
from essa.sample.people import remarks, worker_names
from essa.sample.planted import claims
from essa.sample.processes import CATEGORIES, CHANNELS, OUTCOMES, POLICIES, PROCESSES, STEPS, TEAMS, TERMS
from essa.sample.truth import planted_truth, truth_executions
from essa.sample.work import Work, work

FEWEST_CASES = 100
FIRST_CASE_NUMBER = 100_000
REMARK_SHARE = 0.02
# Where an attribute is first seen; one that is not named here is on every line of its process.
FIRST_SEEN = {"terms": "Assess supplier risk", "keyed_amount": "Re-enter change in SAP"}
SEEN_ONCE = ("keyed_amount",)


@dataclass(frozen=True)
class SampleSummary:
    event_count: int
    case_count: int
    files: list[str]


def write_sample(directory: Path, cases: int = 4_000, seed: int = 7) -> SampleSummary:
    """Write the sample into `directory`; `cases` counts over all processes, about nine events each."""
    if cases < FEWEST_CASES:
        raise UsageError(f"{cases} cases are too few to plant anything in", do=f"ask for at least {FEWEST_CASES}")
    if (directory / "feeds.yaml").exists() and not (directory / "truth.json").exists():
        raise UsageError(f"{directory} has a feeds.yaml that is none of a sample", do="name another folder")
    rng = np.random.default_rng(seed)
    drawn = draw_cases(rng, cases)
    events, worked = work(drawn, draw_events(rng, drawn))
    labels = draw_labels(rng, events.step, worked.provider)
    columns = _columns(rng, drawn, events, worked, labels)
    in_order = np.lexsort((columns["ended_at"].to_numpy(), worked.provider))
    bounds = np.searchsorted(worked.provider[in_order], np.arange(len(PROVIDERS) + 1))
    delivered = []
    for number in range(len(PROVIDERS)):
        mine = pa.array(in_order[bounds[number] : bounds[number + 1]])
        table = pa.table({name: columns[name].take(mine) for name in (*OURS, *ATTRIBUTES)})
        delivered.append(deliver(rng, directory, number, table))
    claimed = claims(drawn, events, worked)
    truth = planted_truth(claimed, events, worked, labels, delivered)
    (directory / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    executions = truth_executions(claimed, events, worked, columns["case_id"])
    pq.write_table(executions, directory / "truth_executions.parquet")
    (directory / "feeds.yaml").write_text(feeds_text(), encoding="utf-8")
    files = ["feeds.yaml", *(name for one in delivered for name in one.files), "truth.json", "truth_executions.parquet"]
    return SampleSummary(len(events.case), truth["totals"]["case_count"], files)


def _columns(
    rng: np.random.Generator, cases: Cases, events: Events, worked: Work, labels: Labels
) -> dict[str, pa.Array]:
    """What each execution's line says: words as places in a vocabulary, times in local seconds, money in cents."""
    people = [name for number, count in enumerate(worked.people_counts) for name in worker_names(number, count)]
    channel = rng.integers(0, len(CHANNELS), len(cases.process))[events.case]
    attributes = {
        "Amount": _cents(_shown(cases, events, "amount")),
        "Category": _coded(_shown(cases, events, "category"), CATEGORIES),
        "Channel": _coded(channel, CHANNELS),
        "Policy": _coded(_shown(cases, events, "policy"), POLICIES),
        "Terms": _coded(_shown(cases, events, "terms"), TERMS),
        "Keyed amount": _cents(_shown(cases, events, "keyed_amount")),
        "Remark": _remarks(rng, events),
    }
    return attributes | {
        "case_id": _case_ids(cases).take(pa.array(events.case)),
        "process": _coded(cases.process[events.case], [process.name for process in PROCESSES]),
        "activity": _coded(labels.place, labels.label),
        "started_at": pa.array(wall_clock(worked.provider, worked.start_s, is_end=False)),
        "ended_at": pa.array(wall_clock(worked.provider, worked.end_s, is_end=True)),
        "resource": _coded(worked.worker, [*people, ROBOT]),
        "system": _by_step(events.step, [step.system for step in STEPS]),
        "team": _by_step(events.step, [TEAMS[step.role] for step in STEPS]),
        "outcome": _coded(_outcomes(cases, events), OUTCOMES),
    }


def _case_ids(cases: Cases) -> pa.Array:
    prefixes = pa.array([f"{process.prefix}-" for process in PROCESSES]).take(pa.array(cases.process))
    numbers = pc.cast(pa.array(np.arange(len(cases.process)) + FIRST_CASE_NUMBER), pa.string())
    return pc.binary_join_element_wise(prefixes, numbers, "")


def _shown(cases: Cases, events: Events, column: str) -> np.ndarray:
    """A drawn attribute on the lines that record it; NaN elsewhere."""
    shown = np.full(len(events.case), np.nan)
    process = cases.process[events.case]
    first = min((place for place, step in enumerate(STEPS) if step.activity == FIRST_SEEN.get(column)), default=0)
    last = first if column in SEEN_ONCE else len(STEPS)
    for number, drawn in enumerate(cases.drawn):
        if column in drawn:
            lines = np.flatnonzero((process == number) & (events.step >= first) & (events.step <= last))
            shown[lines] = cases.of(number, column, events.case[lines])
    return shown


def _outcomes(cases: Cases, events: Events) -> np.ndarray:
    outcome, first_step = np.full(len(events.case), -1, np.int8), 0
    for number, process in enumerate(PROCESSES):
        for place, step in enumerate(process.steps, start=first_step):
            if step.outcome:
                lines = np.flatnonzero(events.step == place)
                outcome[lines] = cases.of(number, step.outcome, events.case[lines])
        first_step += len(process.steps)
    return outcome


def _remarks(rng: np.random.Generator, events: Events) -> pa.Array:
    words = remarks(rng)
    # Not on work done in one go: a form sent off twice is the same in every field.
    stands_alone = events.begins_unit & np.append(events.begins_unit[1:], True)
    lines = np.flatnonzero(stands_alone & (rng.random(len(events.case)) < REMARK_SHARE))
    place = np.full(len(events.case), -1)
    place[lines] = np.arange(len(lines)) % len(words)
    return _coded(place, words)


def _by_step(step: np.ndarray, words: list[str]) -> pa.Array:
    different = list(dict.fromkeys(words))
    return _coded(np.array([different.index(word) for word in words])[step], different)


def _coded(places: np.ndarray, words: list[str] | tuple[str, ...]) -> pa.Array:
    is_none = np.isnan(places) if places.dtype.kind == "f" else places < 0
    kind = np.int16 if len(words) < 32_000 else np.int32
    return pa.DictionaryArray.from_arrays(
        pa.array(np.where(is_none, 0, places).astype(kind), mask=is_none), pa.array(list(words))
    )


def _cents(amount: np.ndarray) -> pa.Array:
    is_none = np.isnan(amount)
    return pa.array(np.round(np.where(is_none, 0, amount) * 100).astype(np.int64), mask=is_none)
