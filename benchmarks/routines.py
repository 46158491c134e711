"""How well routines are found again in desktop logs with noise and mixed, what they cover of task logs, how fast.

Run as `make bench-routines`; benchmarks/README.md says what the columns mean.
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
from published_routines import published
from rapidfuzz.distance import Levenshtein

from essa.routines import fitting, grams, labels
from essa.routines import found as night
from essa.routines.decoding import Decoded, decode
from essa.routines.profiles import BIT, Log

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
        jaccard=mean_jaccard(events, executions, found.decoded),
        distance=mean_distance(events, found.decoded),
        segments=len(found.decoded.routines),
        routines=len(set(found.decoded.routines.tolist())),
    ), taken_s


def mean_jaccard(events: Sequence[Event], executions: Sequence[Sequence[Event]], told: Decoded) -> float:
    """Of each found way of doing a routine its best likeness to a true one, as sets of steps; the mean of those."""
    true = {frozenset(event.action for event in one) for one in executions}
    ways = list(found_ways(events, told))
    return float(np.mean([max(len(way & one) / len(way | one) for one in true) for way in ways])) if ways else 0.0


def found_ways(events: Sequence[Event], told: Decoded) -> Iterator[frozenset[str]]:
    """The frequent patterns of each routine's steps, but for those that are a commoner one less up to three steps."""
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


MIXTURES: dict[str, tuple[str, tuple[int, ...]]] = {
    "1+5+7 shuffled": ("shuffled", LOGS),
    "1+5+7 runs": ("runs", LOGS),
    "5+7 shuffled": ("shuffled", (5, 7)),
    "1+7 runs": ("runs", (1, 7)),
}


HEAD = "log               noise     JC  published     ED  segments   true  routines      s  told JC  told ED"


def desktop(draws: int, nights: int) -> None:
    """As found by the search alone, over all draws, and as the nights of the first few publish them."""
    parts = {number: read(number) for number in LOGS}
    print(HEAD)
    means = []
    for name in (*LOGS, *MIXTURES):
        for noise in NOISE:
            rows, told = [], []
            for number in range(draws if noise or name in MIXTURES else 1):
                draw = np.random.default_rng(number)
                if name in MIXTURES:
                    kind, which = MIXTURES[name]
                    executions = mixture({log: parts[log] for log in which}, kind, draw)
                else:
                    executions = parts[name]
                noisy = with_noise(executions, noise, draw)
                rows.append(score(noisy, executions))
                if number < nights:
                    whole = published([event.seen for event in noisy])
                    told.append((mean_jaccard(noisy, executions, whole), mean_distance(noisy, whole)))
            mean = {
                what: float(np.mean([getattr(one, what) for one, _ in rows]))
                for what in ("jaccard", "distance", "segments", "routines")
            }
            means.append(mean)
            taken_s = float(np.mean([one for _, one in rows]))
            print(
                f"{name!s:16} {noise:6.0%} {mean['jaccard']:6.3f} {PUBLISHED.get((name, noise), ''):>10}"
                f" {mean['distance']:6.3f} {mean['segments']:9.0f} {len(executions):6}"
                f" {mean['routines']:9.1f} {taken_s:6.2f}"
                + "".join(f" {one:8.3f}" for one in (np.mean(told, axis=0).tolist() if told else [])),
                flush=True,
            )
    jaccard, distance = (float(np.mean([one[what] for one in means])) for what in ("jaccard", "distance"))
    print(f"{'mean':16} {'':6} {jaccard:6.3f} {'':10} {distance:6.3f}")


TASK_LOGS = {"bpic2012_w": "activity", "academic_credentials": "activity", "loan_application_batched": "Activity"}


def covered(name: str, activity: str) -> str:
    """What the routines of a task log hold of its executions, and what as many contiguous runs hold."""
    path = DATASETS / "event_logs" / f"{name}.csv.gz"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""SELECT steps, count(*)
            FROM (SELECT list("{activity}" ORDER BY start_time, end_time, "{activity}") AS steps
                FROM '{path}' GROUP BY case_id)
            GROUP BY steps ORDER BY count(*) DESC, steps"""
        ).fetchall()
    names = sorted({step for steps, _ in rows for step in steps})
    number = {step: place for place, step in enumerate(names)}
    log = Log.of([[number[step] for step in steps] for steps, _ in rows], [count for _, count in rows], len(names))
    least = max(2, round(0.002 * int(log.weights.sum())))
    count = len(log.codes)
    runs = grams.closed(log, np.zeros(count, np.int64), np.ones(count, np.int64), least)
    chosen = grams.cover(log, runs, 25, least)
    is_free = np.ones(count, np.bool_)
    weight = log.weight_of_event
    held = sum(len(one.steps) * grams._count_free(one.places, len(one.steps), is_free, weight, True) for one in chosen)
    begun = time.perf_counter()
    found = decomposed(log, least)
    share = weight[found.decoded.step >= 0].sum() / weight.sum()
    return (
        f"{name:26} {int(weight.sum()):>8,} executions, {len(rows):>6,} variants:"
        f" {len(found.profiles)} routines cover {share:.1%}, 25 contiguous runs"
        f" {held / weight.sum():.1%}; {time.perf_counter() - begun:.1f} s"
    )


def decomposed(log: Log, least: int) -> fitting.Fit:
    """As a night finds them, every way between two steps being worth the same."""
    count = len(log.without_repeats().codes)
    return night.recurring(log, np.zeros(count, np.int64), np.ones(count, np.int64), least, 25)


def made_up(size: int) -> str:
    """A desktop log of 35 routines over 1,680 labels, told again; half of its windows name one of 400 customers."""
    draw = np.random.default_rng(3)
    routines = [draw.integers(0, 1_600, size=draw.integers(8, 22)).tolist() for _ in range(35)]
    events: list[int] = []
    starts, instances = [0], 0
    while len(events) < size:
        for step in routines[draw.integers(35)]:
            chance = draw.random()
            if chance < 0.05:
                continue
            if chance < 0.10:
                events.append(int(draw.integers(1_680)))
            events.append(step)
        instances += 1
        if instances % 400 == 0:
            starts.append(len(events))
    letters = [chr(97 + place % 20) for place in range(1_680)]
    named = [f"{letters[n % 20] * 3}{letters[n // 20]} {letters[n % 7] * 2}{letters[n // 20]}son" for n in range(400)]
    seen = np.array(events) * 400 + np.where(np.array(events) % 2 == 0, draw.integers(400, size=len(events)), 0)
    different, codes = np.unique(seen, return_inverse=True)
    kinds = [
        (
            f"app{n % 7}",
            f"{letters[n]} of {named[customer]}" if n % 2 == 0 else letters[n],
            letters[n // 400] + letters[n // 20 % 20] + letters[n],
            "do",
        )
        for n, customer in ((one // 400, one % 400) for one in different.tolist())
    ]
    begun = time.perf_counter(), time.process_time()
    found = labels.found(kinds, codes.astype(np.int32), np.array([*starts, len(events)]))
    wall_s, cpu_s = time.perf_counter() - begun[0], time.process_time() - begun[1]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{len(events):,} desktop events of {len(kinds):,} kinds, {instances:,} instances of 35 routines:"
        f" found {len(found.decoded.routines):,} of {len(found.profiles)} in {wall_s:.1f} s"
        f" ({cpu_s:.1f} cpu), peak {peak_mb:.0f} MB"
    )


def many_variants(count: int) -> str:
    """Ten million executions in so many variants, each its own, found in as a night does."""
    draw = np.random.default_rng(4)
    length = 10_000_000 // count if count < 1_000_000 else 10
    codes = draw.integers(0, 40, size=(count, length), dtype=np.int32)
    for steps in ([1, 2, 3, 4, 5], [6, 7, 8], [9, 10, 11, 12]):
        at = draw.integers(0, length - len(steps), size=count)
        for place, step in enumerate(steps):
            codes[np.arange(count), at + place] = step
    log = Log(codes.ravel(), np.arange(0, count * length + 1, length, dtype=np.int64), np.ones(count, np.int64), 40)
    begun = time.perf_counter(), time.process_time()
    found = decomposed(log.first(1_000_000), 200)
    told = decode(log, found.profiles, log.background + 2 * BIT)
    wall_s, cpu_s = time.perf_counter() - begun[0], time.process_time() - begun[1]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{len(log.codes):,} executions in {count:,} variants: {len(told.routines):,} runs"
        f" of {len(found.profiles)} routines in {wall_s:.1f} s"
        f" ({cpu_s:.1f} cpu), peak {peak_mb:.0f} MB"
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--draws", type=int, default=5, help="of noise, of each log")
    asked.add_argument("--nights", type=int, default=1, help="of each log, that are taken through a night as well")
    asked.add_argument("--sizes", nargs="*", type=float, default=[1e6], help="of made-up desktop logs")
    asked.add_argument("--variants", nargs="*", type=float, default=[5e5], help="of made-up task logs")
    given = asked.parse_args()
    if DATASETS.is_dir():
        if given.draws:
            desktop(given.draws, given.nights)
        for name, activity in TASK_LOGS.items():
            print(covered(name, activity))
    for size in given.sizes:
        print(made_up(int(size)))
    for count in given.variants:
        print(many_variants(int(count)))


if __name__ == "__main__":
    main()
