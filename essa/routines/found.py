"""The routines of every process tonight, found in its variants."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import numpy as np

from essa.routines import composing, fitting, grams, left_out, orders
from essa.routines.desktop import OTHER
from essa.routines.linked import linked
from essa.routines.matching import match
from essa.routines.orders import Way
from essa.routines.profiles import Log, Profile
from essa.routines.variants import WORTH, Variants, processes, variants

CASE_SHARE_MIN = 0.002  # a run in fewer cases is no routine
ROUNDS = 4
# variants that a routine is looked for from, for noise hides a way of doing it in one of them and hardly in all; and
# steps of the log it is tried on first
STARTS_MAX, STARTS_STEPS = 40, 5_000
Pair = tuple[int, int]


def find(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of `mart.routine_step`."""
    rows: list[dict[str, Any]] = []
    for process in processes(connection):
        one = variants(connection, process)
        rows += _rows(one, _tasks(connection, one))
    return rows


TABLES = {"mart.routine_step": find, "mart.routine_match": match}


def _tasks(connection: duckdb.DuckDBPyConnection, one: Variants) -> list[list[Way]]:
    """What recurs in the commonest variants, each in its orders; what is rare in them is told later in all of them."""
    support_min, count_max, steps_max = connection.execute(
        "SELECT support_min, routine_count_max, routine_steps_max FROM ops.tonight"
    ).fetchall()[0]
    log = one.log.first(steps_max)
    own, leading = _worth(connection, one, log.without_repeats())
    found = recurring(log, own, leading, support_min, count_max, *_seams(connection, one), _is_cut(connection, one))
    heads = orders.one_task(found.profiles, orders.beside(log, found.decoded))
    tasks = [[profile for profile, head in zip(found.profiles, heads, strict=True) if head == it] for it in set(heads)]
    return [orders.ways(sorted(those, key=_commonest_first)) for those in tasks]


def _commonest_first(profile: Profile) -> tuple[float, tuple[int, ...]]:
    return -profile.share, profile.steps


def recurring(
    log: Log,
    own: np.ndarray,
    leading: np.ndarray,
    support_min: int,
    count_max: int,
    seams: frozenset[Pair] = frozenset(),
    in_one_go: frozenset[Pair] = frozenset(),
    is_cut: bool = False,
) -> fitting.Fit:
    """The routines of a log of variants; `own` and `leading`, as of `grams.closed`, are of it without repeats.

    Over `seams`, two steps one after the other, no routines are put together, and what is done `in_one_go` up to one
    is a routine of its own. Where cases were cut as runs of one routine, `is_cut`, that one is looked for whole too.
    """
    least = (support_min, CASE_SHARE_MIN)
    instances_min = max(support_min, round(CASE_SHARE_MIN * int(log.weights.sum())))
    short = log.without_repeats()

    def refit(profiles: Iterable[Profile], rounds: int = ROUNDS, apart: frozenset[Pair] = frozenset()) -> fitting.Fit:
        several = [one for one in profiles if len(set(one.steps)) > 1]
        return fitting.fit(log, several, rounds=rounds, least=least, worth=WORTH, seams=apart)

    def searched(short: Log, refit: composing.Refit) -> fitting.Fit:
        runs = grams.closed(short, own, leading, instances_min)
        chosen = grams.cover(short, [run for run in runs if len(set(run.steps)) > 1], count_max, instances_min)
        found = left_out.thinned(refit(Profile.guess(run.steps, 1 / len(chosen)) for run in chosen), refit)
        # within a case an order is sure, so that a longer routine must tell more to be worth reading
        found = linked(log, composing.joined(log, found, refit, 1.0, seams), WORTH, refit)
        return composing.settled(found, refit)

    found = searched(short, refit)
    if is_cut:
        whole = composing.settled(refit(_whole(log.first(STARTS_STEPS), short, least)), refit)
        found = min(found, whole, key=lambda one: one.bits)
    parts = composing.parts(found.profiles, seams, in_one_go)
    if len(parts) > len(found.profiles):
        found = refit(parts, 0)  # rounds would let them grow together again
    if not seams:
        return left_out.with_optional(found, lambda profiles: refit(profiles, 0))
    # a run that grew over a seam left what else stands there in pieces: looked for between seams, in hardly more bits,
    # it is whole
    between = searched(short.cut(seams), lambda profiles: refit(profiles, apart=seams))
    found = between if between.bits <= composing.JOINED_BITS_MAX * found.bits else found
    return left_out.with_optional(found, lambda profiles: refit(profiles, 0))


def _whole(part: Log, short: Log, least: tuple[int, float]) -> tuple[Profile, ...]:
    """What the cases tell as one routine, from whichever variant that takes the fewest bits in a part of the log."""

    def refit(profiles: Iterable[Profile]) -> fitting.Fit:
        return fitting.fit(part, tuple(profiles), rounds=ROUNDS, least=least, worth=WORTH)

    # many variants lead to the same, which is gone on with once
    tried = {tuple(it.steps for it in one.profiles): one for one in (refit([start]) for start in _starts(short))}
    return min((composing.settled(one, refit) for one in tried.values()), key=lambda one: one.bits).profiles


def _starts(log: Log) -> Iterator[Profile]:
    """The commonest variants, each as one routine from end to end: what it is where noise leaves hardly two alike."""
    counts: Counter[tuple[int, ...]] = Counter()
    for low, high, weight in zip(log.starts[:-1].tolist(), log.starts[1:].tolist(), log.weights.tolist(), strict=True):
        counts[tuple(log.codes[low:high].tolist())] += weight
    for steps in sorted(counts, key=lambda one: -counts[one])[:STARTS_MAX]:
        yield Profile.guess(steps, 1.0)


def _seams(connection: duckdb.DuckDBPyConnection, one: Variants) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """Steps between which work mostly passes to another person or lies, so that what follows is another task; and the
    others, which are done in one go.
    """
    number = {name: place for place, name in enumerate(one.activities)}
    found = connection.execute(
        """SELECT previous_activity::VARCHAR, activity::VARCHAR,
            count(*) FILTER (previous_resource <> resource OR waiting_s > routine_pause_s)
                > (1 - routine_one_go_min) * count(*) AS is_seam
        FROM core.activity_instance
        CROSS JOIN ops.tonight
        WHERE process = ? AND previous_activity IS NOT NULL
        GROUP BY previous_activity, activity, routine_one_go_min""",
        [one.process],
    ).fetchall()
    seams, in_one_go = (
        frozenset((number[before], number[after]) for before, after, is_seam in found if is_seam == kind)
        for kind in (True, False)
    )
    return seams, in_one_go


def _is_cut(connection: duckdb.DuckDBPyConnection, one: Variants) -> bool:
    """Whether its cases are runs that were cut out of logs of screens."""
    cut = connection.execute("SELECT DISTINCT process FROM core.desktop_event").fetchall()
    return (one.process,) in cut and not one.process.endswith(f": {OTHER}")


def _worth(connection: duckdb.DuckDBPyConnection, one: Variants, log: Log) -> tuple[np.ndarray, np.ndarray]:
    """Mean seconds of work of each event and of the wait that leads to it; where there are none, one for each way."""
    own = np.zeros(log.label_count, np.int64)
    leading = np.zeros((log.label_count + 1, log.label_count), np.int64)
    number = {name: place for place, name in enumerate(one.activities)}
    for before, activity, handling_s, waiting_s in connection.execute(
        """SELECT previous_activity::VARCHAR, activity::VARCHAR,
            (sum(handling_s) OVER (PARTITION BY activity) // sum(event_count) OVER (PARTITION BY activity))::BIGINT,
            (waiting_s // event_count)::BIGINT
        FROM mart.step_worth WHERE process = ? ORDER BY ALL""",
        [one.process],
    ).fetchall():
        own[number[activity]] = handling_s
        leading[number[before] if before is not None else -1, number[activity]] = waiting_s
    if not own.any() and not leading.any():
        leading[:] = 1
    previous = np.concatenate([[-1], log.codes[:-1]])
    previous[log.starts[:-1][log.starts[:-1] < len(log.codes)]] = -1
    return own[log.codes], leading[previous, log.codes]


def _rows(one: Variants, tasks: list[list[Way]]) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for ways in sorted(tasks, key=lambda it: _commonest_first(it[0].profile)):
        first = ways[0].profile
        steps = [one.activities[step] for step in first.steps]
        sure = [name for name, done in zip(steps, first.done, strict=True) if done >= 0.5]
        named_id = _id(one.process, sure)
        if named_id in seen:
            named_id = _id(one.process, ["", *steps])
        seen.add(named_id)
        for way_no, way in enumerate(ways, 1):
            profile = way.profile
            for place, (step, done) in enumerate(zip(way.step_of, profile.done, strict=True), 1):
                yield {
                    "process": one.process, "named_id": named_id, "way_no": way_no, "place_no": place,
                    "step_no": step + 1, "activity": steps[step], "done_share": round(done, 6),
                    "run_share": round(profile.share, 6), "back_share": round(profile.back_share, 6),
                }  # fmt: skip


def _id(process: str, steps: list[str]) -> str:
    """By its words, the same also where a step that is seldom done comes or goes."""
    return "r" + hashlib.md5("\x1f".join([process, *steps]).encode()).hexdigest()[:10]
