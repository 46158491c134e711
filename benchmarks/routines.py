"""How well routines are found again: desktop logs with noise and in mixtures, task logs by what 25 routines cover, speed.

Run as `make bench-routines`; benchmarks/README.md says what the columns mean. `--draws` noise draws of each log, `--sizes`
times made-up desktop logs, `--cases` made-up task logs with as many variants.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from rapidfuzz.distance import Levenshtein

from essa.routines import labels, search
from essa.routines.decoding import Decoded
from essa.routines.profiles import Log, Profile

DATASETS = Path(os.environ.get("ESSA_DATASETS", Path(__file__).parents[2] / "shared" / "datasets"))
LOGS = (1, 5, 7)
NOISE = (0.0, 0.1, 0.2, 0.4)
PUBLISHED = {(1, 0.4): 0.669, (5, 0.4): 0.629, (7, 0.4): 0.582}
WINDOW, ELEMENT = ("Url", "FileName", "Sheet"), ("Label", "Column")
PATTERN_MIN, PATTERN_TIMES = 0.02, 3  # of a routine's instances that do the same of its steps, to be a way of doing it


@dataclass(frozen=True)
class Event:
    """What a recorder saw, and what is hidden from the search: the step's true name and its execution."""

    seen: tuple[str, ...]  # application, window, element, action
    action: str
    case: str


@dataclass(frozen=True)
class Score:
    jaccard: float
    distance: float
    segments: int
    routines: int


def read(number: int) -> list[list[Event]]:
    """The executions of a log, in its order."""
    path = DATASETS / "ui_logs" / f"log{number}.parquet"
    with duckdb.connect() as connection:
        window, element = (", ".join(f"nullif(\"{name}\", '')" for name in one) for one in (WINDOW, ELEMENT))
        rows = connection.execute(
            f"""SELECT caseID, source, concat_ws(' ', {window}), concat_ws(' ', {element}), eventType, action
            FROM read_parquet('{path}', file_row_number = true) ORDER BY file_row_number"""
        ).fetchall()
    cases: dict[str, list[Event]] = {}
    for case, *seen, action in rows:
        cases.setdefault(f"{number}:{case}", []).append(Event(tuple(seen), action, f"{number}:{case}"))
    return list(cases.values())


def with_noise(executions: Sequence[Sequence[Event]], share: float, draw: np.random.Generator) -> list[Event]:
    """One event after the other; each with this chance dropped or preceded by any event of the log."""
    events = [event for one in executions for event in one]
    noisy: list[Event] = []
    for event in events:
        if draw.random() < share:
            if draw.random() < 0.5:
                continue
            other = events[int(draw.integers(len(events)))]
            noisy.append(Event(other.seen, other.action, ""))
        noisy.append(event)
    return noisy


def mixture(parts: dict[int, list[list[Event]]], kind: str, draw: np.random.Generator) -> list[list[Event]]:
    """As many executions of each log, shuffled or in runs of 5 to 20."""
    least = min(len(one) for one in parts.values())
    kept = {
        number: [one[place] for place in sorted(draw.permutation(len(one))[:least])] for number, one in parts.items()
    }
    if kind == "shuffled":
        whole = [execution for one in kept.values() for execution in one]
        return [whole[place] for place in draw.permutation(len(whole))]
    mixed: list[list[Event]] = []
    while any(kept.values()):
        left = [number for number, one in kept.items() if one]
        number = left[int(draw.integers(len(left)))]
        count = int(draw.integers(5, 21))
        mixed += kept[number][:count]
        kept[number] = kept[number][count:]
    return mixed


def score(events: Sequence[Event], executions: Sequence[Sequence[Event]]) -> tuple[Score, float]:
    """How near what is found comes to the truth, and the seconds it took."""
    begun = time.perf_counter()
    kinds = sorted({event.seen for event in events})
    number = {kind: place for place, kind in enumerate(kinds)}
    codes = np.array([number[event.seen] for event in events], dtype=np.int32)
    found = labels.found(kinds, codes, np.array([0, len(events)], dtype=np.int64))
    taken_s = time.perf_counter() - begun
    return Score(
        jaccard=mean_jaccard(events, executions, found.profiles, found.decoded),
        distance=mean_distance(events, found.decoded),
        segments=len(found.decoded.routines),
        routines=len(found.profiles),
    ), taken_s


def mean_jaccard(
    events: Sequence[Event], executions: Sequence[Sequence[Event]], profiles: Sequence[Profile], told: Decoded
) -> float:
    """Of each found way of doing a routine, its best likeness to a true one, as sets of steps; the mean over all ways."""
    true = {frozenset(event.action for event in one) for one in executions}
    ways = list(found_ways(events, profiles, told))
    return float(np.mean([max(len(way & one) / len(way | one) for one in true) for way in ways])) if ways else 0.0


def found_ways(events: Sequence[Event], profiles: Sequence[Profile], told: Decoded) -> Iterator[frozenset[str]]:
    """The frequent patterns of each routine's steps, but for those that a commoner one is with up to three steps more."""
    named: dict[int, Counter[str]] = {}
    done: dict[int, set[int]] = {}
    for place in np.flatnonzero(told.step >= 0).tolist():
        named.setdefault(int(told.step[place]), Counter())[events[place].action] += 1
        done.setdefault(int(told.instance[place]), set()).add(int(told.step[place]))
    patterns: dict[int, Counter[frozenset[int]]] = {}
    for instance, steps in done.items():
        patterns.setdefault(int(told.routines[instance]), Counter())[frozenset(steps)] += 1
    for routine in sorted(patterns):
        total = sum(patterns[routine].values())
        kept: list[frozenset[int]] = []
        for pattern, count in sorted(
            patterns[routine].items(), key=lambda one: (-one[1], -len(one[0]), sorted(one[0]))
        ):
            is_part = any(pattern < other and len(other - pattern) <= 3 for other in kept)
            if not kept or (count >= max(PATTERN_TIMES, PATTERN_MIN * total) and not is_part):
                kept.append(pattern)
        for pattern in kept:
            yield frozenset(max(sorted(named[step].items()), key=lambda one: one[1])[0] for step in pattern)


def mean_distance(events: Sequence[Event], told: Decoded) -> float:
    """Of each found segment, the least edit distance to a true one it shares an event with, over the longer of both."""
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        if event.case:
            places.setdefault(event.case, []).append(place)
    true = {case: [events[place].action for place in range(held[0], held[-1] + 1)] for case, held in places.items()}
    distances = []
    for first, last in zip(told.firsts.tolist(), told.lasts.tolist(), strict=True):
        segment = [event.action for event in events[first : last + 1]]
        cases = {event.case for event in events[first : last + 1] if event.case}
        distances.append(
            min(
                (Levenshtein.distance(segment, true[it]) / max(len(segment), len(true[it])) for it in cases),
                default=1.0,
            )
        )
    return float(np.mean(distances)) if distances else 1.0


def desktop(draws: int) -> None:
    parts = {number: read(number) for number in LOGS}
    print(
        f"{'log':22} {'noise':>6} {'JC':>6} {'published':>10} {'ED':>6} {'segments':>9} {'true':>6} {'routines':>9} {'s':>6}"
    )
    means = []
    mixtures = {"1+5+7 shuffled": ("shuffled", LOGS), "1+5+7 runs": ("runs", LOGS), "5+7 shuffled": ("shuffled", (5, 7)),
                "1+7 runs": ("runs", (1, 7))}  # fmt: skip
    for name in (*LOGS, *mixtures):
        for noise in NOISE:
            rows = []
            for number in range(draws if noise or name not in LOGS else 1):
                draw = np.random.default_rng(number)
                executions = parts[name] if name in LOGS else None
                if executions is None:
                    kind, which = mixtures[name]
                    executions = mixture({log: parts[log] for log in which}, kind, draw)
                rows.append((*score(with_noise(executions, noise, draw), executions), len(executions)))
            jaccard, distance = (
                float(np.mean([getattr(one[0], what) for one in rows])) for what in ("jaccard", "distance")
            )
            segments, routines = (
                float(np.mean([getattr(one[0], what) for one in rows])) for what in ("segments", "routines")
            )
            taken_s = float(np.mean([one[1] for one in rows]))
            means.append((jaccard, distance))
            known = PUBLISHED.get((name, noise), "")
            print(f"{name!s:22} {noise:6.0%} {jaccard:6.3f} {known:>10} {distance:6.3f} {segments:9.0f} {rows[0][2]:6}"
                  f" {routines:9.1f} {taken_s:6.2f}", flush=True)  # fmt: skip
    print(
        f"{'mean':22} {'':6} {np.mean([one[0] for one in means]):6.3f} {'':10} {np.mean([one[1] for one in means]):6.3f}"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=5)
    asked.add_argument("--sizes", nargs="*", type=float, default=[1e6])
    given = asked.parse_args()
    if DATASETS.is_dir():
        desktop(given.draws)


if __name__ == "__main__":
    main()
