"""How well labels are named: essa beside OpenRefine's keys, the best threshold of each scorer, and papers.

Run as `make bench-names`; benchmarks/README.md says what the columns mean. `--sizes 1e3 1e4` times made-up labels,
`--pairs` compares what is looked up with what comparing all pairs of labels would find.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import numpy as np
import vocabulary
from rapidfuzz import distance, fuzz, process

from essa.naming import context
from essa.naming.deciding import decide
from essa.naming.proposing import Asked, Proposal, propose
from essa.naming.reading import clean, prepare
from essa.naming.slips import if_believed, slip
from essa.naming.words import Words, words

DATASETS = Path(os.environ.get("ESSA_DATASETS", Path(__file__).parents[2] / "shared" / "datasets"))
PAIRS = tuple(Path(__file__).parents[1] / "tests" / f"{name}_pairs.csv" for name in ("hard", "label"))
PAIR_COUNTS = ((5, 5), (900, 5), (5, 900))  # events of the two labels of a pair
SETS = tuple(f"{log}_{kind}" for log in ("credit", "pub") for kind in ("distorted", "polluted", "synonymous"))
PUBLISHED = {
    "credit_distorted": 0.973, "credit_polluted": 0.468, "credit_synonymous": 1.0,
    "pub_distorted": 0.974, "pub_polluted": 0.464, "pub_synonymous": 1.0,
}  # fmt: skip
SCORERS: dict[str, Callable] = {
    "ratio": fuzz.ratio, "token_sort": fuzz.token_sort_ratio, "token_set": fuzz.token_set_ratio,
    "WRatio": fuzz.WRatio, "Jaro-Winkler": distance.JaroWinkler.normalized_similarity,
}  # fmt: skip
LABELS_MAX = 1_500  # of a set that a scorer compares; the most frequent
Row = tuple[str, str, int]  # label, what it means, events


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sizes", nargs="*", type=float, default=[1e3, 1e4])
    asked.add_argument("--pairs", action="store_true")
    given = asked.parse_args()
    print(f"{'set':20} {'method':24} {'P':>6} {'R':>6} {'F1':>6} {'repair':>7} {'harm':>7}")
    for name in SETS if DATASETS.is_dir() else ():
        of_set(name)
    for seed in (1, 2, 3):
        report(f"made up, seed {seed}", vocabulary.made_up(4_000, seed), {}, seed == 1)
    for path in PAIRS:
        for count, other_count in PAIR_COUNTS:
            print(alike(path, count, other_count))
    for size in given.sizes:
        print(timed(int(size)))
    if given.pairs:
        print(blocking(4_000))


def of_set(name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"""CREATE TABLE event AS SELECT "Case" AS case_id, Activity AS label, canonical,
            "Timestamp" AS ended_at, row_number() OVER () AS line FROM '{DATASETS / "label_repair" / name}.parquet'""")
        rows = connection.execute(
            "SELECT label, canonical, count(*) FROM event WHERE canonical <> '' GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        counts = dict(connection.execute("SELECT label, count(*) FROM event GROUP BY label ORDER BY label").fetchall())
        proposal = propose(Asked(counts), words())
        found = decide(proposal, around(connection, proposal)).named
    report(name, rows, {one.label: one.activity for one in found}, True)
    if name in PUBLISHED:
        print(f"{name:20} {'published (detection)':24} {'':6} {'':6} {PUBLISHED[name]:6.3f}")


def around(connection: duckdb.DuckDBPyConnection, proposal: Proposal) -> context.Context | None:
    """The context as a night would count it, of the whole log."""
    group_of = proposal.group_of
    groups = [(label, group_of[clean(label)]) for label in proposal.asked.counts]
    connection.execute("CREATE TABLE label_group (label VARCHAR, name VARCHAR)")
    connection.executemany("INSERT INTO label_group VALUES (?, ?)", groups)
    connection.execute("""CREATE TABLE beside AS SELECT case_id, name, lag(name, 1, '^') OVER w AS before,
        lead(name, 1, '$') OVER w AS after FROM event JOIN label_group USING (label)
        WINDOW w AS (PARTITION BY case_id ORDER BY ended_at, line)""")
    neighbours, total = [], Counter()
    for channel in ("before", "after"):
        found = connection.execute(f"SELECT name, {channel}, count(*) FROM beside GROUP BY ALL").fetchall()
        for name, beside, count in found:
            neighbours.append(_row(label_group=name, channel=channel, neighbour=beside, event_count=count))
            total[channel, beside] += count
    neighbours += [
        _row(label_group=None, channel=channel, neighbour=beside, event_count=count)
        for (channel, beside), count in total.items()
    ]
    cases = connection.execute("""SELECT name, count(*), count(*) FILTER (n > 1)
        FROM (SELECT case_id, name, count(*) AS n FROM beside GROUP BY ALL) GROUP BY name""").fetchall()
    held = [_row(label_group=name, case_count=count, repeat_count=again) for name, count, again in cases]
    visits = defaultdict(set)
    for case_id, name in connection.execute("SELECT DISTINCT case_id, name FROM beside").fetchall():
        visits[name].add(case_id)
    meetings = [
        _row(rare=one.rare, hub=one.hub, case_count=len(visits[one.rare] & visits[one.hub]))
        for one in proposal.verdicts
    ]
    return context.gather(neighbours, held, meetings).get("p")


def _row(**values: object) -> dict[str, object]:
    return {"process": "p", **values}


def report(name: str, rows: list[Row], found: dict[str, str], with_baselines: bool) -> None:
    """One line for essa, which is asked here where nothing was found before, and one for each baseline."""
    if not found:
        named = decide(propose(Asked({label: count for label, _, count in rows}), words()), None).named
        found = {one.label: one.activity for one in named}
    print(line(name, "essa", rows, found))
    if not with_baselines:
        return
    print(line(name, "fingerprint", rows, by_key(rows, fingerprint)))
    print(line(name, "2-gram fingerprint", rows, by_key(rows, ngram_fingerprint)))
    few = sorted(rows, key=lambda row: (-row[2], row[0]))[:LABELS_MAX]
    for scorer in SCORERS:
        threshold, best = best_threshold(few, SCORERS[scorer])
        print(line(name, f"{scorer} at {threshold:g}", few, best))


def line(name: str, method: str, rows: list[Row], found: dict[str, str]) -> str:
    precision, recall, f1, repair, harm = measured(rows, found)
    return f"{name:20} {method:24} {precision:6.3f} {recall:6.3f} {f1:6.3f} {repair:7.3f} {harm:7.4f}"


def measured(rows: list[Row], found: dict[str, str]) -> tuple[float, float, float, float, float]:
    """Precision, recall and F1 over pairs of labels; repair and harm over events."""
    pairs = [Counter(found[label] for label, _, _ in rows), Counter(means for _, means, _ in rows)]
    both = _pairs(Counter((found[label], means) for label, means, _ in rows))
    precision, recall = (both / max(_pairs(counted), 1) for counted in pairs)
    dirty = [(found[label] == found.get(means, means), count) for label, means, count in rows if label != means]
    tidy = [(found[label] != means, count) for label, means, count in rows if label == means]
    repair, harm = (sum(is_so * n for is_so, n in part) / max(sum(n for _, n in part), 1) for part in (dirty, tidy))
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), repair, harm


def _pairs(counted: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counted.values())


def fingerprint(label: str) -> str:
    """OpenRefine's: the words without punctuation, sorted, each once."""
    return " ".join(sorted(set(re.sub(r"[^\w\s]", "", label.casefold()).split())))


def ngram_fingerprint(label: str) -> str:
    letters = re.sub(r"\W|_", "", label.casefold())
    return "".join(sorted({letters[place : place + 2] for place in range(len(letters) - 1)}))


def by_key(rows: Iterable[Row], key: Callable[[str], str]) -> dict[str, str]:
    names: dict[str, str] = {}
    found = {}
    for label, _, _ in sorted(rows, key=lambda row: (-row[2], row[0])):
        found[label] = names.setdefault(key(label), label)
    return found


def best_threshold(rows: list[Row], scorer: Callable) -> tuple[float, dict[str, str]]:
    """The threshold with the best F1 on this very set, which flatters it; a label goes to a more frequent one."""
    labels = [label for label, _, _ in rows]
    scores = process.cdist(labels, list(labels), scorer=scorer, dtype=np.float32)
    scale = 100 if scores.max() > 1.5 else 1
    best: tuple[float, float, dict[str, str]] = (-1.0, 0.0, {})
    for threshold in range(70, 100, 3):
        near = scores >= threshold / 100 * scale
        found: dict[str, str] = {}
        for place, label in enumerate(labels):
            hubs = (labels[other] for other in np.flatnonzero(near[place, :place]))
            found[label] = next((hub for hub in hubs if found[hub] == hub), label)
        best = max(best, (measured(rows, found)[2], threshold, found), key=lambda one: one[:2])
    return best[1], best[2]


def alike(path: Path, count: int, other_count: int) -> str:
    """Precision and recall over pairs of look-alikes, each a log of its own, and which were got wrong."""
    with path.open(newline="", encoding="utf-8") as file:
        pairs = [(row["a"], row["b"], row["same"] == "1") for row in csv.DictReader(file)]
    found: dict[tuple[bool, bool], list[str]] = defaultdict(list)
    for one, other, is_same in pairs:
        named = decide(propose(Asked({one: count, other: other_count}), words()), None).named
        found[is_same, len({label.activity for label in named}) == 1].append(f"{one} | {other}")
    right, wrong, missed = len(found[True, True]), found[False, True], found[True, False]
    precision, recall = right / max(right + len(wrong), 1), right / max(right + len(missed), 1)
    said = f"{path.stem} at {count}:{other_count}: precision {precision:.3f}, recall {recall:.3f} of {len(pairs)} pairs"
    lines = [*(f"  wrong   {pair}" for pair in wrong), *(f"  missed  {pair}" for pair in missed)]
    return "\n".join([said, *lines])


def timed(size: int) -> str:
    rows = vocabulary.made_up(size)
    counts = {label: count for label, _, count in rows}
    begun = time.perf_counter(), time.process_time()
    proposal = propose(Asked(counts), words())
    named = decide(proposal, None).named
    wall_s, cpu_s = time.perf_counter() - begun[0], time.process_time() - begun[1]
    known = {one.label: one for one in named}
    again = time.process_time()
    decide(propose(Asked(counts, known=known, kept=proposal.read.kept), words()), None)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{size:,} labels: {wall_s:.1f} s ({cpu_s:.1f} cpu), peak {peak_mb:.0f} MB; "
        f"unchanged vocabulary {time.process_time() - again:.2f} s cpu"
    )


def blocking(size: int) -> str:
    """Of all pairs of labels whose words differ in believable slips alone, how many the look-up does not propose."""
    lists = words()
    proposal = propose(Asked({label: count for label, _, count in vocabulary.made_up(size)}), lists)
    proposed = {frozenset(map(proposal.group_of.get, (pair.one, pair.other))) for pair in proposal.read.pairs}
    names = [group.name for group in proposal.groups]
    near = process.cdist(names, list(names), scorer=distance.OSA.distance, score_cutoff=3, dtype=np.uint8) <= 3
    total = missed = 0
    for one, other in zip(*np.nonzero(np.triu(near, 1)), strict=True):
        if _differ_in_slips(prepare(names[one]).words, prepare(names[other]).words, lists):
            total += 1
            missed += frozenset((names[one], names[other])) not in proposed
    return f"looked up at {size:,} labels: {missed} of {total} pairs lost that comparing all pairs finds"


def _differ_in_slips(one: tuple[str, ...], other: tuple[str, ...], lists: Words) -> bool:
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or not 1 <= len(differing) <= 3:
        return False
    sides = differing, [pair[::-1] for pair in differing]  # all slips in one label: a slip is never of another slip
    return any(all(_is_slip(*pair, lists) for pair in side) for side in sides)


def _is_slip(word: str, meant: str, lists: Words) -> bool:
    is_strange = word.isalpha() and len(word) > 1 and not lists.is_right(word)
    likeness = slip(word, meant, distance.OSA.distance(word, meant), lists) if is_strange and meant.isalpha() else None
    return bool(likeness) and if_believed(likeness, lists).rule in ("slip", "vowel", "edit", "edge", "spelling")


if __name__ == "__main__":
    main()
