"""A process map at five levels of detail: boxes and lines laid out by Graphviz, as whole pixels the page draws.

Graphviz sees numbers and sizes only, never a label. Every level
hangs together from start to end.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from typing import Any

import pygraphviz

from essa import in_words
from essa.report.asked import Row

START, END = -1, -2
LEVEL_COUNT = 5
FEWEST_STEPS, MOST_STEPS = 5, 60  # a picture of more steps is none, and takes minutes to lay out
PATHS = (14, 26, 48, 90, 160)  # lines a level may show; more cannot be followed
LABELLED_MAX = 44  # lines beyond which counts would lie on each other
LINE_LENGTH, LINES = 20, 2
# Of fixed size, so that no font of the machine moves anything
PLACEHOLDER = '<<TABLE BORDER="0" CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="28" HEIGHT="12"><TR><TD></TD></TR></TABLE>>'
POINTS = 72  # Graphviz measures boxes in inches

Edge = tuple[int, int]


def levels(steps: list[Row], followed: list[Row], ends: list[Row]) -> dict[str, Any]:
    """Steps with their boxes, paths with counts and waits, and up to five pictures of them, from coarse to whole."""
    number = {row["activity"]: place for place, row in enumerate(steps)}
    weight, waits = _weights(number, followed, ends)
    boxes = [_box(row["activity"]) for row in steps]
    edges = sorted(weight, key=lambda edge: (-weight[edge], edge))
    place = {edge: number for number, edge in enumerate(edges)}
    inner = sum(count for edge, count in weight.items() if min(edge) >= 0)
    pictures = []
    for shown in _chosen(len(steps), weight, edges):
        picture = _drawn(_from_the_start(shown), shown, weight, boxes, place)
        kept = sum(weight[edge] for edge in shown if min(edge) >= 0)
        pictures.append(picture | {"part": round(kept / inner, 4) if inner else 1})
    return {
        "steps": [
            {"lines": box[0], "name": row["activity"], "events": row["event_count"], "cases": row["case_count"] or 0,
             "w": box[1], "h": box[2]}
            for row, box in zip(steps, boxes, strict=True)
        ],
        "edges": [[*edge, weight[edge], waits.get(edge)] for edge in edges],
        "total": sum(min(edge) >= 0 for edge in edges),
        "levels": pictures,
    }  # fmt: skip


def _weights(number: dict[str, int], followed: list[Row], ends: list[Row]) -> tuple[dict[Edge, int], dict[Edge, int]]:
    weight: dict[Edge, int] = {}
    waits: dict[Edge, int] = {}
    for row in followed:
        edge = (number[row["activity"]], number[row["next_activity"]])
        weight[edge] = row["event_count"]
        if row["median_waiting_s"] is not None:
            waits[edge] = row["median_waiting_s"]
    for row in ends:
        at = number[row["activity"]]
        weight[(START, at) if row["place"] == "first" else (at, END)] = row["case_count"]
    return weight, waits


def _chosen(step_count: int, weight: dict[Edge, int], edges: list[Edge]) -> list[list[Edge]]:
    """The edges of each level; a level that would show what the one before shows is left out."""
    onward, back = _trees(edges, weight)
    found: list[list[Edge]] = []
    for level, budget in enumerate(PATHS):
        most = min(max(step_count, FEWEST_STEPS), MOST_STEPS)
        wanted = round(FEWEST_STEPS * (most / FEWEST_STEPS) ** (level / (LEVEL_COUNT - 1)))
        nodes = _connected(wanted, range(step_count), onward, back)
        inside = [edge for edge in edges if edge[0] in nodes and edge[1] in nodes]
        needed = {edge for tree in _trees(inside, weight, both=True) for edge in tree}
        rest = [edge for edge in inside if edge not in needed][: max(0, budget - len(needed))]
        shown = sorted(needed | set(rest), key=lambda edge: (-weight[edge], edge))
        if shown and (not found or shown != found[-1]):
            found.append(shown)
    return found


def _connected(wanted: int, steps: Iterable[int], onward: dict[int, int], back: dict[int, int]) -> set[int]:
    """The widest way from start to end and, in their order, as many more steps as fit with their own ways."""
    nodes = _way(END, onward) | _way(START, back) | {START, END}
    for step in steps:
        longer = nodes | {step} | _way(step, onward) | _way(step, back)
        if step in onward and step in back and len(longer) - 2 <= wanted:
            nodes = longer
    return nodes


def _way(node: int, tree: dict[int, int]) -> set[int]:
    found = set()
    while node in tree:
        found.add(node)
        node = tree[node]
    return found


def _trees(edges: list[Edge], weight: dict[Edge, int], both: bool = False) -> tuple[Any, Any]:
    """The widest ways from start and to end, as the step before and the step after each; or as edges."""
    onward = _widest_tree(START, edges, weight)
    back = _widest_tree(END, [(b, a) for a, b in edges], {(b, a): weight[a, b] for a, b in edges})
    if both:
        return [(before, node) for node, before in onward.items()], list(back.items())
    return onward, back


def _widest_tree(root: int, edges: list[Edge], weight: dict[Edge, int]) -> dict[int, int]:
    """For each step that can be reached, the step before it on the way whose narrowest hand-over is widest."""
    after: dict[int, list[int]] = {}
    for a, b in edges:
        after.setdefault(a, []).append(b)
    before: dict[int, int] = {}
    queue = [(-(1 << 62), 0, root, root)]
    done: set[int] = set()
    while queue:
        width, length, node, came_from = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        if node != root:
            before[node] = came_from
        for following in sorted(after.get(node, ())):
            if following not in done:
                heapq.heappush(queue, (max(width, -weight[node, following]), length + 1, following, node))
    return before


def _from_the_start(shown: list[Edge]) -> list[int]:
    """The steps of a picture as one comes to them, the heaviest line first.

    Where cases turn back, Graphviz takes the lines for the turning ones that lead to a step it was given earlier.
    """
    after: dict[int, list[int]] = {}
    for a, b in shown:
        after.setdefault(a, []).append(b)
    found: dict[int, None] = {}
    waiting = [START]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = None
            waiting += reversed(after.get(node, []))
    return list(found)


def _drawn(
    nodes: Iterable[int], shown: list[Edge], weight: dict[Edge, int], boxes: list[tuple[list[str], int, int]],
    place: dict[Edge, int],
) -> dict[str, Any]:  # fmt: skip
    is_labelled = len(shown) <= LABELLED_MAX
    graph = pygraphviz.AGraph(directed=True, strict=False)
    graph.graph_attr.update(rankdir="TB", nodesep=".28", ranksep=".5" if is_labelled else ".36", remincross="true")
    graph.node_attr.update(shape="box", fixedsize="true", label="")
    graph.edge_attr.update(arrowsize=".8")
    for node in nodes:
        width, height = (26, 26) if node < 0 else boxes[node][1:]
        graph.add_node(node, width=width / POINTS, height=height / POINTS)
    for node, rank in ((START, "source"), (END, "sink")):
        if graph.has_node(node):
            graph.add_subgraph([node], rank=rank)
    heaviest = max(weight[edge] for edge in shown)
    for edge in shown:
        more = {"label": PLACEHOLDER} if is_labelled and min(edge) >= 0 else {}
        graph.add_edge(*edge, key=place[edge], weight=round(1 + 40 * weight[edge] / heaviest), **more)
    graph.layout(prog="dot")
    left, bottom, right, top = (float(number) for number in graph.graph_attr["bb"].split(","))
    pictured = {
        "w": round(right - left),
        "h": round(top - bottom),
        "nodes": [
            [int(node), *_point(graph.get_node(node).attr["pos"], top)] for node in sorted(graph.nodes(), key=int)
        ],
        "edges": [_line(graph.get_edge(*edge, key=place[edge]).attr, place[edge], top) for edge in shown],
    }
    graph.close()
    return pictured


def _line(attributes: Any, number: int, top: float) -> list[Any]:
    """The edge's number, its path, tip and foot of its arrow, and where its count goes if it has one."""
    head, *points = attributes["pos"].split()
    tip = _point(head.removeprefix("e,"), top)
    curve = [_point(point, top) for point in points]
    x, y = curve[0]
    path = [f"M{x} {y}c"]
    for begin in range(1, len(curve), 3):
        path.append(" ".join(f"{a - x} {b - y}" for a, b in curve[begin : begin + 3]))
        x, y = curve[min(begin + 2, len(curve) - 1)]
    label = attributes["lp"]
    return [number, path[0] + " ".join(path[1:]), *tip, *curve[-1], *(_point(label, top) if label else ())]


def _point(text: str, top: float) -> tuple[int, int]:
    x, y = text.split(",")[-2:]
    return round(float(x)), round(top - float(y))


def _box(label: str) -> tuple[list[str], int, int]:
    """A label in at most two lines, and the width and height of its box in pixels."""
    lines = _wrapped(label)
    widest = max(in_words.width(line) for line in lines)
    return lines, max(76, round(widest + 22)), 15 * len(lines) + 28


def _wrapped(label: str) -> list[str]:
    lines = [""]
    for part in re.split(r"(?<=[ _])(?=[^ _])", " ".join(label.split()) or "(empty)"):
        if lines[-1] and len(lines[-1] + part.rstrip()) > LINE_LENGTH:
            lines.append("")
        lines[-1] += part
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], "".join(lines[LINES - 1 :])]
    lines = [line.rstrip() for line in lines]
    return [line if len(line) <= LINE_LENGTH + 4 else line[: LINE_LENGTH + 3] + "…" for line in lines]
