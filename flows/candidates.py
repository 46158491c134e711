"""Candidates on the terminal: ranked lines, one of them in full, or either as JSON; 80 columns, plain in a pipe."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from essa import in_words, mistakes, publication
from essa.errors import UsageError
from essa.report import candidates, health, providers
from essa.report.asked import Row
from flows.plain_text import apart, bare, plain, say_json, short, wrapped

WIDEST = 100  # columns; longer lines are hard to read
ASIDE = 14  # columns of the names at the left


def show_top(
    home: Path, count: int, out: Console, as_json: bool = False, is_asked: bool = False, is_end: bool = False,
    **chosen: str | None,
) -> None:  # fmt: skip
    """The ranked candidates, or the questions, of a process, a provider or a lever where one is chosen.

    At the end of a night the commands that go on are told elsewhere.
    """
    with publication.open_published(home) as connection:
        found, processes = candidates.read(connection), candidates.processes(connection)
        gaps, names = health.sufficiency(connection)["gaps"], providers.names(connection)
    _refuse_unknown({"process": processes, "provider": names, "lever": in_words.LEVERS}, chosen)
    fitting = [one for one in found if _fits(one, **chosen)]
    questions = [one for one in fitting if one["is_asked"]]
    shown = (questions if is_asked else [one for one in fitting if one["rank"]])[:count]
    if as_json:
        say_json([candidates.in_short(one) for one in shown])
        return
    if shown:
        listed = [apart(short(one)) for one in shown]
        print_table(_asked(listed) if is_asked else _table(listed, chosen.get("provider")), out)
    else:
        nothing = "no question is asked" if is_asked else "no candidate is ranked"
        out.print(nothing + (" for that choice" if any(chosen.values()) else ""), highlight=False)
    for line in () if is_end else _what_next(home, is_asked, shown, questions):
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    for line in filter(None, wrapped(_wanted(gaps, chosen.get("process")), min(out.width, WIDEST))):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def print_table(table: Table, out: Console) -> None:
    """A table; in a pipe without the blanks that fill its last column."""
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as held:
        out.print(table)
    lines = "\n".join(line.rstrip() for line in held.get().splitlines())
    out.print(lines, highlight=False, markup=False, soft_wrap=True)


def _fits(one: Row, process: str | None = None, provider: str | None = None, lever: str | None = None) -> bool:
    is_there = provider is None or provider in one["providers"]
    return process in (None, one["process"]) and lever in (None, one["lever"]) and is_there


def _what_next(home: Path, is_asked: bool, shown: list[Row], questions: list[Row]) -> Iterator[str]:
    """The commands that go on from a list."""
    at = publication.home_option(home)
    count = len(questions)
    if shown:
        yield f"one in full: essa show {shown[0]['candidate_id']}{at}"
    if not questions:
        return
    if not is_asked:
        yield f"{in_words.many(count, 'question')} to answer: essa top --questions{at}"
        return
    if count > len(shown):
        yield f"{len(shown)} of {count} questions, the largest first: essa top --questions -n {count}{at}"
    if folded := sum(one["folded_count"] for one in questions):
        yield f"{in_words.many(folded, 'smaller one')} on the same steps, told by essa show ID{at}"
    yield f"answer one: essa decide ID accepted|rejected --note WHY{at}"


def _wanted(gaps: list[Row], process: str | None) -> str:
    """What the logs lack that could change the ranking most."""
    gap = next((gap for gap in gaps if process is None or process in gap["processes"]), None)
    if gap is None:
        return ""
    stake = f"; up to {in_words.hours(gap['stake_h'])} h a year" if gap["stake_h"] else ""
    names = in_words.listed([in_words.clipped(name, 40) for name in gap["processes"][:3]])
    return plain(f"missing most ({names}{stake}): {gap['missing']}")


def _asked(questions: list[Row]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("question")
    table.add_column("lever")
    table.add_column("about h a year", justify="right")
    table.add_column("what", overflow="fold")
    for one in questions:
        hours = in_words.hours(one["handling_h_per_year"]) or "not known"
        table.add_row(one["candidate_id"], one["lever"], hours, bare(f"{one['title']} ({one['process']})"))
    return table


def _table(ranked: list[Row], provider: str | None) -> Table:
    """The hours are those of the provider where one is chosen."""
    table = Table(box=None, pad_edge=False, padding=(0, 1))
    table.add_column("rank", justify="right")
    table.add_column("candidate")
    table.add_column("lever")
    table.add_column("h a year" if provider is None else "h a year there", justify="right")
    table.add_column("score", justify="right")
    table.add_column("what", overflow="fold")
    for one in ranked:
        whole = in_words.hours(one["saving_h_per_year"])
        hours = whole if provider is None else one["hours_by_provider"].get(provider, "0")
        what = "; ".join(filter(None, (f"{one['title']} ({one['process']})", one["delays"], one["costs_more"])))
        table.add_row(
            str(one["rank"]), one["candidate_id"], one["lever"], hours,
            "" if one["score"] is None else f"{one['score']:.0f}", bare(what),
        )  # fmt: skip
    return table


def show(home: Path, candidate: str, as_json: bool, out: Console) -> None:
    """Everything the publication says of one candidate."""
    with publication.open_published(home) as connection:
        found = [one for one in candidates.read(connection) if one["candidate_id"] == candidate]
        live = candidates.benefits(connection).get(candidate)
    if not found and live and not as_json:
        for line in _found_no_more(candidate, live, min(out.width, WIDEST)):
            typer.echo(line)
        return
    if not found:
        raise publication.unknown(candidate, home)
    if as_json:
        say_json(candidates.in_short(found[0]))
        return
    for line in _told(apart(found[0]), min(out.width, WIDEST)):
        typer.echo(line)


def _found_no_more(candidate: str, live: Row, width: int) -> Iterator[str]:
    yield from wrapped(plain(f"{in_words.listed(live['activities'])} ({live['process']})"), width)
    yield f"{candidate}, live since {in_words.day(live['live_on'])} and found no more"
    for said in live["says"]:
        yield from _beside("since then", said, width)


def _told(one: Row, width: int) -> Iterator[str]:
    yield from wrapped(plain(one["title"]), width)
    yield f"{one['candidate_id']}, {one['lever']}, {_place(one)}"
    yield ""
    yield from _beside("in", f"{one['process']}, at {in_words.listed(one['providers'])}", width)
    concerns = f"{in_words.listed(one['activities'])}: {one['event_count']:,} executions in {one['case_count']:,} cases"
    hours = in_words.hours(one["handling_h_per_year"])
    yield from _beside("concerns", concerns + (f", {hours} h a year" if hours else ""), width)
    yield from _beside("decided", one["decided"], width)
    for said in one["benefit"]:
        yield from _beside("since then", said, width)
    yield from _beside("claimed", one["refused"], width)
    if one["is_claimed"]:
        low, usual, high = (in_words.hours(one[f"saving_h_per_year{end}"]) for end in ("_low", "", "_high"))
        money = f"; {in_words.money(one['saving_per_year'], one['currency'])} a year" if one["saving_per_year"] else ""
        parts = one["hours_by_provider"]
        there = f": {in_words.hours_at(parts)}" if len(parts) > 1 else ""
        name, to = ("was expected", "to save ") if one["status"] == "live" else ("saves", "")
        yield from _beside(name, f"{to}{usual} h a year ({low} to {high}){there}{money}", width)
        yield from _beside("delay", one["delays"], width)
        yield from _beside("who keeps it", one["keeps"], width)
        yield from _beside("after costs", one["after_costs"], width)
        yield from _beside("pays back", one["pays_back"], width)
        yield from _beside("how firm", _firmness(one), width)
        yield from _beside("moved by", _moved(one), width)
        yield from _beside("assumes", " ".join(one["assumes"]), width)
    yield from _beside("for example", ", ".join(one["examples"]), width)
    for other in one["folded"]:
        yield from _beside("with it", f"{other['title']} ({other['candidate_id']})", width)
    if one["goes_with"]:
        yield from _beside("goes with", f"{one['goes_with']} ({one['folded_into']})", width)
    for missing in one["missing"] or ["nothing that would change it"]:
        yield from _beside("missing", missing, width)
    yield ""
    yield from wrapped(plain(one["reason"]), width)
    if one["rules"]:
        yield ""
        for rule in one["rules"]:
            yield from _beside("rule", f"{rule['says']} -> {rule['predicts']}", width)
    if one["criteria"]:
        yield ""
        yield from _criteria(one)
    yield ""
    yield "evidence, asked of essa.duckdb:"
    yield from map(plain, in_words.sql_in_lines(one["evidence_sql"], width).splitlines())


def _place(one: Row) -> str:
    status = in_words.spoken(one["status"])
    if one["is_decided"]:
        return f"{'a question' if one['is_question'] else 'not ranked'}: {status}"
    if one["is_question"]:
        return "a question: one witness is missing, nothing is claimed"
    if not one["rank"]:
        return f"not ranked: {status}"
    change = one["change"]
    since = f", {change['kind']} since the last night" if change else ""
    return f"rank {one['rank']} ({one['rank_low']} to {one['rank_high']}), {status}{since}"


def _moved(one: Row) -> str:
    change = one["change"]
    is_told = change and change["why"] and not one["is_decided"]  # what was decided is told already
    return f"{change['moved_by']}: {change['why']}" if is_told else ""


def _firmness(one: Row) -> str:
    if not one["rank"]:
        return ""
    told = f"rank {one['rank_low']} to {one['rank_high']} in nine of ten draws of cases and assumptions, "
    told += f"among the first ten in {in_words.share(one['top_ten_share'])}"
    if one["quarter_ranks"]:
        told += f"; by quarter of the log {', '.join(str(place or 'none') for place in one['quarter_ranks'])}"
    return told


def _criteria(one: Row) -> Iterator[str]:
    wide = max(len(part["name"]) for part in one["criteria"]) + 2
    for part in one["criteria"]:
        told = f"{'':20} abstains"  # no bar, which would look like none of it
        if part["value"] is not None:
            told = f"{'#' * round(20 * part['value']):.<20} {part['value']:.2f}"
        yield f"{part['name']:<{wide}}{told}"
    if one["score"] is not None and one["is_claimed"]:
        yield f"{'score':<{wide}}{one['score']:.0f}: 100 x the mean of the {one['criterion_count']} measured"


def _beside(name: str, text: str, width: int) -> Iterator[str]:
    if text:
        lines = wrapped(plain(text), width - ASIDE)
        yield from (f"{name if place == 0 else '':<{ASIDE}}{line}" for place, line in enumerate(lines))


def _refuse_unknown(known: Mapping[str, Collection[str]], chosen: Mapping[str, str | None]) -> None:
    for name, value in chosen.items():
        if value is not None and value not in known[name]:
            near = mistakes.nearest(value, known[name])
            meant = f"did you mean `{near}`?" if near else f"write one of {in_words.listed(sorted(known[name]))}"
            do = "\n".join(wrapped(plain(in_words.clipped(meant, 1000)), 66))
            raise UsageError(f"--{name} {plain(value)} is not known", do=do)
