"""Maps hold together: every line ends at its boxes, boxes keep apart, every step shown has a way in and a way out."""

from __future__ import annotations

import itertools
import re

from hypothesis import example, given
from hypothesis import settings as run_with
from hypothesis import strategies as st

from essa import in_words
from essa.report import layout

START, END = layout.START, layout.END


def a_map(traces: list[list[str]]) -> dict:
    """The map of cases given as their steps."""
    steps: dict[str, list[int]] = {}
    followed: dict[tuple[str, str], int] = {}
    ends: dict[tuple[str, str], int] = {}
    for trace in traces:
        for name in trace:
            steps.setdefault(name, [0, 0])[0] += 1
        for name in set(trace):
            steps[name][1] += 1
        for pair in itertools.pairwise(trace):
            followed[pair] = followed.get(pair, 0) + 1
        for key in (("first", trace[0]), ("last", trace[-1])):
            ends[key] = ends.get(key, 0) + 1
    return layout.levels(
        [
            {"activity": name, "event_count": events, "case_count": cases}
            for name, (events, cases) in sorted(steps.items(), key=lambda item: (-item[1][1], item[0]))
        ],
        [
            {"activity": a, "next_activity": b, "event_count": count, "median_waiting_s": 60 * count}
            for (a, b), count in sorted(followed.items())
        ],
        [{"place": place, "activity": name, "case_count": count} for (place, name), count in sorted(ends.items())],
    )


def detached(drawn: dict) -> list:
    """Edges whose begin or tip lies away from their boxes, and boxes that lie on each other."""
    wrong = []
    for level, picture in enumerate(drawn["levels"]):
        sizes = {
            node: (26, 26) if node < 0 else (drawn["steps"][node]["w"], drawn["steps"][node]["h"])
            for node, _, _ in picture["nodes"]
        }
        at = {node: (x, y) for node, x, y in picture["nodes"]}
        for number, path, tip_x, tip_y, *_ in picture["edges"]:
            a, b = drawn["edges"][number][:2]
            x, y = map(int, re.match(r"M(-?\d+) (-?\d+)", path).groups())
            wrong += [(level, a, b, "begin")] * (distance(at[a], sizes[a], x, y) > 4)
            wrong += [(level, a, b, "tip")] * (distance(at[b], sizes[b], tip_x, tip_y) > 4)
        placed = sorted(at)
        for place, a in enumerate(placed):
            for b in placed[:place]:
                apart = [abs(at[a][side] - at[b][side]) - (sizes[a][side] + sizes[b][side]) / 2 for side in (0, 1)]
                wrong += [(level, a, b, "overlap")] * (max(apart) < -1)
    return wrong


def distance(centre: tuple[int, int], size: tuple[int, int], x: int, y: int) -> float:
    return max(abs(x - centre[0]) - size[0] / 2, abs(y - centre[1]) - size[1] / 2)


def reached(root: int, edges: list[tuple[int, int]]) -> set[int]:
    found, grown = set(), {root}
    while grown - found:
        found |= grown
        grown = grown | {b for a, b in edges if a in found}
    return found


LOGS = st.lists(st.lists(st.sampled_from("ABCDEFGHIJKL"), min_size=1, max_size=9), min_size=1, max_size=25)


@run_with(max_examples=25)
@given(LOGS)
@example([["A"]])
@example([["A", "A", "A"]])
@example([[f"Step {number}" for number in range(40)]])
def test_every_level_hangs_together_and_every_line_meets_its_boxes(traces: list[list[str]]) -> None:
    drawn = a_map(traces)
    assert detached(drawn) == []
    assert 1 <= len(drawn["levels"]) <= layout.LEVEL_COUNT
    for picture in drawn["levels"]:
        edges = [tuple(drawn["edges"][edge[0]][:2]) for edge in picture["edges"]]
        nodes = {node[0] for node in picture["nodes"]}
        assert nodes == reached(START, edges) == reached(END, [(b, a) for a, b in edges])
        assert 0 <= picture["part"] <= 1


@run_with(max_examples=25)
@given(LOGS)
def test_the_last_level_shows_every_step_and_what_it_hides_is_said(traces: list[list[str]]) -> None:
    drawn = a_map(traces)
    last = drawn["levels"][-1]
    assert {node[0] for node in last["nodes"]} == {START, END, *range(len(drawn["steps"]))}
    inner = [edge for edge in drawn["edges"] if min(edge[:2]) >= 0]
    shown = [drawn["edges"][edge[0]] for edge in last["edges"] if min(drawn["edges"][edge[0]][:2]) >= 0]
    assert drawn["total"] == len(inner)
    hidden = sum(edge[2] for edge in inner) - sum(edge[2] for edge in shown)
    assert (hidden == 0) == (last["part"] == 1)


def test_the_same_log_gives_the_same_map_and_the_order_of_cases_is_nothing() -> None:
    traces = [list("ABCD"), list("ABD"), list("ACBD"), list("AABD")] * 3
    assert a_map(traces) == a_map(traces[::-1])


def test_more_detail_shows_more() -> None:
    traces = [["A", *extra, "Z"] for extra in ("B", "BC", "BCD", "BEF", "GHI", "KLMN", "OPQRST")]
    sizes = [len(picture["nodes"]) for picture in a_map(traces)["levels"]]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]


def test_a_process_of_very_many_steps_is_cut_to_what_can_be_drawn() -> None:
    drawn = a_map([["begin", f"step {number}", "end"] for number in range(300)])
    assert max(len(picture["nodes"]) for picture in drawn["levels"]) <= layout.MOST_STEPS + 2


@given(st.text(max_size=80))
def test_any_label_fits_two_lines_in_its_box(label: str) -> None:
    lines, width, height = layout._box(label)
    assert 1 <= len(lines) <= 2 and all(lines)
    assert width >= max(map(in_words.width, lines)) and height >= 15 * len(lines)


def test_work_goes_down_the_map_also_where_cases_turn_back_to_the_commonest_step() -> None:
    drawn = a_map([list("SATBZ")] * 30 + [list("SATBATBZ")] * 8 + [list("ATBZ")] * 3)
    assert drawn["steps"][0]["name"] == "A"
    for picture in drawn["levels"]:
        height = {node: y for node, _, y in picture["nodes"]}
        lines = [drawn["edges"][edge[0]] for edge in picture["edges"]]
        upwards = {
            (drawn["steps"][a]["name"], drawn["steps"][b]["name"]) for a, b, *_ in lines if height[a] > height[b]
        }
        assert upwards <= {("B", "A")}


def test_graphviz_is_told_no_label() -> None:
    drawn = a_map([['<<B>x</B>>"];node [label="', "\\N \\G", "b|{c}"]] * 3)
    assert [step["name"] for step in drawn["steps"]] == sorted(['<<B>x</B>>"];node [label="', "\\N \\G", "b|{c}"])
    assert detached(drawn) == []
