"""Routines: the decoder beside every possible telling, n-grams beside counting, and what must not matter."""

from __future__ import annotations

import itertools
from collections import Counter
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from essa import in_words
from essa.routines import composing, fitting, grams, instruction, matching, orders, search, seeds, told
from essa.routines import found as night
from essa.routines.decoding import AGAIN_BITS, BACK_REACH, INSIDE_BITS, START_BITS, decode
from essa.routines.profiles import BIT, Log, Profile, bits

LABELS = 4
sequences = st.lists(st.lists(st.integers(0, LABELS - 1), min_size=1, max_size=6), min_size=1, max_size=3)
profiles = st.lists(
    st.lists(st.integers(0, LABELS - 1), min_size=2, max_size=3).map(lambda steps: Profile.guess(steps, 0.5)),
    min_size=1,
    max_size=2,
)


def cheapest(sequence, known, background):
    """The least bits of a sequence, each event in turn told in every way there is."""
    done = [[min(max(share, 0.05), 0.97) for share in one.done] for one in known]
    match = [[int(bits(-np.log2(share))) for share in one] for one in done]
    skip = [[int(bits(-np.log2(1 - share))) for share in one] for one in done]
    start = [int(bits(-np.log2(one.share) + START_BITS)) for one in known]
    back = [max(min(int(bits(max(1.5, 1.5 - np.log2(1e-4)))), max(start) + 3 * BIT), one) for one in start]

    def told(at, running):
        if at == len(sequence):
            return 0 if running is None or running[2] else 10**15
        label = sequence[at]
        ways = []
        if running is None or running[2]:  # an instance ends on a step of it
            ended = 0 if running is None else sum(skip[running[0]][running[1] + 1 :])
            ways.append(ended + background[label] + told(at + 1, None))
            for routine, one in enumerate(known):
                for place, step in enumerate(one.steps):
                    if step == label:
                        cost = start[routine] + sum(skip[routine][:place]) + match[routine][place]
                        ways.append(ended + cost + told(at + 1, (routine, place, True)))
        if running is not None:
            routine, place, _ = running
            inside = background[label] + int(INSIDE_BITS * BIT)
            ways.append(inside + told(at + 1, (routine, place, False)))
            for now, step in enumerate(known[routine].steps):
                if step != label or place - now > min(BACK_REACH, len(known[routine].steps) // 2):
                    continue
                if now > place:
                    cost = sum(skip[routine][place + 1 : now]) + match[routine][now]
                else:
                    cost = int(AGAIN_BITS * BIT) if now == place else back[routine] + match[routine][now]
                ways.append(cost + told(at + 1, (routine, now, True)))
        return min(ways)

    return told(0, None)


@settings(max_examples=60)
@given(sequences, profiles)
def test_the_decoder_finds_the_cheapest_telling(given_sequences, known):
    log = Log.of(given_sequences, label_count=LABELS)
    padded = [cheapest([*one, LABELS], known, [*log.background.tolist(), 0]) for one in given_sequences]
    assert decode(log, known, log.background).bits == sum(padded)


@settings(max_examples=60)
@given(sequences, profiles)
def test_no_event_is_of_two_instances_and_each_saves_bits(given_sequences, known):
    log = Log.of(given_sequences, label_count=LABELS)
    told = decode(log, known, log.background)
    sequence = log.sequence_of_event
    assert ((told.step >= 0) == (told.instance >= 0)).all()
    assert (told.saved > 0).all()
    assert (told.firsts[1:] > told.lasts[:-1]).all()
    assert (sequence[told.firsts] == sequence[told.lasts]).all()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=8), st.integers(1, 3)), min_size=1, max_size=5))
def test_closed_runs_are_those_a_count_finds(variants):
    log = Log.of([["abc".index(step) for step in one] for one, _ in variants], [n for _, n in variants], 3)
    counts = Counter()
    for one, n in variants:
        for length in range(2, min(grams.LONGEST, len(one)) + 1):
            for place in range(len(one) - length + 1):
                counts[one[place : place + length]] += n
    often = {gram: n for gram, n in counts.items() if n >= 2}
    closed = {
        gram: n
        for gram, n in often.items()
        if not any(often.get(longer) == n for step in "abc" for longer in (gram + step, step + gram))
    }
    n = len(log.codes)
    found = grams.closed(log, np.zeros(n, np.int64), np.ones(n, np.int64), 2)
    weight = log.weight_of_event
    assert {"".join("abc"[step] for step in one.steps): int(weight[one.places].sum()) for one in found} == closed


def test_the_cover_takes_no_event_twice_and_the_best_first():
    log = Log.of([[0, 1, 2, 0, 1, 3], [1, 2, 3]], [5, 2])
    n = len(log.codes)
    found = grams.closed(log, np.zeros(n, np.int64), np.ones(n, np.int64), 2)
    chosen = grams.cover(log, found, 3)
    free = np.ones(n, bool)
    held = [grams._count_free(one.places, len(one.steps), free, log.weight_of_event, True) for one in chosen]
    assert chosen[0].steps == (0, 1, 2, 0, 1, 3)
    assert held[0] == 5 and sum(n * len(one.steps) for n, one in zip(held, chosen, strict=True)) <= 36


def found_steps(variants, weights):
    log = Log.of(variants, weights)
    seeds = [Profile.guess((0, 1, 2, 3), 0.5), Profile.guess((4, 5, 6), 0.5)]
    return {(one.steps, one.done) for one in fitting.fit(log, seeds).profiles}


def test_the_order_of_equal_work_and_copies_of_it_change_nothing():
    variants = [[0, 1, 2, 3], [0, 1, 3], [4, 5, 6], [0, 1, 2, 3, 4, 5, 6], [4, 6, 5]]
    weights = [30, 10, 30, 20, 3]
    expected = found_steps(variants, weights)
    for order in itertools.islice(itertools.permutations(range(5)), 0, 120, 7):
        assert found_steps([variants[it] for it in order], [weights[it] for it in order]) == expected
    spelt = [one for one, n in zip(variants, weights, strict=True) for _ in range(n)]
    assert found_steps(spelt, None) == expected


def test_many_runs_in_a_row_are_not_one_that_goes_back_each_time():
    log = Log.of([[0, 1, 2, 3, 4] * 10] * 5)
    often_back = Profile((0, 1, 2, 3, 4), (0.97,) * 5, 0.2, back_share=1.0)
    assert len(decode(log, [often_back], log.background).routines) == 50


def test_what_closes_by_its_words_ends_routines_where_it_fits_as_well_before_them():
    draw = np.random.default_rng(5)
    log = Log.of([[it for _ in range(60) for it in ([1, 2, 3, 0], [4, 5, 6, 0])[int(draw.integers(2))]]])
    closing = np.array([True] + [False] * 6)
    cues = search.start_cues(log, closing)

    def refit(profiles):
        return fitting.fit(log, tuple(profiles), cues)

    before = refit([Profile.guess((0, 1, 2, 3), 0.5), Profile.guess((0, 4, 5, 6), 0.5)])
    after = composing.closed(before, refit, closing)
    assert {one.steps for one in before.profiles} == {(0, 1, 2, 3), (0, 4, 5, 6)}
    assert {one.steps for one in after.profiles} == {(1, 2, 3, 0), (4, 5, 6, 0)}


def test_what_closes_is_put_to_an_end_beside_another_step_that_closes():
    assert composing._closed_by(Profile.guess((1, 2, 7), 1.0), 0).steps == (1, 2, 7, 0)
    assert composing._closed_by(Profile.guess((1, 2, 0), 1.0), 0).steps == (1, 2, 0)


def test_two_runs_told_as_one_are_parted_where_the_second_begins_as_the_first():
    draw = np.random.default_rng(5)
    log = Log.of([[it for _ in range(80) for it in ([0, 1, 2, 3, 4], [0, 1, 2, 5, 6])[int(draw.integers(2))]]])
    whole = fitting.fit(log, [Profile.guess([0, 1, 2, 3, 4, 0, 1, 2, 5, 6], 1.0)], rounds=0)
    apart = search._parted(whole, lambda profiles: fitting.fit(log, tuple(profiles), rounds=0))
    assert [one.steps for one in apart.profiles] == [(0, 1, 2, 3, 4), (0, 1, 2, 5, 6)]
    assert len(apart.decoded.routines) == 80 > len(whole.decoded.routines)


def test_two_runs_told_as_one_are_parted_where_that_takes_hardly_more_than_their_starts():
    draw = np.random.default_rng(3)
    events = []
    for _ in range(40):
        for step in ([0, 1, 2, 3, 4], [0, 1, 2, 5, 6])[int(draw.integers(2))]:
            chance = draw.random()
            if 0.1 <= chance < 0.2:
                events.append(int(draw.integers(7, 12)))
            if chance >= 0.1:
                events.append(step)
    log = Log.of([events])
    whole = fitting.fit(log, [Profile.guess([0, 1, 2, 3, 4, 0, 1, 2, 5, 6], 1.0)])
    assert len(whole.profiles) == 1
    apart = search._parted(whole, lambda profiles: fitting.fit(log, tuple(profiles)))
    assert {one.steps for one in apart.profiles} == {(0, 1, 2, 3, 4), (0, 1, 2, 5, 6)}


def test_ways_of_doing_the_same_begin_with_the_same_step_where_they_are_as_like_from_another():
    other = Profile.guess((1, 2, 3, 7, 8, 9, 0), 0.5)
    assert composing._turned_like(other, Profile.guess((0, 1, 2, 3, 4, 5, 6), 0.5)).steps == (0, 1, 2, 3, 7, 8, 9)


def test_a_single_row_whose_first_event_is_lost_begins_after_what_closes():
    log = Log.of([[0, 1, 2, 3, 4, 5] * 40])
    log = Log.of([log.codes[1:]])
    found = search.best(log, np.array([False, False, True, False, False, True]))
    assert [one.steps for one in found.profiles] == [(0, 1, 2, 3, 4, 5)]


def test_a_log_in_which_nothing_recurs_has_no_routine_and_stops_nothing():
    log = Log.of([range(3_100)])
    assert search.best(log, np.zeros(3_100, bool)).profiles == ()
    # with more labels than there are letters
    log = Log.of([[1_199_997, 1_199_998, 1_199_999]] * 3)
    (held,) = seeds.gathered(log, np.tile([True, False, False], 3))
    assert held.steps == (1_199_997, 1_199_998, 1_199_999)


def test_what_is_done_between_tasks_in_any_order_is_no_routine():
    draw = np.random.default_rng(4)
    events = []
    for task in draw.integers(3, size=300).tolist():
        events += [*range(6 * task, 6 * task + 6), *draw.integers(18, 23, size=int(draw.choice([0, 0, 1, 2, 4])))]
    log, closing = Log.of([events]), np.zeros(23, bool)
    found = search.best(log, closing)
    kept = search.without_chance(log, found, closing)
    assert [min(one.steps) for one in found.profiles if min(one.steps) >= 18] == [19]
    assert sorted(sorted({*one.steps} - {*range(18, 23)}) for one in kept.profiles) == [
        [*range(6 * task, 6 * task + 6)] for task in range(3)
    ]


def recurring(log):
    count = len(log.without_repeats().codes)
    return night.recurring(log, np.zeros(count, np.int64), np.ones(count, np.int64), 20, 25)


def with_gaps(steps, draw, strangers):
    """A run of them: one in twenty left out, one in twenty with a stranger before it."""
    for step in steps:
        chance = draw.random()
        if chance < 0.05:
            continue
        if chance < 0.1:
            yield strangers[int(draw.integers(len(strangers)))]
        yield step


def test_a_routine_with_gaps_is_found_whole_and_not_in_pieces():
    draw = np.random.default_rng(2)
    log = Log.of([list(with_gaps(range(16), draw, range(16, 20))) for _ in range(400)])
    assert [one.steps for one in recurring(log).profiles] == [tuple(range(16))]


def test_runs_that_were_cut_as_one_routine_are_one_however_noisy():
    draw = np.random.default_rng(4)
    runs = []
    for _ in range(150):
        steps = [0, 2, 1, 3, 4, 5, 6] if draw.random() < 0.4 else range(7)
        strangers = draw.integers(7, 40, size=7)
        seen = [it for pair in zip(strangers.tolist(), steps, strict=True) for it in pair]
        runs.append([it for it, chance in zip(seen, draw.random(14), strict=True) if chance < (0.8 if it < 7 else 0.2)])
    log = Log.of(runs)
    count = len(log.without_repeats().codes)
    worth = np.zeros(count, np.int64), np.ones(count, np.int64)
    assert len(night.recurring(log, *worth, 20, 25).profiles) > 1
    assert [set(one.steps) for one in night.recurring(log, *worth, 20, 25, is_cut=True).profiles] == [set(range(7))]


def test_runs_that_were_cut_as_one_routine_keep_both_ways_of_doing_it_under_noise():
    ways = [[0, 1, 2, 3, 4, 5, 9], [0, 1, 2, 6, 2, 7, 9]]
    for seed in (2, 7, 9):
        draw = np.random.default_rng(seed)
        runs = []
        for _ in range(80):
            runs.append([])
            for step in ways[int(draw.integers(2))]:
                chance = draw.random()
                if 0.2 <= chance < 0.4:
                    runs[-1].append(int(draw.integers(10, 30)))
                if chance >= 0.2:
                    runs[-1].append(step)
        log = Log.of(run for run in runs if run)
        count = len(log.without_repeats().codes)
        (whole,) = night.recurring(
            log, np.zeros(count, np.int64), np.ones(count, np.int64), 20, 25, is_cut=True
        ).profiles
        assert sorted(whole.steps) == sorted([*ways[0], 6, 2, 7])


def test_two_tasks_that_follow_each_other_are_not_put_together_where_work_passes_on():
    draw = np.random.default_rng(2)
    log = Log.of([list(with_gaps(range(16), draw, range(16, 20))) for _ in range(400)])
    count = len(log.without_repeats().codes)
    worth = np.zeros(count, np.int64), np.ones(count, np.int64)
    parted = night.recurring(log, *worth, 20, 25, frozenset((step, step + 1) for step in range(15)))
    assert [one.steps for one in parted.profiles] == [tuple(range(10)), tuple(range(10, 16))]


def test_work_passes_on_where_another_goes_on_with_it_or_it_lies():
    with duckdb.connect() as connection:
        connection.execute(
            """CREATE SCHEMA core; CREATE SCHEMA ops;
            CREATE TABLE ops.tonight AS SELECT 60 AS routine_pause_s, .5 AS routine_one_go_min;
            CREATE TABLE core.activity_instance AS SELECT 'p' AS process, * FROM (VALUES
                ('A', 'B', 'r1', 'r2', 0), ('B', 'C', 'r1', 'r1', 60), ('C', 'D', 'r1', 'r1', 61),
                ('D', 'E', 'r1', 'r2', 0), ('D', 'E', 'r1', 'r1', 0)
            ) AS held(previous_activity, activity, previous_resource, resource, waiting_s)"""
        )
        seams, in_one_go = night._seams(connection, SimpleNamespace(process="p", activities=[*"ABCDE"]))
    assert seams == {(0, 1), (2, 3)}
    assert in_one_go == {(1, 2), (3, 4)}  # half of it passes on, which is not most


@pytest.mark.parametrize(("sure_min", "loose"), [(0.5, set()), (0.51, {0})])
def test_what_has_no_step_that_enough_runs_do_is_no_routine(sure_min, loose):
    weights = SimpleNamespace(log=SimpleNamespace(weights=np.array([5, 5])))
    variant, places = np.array([0, 1]), np.array([1, 1])
    told_of = matching.Told(variant, places, np.zeros(2, int), places, step=np.array([0, 1]))  # each another step
    assert matching._without_sure_step(weights, 1, [told_of], sure_min) == loose


def test_what_is_done_in_one_go_up_to_where_work_passes_on_is_a_routine_of_its_own():
    log = Log.of([list(range(7))] * 100 + [[4, 5, 6]] * 10)
    count = len(log.without_repeats().codes)
    worth = np.zeros(count, np.int64), np.ones(count, np.int64)
    seams, in_one_go = frozenset({(0, 1), (3, 4), (4, 5), (5, 6)}), frozenset({(1, 2), (2, 3)})
    found = night.recurring(log, *worth, 20, 25, seams, in_one_go)
    assert {one.steps for one in found.profiles} == {(1, 2, 3), (4, 5, 6)}


def test_a_task_between_seams_is_whole_where_its_first_two_steps_come_in_either_order():
    """Two tasks of another hand stand around it, and one before it that half of the cases have."""
    draw = np.random.default_rng(9)
    cases = []
    for _ in range(300):
        chance = draw.random(4).tolist()
        told = [0, 1] + [2] * (chance[0] < 0.7) + [3] + [4, 5] * (chance[1] < 0.5) + [4, 5] * (chance[2] < 0.1)
        told += [6, 7] if chance[3] < 0.53 else [7, 6]
        cases.append([it for it in [*told, *range(8, 13)] if draw.random() > 0.02])
    task = [0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3, 3]
    pairs = {pair for case in cases for pair in itertools.pairwise(case)}
    seams = frozenset((one, other) for one, other in pairs if task[one] != task[other])
    log = Log.of(cases)
    count = len(log.without_repeats().codes)
    worth = np.zeros(count, np.int64), np.ones(count, np.int64)
    found = night.recurring(log, *worth, 20, 25, seams, frozenset(pairs) - seams)
    is_told = found.decoded.instance >= 0
    assert [round(float(is_told[log.codes == step].mean()), 1) for step in range(13)] == [1.0] * 13
    assert all(len({task[step] for step in one.steps}) == 1 for one in found.profiles)


def test_steps_beside_each_other_by_chance_are_no_routine():
    draw = np.random.default_rng(3)
    strangers = range(5, 13)

    def few():
        return [strangers[it] for it in draw.integers(8, size=int(draw.integers(0, 4)))]

    cases = [
        [*few(), *with_gaps((0, 1, 2), draw, strangers), *few(), *with_gaps((3, 4), draw, strangers), *few()]
        for _ in range(1_500)
    ]
    assert {one.steps for one in recurring(Log.of(cases)).profiles} == {(0, 1, 2), (3, 4)}


def test_a_step_that_few_runs_do_is_an_optional_one_and_no_second_routine():
    log = Log.of([[8, 0, 1, 3, 9], [8, 0, 1, 2, 3, 9], [9, 8], [8, 9, 9]], [370, 30, 40, 40])
    assert {one.steps for one in recurring(log).profiles} == {(8, 0, 1, 2, 3, 9), (8, 9), (9, 8)}


def test_variants_by_how_often_they_are_give_the_routines_of_the_cases():
    draw = np.random.default_rng(4)
    cases = [tuple(with_gaps((0, 1, 2, 3, 4), draw, (5, 6))) for _ in range(300)]
    held = Counter(cases)
    known = [recurring(Log.of(cases)).profiles, recurring(Log.of(held.keys(), [*held.values()])).profiles]
    assert known[0] == known[1]


def heads_of(cases):
    log = Log.of(cases)
    told = recurring(log)
    return orders.one_task(told.profiles, orders.beside(log, told.decoded))


def test_one_task_done_in_two_orders_is_one_and_what_undoes_it_at_another_place_is_not():
    draw = np.random.default_rng(6)
    ways = [[1, 2, 3, 4], [4, 3, 2, 1]]
    either = [[0, *ways[int(draw.integers(2))], 5] for _ in range(200)]
    assert len(set(heads_of(either))) == 1
    undone = [[0, *ways[0], 5], [7, 6, *ways[1], 8]] * 100
    assert len(heads_of(undone)) > 1
    assert len(set(heads_of(undone))) == len(heads_of(undone))


def test_an_order_of_a_task_brings_its_own_usual_steps_and_leaves_out_what_it_seldom_does():
    first = Profile((0, 1, 2, 1), (1.0,) * 4, 0.6)
    other = Profile((2, 3, 1, 4, 0, 1), (1.0, 0.9, 1.0, 0.2, 1.0, 1.0), 0.4)
    one, two = orders.ways([first, other])
    assert one.profile.steps == (0, 1, 2, 3, 1)
    assert (two.profile.steps, two.step_of) == ((2, 3, 1, 0, 1), (2, 3, 1, 0, 4))


def test_a_step_in_either_of_two_places_is_one_step_in_two_orders_and_one_done_twice_is_two():
    either = Profile((1, 0, 1, 2), (0.3, 1.0, 0.7, 1.0), 0.5)
    assert [(way.profile.steps, way.step_of) for way in orders.ways([either])] == [
        ((0, 1, 2), (0, 1, 2)), ((1, 0, 2), (1, 0, 2))
    ]  # fmt: skip
    twice = Profile((1, 0, 1, 2), (0.9, 1.0, 0.7, 1.0), 0.5)
    assert [way.profile for way in orders.ways([twice])] == [twice]


def test_a_work_instruction_says_steps_times_and_exceptions(folder, night_of):
    lines = ["Case,Step,From,To,Agent"]
    for number in range(40):
        steps = ["Open | letter", "Key in data", "Send reply"]
        if number % 8 == 0:
            steps.remove("Key in data")
        if number % 4 == 1:
            steps[:2] = reversed(steps[:2])
        for place, step in enumerate(steps):
            at = f"2026-03-{number // 10 + 2:02} {9 + number % 10 // 2:02}:{number % 2 * 30 + place * 3:02}"
            lines.append(f"c{number},{step},{at}:00,{at}:50,a{number % 5}")
    (folder / "tasks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns = {"case_id": "Case", "activity": "Step", "started_at": "From", "ended_at": "To", "resource": "Agent"}
    feed = {"provider": "Alpha", "process": "Mail", "files": "tasks.csv", "timezone": "UTC", "columns": columns}
    with night_of(folder, {"tasks": feed}, until="mart") as tonight:
        tonight.connection.execute("""INSERT INTO mart.copied_value BY NAME
            SELECT 'Mail' AS process, 'copy' AS kind, 'Amount' AS from_attribute, 'Open | letter' AS from_activity,
                'Sum' AS to_attribute, 'Key in data' AS to_activity, .9 AS typed_share, .9 AS score""")
        assert instruction.write(tonight, folder / "out") == 1
        texts = {path.name: path.read_text(encoding="utf-8") for path in (folder / "out").iterdir()}
    index = texts.pop("README.md")
    text = texts.popitem()[1].replace(in_words.NARROW, " ")
    assert text.startswith("# Open | letter … Send reply\n")
    assert "| Open \\| letter … Send reply | Mail | 40 |" in index
    assert "| 1 | Open \\| letter | 100% | - | 50 s |" in text
    assert "- Delay between its steps: 2.7 working hours in all, 4 min a run on average\n" in text
    assert "estimated" not in text
    assert "- When to do the steps in another order, as in 25% of the runs: no rule was found" in text
    assert "- The order is 2, 1, 3 in 10 runs\n" in text
    assert "- Runs: 40 in 40 cases, 100.0% of the process's executions" in text
    assert "- Step 2, Key in data, is left out in 5 runs" in text
    assert "- Step 2 types in Sum again, which is Amount of Open | letter\n" in text


def test_a_step_done_in_either_of_two_places_is_asked_about_in_neither():
    routine = {"activities": ["Check", "Enter", "Check"], "is_optional": [False] * 3, "support_count": 100}
    routine |= {"straight_share": 1.0, "in_order_share": 1.0}
    steps = [
        {"step_no": number, "run_count": runs, "event_count": runs, "robot_count": 0}
        for number, runs in enumerate((33, 100, 67), 1)
    ]
    known = {row["step_no"]: row for row in steps}
    assert instruction._when(routine, known, 1) == " (here or at step 3)"
    assert list(instruction._open_questions(routine, [], steps)) == []
    assert (
        instruction._exceptions(routine, steps, [], 100)[0]
        == "- Step 1, Check, is done here, and not as step 3, in 33 runs"
    )
    steps[0]["run_count"] = 100  # then it is done twice
    assert [instruction._when(routine, known, number) for number in (1, 3)] == ["", " (again)"]


def test_routines_that_begin_and_end_alike_have_titles_of_their_own():
    ways = [["Open", "Enter", "Send"], ["Open", "Attach", "Send"], ["Open", "Send"], ["Open", "Enter", "Send"]]
    routines = [
        {"routine_id": f"r{number}", "activities": way, "is_optional": [False] * len(way)}
        for number, way in enumerate(ways)
    ]
    assert [*instruction._titles(routines).values()] == [
        "Open … Send", "Open … Attach … Send", "Open … Send (2)", "Open … Enter … Send"
    ]  # fmt: skip


def test_no_title_of_routines_that_begin_and_end_alike_is_told_by_a_step_that_both_have():
    ways = [["Open", "Read", "Template", "Send"], ["Open", "Read", "Attach", "Send"]]
    for known in (ways, ways[::-1]):
        titles = instruction._titles(
            [{"routine_id": one[2], "activities": one, "is_optional": [False] * 4} for one in known]
        )
        assert titles == {"Template": "Open … Template … Send", "Attach": "Open … Attach … Send"}


def test_an_instruction_says_rules_in_words_and_numbers_the_steps_they_lead_to():
    names = ["Key in", "Check", "Key in", "Send"]
    rule = {"activity": "Check", "condition": '"Amount"::DOUBLE <= 10000', "is_step": True, "held_out_accuracy": None}
    lines = instruction._decision_lines([rule | {"predicts": it} for it in ("Key in", "Ask")], names)
    assert lines == [
        "- After step 2, Check: if Amount at most 10,000, then step 1 or 3, Key in",
        "- After step 2, Check: if Amount at most 10,000, then Ask, which is no step of this routine",
    ]


def test_an_order_with_steps_left_out_is_told_with_the_whole_one():
    class Held:
        def rows(self, sql, given):
            kept = [((2, 1, 3, 4), 9), ((2, 1, 4), 3), ((1, 2, 4, 3), 2), ((1, 4, 3), 1)]
            return [{"steps": [*steps], "run_count": count} for steps, count in kept]

    told_orders = told.orders(Held(), {"routine_id": "r1"})
    assert [(one["steps"], one["run_count"]) for one in told_orders] == [([2, 1, 3, 4], 12), ([1, 2, 4, 3], 3)]


def test_what_is_done_again_out_of_its_place_is_no_stranger():
    routine = {"activities": ["Key in", "Send"], "is_optional": [False] * 2, "support_count": 9}
    between = [{"activity": "Send", "run_count": 1}, {"activity": "Ask", "run_count": 2}]
    assert instruction._exceptions(routine, [], between, 9) == [
        "- Send is done once more, out of its place, in 1 run",
        "- Ask comes in between in 2 runs",
    ]


def test_where_nobody_is_named_nothing_is_said_of_one_person():
    routine = {"straight_share": 0.5, "one_go_share": 0.0, "people_share": 0.0, "in_order_share": 1}
    assert instruction._straightness(routine) == ["- Straight through: 50.0% of the runs"]
