"""A draft work instruction for each routine, as Markdown, for whoever would follow it or have software do it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from essa import in_words
from essa.routines import told
from essa.warehouse import Warehouse

FOLDER, INDEX = "routines", "README.md"
OFTEN_MIN = 0.1  # of the runs; what is worked on less often is no input, and what is done so less often no choice
BOTH_MAX = 1.2  # of the runs; where a step's two places are done in more together, it is done twice
FEW = "- How long it takes and how evenly it is done is not told: too few people do it."
FEW_DIFFER = "What differs from run to run is not told: too few people do it."
NO_RULE = "no rule was found in what the log records; ask who does it."
NEVER = "No step is often left out, the order is mostly kept, and no rule was found that says what follows a step."


def write(warehouse: Warehouse, folder: Path) -> int:
    """One file a routine into a new folder, named by its id; how many."""
    folder.mkdir(parents=True)
    at_screens, routines = told.at_screens(warehouse), told.routines(warehouse)
    titles = _titles(routines)
    steps = told.steps(warehouse)
    for routine in routines:
        decisions, between = told.decisions(warehouse, routine), told.between(warehouse, routine)
        copies = told.typed_again(warehouse, routine)
        seen = at_screens.get(routine["process"], 0)
        routine |= {"title": titles[routine["routine_id"]], "screen_steps": seen}
        routine["orders"] = told.orders(warehouse, routine)
        elements = told.elements(warehouse, routine) if seen else []
        text = _document(routine, steps.get(routine["routine_id"], []), decisions, between, elements, copies)
        (folder / f"{routine['routine_id']}.md").write_text(text, encoding="utf-8")
    (folder / INDEX).write_text("\n".join(_index(routines)) + "\n", encoding="utf-8")
    return len(routines)


def _index(routines: list[dict[str, Any]]) -> Iterator[str]:
    """All of them, those that hold most work first."""
    yield from ("# Work instructions", "")
    if not routines:
        yield "No run of steps recurs often enough."
        return
    yield "Drafts, one a routine (`mart.routine`), those that hold most work first."
    yield from ("", "| Routine | What is done | Process | Runs | Hours |", "|---|---|---|--:|--:|")
    for routine in routines:
        yield (
            f"| [{routine['routine_id']}]({routine['routine_id']}.md) | {_cell(routine['title'])} |"
            f" {_cell(routine['process'])} | {routine['support_count']:,} | {_hours(routine)} |"
        )


def _titles(routines: list[dict[str, Any]]) -> dict[str, str]:
    """Of each its first and last step; where another begins and ends so, also one between."""
    named: dict[str, str] = {}
    known = [_usual(routine) for routine in routines]
    for routine, steps in zip(routines, known, strict=True):
        middles = [[one] if one else [] for one in told.apart(steps, known)]
        ways = [[steps[0], *one, steps[-1]] for one in middles if one or steps[0] != steps[-1]]
        called = [" … ".join(way) for way in ways or [steps]]
        numbered = (f"{called[0]} ({number})" for number in range(2, len(routines) + 2))
        named[routine["routine_id"]] = next(one for one in [*called, *numbered] if one not in named.values())
    return named


def _usual(routine: Mapping[str, Any]) -> list[str]:
    names = routine["activities"]
    sure = [name for name, is_optional in zip(names, routine["is_optional"], strict=True) if not is_optional]
    return sure if len(sure) > 1 else names


def _document(
    routine: Mapping[str, Any],
    steps: list[dict[str, Any]],
    decisions: list[dict[str, Any]],
    between: list[dict[str, Any]],
    elements: list[dict[str, Any]],
    copies: list[dict[str, Any]],
) -> str:
    runs = routine["support_count"]
    parts = [
        f"# {_plain(routine['title'])}",
        f"A draft from the log of {_plain(routine['process'])}: what people did, not what they should do."
        f" Routine {routine['routine_id']}; check it with those who do the work before anybody builds on it.",
        "## At a glance",
        "\n".join(_glance(routine)),
        "## Steps",
        "\n".join(_step_rows(routine, steps)),
        "## Decisions",
        "\n".join([*_decision_lines(decisions, routine["activities"]), *_open_questions(routine, decisions, steps)])
        or NEVER,
        "## Inputs",
        "\n".join([*_inputs(decisions, elements, runs), *_copies(routine, copies)])
        or "The log names no field that a decision was found to depend on.",
        "## Exceptions",
        FEW_DIFFER
        if _is_small(routine)
        else "\n".join([*_orders(routine), *_exceptions(routine, steps, between, runs)]) or "None were seen.",
    ]
    return "\n\n".join(parts) + "\n"


def _is_small(routine: Mapping[str, Any]) -> bool:
    return routine["straight_share"] is None


def _hours(routine: Mapping[str, Any]) -> str:
    if _is_small(routine):
        return "not told"
    return "not known" if routine["handling_h"] is None else f"{routine['handling_h']:,.1f}"


def _glance(routine: Mapping[str, Any]) -> list[str]:
    runs, seen = routine["support_count"], routine["screen_steps"]
    return [
        f"- Runs: {runs:,} in {routine['case_count']:,} cases,"
        f" {routine['coverage_share']:.1%} of the process's executions"
        + (f" and {routine['event_count'] / seen:.1%} of all steps seen at the screens" if seen else ""),
        *([FEW] if _is_small(routine) else _times(routine)),
        f"- Systems: {', '.join(map(_plain, routine['systems'])) or 'the log names none'}",
        f"- Done by: {in_words.listed(list(map(_plain, routine['providers'])))}",
        *([] if _is_small(routine) else _straightness(routine)),
    ]


def _times(routine: Mapping[str, Any]) -> list[str]:
    median_s, share = routine["median_handling_s"], routine["estimated_share"]
    guessed = f"; {share:.0%} of it is estimated, from when steps were finished" if share else ""
    each = (
        f", a median {in_words.span(median_s)} a run{guessed}" if median_s else "; how long a run takes is not logged"
    )
    return [
        f"- Work: {_hours(routine)}{'' if routine['handling_h'] is None else ' h'}{each}",
        f"- Delay between its steps: {routine['waiting_h']:,.1f} working hours in all,"
        f" {in_words.span(3600 * routine['waiting_h'] / routine['support_count'])} a run on average",
    ]


def _straightness(routine: Mapping[str, Any]) -> list[str]:
    alone = f"; by one person without a long wait: {routine['one_go_share']:.1%}" if routine["people_share"] else ""
    return [f"- Straight through: {routine['straight_share']:.1%} of the runs{alone}"]


def _step_rows(routine: Mapping[str, Any], steps: list[dict[str, Any]]) -> list[str]:
    known = {row["step_no"]: row for row in steps}
    lines = [
        "| # | Step | Done in | System | Usual time | Slow time (1 in 10) | Wait before |",
        "|--:|---|--:|---|--:|--:|--:|",
    ]
    for step_no, name in enumerate(routine["activities"], 1):
        row = known.get(step_no)
        if row is None:
            continue
        systems = ", ".join(map(_cell, row["systems"] or [])) or "-"
        usual, slow = (in_words.span(row[name]) or "-" for name in ("median_s", "slow_s"))
        wait = (in_words.span(row["median_waiting_s"]) if step_no > 1 else "") or "-"
        lines.append(
            f"| {step_no} | {_cell(name)}{_when(routine, known, step_no)} |"
            f" {row['run_count'] / routine['support_count']:.0%} | {systems} | {usual} |"
            f" {slow} | {wait} |"
        )
    return lines


def _when(routine: Mapping[str, Any], known: Mapping[int, Mapping[str, Any]], step_no: int) -> str:
    names = routine["activities"]
    other = _or_at(routine, known, step_no)
    said = [
        "again" if names[step_no - 1] in names[: step_no - 1] and not other else "",
        "not always" if routine["is_optional"][step_no - 1] else f"here or at step {other}" if other else "",
    ]
    return f" ({', '.join(filter(None, said))})" if any(said) else ""


def _or_at(routine: Mapping[str, Any], known: Mapping[int, Mapping[str, Any]], step_no: int) -> int | None:
    """The other place in which the same step is done, where a run does it in one of the two."""
    names, runs = routine["activities"], routine["support_count"]
    if routine["is_optional"][step_no - 1]:
        return None
    others = [
        place
        for place, name in enumerate(names, 1)
        if place != step_no and place in known and name == names[step_no - 1] and not routine["is_optional"][place - 1]
    ]
    return next(
        (one for one in others if known[one]["run_count"] + known[step_no]["run_count"] <= BOTH_MAX * runs), None
    )


def _inputs(decisions: list[dict[str, Any]], elements: list[dict[str, Any]], runs: int) -> Iterator[str]:
    for name in sorted({row["attribute"] for row in decisions}):
        yield f"- {_plain(name)}"
    for row in elements:
        if row["count"] >= OFTEN_MIN * runs:
            yield f"- Step {row['step_no']}: {_plain(row['element'])} ({_plain(row['where'])})"


def _copies(routine: Mapping[str, Any], copies: list[dict[str, Any]]) -> Iterator[str]:
    for row in copies:
        step_no = routine["activities"].index(row["activity"]) + 1
        what, known = _plain(row["attribute"]), _plain(row["from_attribute"])
        yield f"- Step {step_no} types in {what} again, which is {known} of {_plain(row['from_activity'])}"


def _decision_lines(decisions: list[dict[str, Any]], names: list[str]) -> list[str]:
    return [
        f"- After {_numbered(row['activity'], names)}: if {_plain(in_words.condition(row['condition']))},"
        f" then {_numbered(row['predicts'], names)}"
        + ("" if row["predicts"] in names or not row["is_step"] else ", which is no step of this routine")
        + ("" if row["held_out_accuracy"] is None else _held(row))
        for row in decisions
    ]


def _numbered(name: str, names: list[str]) -> str:
    """A step with its numbers in the table; what is none of them by its name alone."""
    places = [str(place) for place, one in enumerate(names, 1) if one == name]
    return f"step {' or '.join(places)}, {_plain(name)}" if places else _plain(name)


def _open_questions(
    routine: Mapping[str, Any], decisions: list[dict[str, Any]], steps: list[dict[str, Any]]
) -> Iterator[str]:
    """When to do a step that is not always done, or what first: what whoever follows this has to ask."""
    ruled = {row["predicts"] for row in decisions}
    runs = {row["step_no"]: row["run_count"] for row in steps}
    for step_no, (name, is_optional) in enumerate(zip(routine["activities"], routine["is_optional"], strict=True), 1):
        if is_optional and name not in ruled and step_no in runs:
            share = runs[step_no] / routine["support_count"]
            yield f"- When to do step {step_no}, {_plain(name)}, as in {share:.0%} of the runs: {NO_RULE}"
    otherwise = 0 if _is_small(routine) else 1 - routine["in_order_share"]
    if otherwise >= OFTEN_MIN:
        yield f"- When to do the steps in another order, as in {otherwise:.0%} of the runs: {NO_RULE}"


def _held(row: Mapping[str, Any]) -> str:
    return f" (the rules there held in {row['held_out_accuracy']:.1%} of {row['held_out_count']:,} later decisions)"


def _orders(routine: Mapping[str, Any]) -> Iterator[str]:
    for one in routine["orders"]:
        yield f"- The order is {', '.join(map(str, one['steps']))} in {in_words.many(one['run_count'], 'run')}"


def _exceptions(
    routine: Mapping[str, Any], steps: list[dict[str, Any]], between: list[dict[str, Any]], runs: int
) -> list[str]:
    names = routine["activities"]
    lines: list[str] = []
    for row in steps:
        name = f"Step {row['step_no']}, {_plain(names[row['step_no'] - 1])},"
        other = _or_at(routine, {one["step_no"]: one for one in steps}, row["step_no"])
        if other:
            lines.append(f"- {name} is done here, and not as step {other}, in {in_words.many(row['run_count'], 'run')}")
        elif row["run_count"] < runs and not routine["is_optional"][row["step_no"] - 1]:
            lines.append(f"- {name} is left out in {in_words.many(runs - row['run_count'], 'run')}")
        if row["event_count"] > row["run_count"]:
            again = in_words.many(row["event_count"] - row["run_count"], "time")
            lines.append(f"- {name} is done again in {in_words.many(row['again_run_count'], 'run')}, {again} in all")
        if row["robot_count"]:
            lines.append(f"- {name} is done by software {in_words.many(row['robot_count'], 'time')}")
    for row in between:
        told = "is done once more, out of its place," if row["activity"] in names else "comes in between"
        lines.append(f"- {_plain(row['activity'])} {told} in {in_words.many(row['run_count'], 'run')}")
    return lines


def _plain(text: str) -> str:
    """What a log says, so that Markdown takes nothing in it for its own."""
    told = "".join(f"\\{sign}" if sign in "\\`*_{}[]<>" else sign for sign in " ".join(str(text).split()))
    return in_words.unlinked(f"\\{told}" if told.startswith("#") else told)


def _cell(text: str) -> str:
    """The same in a table, whose cells a bar would end."""
    return _plain(text).replace("|", "\\|")
